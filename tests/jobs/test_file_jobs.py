"""Small files are read and written by jobs, in the order asked for, and finished when a window closes."""

import csv
import threading
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cnnstudio.core import DatasetError, RecipeError, StorageError, Watch, runs_folder, weights_folder
from cnnstudio.core.events import EpochDone, JobFinished, JobStopped
from cnnstudio.data.curation import Curation, load_curation, project_folder
from cnnstudio.inference.results import ClassScore, Prediction
from cnnstudio.jobs import Job, handlers, run_inline, specs
from cnnstudio.jobs.runner import ThreadRunner
from cnnstudio.jobs.specs.pictures import PracticeState
from cnnstudio.networks import ModelRef, load_sources
from cnnstudio.runs import RunRecord, create_run, open_run
from cnnstudio.training.recipe import Recipe, load_recipe


def make_run(root, name, created="2026-11-20T10:00:00Z", **changes):
    record = RunRecord(
        name=name, state="running", created=created, network="gamma", classes=("a", "b"),
        recipe={"dataset": "/pictures"}, dataset_hash="",
    )  # fmt: skip
    return create_run(record, root=root).update(owner=None, **{"state": "finished", **changes})


def epoch(number):
    return EpochDone(
        epoch=number, epochs=4, seconds=1.0, learning_rate=0.1, train_loss=1, train_accuracy=0.5,
        validation_loss=1, validation_accuracy=0.6, validation_images=6, is_best=True,
    )  # fmt: skip


# What was dropped ---------------------------------------------------------------------------------------------


def test_what_is_dropped_is_sorted_by_what_can_be_done_with_it(tmp_path):
    names = ("a.png", "b.JPG", "c.zip", "d.pth", "e.safetensors", "f.docx", "g.toml")
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    paths = tuple(tmp_path / name for name in (*names, "folder", "gone.png"))
    found = run_inline(specs.SortPaths(paths=paths))
    assert [path.name for path in found.pictures] == ["a.png", "b.JPG"]
    assert [path.name for path in found.folders] == ["c.zip", "folder"]
    assert [path.name for path in found.weights] == ["d.pth", "e.safetensors"]
    assert [path.name for path in found.others] == ["f.docx"]
    assert [path.name for path in found.networks] == ["g.toml"]
    assert not found.is_empty


@pytest.mark.parametrize("name", ["project.tm", "photos", "photos.zip.1", "a.7z", "report.docx"])
def test_an_archive_is_opened_whatever_it_is_called(tmp_path, name):
    if name == "a.7z":
        (tmp_path / name).write_bytes(b"7z\xbc\xaf\x27\x1c")
    else:
        with zipfile.ZipFile(tmp_path / name, "w") as made:
            made.writestr("a.png", b"x")
    assert run_inline(specs.SortPaths(paths=(tmp_path / name,))).folders == (tmp_path / name,)


@pytest.mark.parametrize("name", ["net.h5", "net.onnx", "pytorch_model.bin", "best.PTH.TAR", "net.keras", "export.pkl"])
@pytest.mark.parametrize("content", [b"\x89HDF\r\n\x1a\n", "zip"])
def test_networks_of_every_library_are_taken_for_weights(tmp_path, name, content):
    if content == "zip":
        with zipfile.ZipFile(tmp_path / name, "w") as made:
            made.writestr("net/data.pkl", b"x")
    else:
        (tmp_path / name).write_bytes(content)
    assert run_inline(specs.SortPaths(paths=(tmp_path / name,))).weights == (tmp_path / name,)


@pytest.mark.parametrize("text", ["x" * 5000, "nul\0inside", "", "no such file", "two\nlines"])
def test_any_text_may_be_asked_whether_it_is_a_path(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = run_inline(specs.SortPaths(paths=(tmp_path / "sub" / text,)))
    assert found.is_empty


def test_only_folders_that_are_there_are_recent(tmp_path):
    (tmp_path / "file").touch()
    asked = (tmp_path / "gone", tmp_path, tmp_path / "file", Path("x" * 5000))
    assert run_inline(specs.ExistingFolders(folders=asked)) == (tmp_path,)


# Decisions ----------------------------------------------------------------------------------------------------

NAMES = st.lists(st.sampled_from(["a/1.png", "a/2.png", "b/1.png"]), min_size=1, unique=True).map(tuple)
DECISIONS = st.one_of(
    st.tuples(NAMES, st.sampled_from(["leave-out", "use-again"]), st.just("")),
    st.tuples(NAMES, st.just("move"), st.sampled_from(["train", "validation", "test"])),
    st.tuples(NAMES, st.just("relabel"), st.sampled_from(["a", "b", "grün"])),
)


@settings(max_examples=25)
@given(st.lists(DECISIONS, max_size=6))
def test_every_decision_can_be_taken_back_one_by_one(tmp_path_factory, decisions):
    root = tmp_path_factory.mktemp("pictures")
    states = [load_curation(root)]
    for names, what, to in decisions:
        before, after = run_inline(specs.Decide(root=root, names=names, what=what, to=to))
        assert before == states[-1]
        assert after == load_curation(root)
        states.append(after)
    for now, earlier in zip(reversed(states), list(reversed(states))[1:], strict=False):
        assert run_inline(specs.Restore(root=root, curation=earlier)) == now
        assert load_curation(root) == earlier


def test_a_decision_says_what_it_changed(tmp_path):
    run_inline(specs.Decide(root=tmp_path, names=("a/1.png",), what="leave-out"))
    _, after = run_inline(specs.Decide(root=tmp_path, names=("a/2.png",), what="move", to="test"))
    assert after == Curation(left_out=("a/1.png",), splits={"a/2.png": "test"})
    _, after = run_inline(specs.Decide(root=tmp_path, names=("a/1.png",), what="use-again"))
    assert after.left_out == ()


def test_a_decision_that_changes_nothing_writes_nothing(tmp_path):
    before, after = run_inline(specs.Decide(root=tmp_path, names=("a/1.png",), what="use-again"))
    assert before == after
    assert not project_folder(tmp_path).exists()


# Runs ---------------------------------------------------------------------------------------------------------


def test_the_runs_on_a_folder_are_listed_newest_first_with_what_they_can(tmp_path):
    root = project_folder(tmp_path)
    old = make_run(root, "old", "2026-11-20T09:00:00Z")
    old.bundle.mkdir()
    new = make_run(root, "new", state="stopped")
    (new.checkpoints / "last.pt").touch()
    (root / "damaged").mkdir()
    (root / "damaged" / "run.json").write_text("{")
    found = run_inline(specs.ListRuns(folder=tmp_path))
    assert [run.record.name for run in found if not run.damage] == ["new", "old"]
    assert [(run.can_predict, run.can_resume) for run in found if not run.damage] == [(False, True), (True, False)]
    (damaged,) = (run for run in found if run.damage)
    assert damaged.record.problem.startswith("The file run.json is damaged")


def test_runs_of_the_terminal_are_among_those_on_the_same_folder(tmp_path):
    make_run(project_folder(tmp_path), "by the window", "2026-11-20T09:00:00Z")
    make_run(runs_folder(), "by the terminal", "2026-11-21T09:00:00Z").update(recipe={"dataset": str(tmp_path)})
    make_run(runs_folder(), "on other pictures").update(recipe={"dataset": str(tmp_path / "other")})
    found = run_inline(specs.ListRuns(folder=tmp_path))
    assert [run.record.name for run in found] == ["by the terminal", "by the window"]


def test_a_run_is_as_it_was_when_read(tmp_path):
    run = make_run(tmp_path, "a", state="failed")
    (run.checkpoints / "best.pt").touch()
    assert not run.can_predict
    assert open_run(run.folder).can_predict
    assert run.update(name="b").can_predict


def test_epochs_of_several_runs_are_read_at_once(tmp_path):
    first, second = make_run(tmp_path, "a"), make_run(tmp_path, "b")
    log = first.log()
    for number in (1, 2):
        log.append(epoch(number))
    log.flush()
    found = run_inline(specs.ReadHistories(runs=(first.folder, second.folder, tmp_path / "gone")))
    assert [history.epochs for history in found] == [(epoch(1), epoch(2)), (), ()]


def test_runs_are_renamed_and_deleted(tmp_path):
    run = make_run(tmp_path, "a")
    assert run_inline(specs.RenameRun(run=run, name=" best ")).record.name == "best"
    assert open_run(run.folder).record.name == "best"
    run_inline(specs.DeleteRun(run=run))
    assert not run.folder.exists()


# Recipes ------------------------------------------------------------------------------------------------------


def test_a_recipe_comes_back_with_its_weights_where_they_are_here(tmp_path):
    weights, file = tmp_path / "mine.pth", tmp_path / "recipe.toml"
    weights.touch()
    for named, found in ((str(weights), weights), (str(tmp_path / "gone.pth"), None), ("auto", None)):
        recipe = Recipe(dataset="x", network="resnet18", weights=named)
        run_inline(specs.SaveRecipe(recipe=recipe, file=file))
        assert load_recipe(file) == recipe
        opened = run_inline(specs.OpenRecipe(file=file))
        assert (opened.recipe, opened.weights) == (recipe, found)


def test_a_recipe_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(RecipeError, match="cannot be read"):
        run_inline(specs.OpenRecipe(file=tmp_path / "gone.toml"))


# Pictures that are written ------------------------------------------------------------------------------------


def test_a_frame_is_kept_and_never_over_another_one(tmp_path):
    pixels = np.full((6, 8, 3), 200, np.uint8)
    job = specs.KeepFrame(pixels=pixels, folder=tmp_path / "new", stem="recording", number=1)
    first, second = run_inline(job), run_inline(job)
    assert (first.name, second.name) == ("recording-0001.jpg", "recording-0002.jpg")
    with Image.open(second) as picture:
        assert picture.size == (8, 6)


def test_a_frame_that_cannot_be_kept_is_told(tmp_path):
    (tmp_path / "file").touch()
    job = specs.KeepFrame(pixels=np.zeros((2, 2, 3), np.uint8), folder=tmp_path / "file", stem="x", number=1)
    with pytest.raises(StorageError):
        run_inline(job)


@pytest.mark.parametrize("channels", [3, 4])
def test_a_pasted_picture_is_kept_as_it_is(channels):
    pixels = np.random.default_rng(1).integers(0, 255, (5, 7, channels), np.uint8)
    files = [run_inline(specs.KeepPasted(pixels=pixels)) for _ in range(2)]
    assert files[0] != files[1]
    with Image.open(files[0]) as picture:
        assert (np.asarray(picture) == pixels).all()


def test_answers_are_saved_as_a_table(tmp_path):
    answers = (
        Prediction(path=Path("a.png"), top=(ClassScore("cat", 0.75),), milliseconds=1),
        Prediction(path=Path("b.png"), top=(), error="b.png could not be read."),
    )
    file = run_inline(specs.SaveAnswers(file=tmp_path / "new" / "answers.csv", answers=answers))
    rows = list(csv.reader(file.read_text().splitlines()))
    assert rows[1:] == [["a.png", "1", "cat", "0.750000", ""], ["b.png", "", "", "", "b.png could not be read."]]


def test_folders_of_pictures_are_found_before_they_are_predicted(tmp_path, monkeypatch):
    """The pictures are handed over first, so that a window can show them while they wait."""
    for name in ("b.png", "a.jpg", "note.txt"):
        (tmp_path / name).touch()
    asked, parts = [], []
    monkeypatch.setattr(handlers, "predict_all", lambda job, watch: asked.append(job.images) or ())
    job = specs.Predict(model=ModelRef(source="x"), images=(Path("one.png"), tmp_path))
    run_inline(job, Watch(emit=parts.append))
    expected = (Path("one.png"), tmp_path / "a.jpg", tmp_path / "b.png")
    assert asked == [expected]
    [found] = [part.result for part in parts]
    assert found.pictures == expected
    assert [(each.path.name, each.kind) for each in found.skipped] == [("note.txt", "not-an-image")]
    parts.clear()
    run_inline(specs.Predict(model=job.model, images=(Path("one.png"),)), Watch(emit=parts.append))
    assert parts == [], "where there was nothing to find"


# Weights and practice -----------------------------------------------------------------------------------------


def test_the_disk_is_looked_at_and_sources_are_changed_one_by_one(tmp_path):
    empty = run_inline(specs.LookAtWeights())
    assert (empty.files, empty.connected) == ((), frozenset())
    assert empty.free > 0
    weights_folder().mkdir(parents=True)
    (weights_folder() / "b.pth.part").write_bytes(b"xy")
    (weights_folder() / "a.pth").write_bytes(b"x")
    run_inline(specs.ChangeSources(add=tmp_path))
    run_inline(specs.ChangeSources(add=tmp_path / "stick"))
    run_inline(specs.ChangeSources(mirror="https://x.example"))
    found = run_inline(specs.LookAtWeights())
    assert found.files == (("a.pth", 1), ("b.pth.part", 2))
    assert found.connected == {str(tmp_path)}
    assert found.sources == load_sources()
    assert found.sources.folders == (str(tmp_path / "stick"), str(tmp_path))
    run_inline(specs.ChangeSources(remove=(str(tmp_path),)))
    assert load_sources().folders == (str(tmp_path / "stick"),)
    assert load_sources().mirror == "https://x.example"


def test_practice_pictures_that_are_not_here():
    assert run_inline(specs.LookForPractice(name="mnist")) == PracticeState(here=False, part=0)
    with pytest.raises(DatasetError):
        run_inline(specs.LookForPractice(name="nothing of the kind"))


# Lanes --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Write(Job[None]):
    """Waits for a gate, then writes."""

    gate: threading.Event
    written: list[str]
    name: str
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    lane: ClassVar = "files"

    def handle(self, watch):
        self.begun.release()
        self.gate.wait(10)
        watch.check()
        self.written.append(self.name)


class Chore(Write):
    """The same where nothing is finished."""

    __slots__ = ()
    lane: ClassVar = "chores"


def test_what_was_decided_is_written_before_a_window_is_gone_and_nothing_else_is_begun():
    runner, gate, written = ThreadRunner(), threading.Event(), []
    handles = [runner.submit(Write(gate, written, name)) for name in "abc"]
    chores = [runner.submit(Chore(gate, written, name)) for name in "xy"]
    assert handles[0].job.begun.acquire(timeout=10)
    assert chores[0].job.begun.acquire(timeout=10)
    closing = threading.Thread(target=lambda: runner.close(10))
    closing.start()
    assert chores[0].control.wait_for_stop(10)
    gate.set()
    closing.join(10)
    assert [name for name in written if name in "abc"] == ["a", "b", "c"]
    assert "y" not in written
    assert [type(handle.events.drain()[-1]) for handle in handles] == [JobFinished] * 3
    assert type(chores[1].events.drain()[-1]) is JobStopped
    late = runner.submit(Write(gate, written, "late"))
    assert type(late.events.drain()[-1]) is JobStopped


@dataclass(frozen=True, slots=True)
class Hang(Job[None]):
    """Looks at a drive that does not answer until the gate opens."""

    gate: threading.Event
    lane: ClassVar = "places"

    def handle(self, watch):
        self.gate.wait(10)


@dataclass(frozen=True, slots=True)
class Tell(Job[None]):
    """Says when it is carried out."""

    told: threading.Event
    lane: ClassVar = "files"

    def handle(self, watch):
        self.told.set()


def test_a_drive_that_does_not_answer_holds_up_no_file_of_ours():
    runner, gate, told = ThreadRunner(), threading.Event(), threading.Event()
    runner.submit(Hang(gate))
    runner.submit(Tell(told))
    assert told.wait(10)
    gate.set()
    assert runner.close(10)
