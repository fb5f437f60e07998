import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import PySide6
import pytest

from cnnstudio.cli import display, libraries
from cnnstudio.cli.main import main
from cnnstudio.core import NetworkError
from cnnstudio.jobs import explain

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="displays of Unix")


@pytest.fixture
def environment(monkeypatch, tmp_path):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    def set_to(**values):
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return set_to


@pytest.mark.parametrize(
    "values",
    [
        {"DISPLAY": ":4711"},
        {"DISPLAY": "unix:4711.0"},
        {"DISPLAY": "localhost:4711.0"},
        {"DISPLAY": "nonsense"},
        {"DISPLAY": ":"},
        {"WAYLAND_DISPLAY": "wayland-9"},
        {"WAYLAND_DISPLAY": "/nowhere/wayland-0", "DISPLAY": ":4711"},
    ],
)
def test_a_display_where_nobody_listens_is_named(environment, values):
    environment(**values)
    said = display.missing_display()
    assert "cannot be reached" in said
    assert all(f"{name}={value}" in said for name, value in values.items())


def test_no_display_at_all(environment):
    assert "neither" in display.missing_display()
    environment(QT_QPA_PLATFORM="offscreen")
    assert display.missing_display() == ""


def test_one_that_answers_is_enough(environment, tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-0"))
        server.listen()
        environment(WAYLAND_DISPLAY="wayland-0", DISPLAY=":4711")
        assert display.missing_display() == ""
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1] - 6000
        environment(WAYLAND_DISPLAY="", DISPLAY=f"localhost:{number}.0")
        assert display.missing_display() == ""


@pytest.fixture
def system(monkeypatch, tmp_path):
    """A system of some distribution, on which some libraries are missing."""
    release = tmp_path / "os-release"
    monkeypatch.setattr(libraries, "_RELEASE", (release,))

    def set_to(missing=(), told="ID=debian"):
        def load(library):
            for name in missing:
                if name in (library, Path(library).name) or library.endswith(".so"):
                    raise OSError(f"{name}: cannot open shared object file: No such file or directory")

        release.write_text(f"{told}\n")
        monkeypatch.setattr(libraries.ctypes, "CDLL", load)

    set_to()
    return set_to


def test_what_qt_says_becomes_a_sentence(environment, system):
    environment(DISPLAY=":4711")
    assert "DISPLAY=:4711" in display.why_qt_gave_up(["could not connect to display :4711", "no platform plugin"])
    assert "no platform plugin" in display.why_qt_gave_up(["no platform\nplugin"])
    system(["libxcb-xkb.so.1", "libxkbcommon.so.0"])
    said = display.why_qt_gave_up(["no platform plugin"])
    assert "sudo apt install libxcb-xkb1 libxkbcommon0." in said


def test_all_libraries_that_are_missing_are_named_at_once(system):
    system(["libglib-2.0.so.0", "libEGL.so.1"])
    said = display.missing_library(ImportError("libEGL.so.1: cannot open shared object file: No such file"))
    assert "sudo apt install libegl1 libglib2.0-0." in said
    assert "Install CNN Studio again" in display.missing_library(ImportError("No module named PySide6"))


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("ID=debian", "sudo apt install libxcb-icccm4."),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"', "sudo apt install libxcb-icccm4."),
        ("ID=fedora", "sudo dnf install xcb-util-wm."),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"', "sudo dnf install xcb-util-wm."),
        ("ID=manjaro\nID_LIKE=arch", "sudo pacman -S xcb-util-wm."),
        ('ID="opensuse-leap"\nID_LIKE="suse opensuse"', "sudo zypper install 'libxcb-icccm.so.4()(64bit)'."),
        ("ID=nixos", "Install the packages of your system that bring libxcb-icccm.so.4."),
    ],
)
def test_each_distribution_has_a_line_of_its_own(environment, system, told, line):
    environment(DISPLAY=":4711")
    system(["libxcb-icccm.so.4"], told)
    said = display.missing_part()
    assert said.endswith(line)
    assert "a library of the system is missing (libxcb-icccm.so.4)" in said


def test_one_window_system_that_works_is_enough(environment, system, monkeypatch):
    environment(DISPLAY=":4711", WAYLAND_DISPLAY="wayland-0")
    monkeypatch.setattr(display, "_wayland_answers", lambda name: True)
    assert display.missing_part() == ""
    monkeypatch.setattr(
        libraries, "_why_not_loaded", lambda file: "libxcb-icccm.so.4: cannot open" if "xcb" in str(file) else ""
    )
    assert display.missing_part() == ""
    environment(WAYLAND_DISPLAY="")
    assert "libxcb-icccm4" in display.missing_part()


def test_qt_is_not_looked_at_where_somebody_chose_its_window_system(environment, system):
    system(["libxcb-icccm.so.4"])
    environment(DISPLAY=":4711", QT_QPA_PLATFORM="offscreen")
    assert display.missing_part() == ""


@pytest.mark.parametrize(
    "error",
    [
        OSError(22, '[WinError 126] Das angegebene Modul wurde nicht gefunden. Error loading "torch\\lib\\c10.dll"'),
        ImportError("DLL load failed while importing QtCore: The specified module could not be found."),
    ],
)
def test_a_fresh_windows_is_told_of_microsofts_runtime(error):
    assert "https://aka.ms/vs/17/release/vc_redist.x64.exe" in explain(error).remedy
    if isinstance(error, ImportError):
        assert "vc_redist" in display.missing_library(error)


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("apt-cache") and shutil.which("dpkg")), reason="packages of Debian")
def test_the_line_of_the_readme_brings_every_library_that_the_window_is_linked_against():
    """With whatever its packages depend on; the rest would only be found out on a bare system."""
    line = next(line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("sudo apt install"))
    options = [f"--no-{kind}" for kind in ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")]
    command = ["apt-cache", "depends", "--recurse", *options, *line.split()[3:]]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    brought = {each for each in told.splitlines() if each[:1].isalnum()}
    qt = Path(PySide6.__file__).parent
    modules = [qt / f"{name}.abi3.so" for name in ("QtCore", "QtGui", "QtWidgets", "QtSvg")]
    linked = subprocess.run(
        ["ldd", str(qt / "Qt/plugins/platforms/libqxcb.so"), *map(str, modules)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    files = {Path(found[1]) for found in re.finditer(r"=> (/\S+)", linked)}
    missing = {}
    for file in sorted(file for file in files if not file.is_relative_to(qt.parent) and "python" not in str(file)):
        owner = ""
        for name in (file, file.resolve(), Path("/usr") / str(file).lstrip("/")):
            done = subprocess.run(["dpkg", "-S", str(name)], capture_output=True, text=True)
            owner = owner or done.stdout.partition(":")[0]
        if owner and owner not in brought:
            missing[file.name] = owner
    assert brought
    assert missing == {}


@pytest.mark.parametrize(
    "values", [{"QT_QPA_PLATFORM": "nonsense"}, pytest.param({"DISPLAY": "far.invalid:0"}, marks=pytest.mark.slow)]
)
def test_qt_ends_in_a_sentence_and_not_in_an_abort(environment, values):
    environment(**values)
    done = subprocess.run([sys.executable, "-m", "cnnstudio"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "cnnstudio demo --headless" in done.stderr
    assert next(iter(values.values())) in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", [["scan", ""], ["predict", "run", "", "a.jpg"], ["train", "--model="], [""]])
def test_an_empty_word_is_wrong_usage(capsys, words):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_failure_that_is_explained_is_in_the_log_too(capsys, isolated_user_dirs):
    assert main(["scan", "/nowhere"]) == 1
    (log,) = isolated_user_dirs.rglob("cnnstudio.log")
    assert str(log) not in capsys.readouterr().err
    assert "scan: " in log.read_text()
    assert "/nowhere is not there" in log.read_text()


def test_what_a_child_process_said_is_in_the_log_which_is_named(capsys, monkeypatch, isolated_user_dirs):
    def fails(*_):
        raise NetworkError(
            "It could not be written.", details="exit code 1\nModuleNotFoundError: No module named 'onnx'"
        )

    monkeypatch.setattr("cnnstudio.cli.resources.run_inline", fails)
    assert main(["scan", "."]) == 1
    (log,) = isolated_user_dirs.rglob("cnnstudio.log")
    assert str(log) in capsys.readouterr().err
    assert "ModuleNotFoundError: No module named 'onnx'" in log.read_text()


def test_an_error_inside_leaves_its_details(capsys, monkeypatch, isolated_user_dirs):
    def fails(*_):
        raise ZeroDivisionError("for the log")

    monkeypatch.setattr("cnnstudio.cli.resources.run_inline", fails)
    assert main(["scan", "."]) == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    (log,) = isolated_user_dirs.rglob("cnnstudio.log")
    assert str(log) in said
    assert 'ZeroDivisionError("for the log")' in log.read_text() or "ZeroDivisionError: for the log" in log.read_text()
    assert main(["scan", ".", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert "ZeroDivisionError: for the log" in told["details"]
    assert str(log) in told["message"]
    log.unlink()
    log.parent.rmdir()
    log.parent.write_text("in the way")
    assert main(["scan", "."]) == 1
    assert "ZeroDivisionError: for the log" in capsys.readouterr().err
