"""What a person told the system about movements; asked as it is really asked."""

import shutil
import sys

import pytest

from cnnstudio.core.motion import asks_for_stillness

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the settings of Linux")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An account that has set nothing."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("GSETTINGS_BACKEND", "keyfile")
    return tmp_path


def test_who_has_set_nothing_is_shown_movements(home):
    assert not asks_for_stillness()


def test_what_gnomes_program_says_counts(home, monkeypatch):
    program = home / "gsettings"
    program.write_text('#!/bin/sh\n[ "$*" = "get org.gnome.desktop.interface enable-animations" ] && echo "$SAID"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}:/usr/bin:/bin")
    for said, still in (("false", True), ("true", False), ("", False)):
        monkeypatch.setenv("SAID", said)
        assert asks_for_stillness() == still


@pytest.mark.skipif(shutil.which("gsettings") is None, reason="gsettings is not installed")
def test_gnome_is_asked(home):
    file = home / "glib-2.0" / "settings" / "keyfile"
    file.parent.mkdir(parents=True)
    file.write_text("[org/gnome/desktop/interface]\nenable-animations=false\n")
    assert asks_for_stillness()


def test_kde_is_asked_whatever_else_is_in_its_settings(home):
    file = home / "kdeglobals"
    file.write_text("[General]\nName=a%b\n[KDE]\nAnimationDurationFactor=0\n")
    assert asks_for_stillness()
    file.write_text("[KDE]\nAnimationDurationFactor=0.5\n")
    assert not asks_for_stillness()
    file.write_bytes(b"\xff\xfe no settings")
    assert not asks_for_stillness()


def test_a_program_that_does_not_answer_is_no_answer(home, monkeypatch):
    slow = home / "gsettings"
    slow.write_text("#!/bin/sh\nexec sleep 20\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}:/usr/bin:/bin")
    monkeypatch.setattr("cnnstudio.core.motion._SECONDS", 0.05)
    assert not asks_for_stillness()
