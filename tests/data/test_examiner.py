import os
import shutil
import sys
import time
from pathlib import Path
from threading import Timer

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core import Control, DatasetError, StopRequested, Watch
from cnnstudio.data import SplitSpec
from cnnstudio.data.checks import examiner
from cnnstudio.data.checks.examiner import Examiner
from cnnstudio.data.checks.facts import examine
from cnnstudio.data.scan import scan_folder
from tests.conftest import watch_of
from tests.data.conftest import photo

SPEC = SplitSpec()


@pytest.mark.child
@pytest.mark.parametrize("progressive", [False, True])
def test_large_pictures_are_read_to_their_last_bytes(tmp_path, progressive):
    whole, cut = tmp_path / "whole.jpg", tmp_path / "cut.jpg"
    noise = np.random.default_rng(0).integers(0, 256, (900, 1200, 3), np.uint8)
    Image.fromarray(noise).save(whole, quality=90, progressive=progressive)
    content = whole.read_bytes()
    cut.write_bytes(content[: len(content) * 98 // 100])
    table, problems = examine([str(whole), str(cut)])
    assert table["good"].tolist() == [True, False]
    assert (table["width"][0], table["height"][0]) == (1200, 900)
    assert [(row, kind) for row, kind, _ in problems] == [(1, "truncated")]


@pytest.mark.child
def test_children_find_what_this_process_finds(messy_folder):
    names = sorted(path.relative_to(messy_folder).as_posix() for path in messy_folder.rglob("*") if path.is_file())
    with Examiner(messy_folder, processes=2) as examiner:
        there = examiner.examine(names, Watch())
    table, problems = examine([str(messy_folder / name) for name in names])
    assert (there.table == table).all()
    assert {row: problem.kind for row, problem in there.problems.items()} == {row: kind for row, kind, _ in problems}


@pytest.mark.child
@pytest.mark.parametrize("end", ["os.abort()", pytest.param("time.sleep(60)", marks=pytest.mark.slow)])
def test_a_picture_that_breaks_the_child_is_one_problem(photos, monkeypatch, end):
    code = (
        "import os, sys, time, cnnstudio.data.checks.facts as e\n"
        "real = e._look_at\n"
        f"def broken(path, content):\n    if path.endswith('07.jpg'): {end}\n    return real(path, content)\n"
        "e._look_at = broken\ne.serve()"
    )
    monkeypatch.setattr(examiner, "child_command", lambda *_: [sys.executable, "-c", code])
    monkeypatch.setattr(examiner, "HANG_S", 2.0)
    names = [f"cat/{number:02}.jpg" for number in range(12)]
    with Examiner(photos) as looking:
        facts = looking.examine(names, Watch())
    assert [problem.path.name for problem in facts.problems.values()] == ["07.jpg"]
    assert facts.table["good"].sum() == 11


@pytest.mark.child
@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_a_child_that_something_else_ends_leaves_no_mark(photos, monkeypatch):
    code = (
        "import os, signal, cnnstudio.data.checks.facts as e\n"
        "def killed(path, content):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        "e._look_at = killed\ne.serve()"
    )
    with monkeypatch.context() as short_of_memory:
        short_of_memory.setattr(examiner, "child_command", lambda *_: [sys.executable, "-c", code])
        with Examiner(photos) as looking:
            facts = looking.examine(["cat/00.jpg", "cat/01.jpg"], Watch())
    assert ["this time" in problem.detail for problem in facts.problems.values()] == [True, True]
    assert len(scan_folder(photos, SPEC).samples) == 60


@pytest.mark.child
def test_a_stop_does_not_wait_for_a_picture_that_takes_long(photos, monkeypatch):
    code = "import time, cnnstudio.data.checks.facts as e\ne._look_at = lambda *_: time.sleep(60)\ne.serve()"
    monkeypatch.setattr(examiner, "child_command", lambda *_: [sys.executable, "-c", code])
    control = Control()
    Timer(0.5, control.request_stop).start()
    start = time.monotonic()
    with pytest.raises(StopRequested):
        scan_folder(photos, SPEC, watch=Watch(control))
    assert time.monotonic() - start < 5


@pytest.mark.child
def test_nothing_in_the_current_folder_is_imported(photos, monkeypatch):
    (photos / "json.py").write_text("raise SystemExit")
    monkeypatch.chdir(photos)
    assert len(scan_folder(Path(), SPEC).samples) == 60


def test_only_what_changed_is_looked_at_again(photos, monkeypatch):
    scan_folder(photos, SPEC)
    looked = []

    class Watching(examiner.Child):
        def examine(self, paths):
            looked.extend(Path(path).name for path in paths)
            return super().examine(paths)

    monkeypatch.setattr(examiner, "Child", Watching)
    scan_folder(photos, SPEC)
    assert looked == []
    photo(photos / "cat" / "04.jpg", 4444)
    photo(photos / "cat" / "new.jpg", 4445)
    scan_folder(photos, SPEC)
    assert sorted(looked) == ["04.jpg", "new.jpg"]


def test_a_stop_keeps_what_was_found_out(photos):
    control = Control()

    def stop_early(done, _total, _text):
        if done:
            control.request_stop()

    with pytest.raises(StopRequested):
        scan_folder(photos, SPEC, watch=watch_of(stop_early, control))
    seen = []
    scan_folder(photos, SPEC, watch=watch_of(lambda done, total, _: seen.append((done, total))))
    assert seen[0][0] > 0


def test_a_file_from_the_far_future_is_a_file_like_others(photos):
    os.utime(photos / "cat" / "00.jpg", (13_569_465_600, 13_569_465_600))
    assert len(scan_folder(photos, SPEC).samples) == len(scan_folder(photos, SPEC).samples) == 60


def test_a_file_from_1970_is_remembered_like_others(photos, monkeypatch):
    os.utime(photos / "cat" / "00.jpg", ns=(0, 0))
    scan_folder(photos, SPEC)
    monkeypatch.setattr(examiner.Child, "examine", lambda *_: pytest.fail("everything is known"))
    assert len(scan_folder(photos, SPEC).samples) == 60


def test_what_could_not_be_opened_is_tried_again(photos, monkeypatch):
    from cnnstudio.data.checks import facts as examining

    real = examining.read_bytes

    def refuse(path):
        if path.endswith("cat/00.jpg"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    with monkeypatch.context() as closed:
        closed.setattr(examining, "read_bytes", refuse)
        assert [problem.kind for problem in scan_folder(photos, SPEC).problems] == ["unreadable"]
    assert scan_folder(photos, SPEC).problems == ()


def test_a_folder_that_disappears_half_way_is_one_sentence(photos):
    def remove(done, _total, _text):
        if not done:
            shutil.rmtree(photos)

    with pytest.raises(DatasetError, match="is not there"):
        scan_folder(photos, SPEC, watch=watch_of(remove))
