"""A folder that takes the place of another, links that lead elsewhere, and what killed processes left."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnnstudio.core import TEMP_PREFIX, folders, write_atomically
from cnnstudio.core.atomic import hidden_beside


def fill(folder, text):
    write_atomically(folder / "file.txt", text.encode())
    return folder


def put(text, target):
    folders.replace_folder(fill(folders.place_aside(target), text), target)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(autouse=True, params=["exchange", "two renames"])
def swap(request, monkeypatch):
    if request.param == "two renames":
        monkeypatch.setattr(folders, "exchange", lambda *_: False)


@pytest.mark.parametrize("name", ["plain", "old-shoes", ".~odd", "Grüße 🌿 & more", "n" * 250, "a-b", "x.y.z"])
def test_the_new_one_is_there_and_nothing_else(tmp_path, name):
    for text in ("one", "two", "three"):
        put(text, tmp_path / name)
        assert (tmp_path / name / "file.txt").read_text() == text
        assert names(tmp_path) == [name]


@pytest.mark.skipif(sys.platform != "linux", reason="names of bytes")
def test_a_name_that_is_no_utf8(tmp_path):
    target = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    put("one", target)
    put("two", target)
    assert (target / "file.txt").read_text() == "two"


def test_a_folder_that_cannot_be_replaced_is_still_there(tmp_path, monkeypatch):
    target = tmp_path / "target"
    put("old", target)
    aside = fill(folders.place_aside(target), "new")
    real = Path.replace

    def refuse(self, other):
        if self == aside:
            raise OSError(errno.EIO, "bad disk")
        return real(self, other)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        patch.setattr(folders, "exchange", lambda *_: False)
        with pytest.raises(OSError, match="bad disk"):
            folders.replace_folder(aside, target)
    assert (target / "file.txt").read_text() == "old"
    folders.replace_folder(aside, target)
    assert (target / "file.txt").read_text() == "new"
    assert names(tmp_path) == ["target"]


def test_a_link_stays_and_what_it_points_to_changes(tmp_path):
    real, link = tmp_path / "drive" / "real", tmp_path / "link"
    put("old", real)
    link.symlink_to(real)
    put("new", link)
    assert link.is_symlink()
    assert (real / "file.txt").read_text() == "new"
    assert (names(tmp_path), names(real.parent)) == (["drive", "link"], ["real"])


def test_a_link_that_leads_nowhere_gets_its_folder(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "real")
    put("new", tmp_path / "link")
    assert (tmp_path / "real" / "file.txt").read_text() == "new"
    assert (tmp_path / "link").is_symlink()


def dead_name(path, role=""):
    """As a process that is no more would have called it."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    hidden = hidden_beside(path, role)
    return hidden.with_name(hidden.name.replace(f"-{os.getpid()}-", f"-{child.pid}-"))


def test_what_nobody_works_on_any_more_is_swept_and_nothing_else(tmp_path, monkeypatch):
    target = fill(tmp_path / "target", "x")
    ours, dead, lost = hidden_beside(target), dead_name(target), dead_name(target, "~old-")
    monkeypatch.setattr("cnnstudio.core.atomic.this_computer", lambda: "0" * 8)
    elsewhere = dead_name(target)
    old_elsewhere = dead_name(target)
    early, late = (tmp_path / f"{TEMP_PREFIX}{name}" for name in ("of-an-earlier-version", "young"))
    only_copy = dead_name(tmp_path / "gone", "~old-")
    for folder in (ours, dead, lost, elsewhere, old_elsewhere, early, late, only_copy, tmp_path / "pictures"):
        fill(folder, "x")
    single = tmp_path / dead.name.replace("target", "file")
    single.touch()
    for folder in (old_elsewhere, early, tmp_path / "pictures", only_copy):
        os.utime(folder, (time.time() - 90_000,) * 2)
    folders.sweep_stale_folders(tmp_path)
    left = (ours, elsewhere, late, only_copy, tmp_path / "pictures", target)
    assert names(tmp_path) == sorted(folder.name for folder in left)
    folders.sweep_stale_folders(tmp_path / "not there")


def test_an_old_folder_that_lost_its_name_gets_it_back(tmp_path):
    target = tmp_path / "my model"
    for text, age in (("older", 50), ("newest", 10)):
        hidden = fill(dead_name(target, "~old-"), text)
        os.utime(hidden, (time.time() - age,) * 2)
    fill(dead_name(tmp_path / "my-model", "~old-"), "of another with nearly the same name")
    folders.restore_folder(target)
    assert (target / "file.txt").read_text() == "newest"
    folders.restore_folder(tmp_path / "never there")
    folders.restore_folder(target)
    assert (target / "file.txt").read_text() == "newest"


def test_one_that_another_process_is_just_replacing_is_not_touched(tmp_path):
    hidden = fill(hidden_beside(tmp_path / "target", "~old-"), "x")
    folders.restore_folder(tmp_path / "target")
    folders.sweep_stale_folders(tmp_path)
    assert names(tmp_path) == [hidden.name]
