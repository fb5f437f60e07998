"""Into the menu of programs, and out of it again: a home is byte for byte what it was."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cnnstudio.core import StudioError
from cnnstudio.jobs import run_inline, specs
from cnnstudio.jobs.desktop import belonging, linux, windows

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="menus of freedesktop.org")


@pytest.fixture
def home(monkeypatch, tmp_path):
    """A person's folders, settings among them, on a system whose menu has no CNN Studio."""
    home = tmp_path / "home of Zoë"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("CNNSTUDIO_HOME", str(home / "settings"))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "system"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    return home


@pytest.fixture
def own(home):
    """Another program's entry and kind of file, and what the desktop's tools have made of them."""
    share = home / ".local" / "share"
    (share / "applications").mkdir(parents=True)
    (share / "mime" / "packages").mkdir(parents=True)
    (share / "applications" / "other.desktop").write_text(
        "[Desktop Entry]\nType=Application\nName=Other\nExec=true\nMimeType=application/x-other;\n"
    )
    package = (linux.resource("desktop", "cnnstudio.xml").read_text()).replace("cnnstudio", "other")
    (share / "mime" / "packages" / "other.xml").write_text(package)
    linux.tell_desktop()
    return share


def everything(home):
    """Each file with its content, each folder."""
    found = {str(path.relative_to(home)): path for path in sorted(home.rglob("*"))}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "" for name, path in found.items()
    }


@on_linux
@pytest.mark.parametrize("whose", ["bare", "own"])
def test_a_home_is_what_it_was(home, whose, request):
    if whose == "own":
        request.getfixturevalue("own")
    before = everything(home)
    added = run_inline(specs.AddToDesktop())
    assert added.added
    assert added.whole
    assert len(added.files) == 11
    assert run_inline(specs.LookAtDesktop()) == added
    assert run_inline(specs.AddToDesktop()) == added, "once more is no more"
    assert not run_inline(specs.RemoveFromDesktop()).added
    assert everything(home) == before
    assert not run_inline(specs.RemoveFromDesktop()).added


@on_linux
@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="needs desktop-file-utils")
@pytest.mark.parametrize("command", [("/usr/bin/cnnstudio",), ('/home/a "b" $c`d\\e 100%/bin/cnnstudio', "-m", "x")])
def test_the_entry_is_valid(home, monkeypatch, command):
    monkeypatch.setattr(belonging, "own_command", lambda: command)
    entry, *_ = run_inline(specs.AddToDesktop()).files
    done = subprocess.run(["desktop-file-validate", str(entry)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    (line,) = [line for line in entry.read_text().splitlines() if line.startswith("Exec=")]
    assert line.endswith(" open %F")


@on_linux
def test_words_of_a_command_are_quoted_as_the_standard_wants():
    assert linux.exec_line(("/a b/cnnstudio", "-m")) == '"/a b/cnnstudio" "-m" open %F'
    assert linux.exec_line(("/100%/$x",)) == r'"/100%%/\\$x" open %F'


@on_linux
def test_a_file_of_the_person_comes_back_and_later_neighbours_stay(home, own):
    entry = own / "applications" / "cnnstudio.desktop"
    entry.write_text("mine")
    entry.chmod(0o750)
    run_inline(specs.AddToDesktop())
    assert "Exec=" in entry.read_text()
    later = own / "mime" / "packages" / "later.xml"
    later.write_text((own / "mime" / "packages" / "other.xml").read_text().replace("other", "later"))
    run_inline(specs.RemoveFromDesktop())
    assert entry.read_text() == "mine"
    assert entry.stat().st_mode & 0o777 == 0o750
    assert later.is_file()
    if shutil.which("update-mime-database"):
        assert "x-later" in (own / "mime" / "globs2").read_text()
        assert "x-cnnstudio" not in (own / "mime" / "globs2").read_text()


@on_linux
def test_what_was_interrupted_is_taken_back_too(home, monkeypatch):
    before = everything(home)

    def full(contents):
        write(dict(list(contents.items())[:3]))
        raise StudioError("The disk is full.")

    write = linux.write
    monkeypatch.setattr(linux, "write", full)
    with pytest.raises(StudioError, match="full"):
        run_inline(specs.AddToDesktop())
    state = run_inline(specs.LookAtDesktop())
    assert (state.added, state.whole) == (True, False)
    run_inline(specs.RemoveFromDesktop())
    assert everything(home) == before


@on_linux
def test_another_installation_is_told_from_this_one(home, monkeypatch):
    run_inline(specs.AddToDesktop())
    monkeypatch.setattr(belonging, "own_command", lambda: ("/elsewhere/cnnstudio",))
    assert not run_inline(specs.LookAtDesktop()).whole
    assert run_inline(specs.AddToDesktop()).whole


@on_linux
def test_what_the_system_brought_is_left_alone(home, tmp_path):
    applications = tmp_path / "system" / "applications"
    applications.mkdir(parents=True)
    (applications / "cnnstudio.desktop").touch()
    assert "package of the system" in run_inline(specs.LookAtDesktop()).why_not
    with pytest.raises(StudioError, match="cannot be put into the menu"):
        run_inline(specs.AddToDesktop())


class Registry:
    """What ``winreg`` keeps, for a computer that is no Windows."""

    def __init__(self):
        self.keys = {r"Software\Classes\Directory\shell\other": {"": "Other"}}

    def write(self, key, values):
        self.keys[key] = dict(values)

    def delete(self, key):
        self.keys = {
            name: value for name, value in self.keys.items() if name != key and not name.startswith(f"{key}\\")
        }


def test_windows_gets_a_link_and_keys_and_loses_them_again(home, monkeypatch):
    registry = Registry()
    before = dict(registry.keys)
    monkeypatch.setenv("APPDATA", str(home / "AppData"))
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(windows, "_write_key", registry.write)
    monkeypatch.setattr(windows, "_delete_key", registry.delete)
    links = []
    monkeypatch.setattr(windows.subprocess, "run", lambda _, env, **__: links.append(env) or _touch(env))
    added = run_inline(specs.AddToDesktop())
    assert added.whole
    assert links[0]["CNNSTUDIO_TARGET"] == added.command[0]
    opens = registry.keys[r"Software\Classes\CNNStudio.Bundle\shell\open\command"][""]
    assert opens.endswith('open "%1"')
    assert registry.keys[r"Software\Classes\.cnnbundle"] == {"": "CNNStudio.Bundle"}
    run_inline(specs.RemoveFromDesktop())
    assert registry.keys == before
    assert everything(home) == {}


def _touch(env):
    link = Path(env["CNNSTUDIO_LINK"])
    link.write_bytes(b"link")
