from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from cnnstudio.core import SplitScore, StudioError, codec
from cnnstudio.core.events import EpochDone, JobStopped, PhaseStarted, Progressed, RunPaused, RunResumed, StepDone
from cnnstudio.data import SplitSpec
from cnnstudio.jobs import run_inline, specs
from cnnstudio.networks import WeightsReport
from cnnstudio.runs import Ancestry, RunRecord, create_run
from cnnstudio.ui.widgets import Question
from tests.runs.test_lock import held_elsewhere
from tests.ui.conftest import make_window

pytestmark = pytest.mark.pages("train")


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def epoch(number, best=True):
    return EpochDone(
        epoch=number, epochs=4, seconds=1.0, learning_rate=0.1, train_loss=1 / number, train_accuracy=0.5,
        validation_loss=1 / number, validation_accuracy=0.6, validation_images=6, is_best=best,
    )  # fmt: skip


def step(number):
    return StepDone(
        epoch=1, step=number, steps=12, epochs=4, loss=1.0, learning_rate=0.1, images_per_second=100.0
    )  # fmt: skip


SCORE = SplitScore(
    split="test", images=6, loss=0.5, accuracy=5 / 6, top5_accuracy=None, interval=(0.44, 0.97),
    confusion=((2, 0, 0), (1, 1, 0), (0, 0, 2)),
)  # fmt: skip


VALIDATION = replace(SCORE, split="validation", accuracy=4 / 6, interval=(0.3, 0.9))


@pytest.fixture
def finished_run(studio, opened):
    """A scored run of the open folder, on disk."""

    def make(name="first", state="finished", scores=True):
        record = RunRecord(
            name=name, state="running", created="2026-11-20T10:00:00Z", network="gamma",
            classes=("blue", "green", "red"), recipe={"dataset": str(studio.dataset.root)},
            dataset_hash="", best_epoch=2, epochs_done=4,
            scores={"test": SCORE, "validation": VALIDATION} if scores else {},
        )  # fmt: skip
        run = create_run(record, root=studio.project_runs_folder()).update(state=state, owner=None)
        run.bundle.mkdir()
        log = run.log()
        log.append(epoch(1))
        log.flush()
        return run

    return make


# Train page ---------------------------------------------------------------------------------------------------


def test_training_needs_a_folder(window):
    assert not window.train_page.start_button.isEnabled()
    assert window.train_page.start() is None


def test_while_pictures_are_checked_nobody_is_sent_to_open_some(window, runner, studio, tmp_path):
    runner.answers[specs.ScanFolder] = ...
    assert window.train_page.subtitle.text() == "Open a folder of pictures first."
    studio.open_folder(tmp_path)
    assert window.train_page.subtitle.text() == "The pictures are being checked…"


def test_what_it_starts_from_is_said_in_words_and_not_as_a_file(opened, studio, tmp_path):
    page = opened.train_page
    for network, weights, end in (
        ("gamma", None, "starting from its ImageNet weights."),
        ("alpha18", None, "starting from its ImageNet weights, which are downloaded first."),
        ("gamma", tmp_path / "mine.pth", "starting from mine.pth."),
    ):
        studio.choose_network(network, weights)
        assert page.subtitle.text().endswith(end)


def test_a_classic_can_only_learn_from_scratch(opened, studio, runner, qtbot):
    page = opened.train_page
    opened.show_page("train")
    studio.choose_network("lenet5")
    assert page.form.mode == "scratch"
    assert [entry.isEnabled() for entry in page.form.mode_buttons] == [False, False, False, True]
    assert "no pretrained weights" in page.form.mode_buttons[0].toolTip()
    assert "32 × 32 px" in page.subtitle.text()
    runner.answers[specs.FineTune] = ...
    click(qtbot, page.start_button)
    recipe = runner.of(specs.FineTune)[-1].recipe
    assert (recipe.network, recipe.mode, recipe.weights, recipe.input_size) == ("lenet5", "scratch", "none", 0)
    runner.end(runner.handles[-1], JobStopped())
    qtbot.waitUntil(page.start_button.isVisible)
    studio.choose_network("gamma")
    assert page.form.mode == "head"
    assert all(entry.isEnabled() for entry in page.form.mode_buttons)


def test_start_trains_what_the_form_says(opened, runner, qtbot):
    page = opened.train_page
    opened.show_page("train")
    runner.answers[specs.FineTune] = ...
    click(qtbot, page.form.mode_buttons[1])
    click(qtbot, page.form.toggle)
    page.form.options.controls["batch_size"].setValue(16)
    click(qtbot, page.start_button)
    recipe = runner.of(specs.FineTune)[-1].recipe
    assert (recipe.mode, recipe.epochs, recipe.batch_size, recipe.network) == ("last-stage", 5, 16, "gamma")
    assert runner.of(specs.FineTune)[-1].dataset is opened.studio.dataset
    qtbot.waitUntil(page.pause_button.isVisible)
    assert not page.form_card.isVisible()
    runner.end(runner.handles[-1], JobStopped())
    qtbot.waitUntil(page.start_button.isVisible)


def test_the_number_of_epochs_follows_the_mode_until_it_is_set(opened):
    form = opened.train_page.form
    form.select_mode("head")
    assert form.epochs.value() == 40
    form.select_mode("all")
    assert form.epochs.value() == 5
    form.epochs.setValue(9)
    form.select_mode("head")
    assert form.epochs.value() == 9


def test_a_running_training_is_shown_paused_resumed_and_stopped(opened, runner, qtbot):
    page = opened.train_page
    opened.show_page("train")
    runner.answers[specs.FineTune] = ...
    monitor = page.start()
    handle = runner.handles[-1]
    handle.events.put(PhaseStarted(name="features", trainable_parameters=0))
    handle.events.put(Progressed(done=10, total=40, text="Preparing the training pictures"))
    qtbot.waitUntil(lambda: "10 of 40" in page.progress.left.text())
    handle.events.put(PhaseStarted(name="head", trainable_parameters=9))
    for number in range(1, 4):
        handle.events.put(step(number))
    handle.events.put(epoch(1))
    qtbot.waitUntil(lambda: page.learning.numbers.text().startswith("Epoch 1 of 4"))
    assert len(page.learning.plot.step_loss.points) == 3
    assert page.learning.plot.step_loss.points[-1][0] == 1.0, "three of twelve steps are one of four epochs"
    assert page.learning.plot.validation_accuracy.points.tolist() == [[1, 60]]
    assert "60.0 % of 6 pictures" in page.learning.numbers.text()
    click(qtbot, page.pause_button)
    assert handle.control.pause_requested
    assert page.pause_button.text() == "Pause", "the button shows what is, not what was asked for"
    handle.events.put(RunPaused())
    qtbot.waitUntil(lambda: page.pause_button.text() == "Resume")
    click(qtbot, page.pause_button)
    handle.events.put(RunResumed())
    qtbot.waitUntil(lambda: page.pause_button.text() == "Pause")
    assert not handle.control.pause_requested
    click(qtbot, page.stop_button)
    assert handle.control.stop_requested
    with qtbot.waitSignal(monitor.ended):
        runner.end(handle, JobStopped())
    assert page.start_button.isVisible()
    assert "Stopped" in page.notice.title.text()


@pytest.mark.pages("train", "results")
def test_the_result_offers_what_comes_next(opened, runner, studio, qtbot, finished_run):
    page = opened.train_page
    opened.show_page("train")
    runner.answers[specs.FineTune] = lambda spec: finished_run()
    monitor = page.start()
    qtbot.waitUntil(lambda: not monitor.active)
    assert page.result.isVisible()
    assert (
        page.result.title_text.text()
        == "4 of 6 validation pictures correct (66.7 %), between 30.0 % and 90.0 % on new pictures."
    )
    runner.answers[specs.FineTune] = ...
    qtbot.waitUntil(lambda: page.runs.table.rowCount() == 1)
    first = studio.run
    page.result.better["all"].click()
    recipe = runner.of(specs.FineTune)[-1].recipe
    assert (recipe.mode, recipe.start_from) == ("all", str(first.folder))
    runner.end(runner.handles[-1], finished_run("second"))
    qtbot.waitUntil(lambda: page.runs.table.rowCount() == 2)
    page.result.see_results.click()
    assert opened.pages.currentWidget() is opened.results_page


@pytest.mark.pages("train", "results")
def test_make_it_better_asks_for_the_split_of_the_run(opened, runner, studio, qtbot, finished_run):
    page = opened.train_page
    opened.show_page("train")
    runner.answers[specs.FineTune] = ...
    run = finished_run()
    ancestry = Ancestry(uncounted={"test": (25, 40)}, unknown="an older run")
    recipe = {**run.record.recipe, "split": codec.to_plain(SplitSpec(seed=7))}
    studio.show_run(run.update(recipe=recipe, ancestry=ancestry))
    assert "25 of the 40 test pictures do not count" in page.result.text.text()
    opened.show_page("results")
    results = opened.results_page.open("overview")
    assert "25 of the 40 test pictures do not count" in results.meaning.text()
    assert "an older run" in results.meaning.text()
    assert "never" not in results.meaning.text(), "who knows"
    opened.show_page("train")
    page.result.better["all"].click()
    assert runner.of(specs.FineTune)[-1].recipe.split.seed == 7
    assert studio.dataset.spec.seed == 0
    runner.end(runner.handles[-1], JobStopped())
    qtbot.waitUntil(page.start_button.isVisible)


def test_runs_can_be_renamed_resumed_and_deleted(opened, runner, studio, qtbot, finished_run, monkeypatch):
    page = opened.train_page
    opened.show_page("train")
    run = finished_run(state="stopped")
    (run.checkpoints / "last.pt").touch()
    studio.refresh_runs()
    qtbot.waitUntil(lambda: page.runs.table.rowCount() == 1)
    page.runs.table.item(0, 0).setText("my best")
    qtbot.waitUntil(lambda: studio.runs[0].record.name == "my best")
    page.runs.table.selectRow(0)
    qtbot.waitUntil(page.runs.resume_button.isVisible)
    runner.answers[specs.ResumeRun] = ...
    page.runs.resume_button.click()
    assert runner.of(specs.ResumeRun)[-1].run == run.folder
    runner.end(runner.handles[-1], JobStopped())
    qtbot.waitUntil(page.start_button.isVisible)
    monkeypatch.setattr(Question, "agrees", lambda _: True)
    qtbot.waitUntil(lambda: not studio.is_under_way(specs.ListRuns))
    page.runs.table.delete.emit(studio.runs[0])
    qtbot.waitUntil(lambda: studio.run is None and studio.runs == [])
    assert not run.folder.exists()


def test_a_damaged_run_says_so_and_can_only_be_deleted(opened, studio, qtbot, finished_run, monkeypatch):
    page = opened.train_page
    opened.show_page("train")
    run = finished_run()
    (run.checkpoints / "last.pt").touch()
    (run.folder / "run.json").write_text('{"name": tru', "utf-8")
    studio.refresh_runs()
    qtbot.waitUntil(lambda: page.runs.table.rowCount() == 1 and bool(studio.runs[0].damage))
    table = page.runs.table
    assert table.item(0, 5).text() == "damaged"
    assert table.item(0, 1).text() == studio.runs[0].damage
    assert not table.item(0, 0).flags() & Qt.ItemFlag.ItemIsEditable
    table.selectRow(0)
    assert not page.runs.resume_button.isVisible()
    monkeypatch.setattr(Question, "agrees", lambda _: True)
    qtbot.waitUntil(lambda: not studio.is_under_way(specs.ListRuns))
    table.delete.emit(studio.runs[0])
    qtbot.waitUntil(lambda: studio.runs == [])
    assert not run.folder.exists()


def test_a_folder_that_another_process_trains_on_is_told(opened, runner, studio, qtbot):
    page = opened.train_page
    opened.show_page("train")
    runner.answers[specs.FineTune] = refused_or_trained
    project = studio.project_runs_folder()
    project.mkdir(parents=True, exist_ok=True)
    with held_elsewhere(project):
        monitor = page.start()
        qtbot.waitUntil(lambda: not monitor.active)
    assert page.notice.title.text() == "Another CNN Studio is training on this folder."
    assert page.start_button.isVisible()
    assert studio.runs == []


def refused_or_trained(spec):
    try:
        return run_inline(spec)
    except StudioError as error:
        return error


def test_a_script_need_not_wait_between_its_calls(qtbot, runner, studio, dataset, tmp_path, monkeypatch):
    file = tmp_path / "mine.pth"
    runner.answers |= {
        specs.ScanFolder: dataset,
        specs.CheckWeights: WeightsReport(network="alpha18", file=file, classes=1000, keeps_head=True, note="Fits."),
        specs.FineTune: ...,
    }
    window = make_window(qtbot, monkeypatch, studio)
    window.data_page.open_folder(dataset.root)
    window.model_page.select("alpha18", file)
    window.train_page.start()
    qtbot.waitUntil(lambda: bool(runner.of(specs.FineTune)))
    recipe = runner.of(specs.FineTune)[-1].recipe
    assert (recipe.network, recipe.weights, recipe.mode) == ("alpha18", str(file), "head")
    qtbot.waitUntil(lambda: studio.catalogue is not None and bool(studio.devices))
    runner.end(runner.handles[-1], JobStopped())
    for handle in runner.handles:
        handle.events.put(JobStopped())
    qtbot.waitUntil(lambda: not studio.training.active)
