"""The self-test tries every job that there is, goes on after a failure, and says what failed."""

import re
from pathlib import Path

import pytest

from cnnstudio.core import Control, StudioError, Watch
from cnnstudio.jobs import selftest, specs
from cnnstudio.jobs.selftest import course

HERE = Path(selftest.__file__).parent


def test_every_job_is_in_a_chapter():
    """A new job belongs into a chapter of jobs/selftest, so that a bundle that lacks a part of it is noticed."""
    asked = {name for file in HERE.glob("*.py") for name in re.findall(r"specs\.(\w+)\(", file.read_text("utf-8"))}
    assert asked | set(selftest.NOT_TRIED) == set(specs.__all__)
    assert not asked & set(selftest.NOT_TRIED)


def test_every_chapter_is_carried_out():
    there = {
        name
        for file in HERE.glob("*.py")
        for name in re.findall(r"^def ([a-z]\w+)\(scene", file.read_text("utf-8"), re.MULTILINE)
    }
    assert there == {chapter.__name__ for chapter in course.CHAPTERS}


def test_a_failure_ends_its_chapter_and_not_the_test(monkeypatch, tmp_path):
    def broken(_scene):
        yield specs.LookForPractice(name="no such set")
        raise AssertionError("the rest cannot be tried")

    def whole(_scene):
        yield specs.FindPlace()

    def orphaned(scene):
        yield specs.Summarise(run=scene.run, split="validation")

    monkeypatch.setattr(course, "CHAPTERS", (broken, orphaned, whole))
    monkeypatch.setattr(course, "module_names", lambda: iter(["cnnstudio.core"]))
    monkeypatch.setattr(course, "run_child", lambda words, _: None)
    told = []
    outcome = selftest.try_everything(tmp_path, Watch(Control()), told.append, [("--child",)])
    assert [(each.name, each.problem is None) for each in outcome.tried] == [
        ("cnnstudio.core", True), ("LookForPractice", False), ("its next step", False), ("FindPlace", True),
        ("--probe-device", True), ("--child", True),
    ]  # fmt: skip
    assert told == list(outcome.tried)
    assert [each.chapter for each in outcome.failed] == ["broken", "orphaned"]


def test_a_child_that_ends_badly_is_a_failure(monkeypatch):
    monkeypatch.setattr(course, "child_command", lambda *words: ["python3", "-c", "import sys; sys.exit('oh no')"])
    with pytest.raises(StudioError, match="ended with 1") as raised:
        course.run_child(("--x",), Control())
    assert "oh no" in raised.value.problem.details


def test_modules_are_those_of_the_engine_and_the_terminal():
    names = set(course.module_names())
    assert {"cnnstudio.core.codec", "cnnstudio.networks.blocks.table", "cnnstudio.cli.selftest"} <= names
    assert not any(name.startswith("cnnstudio.ui") for name in names), "they need Qt's libraries"


@pytest.mark.slow
@pytest.mark.child
def test_all_of_it_works_here(tmp_path):
    outcome = selftest.try_everything(tmp_path, Watch(Control()), lambda _: None)
    assert [(each.chapter, each.name, each.problem) for each in outcome.failed] == []
