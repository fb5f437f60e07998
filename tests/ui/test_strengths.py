"""The window's side of a last layer that is solved for, without epochs."""

import math

import numpy as np
import pytest

from cnnstudio.core import PhaseStarted, SplitScore, StrengthTried
from cnnstudio.core.events import JobStopped
from cnnstudio.jobs import specs
from cnnstudio.runs import RunRecord, create_run
from cnnstudio.training.recipe import Recipe
from cnnstudio.training.rules import OF_EPOCHS
from cnnstudio.ui.train.runs_table import recipe_words
from cnnstudio.ui.train.strength_plot import StrengthPlot
from tests.ui.test_train_page import click, epoch

pytestmark = pytest.mark.pages("train")

SOLVED = {"mode": "head", "head_solver": "regression", "epochs": 0}


def tried(strength, loss, done, accuracy=0.75):
    return StrengthTried(
        strength=strength, loss=loss, accuracy=accuracy, images=40, done=done, total=5, is_best=done == 1
    )  # fmt: skip


STRENGTHS = [tried(1.0, 0.5, 1), tried(0.1, 0.4, 2, 0.85), tried(0.01, 0.6, 3)]


def score(split, images, accuracy):
    return SplitScore(
        split=split, images=images, loss=0.4, accuracy=accuracy, top5_accuracy=None, interval=(0.4, 0.9),
        confusion=((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    )  # fmt: skip


@pytest.fixture
def solved_run(studio, opened):
    """A run on disk whose last layer was solved for."""

    def make(name="solved", strengths=STRENGTHS, **recipe):
        record = RunRecord(
            name=name, state="running", created="2026-11-26T10:00:00Z", network="gamma",
            classes=("blue", "green", "red"), recipe={"dataset": str(studio.dataset.root), **SOLVED, **recipe},
            dataset_hash="", scores={"train": score("train", 30, 0.8), "validation": score("validation", 10, 0.9)},
        )  # fmt: skip
        run = create_run(record, root=studio.project_runs_folder()).update(state="finished", owner=None)
        run.bundle.mkdir()
        log = run.log()
        for event in strengths:
            log.append(event)
        log.flush()
        return run

    return make


def points(curve):
    return curve.points.tolist()


def test_a_training_shows_the_strengths_that_it_tries_and_the_best(opened, runner, qtbot):
    page = opened.train_page
    opened.show_page("train")
    runner.answers[specs.FineTune] = ...
    page.start()
    handle = runner.handles[-1]
    handle.events.put(PhaseStarted(name="features", trainable_parameters=0))
    handle.events.put(PhaseStarted(name="head", trainable_parameters=9))
    qtbot.waitUntil(page.learning.strengths.isVisible)  # the page is not half empty while pictures are prepared
    assert not page.learning.plot.isVisible()
    assert "becomes a point here" in page.learning.numbers.text()
    for event in STRENGTHS[:2]:
        handle.events.put(event)
    qtbot.waitUntil(lambda: len(page.learning.strengths.losses.points) == 2)
    plot = page.learning.strengths
    assert points(plot.losses) == [[0.1, 0.4], [1.0, 0.5]], "in the order of the axis, not of the search"
    assert points(plot.accuracies) == [[0.1, 85], [1.0, 75]]
    assert plot.isVisible()
    assert not page.learning.plot.isVisible()
    assert plot.loss.getPlotItem().getAxis("bottom").logMode
    assert "Strength 2 of 5: 0.1. 34 of 40 training pictures correct (85.0 %)" in page.learning.numbers.text()
    assert "did not learn from it" in page.learning.numbers.text()
    assert "strength 2 of 5" in page.progress.left.text()
    runner.end(handle, JobStopped())
    qtbot.waitUntil(page.start_button.isVisible)


@pytest.mark.pages("train", "results")
def test_a_finished_run_shows_its_curve_and_the_estimate_on_every_picture_again(opened, studio, qtbot, solved_run):
    page = opened.train_page
    opened.show_page("train")
    studio.show_run(solved_run())
    qtbot.waitUntil(lambda: len(page.learning.strengths.losses.points) == 3)
    assert page.learning.strengths.isVisible()
    assert not page.learning.plot.isVisible()
    assert page.learning.strengths.best == STRENGTHS[1]
    assert page.learning.numbers.text().startswith("Chosen by cross-validation: strength 0.1.")
    text = page.result.text.text()
    assert "solved. Chosen by cross-validation." in text
    assert "33 of 40 training and validation pictures correct (82.5 %), each answered by" in text
    opened.show_page("results")
    results = opened.results_page
    assert "did not learn from it" in results.open("overview").meaning.text()
    assert "33 of 40" in results.open("overview").meaning.text()
    assert "epoch" not in results.open("overview").meaning.text()


def test_solved_runs_are_compared_by_strength_and_with_others_by_their_validation(opened, studio, qtbot, solved_run):
    page = opened.train_page
    opened.show_page("train")
    one, two = solved_run("one"), solved_run("two", [tried(10.0, 0.3, 1)])
    trained = solved_run("trained", [epoch(1), epoch(2)], head_solver="epochs", epochs=2)
    page.learning.compare([one, two])
    plot = page.learning.strengths
    qtbot.waitUntil(lambda: bool(plot.loss.legend.names) and plot.isVisible())
    assert plot.loss.legend.names == ["one", "two"]
    page.learning.compare([one, trained])
    qtbot.waitUntil(page.learning.plot.isVisible)
    drawn = [item for item in page.learning.plot.loss.getPlotItem().items if item.name() in ("one", "trained")]
    curves = {item.name(): np.stack(item.getData(), 1).tolist() for item in drawn}
    assert curves == {"one": [[1, 0.4], [2, 0.4]], "trained": [[1, 1.0], [2, 0.5]]}
    assert "Runs without epochs are level lines" in page.learning.numbers.text()


def test_only_what_a_solved_last_layer_can_follow_is_offered_and_asked_for(opened, qtbot):
    form = opened.train_page.form
    opened.show_page("train")
    form.select_mode("head")
    click(qtbot, form.toggle)
    controls = form.options.controls
    assert controls["head_solver"].isVisible()
    assert not form.epochs.isVisible()
    assert not any(controls[path].isVisible() for path in OF_EPOCHS if path in controls)
    assert not form.rate_finder.isVisible()
    assert controls["balance"].isVisible()
    controls["head_solver"].setCurrentIndex(controls["head_solver"].findData("epochs"))
    assert form.epochs.isVisible()
    assert controls["mix"].isVisible()
    controls["mix"].setCurrentIndex(controls["mix"].findData("mixup"))
    recipe = form.apply_to("pictures", "gamma", "auto")
    assert (recipe.head_solver, recipe.epochs, recipe.mix) == ("epochs", 40, "mixup")
    controls["head_solver"].setCurrentIndex(controls["head_solver"].findData("auto"))
    recipe = form.apply_to("pictures", "gamma", "auto")
    assert (recipe.head_solver, recipe.epochs, recipe.mix) == ("auto", 0, "none"), "what is hidden asks for nothing"
    assert form.options.changes() == 0
    form.select_mode("all")
    assert not controls["head_solver"].isVisible()
    assert form.epochs.isVisible()
    assert form.apply_to("pictures", "gamma", "auto").mix == "mixup", "it was set for what can follow it"


def test_a_recipe_of_a_run_that_was_solved_is_taken_over(opened):
    form = opened.train_page.form
    form.show_recipe(Recipe(dataset="", network="gamma", head_solver="regression"))
    assert form.solves_head
    form.show_recipe(Recipe(dataset="", network="gamma", head_solver="epochs", epochs=7))
    assert (form.solves_head, form.epochs.value()) == (False, 7)


def test_runs_say_how_they_were_found_and_solved_ones_cannot_go_on(opened, studio, qtbot, solved_run):
    assert recipe_words(SOLVED).startswith("last layer, by cross-validation")
    assert recipe_words({"mode": "head", "epochs": 40}).startswith("last layer, 40 epochs")
    run = solved_run()
    assert run.record.solved_head
    assert math.isclose(run.record.scores["train"].accuracy, 0.8)


def test_an_accuracy_that_is_always_the_same_is_drawn_within_per_cent(qtbot):
    plot = StrengthPlot()
    qtbot.addWidget(plot)
    plot.resize(700, 300)
    plot.show()
    plot.add([tried(strength, 0.1, number, 1.0) for number, strength in enumerate((0.01, 0.1, 1.0), 1)])
    qtbot.waitUntil(lambda: plot.accuracy.viewRange()[1][0] > 50 and plot.accuracy.is_drawn)
    low, high = plot.accuracy.viewRange()[1]
    assert high <= 107, "room for the figure 100, which is the last one"
    assert high - low >= 5


def test_no_axis_promises_more_than_all_of_the_pictures(qtbot):
    plot = StrengthPlot()
    qtbot.addWidget(plot)
    plot.clear()
    assert plot.accuracy.viewRange()[1] == pytest.approx((0, 100), abs=8), "before there is a point"
    plot.add([tried(strength, 0.1, 1, 1.0) for strength in (0.1, 1.0, 10.0)])
    axis = plot.accuracy.getAxis("left")
    ticks = [value for _, values in axis.tickValues(97, 102, 200) for value in values]
    assert max(ticks) == 100


@pytest.mark.parametrize("decades", [1.5, 2.5, 6])
def test_strengths_are_told_at_powers_of_ten_and_not_one_over_the_other(qtbot, decades):
    plot = StrengthPlot()
    qtbot.addWidget(plot)
    axis = plot.accuracy.getAxis("bottom")
    levels = axis.tickValues(0.5, 0.5 + decades, 500)
    said = [words for spacing, values in levels for words in axis.tickStrings(values, 1, spacing) if words]
    assert said
    assert len(set(said)) == len(said) <= decades + 1
    assert set(said) <= {"10", "100", "1,000", "10,000", "100,000", "1e+06", "1,000,000"}
