"""The train page before, during and after a training, with real clicks and keys."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt

from cnnstudio.core import PictureAnswer, PicturesAnswered, StrengthTried, compare_answers
from cnnstudio.core.events import (
    CheckpointSaved,
    JobStopped,
    PhaseStarted,
    RunPaused,
    RunResumed,
    RunStarted,
)
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.comparisons import RunComparison
from cnnstudio.training.machine.estimate import Estimate
from cnnstudio.ui.train.headline import Headline
from cnnstudio.ui.train.time_left import TimeLeft
from tests.ui.test_train_page import click, epoch, finished_run, step  # noqa: F401 - a fixture

pytestmark = pytest.mark.pages("train")

TIMES = {"head": 3, "last-stage": 60, "all": 4000, "scratch": 9000}


@pytest.fixture
def page(opened):
    opened.resize(1000, 660)
    opened.show_page("train")
    return opened.train_page


def started(page, runner, **recipe):
    """A training under way, and what it says is put into."""
    runner.answers[specs.FineTune] = ...
    page.start()
    handle = runner.handles[-1]
    told = {"network": "gamma", "mode": "head", "first_epoch": 1, "repeat": 0, "repeats": 0, **recipe}
    handle.events.put(
        RunStarted(
            run="/runs/x", device="cpu", precision="fp32", epochs=4, train_images=30, validation_images=6, **told
        )
    )
    return handle


def ended(page, runner, handle, qtbot, answer=None):
    runner.end(handle, JobStopped() if answer is None else answer)
    qtbot.waitUntil(page.start_button.isVisible)


def is_in_sight(widget, window):
    """Whether all of a widget lies within the window and is not scrolled away."""
    corner = widget.mapTo(window, QPoint(0, 0))
    inside = window.rect().contains(widget.rect().translated(corner))
    return inside and widget.visibleRegion().boundingRect() == widget.rect()


def test_every_mode_says_how_long_it_takes_and_start_is_in_reach(page, opened, runner, studio, qtbot, tmp_path):
    runner.answers[specs.EstimateRun] = lambda job: Estimate(seconds=TIMES[job.recipe.mode], memory=0)
    click(qtbot, page.form.mode_buttons[1])
    times = page.form.modes.times
    assert times["all"].text() == "Measuring…"
    words = {"head": "About 3 s", "last-stage": "About 60 s", "all": "About 67 min", "scratch": "About 2 h 30 min"}
    qtbot.waitUntil(lambda: {mode: shown.text() for mode, shown in times.items()} == words)
    asked = [job.recipe.mode for job in runner.of(specs.EstimateRun)]
    assert asked == ["last-stage", "head", "all", "scratch"], "the chosen one first, and each once"
    assert page.estimate.text.text() == "About 60 s on this computer."
    assert page.form.mode_buttons[2].accessibleName().startswith("All layers (About 67 min): Adapts")
    assert all(is_in_sight(part, opened) for part in (page.start_button, page.form.toggle, *page.form.mode_buttons))
    runner.answers[specs.EstimateRun] = ...
    page.form.options.show_value("input_size", 64)
    assert {shown.text() for shown in times.values()} == {"Measuring…"}, "what stood there was of other settings"
    page.form.options.show_value("input_size", 0)
    assert {mode: shown.text() for mode, shown in times.items()} == words, "which is known already"
    other = tmp_path / "other"
    other.mkdir()
    for name in ("cat", "dog"):
        (other / name).symlink_to(next(iter(sorted(studio.dataset.root.iterdir()))))
    runner.answers[specs.ScanFolder] = replace(studio.dataset, root=other)
    with qtbot.waitSignal(studio.dataset_changed):
        studio.open_folder(other)
    assert {shown.text() for shown in times.values()} == {"Measuring…"}, "and of another folder nothing is known"


def test_one_number_the_time_left_and_pictures_that_change(page, opened, runner, studio, qtbot):
    qtbot.waitUntil(lambda: not studio.preparing)
    handle = started(page, runner)
    head = page.running.headline
    validation = studio.dataset.split("validation")
    assert len([tile for tile in page.watched.tiles if tile.isVisible()]) == len(validation)
    assert not page.form_card.isVisible()
    assert not head.number.isVisible()
    assert "passes through the network once" in head.words.text(), "from the beginning"
    assert page.watched.tiles[0].answer.text() == studio.dataset.classes[validation[0].label]
    qtbot.waitUntil(lambda: page.subtitle.text() == "Gamma, last layer, on 30 training pictures.")
    handle.events.put(PhaseStarted(name="head", trainable_parameters=9))
    picture = str(validation[0].path)
    for confidence, said in ((0.5, 1), (0.9, 0)):
        answer = PictureAnswer(picture=picture, actual=0, predicted=said, confidence=confidence)
        handle.events.put(PicturesAnswered(answers=(answer,)))
        right = said == 0
        mark = "✓ blue" if right else "✗ green"
        qtbot.waitUntil(lambda mark=mark: page.watched.tiles[0].answer.text() == mark)
        assert page.watched.tiles[0].sure.text() == ("90 %" if right else "50 %, is blue")
    assert page.watched.tiles[0].accessibleName().endswith("blue, 90 %. Correct.")
    handle.events.put(StrengthTried(strength=1, loss=0.5, accuracy=0.8, images=40, done=1, total=7, is_best=True))
    qtbot.waitUntil(head.number.isVisible)
    assert head.number.text() == "80.0 %"
    assert head.words.text().startswith("32 of 40 training pictures correct, between 65.2 % and 89.5 %")
    handle.events.put(StrengthTried(strength=2, loss=0.6, accuracy=0.7, images=40, done=2, total=7, is_best=False))
    handle.events.put(epoch(1))
    handle.events.put(step(3))
    handle.events.put(epoch(2, best=False))
    qtbot.waitUntil(lambda: head.words.text().startswith("Epoch 2 of 4: 4 of 6 validation pictures correct"))
    assert head.words.text().endswith("Best so far: 60.0 % after epoch 1.")
    assert page.learning.isVisible()
    assert is_in_sight(page.learning, opened)
    assert "left" not in page.progress.left.text(), "the time of the whole stands above, and only there"
    ended(page, runner, handle, qtbot)
    assert not page.watched.isVisible()


def test_the_keyboard_goes_to_no_plot_when_the_button_is_gone(page, runner, studio, qtbot):
    qtbot.waitUntil(page.start_button.isEnabled)
    runner.answers[specs.FineTune] = ...
    click(qtbot, page.start_button)
    assert not page.start_button.isVisible()
    assert page.hasFocus()
    ended(page, runner, runner.handles[-1], qtbot)


def test_a_stop_says_when_it_keeps_something(page, runner, qtbot):
    handle = started(page, runner)
    assert page.stop_button.text() == "Stop"
    handle.events.put(CheckpointSaved(kind="last", path="x", bytes=1))
    handle.events.put(CheckpointSaved(kind="best", path="x", bytes=1))
    qtbot.waitUntil(lambda: page.stop_button.text() == "Stop now and keep")
    click(qtbot, page.stop_button)
    assert handle.control.stop_requested
    ended(page, runner, handle, qtbot)
    handle = started(page, runner)
    assert page.stop_button.text() == "Stop", "of another training nothing is there yet"
    ended(page, runner, handle, qtbot)


def test_paused_is_paused(page, opened, runner, qtbot):
    handle = started(page, runner)
    handle.events.put(PhaseStarted(name="features", trainable_parameters=0))
    handle.events.put(RunPaused())
    qtbot.waitUntil(lambda: page.pause_button.text() == "Resume")
    bar = page.progress.bar
    assert (bar.minimum(), bar.maximum()) != (0, 0), "which swings for ever"
    assert page.progress.text.text() == page.running.headline.left.text() == "Paused"
    assert opened.engine_label.text() == "Paused"
    handle.events.put(RunResumed())
    qtbot.waitUntil(lambda: page.pause_button.text() == "Pause")
    assert page.progress.text.text() == "Preparing the pictures"
    assert (bar.minimum(), bar.maximum()) == (0, 0)
    assert opened.engine_label.text() == "Training…"
    ended(page, runner, handle, qtbot)


def test_the_time_left_follows_the_steps_and_leaves_pauses_out():
    now = [100.0]
    left = TimeLeft(50, clock=lambda: now[0])
    now[0] += 10
    assert left.words == "About 40 s left"
    left.step(10, 100)
    now[0] += 10
    left.step(20, 100)
    assert left.words == "About 80 s left"
    left.pause()
    now[0] += 1000
    left.resume()
    assert left.words == "About 80 s left"
    now[0] += 10
    left.step(30, 100)
    assert left.words == "About 70 s left"
    assert TimeLeft(0).words == ""


def test_what_trains_is_named_whatever_is_chosen_by_now(page, runner, studio, qtbot, finished_run):  # noqa: F811
    run = finished_run("old one", state="stopped")
    studio.refresh_runs()
    qtbot.waitUntil(lambda: bool(studio.runs))
    studio.choose_network("alpha18")
    runner.answers[specs.ResumeRun] = ...
    studio.resume_run(run.folder)
    handle = runner.handles[-1]
    assert page.subtitle.text() == "Gamma, resuming “old one”."
    studio.choose_network("beta_b")
    assert page.subtitle.text() == "Gamma, resuming “old one”.", "the choice is for the next one"
    ended(page, runner, handle, qtbot)
    assert "Beta_B on" in page.subtitle.text()


def test_improving_a_run_takes_its_own_network(page, runner, studio, qtbot, finished_run):  # noqa: F811
    studio.show_run(finished_run())
    studio.choose_network("lenet5")
    runner.answers[specs.FineTune] = ...
    page.form.allow_only_scratch("")
    click(qtbot, page.result.better["all"])
    assert runner.of(specs.FineTune)[-1].recipe.network == "gamma"
    ended(page, runner, runner.handles[-1], qtbot)


@pytest.mark.pages("train", "results")
def test_afterwards_there_is_one_next_step_and_what_became_better(page, opened, runner, studio, qtbot, finished_run):  # noqa: F811
    first = finished_run("first")
    second = finished_run("second").update(created="2026-11-21T10:00:00Z")
    right = [True] * 3 + [False] * 3
    runner.answers[specs.CompareRuns] = lambda job: RunComparison(
        first=job.first, second=job.second, names=("first", "second"), split="validation", out_of_fold=False,
        found=compare_answers(right, [True] * 4 + [False] * 2, [-1] * 6), left_out=(0, 0), relabelled=0,
    )  # fmt: skip
    with qtbot.waitSignal(studio.runs_changed):
        studio.refresh_runs()
    handle = started(page, runner)
    ended(page, runner, handle, qtbot, second)
    qtbot.waitUntil(page.result.compared.isVisible)
    assert runner.of(specs.CompareRuns)[-1] == specs.CompareRuns(first=first.folder, second=second.folder)
    assert page.result.compared.text() == (
        "50.0 → 66.7 %, +16.7 points on the same 6 validation pictures as “first”. So small a difference may be chance."
    )
    assert page.folded.isVisible()
    assert page.folded.text.text() == "Gamma · Last layer · by cross-validation"
    assert not page.form_card.isVisible()
    primary = [
        b for b in page.findChildren(type(page.start_button)) if b.isVisible() and b.property("kind") == "primary"
    ]
    assert primary == [page.result.see_results]
    assert page.start_button.text() == "Train again"
    click(qtbot, page.folded.change)
    assert page.form_card.isVisible()
    assert page.start_button.property("kind") == "primary"
    assert page.result.see_results.property("kind") == "secondary"
    click(qtbot, page.result.see_results)
    assert opened.pages.currentWidget() is opened.results_page


def test_another_folder_takes_no_curves_along(page, runner, studio, qtbot, finished_run, tmp_path):  # noqa: F811
    studio.show_run(finished_run())
    qtbot.waitUntil(lambda: len(page.learning.plot.validation_accuracy.points) == 1)
    assert "first" in page.learning.title.text(), "whose curves they are"
    assert page.learning.plot.accuracy.legend.names == ["train", "validation"]
    ticks = [spacing for spacing, _ in page.learning.plot.loss.getAxis("bottom").tickSpacing(0, 1.5, 300)]
    assert min(ticks) >= 1, "there is no epoch 1.5"
    assert page.learning.plot.loss.viewRange()[0][0] > -1
    runner.answers[specs.ScanFolder] = replace(studio.dataset, root=tmp_path)
    with qtbot.waitSignals([studio.dataset_changed, studio.run_changed]):
        studio.open_folder(tmp_path)
    assert not page.learning.isVisible()
    assert len(page.learning.plot.validation_accuracy.points) == 0
    handle = started(page, runner)
    handle.events.put(epoch(1))
    qtbot.waitUntil(lambda: len(page.learning.plot.validation_accuracy.points) == 1)
    assert page.learning.plot.accuracy.legend.names == ["train", "validation"], "there is no earlier run of this folder"
    ended(page, runner, handle, qtbot)
    handle = started(page, runner)
    handle.events.put(epoch(1))
    qtbot.waitUntil(
        lambda: page.learning.plot.accuracy.legend.names == ["validation, earlier run", "train", "validation"]
    )
    ended(page, runner, handle, qtbot)


def test_advanced_settings_are_searched_marked_explained_and_put_back(page, opened, qtbot):
    drawer, rows = page.drawer, page.form.options.rows
    page.form.select_mode("all")
    click(qtbot, page.form.toggle)
    assert drawer.isVisible()
    assert is_in_sight(page.start_button, opened), "a drawer does not cover what starts"
    search = page.form.advanced.search
    qtbot.waitUntil(search.hasFocus)
    qtbot.keyClicks(search, "weight")
    shown = {path for path, row in rows.items() if row.isVisible()}
    assert "weight_decay" in shown
    assert "augment.flip" not in shown
    qtbot.keyClicks(search, " zebra")
    assert not any(row.isVisible() for row in rows.values())
    assert page.form.advanced.nothing.isVisible()
    search.clear()
    decay, smoothing = rows["weight_decay"], rows["label_smoothing"]
    assert not decay.mark.isVisible()
    for row in (decay, smoothing):
        row.control.selectAll()
        qtbot.keyClicks(row.control, "0.3")
        qtbot.keyClick(row.control, Qt.Key.Key_Tab)
        assert row.mark.isVisible()
    assert page.form.toggle.text() == "Advanced (2 changed)"
    drawer.area.ensureWidgetVisible(decay)
    click(qtbot, decay.reset)
    assert (decay.changed, decay.mark.isVisible(), smoothing.changed) == (False, False, True)
    smoothing.why.setFocus()
    qtbot.keyClick(smoothing.why, Qt.Key.Key_Space)
    assert smoothing.reason.isVisible()
    click(qtbot, page.form.advanced.reset)
    assert page.form.toggle.text() == "Advanced"
    search.setFocus()
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert not drawer.isVisible()
    assert not page.form.toggle.isChecked()
    qtbot.waitUntil(page.form.toggle.hasFocus)


def test_pictures_that_belong_together_widen_the_range(qtbot):
    head = Headline()
    qtbot.addWidget(head)
    shown = []
    for groups in ([-1] * 6, [0, 0, 0, 1, 1, 1], [0, 0, 1]):
        head.begin("", {"validation": groups})
        head.show_epoch(epoch(1))
        shown.append(head.words.text())
    alone, together, unknown = shown
    assert "between 30.0 % and 90.3 %" in alone
    assert "between" in together
    assert together != alone
    assert "between" not in unknown, "some pictures are missing, and nobody knows of which group"
