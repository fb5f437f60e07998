"""A link in the Start menu, bundles that open with a double click, and "Open with CNN Studio" on folders."""

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from cnnstudio.core import StorageError
from cnnstudio.jobs.desktop.record import (
    DesktopRecord,
    clear_up,
    load_record,
    planned,
    save_record,
    take_back,
)

_CLASSES = r"Software\Classes"
_KIND = "CNNStudio.Bundle"
_SECONDS = 60
_LINK = (
    "$link = (New-Object -ComObject WScript.Shell).CreateShortcut($env:CNNSTUDIO_LINK); "
    "$link.TargetPath = $env:CNNSTUDIO_TARGET; $link.Arguments = $env:CNNSTUDIO_WORDS; "
    "$link.Description = 'Teach an image network to tell your own pictures apart'; $link.Save()"
)
"""What is in it comes from the environment, so that no name of a folder becomes a command."""


def add(command: tuple[str, ...]) -> None:
    """Write everything, in place of what an earlier call wrote.

    Raises:
        StorageError: something cannot be written; what was written stays listed, and can be taken back.
    """
    remove()
    link = _link()
    keys = _keys(command)
    save_record(replace(planned([link], command), keys=_outermost(keys)))
    _make_link(link, command)
    for key, values in keys.items():
        _write_key(key, values)


def remove() -> bool:
    """Take out exactly what was written; gives whether there was anything. Raises StorageError."""
    record = load_record()
    if record is None:
        return False
    take_back(record)
    for key in record.keys:
        _delete_key(key)
    clear_up(record)
    return True


def is_whole(record: DesktopRecord) -> bool:
    """Whether the link is still there."""
    return all(Path(file.path).is_file() for file in record.files)


def _link() -> Path:
    return Path(os.environ["APPDATA"]) / "Microsoft" / "Windows" / "Start Menu" / "Programs" / "CNN Studio.lnk"


def _keys(command: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Keys below HKEY_CURRENT_USER, each with its values; the empty name is a key's own value."""
    opens = f'{subprocess.list2cmdline([*command, "open"])} "%1"'
    icon = f'"{command[0]}",0'
    return {
        rf"{_CLASSES}\.cnnbundle": {"": _KIND},
        rf"{_CLASSES}\{_KIND}": {"": "Trained image network"},
        rf"{_CLASSES}\{_KIND}\DefaultIcon": {"": icon},
        rf"{_CLASSES}\{_KIND}\shell\open\command": {"": opens},
        rf"{_CLASSES}\Directory\shell\cnnstudio": {"": "Open with CNN Studio", "Icon": icon},
        rf"{_CLASSES}\Directory\shell\cnnstudio\command": {"": opens},
    }


def _outermost(keys: dict[str, dict[str, str]]) -> tuple[str, ...]:
    return tuple(key for key in keys if not any(key.startswith(f"{other}\\") for other in keys))


def _make_link(link: Path, command: tuple[str, ...]) -> None:
    told = {
        "CNNSTUDIO_LINK": str(link),
        "CNNSTUDIO_TARGET": command[0],
        "CNNSTUDIO_WORDS": subprocess.list2cmdline(command[1:]),
    }
    shell = ["powershell.exe", "-NoProfile", "-NonInteractive", "-Command", _LINK]
    try:
        link.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(shell, env={**os.environ, **told}, check=True, capture_output=True, timeout=_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        raise StorageError(
            "The link in the Start menu could not be made.",
            remedy="Start CNN Studio from the folder that it is in.",
            details=repr(error),
        ) from error


def _write_key(key: str, values: dict[str, str]) -> None:
    if sys.platform == "win32":
        import winreg

        with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
            for name, value in values.items():
                winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, value)


def _delete_key(key: str) -> None:
    """With all that is below it, which is ours."""
    if sys.platform == "win32":
        import winreg

        with suppress(FileNotFoundError):
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                below = [winreg.EnumKey(opened, number) for number in range(winreg.QueryInfoKey(opened)[0])]
            for name in below:
                _delete_key(rf"{key}\{name}")
            winreg.DeleteKey(winreg.HKEY_CURRENT_USER, key)
