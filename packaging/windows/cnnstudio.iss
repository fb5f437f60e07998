; The installer for Windows: for one person, without an administrator. Run by .github/workflows/bundles.yml:
;   iscc /DVersion=0.1.0 /DBundle=..\..\build\bundle\dist\cnnstudio /O..\..\build\bundle\packed packaging\windows\cnnstudio.iss
#ifndef Version
  #error Say which version: /DVersion=0.1.0
#endif
#ifndef Bundle
  #define Bundle "..\..\build\bundle\dist\cnnstudio"
#endif
#define Window "cnnstudio-window.exe"

[Setup]
AppId={{6F1C9A54-6B0C-4E0E-9C1B-7C1C0B6C5D21}
AppName=CNN Studio
AppVersion={#Version}
AppPublisher=The CNN Studio authors
DefaultDirName={localappdata}\Programs\CNN Studio
DefaultGroupName=CNN Studio
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile=..\..\LICENSE
SetupIconFile=..\..\build\bundle\work\cnnstudio\icons\cnnstudio.ico
UninstallDisplayIcon={app}\{#Window}
OutputBaseFilename=CNN-Studio-{#Version}-Setup
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
ChangesAssociations=yes
CloseApplications=yes

[Languages]
Name: "english"; MessagesFile: "compiler:Default.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: "folders"; Description: "Offer ""Open with CNN Studio"" for folders"
Name: "path"; Description: "Let terminals find the command cnnstudio"; Flags: unchecked

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs
Source: "vc_redist.x64.exe"; DestDir: "{tmp}"; Flags: deleteafterinstall skipifsourcedoesntexist; Check: LacksRuntime

[Icons]
; The same AppUserModelID as the window's, so that the taskbar shows one program.
Name: "{group}\CNN Studio"; Filename: "{app}\{#Window}"; AppUserModelID: "CNNStudio.CNNStudio"
Name: "{autodesktop}\CNN Studio"; Filename: "{app}\{#Window}"; AppUserModelID: "CNNStudio.CNNStudio"; Tasks: desktopicon

[Registry]
Root: HKCU; Subkey: "Software\Classes\.cnnbundle"; ValueType: string; ValueData: "CNNStudio.bundle"; Flags: uninsdeletevalue
Root: HKCU; Subkey: "Software\Classes\CNNStudio.bundle"; ValueType: string; ValueData: "Trained image network"; Flags: uninsdeletekey
Root: HKCU; Subkey: "Software\Classes\CNNStudio.bundle\DefaultIcon"; ValueType: string; ValueData: "{app}\{#Window},0"
Root: HKCU; Subkey: "Software\Classes\CNNStudio.bundle\shell\open\command"; ValueType: string; ValueData: """{app}\{#Window}"" open ""%1"""
Root: HKCU; Subkey: "Software\Classes\Directory\shell\cnnstudio"; ValueType: string; ValueData: "Open with CNN Studio"; Flags: uninsdeletekey; Tasks: folders
Root: HKCU; Subkey: "Software\Classes\Directory\shell\cnnstudio"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#Window},0"; Tasks: folders
Root: HKCU; Subkey: "Software\Classes\Directory\shell\cnnstudio\command"; ValueType: string; ValueData: """{app}\{#Window}"" open ""%1"""; Tasks: folders
Root: HKCU; Subkey: "Environment"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Tasks: path; Check: NotOnPath

[Run]
Filename: "{tmp}\vc_redist.x64.exe"; Parameters: "/install /quiet /norestart"; StatusMsg: "Installing Microsoft's runtime libraries..."; Flags: skipifdoesntexist; Check: LacksRuntime
Filename: "{app}\{#Window}"; Description: "{cm:LaunchProgram,CNN Studio}"; Flags: nowait postinstall skipifsilent

[Code]
function LacksRuntime: Boolean;
var
  Installed: Cardinal;
begin
  Result := not RegQueryDWordValue(HKLM64, 'SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\x64', 'Installed', Installed)
    or (Installed <> 1);
end;

function NotOnPath: Boolean;
var
  Path: String;
begin
  Result := not RegQueryStringValue(HKCU, 'Environment', 'Path', Path)
    or (Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Path) + ';') = 0);
end;

{ Runs and downloaded weights are the person's: they go only where somebody says so, and never silently. }
procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Data, Path, Own: String;
  Place: Integer;
begin
  if Step <> usPostUninstall then
    exit;
  Own := ExpandConstant('{app}');
  if RegQueryStringValue(HKCU, 'Environment', 'Path', Path) then
  begin
    Place := Pos(';' + Uppercase(Own), Uppercase(Path));
    if Place > 0 then
    begin
      Delete(Path, Place, Length(Own) + 1);
      RegWriteExpandStringValue(HKCU, 'Environment', 'Path', Path);
    end;
  end;
  Data := ExpandConstant('{localappdata}\cnnstudio');
  if (not UninstallSilent) and DirExists(Data) then
    if MsgBox('Delete your runs, trained networks and downloaded weights, too?' + #13#10 + Data, mbConfirmation,
      MB_YESNO or MB_DEFBUTTON2) = IDYES then
      DelTree(Data, True, True, True);
end;
