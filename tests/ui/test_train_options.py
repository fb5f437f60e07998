"""The train page beyond its start button: options, estimate, learning-rate search, comparing runs, recipes."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog, QPushButton

from cnnstudio.core import EpochDone, JobStopped, Progressed, SplitScore
from cnnstudio.jobs import specs
from cnnstudio.runs import RECIPE_FILE, History, RunRecord, create_run
from cnnstudio.training.machine.estimate import Estimate, RateCurve
from cnnstudio.training.recipe import Recipe, load_recipe
from cnnstudio.ui.train.options import GROUPS, OPTIONS, value_of
from cnnstudio.ui.train.runs_table import recipe_words

pytestmark = pytest.mark.pages("train")


@pytest.fixture
def page(opened):
    opened.show_page("train")
    return opened.train_page


@pytest.fixture
def make_run(studio, opened):
    """A run of the open folder with a history."""

    def make(name, accuracy, **changes):
        score = SplitScore(
            split="validation", images=6, loss=0.5, accuracy=accuracy, top5_accuracy=None, interval=(0, 1),
            confusion=((2, 0, 0), (0, 2, 0), (0, 0, 2)),
        )  # fmt: skip
        recipe = Recipe(dataset=str(studio.dataset.root), network="gamma", **changes).resolved()
        record = RunRecord(
            name=name, state="running", created=f"2026-11-20T10:00:{int(100 * accuracy):02}Z", network="gamma",
            classes=("blue", "green", "red"), recipe=_plain(recipe), dataset_hash="", best_epoch=1, epochs_done=2,
            seconds=100 * accuracy, scores={"validation": score},
        )  # fmt: skip
        run = create_run(record, root=studio.project_runs_folder())
        recipe.save(run.folder / RECIPE_FILE)
        log = History(run.folder)
        for number in (1, 2):
            log.append(
                EpochDone(
                    epoch=number, epochs=2, seconds=1, learning_rate=0.1, train_loss=1, train_accuracy=0.5,
                    validation_loss=1 / number, validation_accuracy=accuracy, validation_images=6, is_best=True,
                )
            )  # fmt: skip
        log.flush()
        return run.update(state="finished", owner=None)

    return make


def _plain(recipe):
    from cnnstudio.core.codec import to_plain

    return to_plain(recipe)


def test_every_option_is_in_the_recipe_and_explained(page):
    form = page.form.options
    defaults = Recipe(dataset="", network="")
    assert form.changes() == 0
    for path, option in OPTIONS.items():
        value_of(defaults, path)
        assert option.text.endswith(".")
        assert len(option.why) > 20
        why = form.findChild(QPushButton, f"why_{path.replace('.', '_')}")
        assert why.accessibleDescription() == option.why
        assert form.controls[path].toolTip()
        assert form.controls[path].accessibleName()
    assert sum(len(group.options) for group in GROUPS) == len(OPTIONS)


def test_what_is_set_is_counted_trained_and_reset(page, runner, qtbot):
    runner.answers[specs.FineTune] = ...
    page.form.select_mode("all")  # which has epochs
    qtbot.mouseClick(page.form.toggle, Qt.MouseButton.LeftButton)
    controls = page.form.options.controls
    controls["mix"].setCurrentIndex(1)
    controls["gradual_unfreezing"].click()
    controls["ema"].selectAll()
    qtbot.keyClicks(controls["ema"], "0.9")
    controls["augment.flip"].click()
    assert page.form.toggle.text() == "Advanced (4 changed)"
    page.start()
    recipe = runner.of(specs.FineTune)[-1].recipe
    assert (recipe.mix, recipe.gradual_unfreezing, recipe.ema, recipe.augment.flip) == ("mixup", True, 0.9, False)
    runner.end(runner.handles[-1], JobStopped())
    qtbot.waitUntil(page.start_button.isVisible)
    page.findChild(QPushButton, "reset_recipe").click()
    assert page.form.toggle.text() == "Advanced"


def test_automatic_says_what_it_means_and_follows_mode_and_optimiser(page, qtbot):
    controls = page.form.options.controls

    def shown():
        return [controls[name].text() for name in ("learning_rate", "weight_decay", "batch_size")]

    assert shown() == ["automatic (0.003)", "automatic (0.02)", "automatic (128)"]
    controls["optimizer"].setCurrentIndex(controls["optimizer"].findData("sgd"))
    assert shown() == ["automatic (0.01)", "automatic (0.0005)", "automatic (128)"]
    page.form.select_mode("all")
    controls["optimizer"].setCurrentIndex(controls["optimizer"].findData("adamw"))
    assert shown() == ["automatic (0.0002)", "automatic (0.02)", "automatic (32)"]
    controls["weight_decay"].setValue(0)
    assert page.form.options.values()["weight_decay"] == 0, "none at all is something else"


def test_what_is_not_possible_with_a_mode_is_not_offered(page, qtbot):
    mix = page.form.options.controls["mix"]
    assert [mix.itemData(index) for index in range(mix.count())] == ["none", "mixup"]
    page.form.select_mode("all")
    assert mix.count() == 4
    mix.setCurrentIndex(mix.findData("cutmix"))
    assert page.form.toggle.text() == "Advanced (1 changed)"
    page.form.select_mode("last-stage")
    assert mix.currentData() == "cutmix"
    page.form.select_mode("head")
    assert mix.currentData() == "none"
    assert page.form.toggle.text() == "Advanced"


def test_the_page_says_how_long_it_will_take(page, runner, qtbot):
    runner.answers[specs.EstimateRun] = Estimate(seconds=41.2, memory=3 * 2**30)
    page.form.select_mode("all")  # which has epochs
    page.form.epochs.setValue(7)
    assert page.estimate.text.text() == "Measuring how long it will take…", "at once: what stood there is not of this"
    qtbot.waitUntil(lambda: page.estimate.text.text() == "About 41 s on this computer, and about 3.0 GB of memory.")
    assert runner.of(specs.EstimateRun)[0].recipe.epochs == 7
    runner.answers[specs.FineTune] = ...
    asked = len(runner.of(specs.EstimateRun))
    page.start()
    page.form.epochs.setValue(9)
    runner.end(runner.handles[-1], JobStopped())
    qtbot.waitUntil(page.start_button.isVisible)
    qtbot.waitUntil(lambda: len(runner.of(specs.EstimateRun)) > asked)


def test_a_rate_is_searched_shown_and_taken(page, runner, qtbot):
    page.form.select_mode("all")  # which has rates
    qtbot.mouseClick(page.form.toggle, Qt.MouseButton.LeftButton)
    finder = page.form.rate_finder
    runner.answers[specs.FindRate] = ...
    qtbot.mouseClick(finder.start, Qt.MouseButton.LeftButton)
    handle = runner.handles[-1]
    handle.events.put(Progressed(done=3, total=80, text="Trying learning rates"))
    qtbot.waitUntil(lambda: "3 of 80" in finder.text.text())
    qtbot.mouseClick(finder.stop, Qt.MouseButton.LeftButton)
    assert handle.control.stop_requested
    runner.end(handle, JobStopped())
    qtbot.waitUntil(finder.start.isVisible)
    runner.answers[specs.FindRate] = RateCurve(rates=(1e-4, 1e-3, 1e-2), losses=(2.0, 1.0, 3.0), suggestion=0.00123)
    qtbot.mouseClick(finder.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(finder.take.isVisible)
    assert finder.curve.points.tolist() == [[1e-4, 2], [1e-3, 1], [1e-2, 3]]
    qtbot.mouseClick(finder.take, Qt.MouseButton.LeftButton)
    assert page.form.options.values()["learning_rate"] == pytest.approx(0.001)
    runner.answers[specs.FindRate] = RateCurve(rates=(1e-4,), losses=(2.0,), suggestion=0.0)
    qtbot.mouseClick(finder.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "never fell" in finder.text.text())
    assert not finder.take.isVisible()


def test_runs_are_sorted_and_compared(page, studio, make_run, qtbot):
    make_run("b", 0.5)
    make_run("a", 0.9, weight_decay=0.1, mode="all")
    make_run("a", 0.7, epochs=3)
    with qtbot.waitSignal(studio.runs_changed):
        studio.refresh_runs()
    table = page.runs.table

    def column(number):
        return [table.item(row, number).text() for row in range(table.rowCount())]

    table.sortItems(3, Qt.SortOrder.AscendingOrder)
    assert column(3) == ["50.0 %", "70.0 %", "90.0 %"]
    table.sortItems(0, Qt.SortOrder.AscendingOrder)
    assert column(0) == ["a", "a", "b"]
    assert "all layers, 5 epochs, weight decay 0.1" in column(1)
    assert "last layer, 3 epochs" in column(1)
    chosen = []
    table.chosen.connect(chosen.append)
    table.selectRow(2)
    assert chosen[-1].record.name == "b", "rows find their run after sorting"
    table.selectAll()
    qtbot.waitUntil(lambda: "3 runs" in page.learning.numbers.text())
    assert set(page.learning.plot.accuracy.legend.names) == {
        "all layers, 5 epochs, weight decay 0.1",
        "last layer, 3 epochs",
        "last layer, by cross-validation",
    }
    table.clearSelection()
    table.selectRow(0)
    qtbot.waitUntil(lambda: page.learning.numbers.text() == "")
    qtbot.waitUntil(lambda: page.learning.plot.accuracy.legend.names == ["train", "validation"])  # and no earlier run


def test_a_finished_run_is_trained_longer(page, studio, runner, make_run, qtbot, monkeypatch):
    run = make_run("first", 0.5)
    with qtbot.waitSignal(studio.runs_changed):
        studio.refresh_runs()
    runner.answers[specs.ResumeRun] = ...
    monkeypatch.setattr(QInputDialog, "getInt", lambda *_: (9, True))
    page.runs.table.train_longer.emit(run)
    assert runner.of(specs.ResumeRun)[-1] == specs.ResumeRun(run=run.folder, epochs=9)
    runner.end(runner.handles[-1], JobStopped())
    qtbot.waitUntil(page.start_button.isVisible)


def test_recipes_are_saved_opened_and_taken_from_runs(page, studio, make_run, tmp_path, monkeypatch, qtbot):
    path = tmp_path / "mine.toml"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    page.form.select_mode("all")
    page.form.options.show_value("label_smoothing", 0.1)
    page.form.save_requested.emit()
    qtbot.waitUntil(path.is_file)
    saved = load_recipe(path)
    assert (saved.mode, saved.label_smoothing, saved.network) == ("all", 0.1, "gamma")
    replace(saved, mode="head", head_solver="epochs", epochs=11, network="alpha18", mix="mixup").save(path)
    page.form.open_requested.emit()
    qtbot.waitUntil(lambda: studio.network.name == "alpha18")
    assert (page.form.mode, page.form.epochs.value()) == ("head", 11)
    assert page.form.options.values()["mix"] == "mixup"
    run = make_run("first", 0.5, mode="last-stage", weight_decay=0.3)
    page.runs.table.use_recipe.emit(run)
    qtbot.waitUntil(lambda: page.form.mode == "last-stage")
    assert page.form.options.values()["weight_decay"] == 0.3
    path.write_text("mode = [")
    page.form.open_requested.emit()
    qtbot.waitUntil(page.notice.isVisible)
    assert "not valid TOML" in page.notice.title.text()


def test_recipe_words_name_what_is_special():
    plain = _plain(Recipe(dataset="x", network="x", balance="weights", gradual_unfreezing=True).resolved())
    words = recipe_words(plain)
    assert words == "last layer, by cross-validation, unfreeze layers one by one, uneven classes small ones weigh more"
    assert recipe_words({}) == "last layer, 0 epochs"
