import pytest
from PySide6.QtCore import Qt

from cnnstudio.core import JobStopped, PhaseStarted, RunStarted, SplitScore, codec
from cnnstudio.jobs import specs
from cnnstudio.runs import Repeat, RunRecord, create_run
from cnnstudio.training.recipe import Recipe

pytestmark = pytest.mark.pages("train")


@pytest.fixture
def page(opened):
    opened.show_page("train")
    return opened.train_page


@pytest.fixture
def make_run(studio, opened):
    """A run of the open folder, perhaps one of several."""

    def make(accuracy, state="finished", repeat=None):
        score = SplitScore(
            split="validation", images=6, loss=0.5, accuracy=accuracy, top5_accuracy=None, interval=(0, 1),
            confusion=((2, 0, 0), (0, 2, 0), (0, 0, 2)),
        )  # fmt: skip
        record = RunRecord(
            name="r", state="running", created="2026-11-20T10:00:00Z", network="gamma", repeat=repeat, dataset_hash="",
            classes=("blue", "green", "red"), scores={"validation": score} if state == "finished" else {},
            recipe=codec.to_plain(Recipe(dataset=str(studio.dataset.root), network="gamma", seed=4).resolved()),
        )  # fmt: skip
        return create_run(record, root=studio.project_runs_folder()).update(state=state, owner=None)

    return make


def shown(studio, run, qtbot):
    with qtbot.waitSignal(studio.runs_changed):
        studio.refresh_runs()
    studio.show_run(run)


def test_a_run_is_repeated_with_one_click_and_each_training_is_followed(page, studio, runner, make_run, qtbot):
    shown(studio, make_run(0.8), qtbot)
    seeds, folds = page.runs.repeat_buttons
    assert (seeds.text(), folds.text()) == ("Repeat: 5 seeds", "Repeat: 5 folds")
    runner.answers[specs.TrainRepeats] = ...
    qtbot.mouseClick(folds, Qt.MouseButton.LeftButton)
    job = runner.of(specs.TrainRepeats)[-1]
    assert (job.kind, job.count, job.in_project, job.recipe.seed) == ("folds", 5, True, 4)
    assert job.dataset is studio.dataset
    handle = runner.handles[-1]
    started = RunStarted(
        run="r", network="gamma", mode="head", device="cpu", precision="fp32", epochs=3, first_epoch=1,
        train_images=9, validation_images=3, repeat=2, repeats=5,
    )  # fmt: skip
    handle.events.put(started)
    handle.events.put(PhaseStarted(name="head", trainable_parameters=3))
    qtbot.waitUntil(lambda: page.progress.text.text() == "Training the last layer · 2 of 5")
    runner.end(handle, JobStopped())
    qtbot.waitUntil(page.start_button.isVisible)


def test_a_group_is_told_in_a_sentence_and_continued_where_it_is_not_whole(page, studio, runner, make_run, qtbot):
    of = {"group": "g", "kind": "seeds", "of": 3}
    first = make_run(0.8, repeat=Repeat(number=1, **of))
    make_run(0.9, repeat=Repeat(number=2, **of))
    shown(studio, first, qtbot)
    assert page.runs.spread.text().startswith("2 of 3 seeds: 85.0 % ± 7.1 on validation (80.0 to 90.0 %")
    assert "standard deviation" in page.runs.spread.toolTip()
    assert not page.runs.repeat_buttons[0].isVisible()
    assert page.runs.resume_button.text() == "Continue the repeats"
    runner.answers[specs.ContinueRepeats] = ...
    qtbot.mouseClick(page.runs.resume_button, Qt.MouseButton.LeftButton)
    assert runner.of(specs.ContinueRepeats)[-1].run == first.folder
    runner.end(runner.handles[-1], JobStopped())
    qtbot.waitUntil(page.start_button.isVisible)
    last = make_run(0.7, repeat=Repeat(number=3, **of))
    shown(studio, last, qtbot)
    studio.refresh_runs()  # one that was under way may have come first
    qtbot.waitUntil(lambda: page.runs.spread.text().startswith("3 seeds: 80.0 % ± 10.0"))
    assert not page.runs.resume_button.isVisible()
    alone = make_run(0.5)
    shown(studio, alone, qtbot)
    assert not page.runs.spread.isVisible()
    assert page.runs.repeat_buttons[0].isVisible()
