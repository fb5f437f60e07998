import socket
import subprocess
import sys

import pytest

from cnnstudio.cli import display
from cnnstudio.cli.main import main

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


def test_what_qt_says_becomes_a_sentence(environment, monkeypatch):
    environment(DISPLAY=":4711")
    monkeypatch.setattr(display, "_is_there", lambda library: True)
    assert "DISPLAY=:4711" in display.why_qt_gave_up(["could not connect to display :4711", "no platform plugin"])
    assert "no platform plugin" in display.why_qt_gave_up(["no platform\nplugin"])
    monkeypatch.setattr(display, "_is_there", lambda library: "xkb" not in library)
    said = display.why_qt_gave_up(["no platform plugin"])
    assert "sudo apt install libxcb-xkb1 libxkbcommon-x11-0 libxkbcommon0." in said


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
    log.unlink()
    log.parent.rmdir()
    log.parent.write_text("in the way")
    assert main(["scan", "."]) == 1
    assert "ZeroDivisionError: for the log" in capsys.readouterr().err
