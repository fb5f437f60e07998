"""Whatever a person does, the window's thread touches no file: a slow drive may delay an answer, never a click."""

import threading

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from cnnstudio.core import free_bytes, sweep_stale_temps, weights_folder
from cnnstudio.data import stamp
from cnnstudio.data.project import open_dataset
from cnnstudio.export.formats import ExportReport
from cnnstudio.inference.results import ModelInfo
from cnnstudio.jobs import specs
from cnnstudio.networks.weights.packages import PACKAGED, installed_file
from cnnstudio.runs import list_runs
from cnnstudio.ui.data.camera_dialog import CameraDialog
from cnnstudio.ui.network.weights_dialog import WeightsDialog
from cnnstudio.ui.widgets import Question
from tests.certificates import certificate
from tests.ui.conftest import ScriptedRunner, carry_out
from tests.ui.disk_guard import DiskGuard
from tests.ui.test_camera_dialog import DrawnCamera
from tests.ui.test_results_predict_export_pages import LAYERS, MAPS, answer
from tests.ui.test_train_options import make_run  # noqa: F401 - a fixture
from tests.ui.test_train_page import finished_run  # noqa: F401 - a fixture


class ElsewhereRunner(ScriptedRunner):
    """Finds its answers in another thread, as the real runner does."""

    def answer_to(self, spec):
        found = []
        thread = threading.Thread(target=lambda: found.append(super(ElsewhereRunner, self).answer_to(spec)))
        thread.start()
        thread.join()
        return found[0]


@pytest.fixture
def runner():
    made = ElsewhereRunner()
    made.answers |= {
        specs.ScanFolder: lambda job: open_dataset(job.folder, job.split, redraw=job.redraw),
        specs.Predict: answer,
        specs.DescribeModel: ModelInfo(
            title="x", network="gamma", classes=("blue", "green", "red"), layers=LAYERS, suggested_layer="layer1"
        ),
        specs.ShowMaps: MAPS,
    }
    return made


@pytest.fixture
def guard(monkeypatch):
    return DiskGuard(monkeypatch)


@pytest.fixture
def page_of(qtbot, window, runner, studio, own_folder, guard):
    """The window with a folder open; gives a page by name and shows it."""
    with guard, qtbot.waitSignals([studio.dataset_changed, studio.run_changed]):
        window.show_page("data")
        window.data_page.open_folder(own_folder)
    assert guard.calls == []

    def page(name):
        window.show_page(name)
        return window.pages.currentWidget()

    return page


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def installed_in(_):
    return installed_file(PACKAGED["efficientnet_lite0"].url).is_file()


def test_the_guard_sees_what_it_is_to_see(guard, tmp_path):
    """Also calls that Python's audit hook is not told of; and not those of other threads or of tests."""
    (tmp_path / "a.json").write_text("{}")
    for look in (list_runs, stamp, free_bytes, sweep_stale_temps, installed_in):
        with guard:
            look(tmp_path)
        assert guard.calls, look
    with guard:
        thread = threading.Thread(target=stamp, args=(tmp_path,))
        thread.start()
        thread.join()
        assert (tmp_path / "a.json").read_text() == "{}"
    assert guard.calls == []


@pytest.mark.pages("data")
def test_decisions_about_pictures(page_of, studio, guard, qtbot):
    page = page_of("data")
    with guard:
        for entry in (page.strip.open, page.findings.back, page.augment, page.changes.back):
            click(qtbot, entry)
        with qtbot.waitSignal(studio.dataset_changed):
            page.curator.leave_out([studio.dataset.samples[0].path])
        qtbot.waitUntil(page.window().toast.isVisible)
        with qtbot.waitSignal(studio.dataset_changed):
            click(qtbot, page.window().toast.action)
        with qtbot.waitSignal(studio.dataset_changed):
            page.curator.rename("red", "crimson")
        first = studio.dataset.samples[0].path
        qtbot.waitUntil(lambda: page.thumbnails.known(first) is not None)
    assert guard.calls == []


@pytest.mark.pages("data", "train", "results")
def test_runs_their_curves_and_the_pictures_behind_a_cell(page_of, studio, guard, qtbot, finished_run, make_run):  # noqa: F811
    first = finished_run()
    make_run("second", 0.5)
    train = page_of("train")
    with guard:
        with qtbot.waitSignal(studio.run_changed):
            studio.refresh_runs()
            studio.show_run(first)
        qtbot.waitUntil(lambda: train.runs.table.rowCount() == 2)
        train.runs.table.selectAll()
        qtbot.waitUntil(lambda: "2 runs" in train.learning.numbers.text())
        results = page_of("results")
        tab = results.open("mistakes")
        qtbot.waitUntil(lambda: tab.table.rows.rowCount() > 0)
        with qtbot.waitSignal(tab.matrix.cell_chosen):
            click_cell(tab.matrix, qtbot)
        qtbot.waitUntil(lambda: not studio.is_under_way(specs.FindMistakes))
        click(qtbot, results.copy_button)
    assert guard.calls == []


def click_cell(matrix, qtbot):
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=matrix.cell_rect(1, 0).center().toPoint())


@pytest.mark.pages("data", "train")
def test_a_run_is_renamed_used_again_and_deleted(page_of, studio, guard, qtbot, make_run, monkeypatch):  # noqa: F811
    run = make_run("first", 0.5, mode="all")
    monkeypatch.setattr(Question, "agrees", lambda _: True)
    page = page_of("train")
    with guard:
        studio.refresh_runs()
        qtbot.waitUntil(lambda: page.runs.table.rowCount() == 1)
        page.runs.table.item(0, 0).setText("my best")
        qtbot.waitUntil(lambda: studio.runs[0].record.name == "my best")
        page.runs.table.use_recipe.emit(run)
        qtbot.waitUntil(lambda: page.form.mode == "all")
        page.runs.table.delete.emit(run)
        qtbot.waitUntil(lambda: studio.runs == [])
    assert guard.calls == []
    assert not run.folder.exists()


@pytest.mark.pages("data", "train")
def test_a_recipe_is_saved_and_opened(page_of, guard, qtbot, tmp_path, monkeypatch):
    path = tmp_path / "mine.toml"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    page = page_of("train")
    page.form.select_mode("all")
    with guard:
        page.form.save_requested.emit()
        page.form.select_mode("head")
        page.form.open_requested.emit()
        qtbot.waitUntil(lambda: page.form.mode == "all")
    assert guard.calls == []


@pytest.mark.pages("data", "lab")
def test_a_network_is_built_kept_exchanged_and_deleted(page_of, runner, studio, guard, qtbot, tmp_path, monkeypatch):  # noqa: PLR0913
    runner.answers[specs.WriteNetworkFile] = carry_out
    file = tmp_path / "mine.toml"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    page = page_of("lab")
    with guard:
        page.rooms.open("network")
        room = page.rooms.tab("network")
        room.editor.add("stage")
        room.save_button.click()
        qtbot.waitUntil(lambda: bool(room.keeping.kept_name))
        room.export_action.trigger()
        with qtbot.waitSignal(room.editor.changed):
            room.keeping.choose_file()
        with qtbot.waitSignal(studio.history.did):
            room.delete_action.trigger()
    assert guard.calls == []


@pytest.mark.pages("data", "predict")
def test_predictions_from_pictures_a_folder_and_the_clipboard(page_of, runner, guard, qtbot, own_folder, tmp_path):
    page = page_of("predict")
    image = QImage(9, 9, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    mime = QMimeData()
    mime.setImageData(image)
    QGuiApplication.clipboard().setMimeData(mime)
    with guard:
        page.open_images([own_folder / "red" / "00.png"])
        page.open_images([own_folder / "blue"])
        assert runner.of(specs.Predict)[-1].opened == (own_folder / "blue",), "the job looks into it"
        click(qtbot, page.paste_button)
        qtbot.waitUntil(lambda: runner.of(specs.Predict)[-1].images[0].name.startswith("pasted-"))
        qtbot.waitUntil(lambda: page.answer.view.picture.width() > 0)
        page.save_csv(tmp_path / "answers.csv")
        qtbot.waitUntil(page.notice.isVisible)
    assert guard.calls == []
    QGuiApplication.clipboard().clear()


@pytest.mark.pages("data", "model")
def test_networks_weights_and_the_disk(page_of, runner, guard, qtbot, tmp_path, monkeypatch):
    weights_folder().mkdir(parents=True)
    monkeypatch.setattr(WeightsDialog, "exec", lambda _: None)
    page = page_of("model")
    with guard:
        for view in ("table", "cards", "inside", "plot"):
            page.show_view(view)
        click(qtbot, page.filters.fits_disk)
        click(qtbot, page.details.manage)
        with qtbot.waitSignal(page.weights_dialog.changed):
            page.weights_dialog.add_folder(tmp_path)
        qtbot.waitUntil(lambda: page.weights_dialog.folders.count() == 1)
        page.weights_dialog.mirror.setText("https://weights.school.example/")
        with qtbot.waitSignal(page.weights_dialog.changed):
            page.weights_dialog.mirror.editingFinished.emit()
    assert guard.calls == []


@pytest.mark.pages("data", "export")
def test_an_export(page_of, runner, guard, qtbot, finished_run, tmp_path):  # noqa: F811
    finished_run()
    runner.answers[specs.ExportModel] = ExportReport(
        path=tmp_path, files=(tmp_path / "a.pth",), images_checked=6, largest_difference=3e-7, snippet="import torch",
        certificate=certificate(),
    )  # fmt: skip
    page = page_of("export")
    with guard:
        page.window().studio.refresh_runs()
        qtbot.waitUntil(page.export_button.isVisible)
        click(qtbot, page.use_buttons[1])
        click(qtbot, page.export_button)
        qtbot.waitUntil(page.outcome.isVisible)
    assert guard.calls == []


@pytest.mark.pages("home", "data")
def test_what_is_dropped_pasted_or_recent(page_of, studio, guard, qtbot, own_folder, tmp_path):
    window = page_of("home").window()
    (tmp_path / "note.docx").touch()
    with guard:
        window.open_paths([tmp_path / "note.docx"])
        qtbot.waitUntil(window.notice.isVisible)
        mime = QMimeData()
        mime.setText(f'"{own_folder}"')
        QGuiApplication.clipboard().setMimeData(mime)
        with qtbot.waitSignal(studio.dataset_changed):
            window.paste()
        mime = QMimeData()
        mime.setText("no path, but a text " * 400)
        QGuiApplication.clipboard().setMimeData(mime)
        window.paste()
        qtbot.waitUntil(lambda: not studio.is_under_way(specs.SortPaths))
        qtbot.waitUntil(lambda: window.home_page.projects.model().rowCount() == 1)
        window.home_page.grab()
        window.home_page.show_examples()
        qtbot.waitUntil(lambda: len(window.home_page.examples.rows) > 1)
        qtbot.waitUntil(lambda: not studio.is_under_way(specs.LookForPractice))
    assert guard.calls == []
    QGuiApplication.clipboard().clear()


def test_colours_of_the_window(window, studio, guard, qtbot):
    with guard:
        for name in ("action_dark", "action_light"):
            window.findChild(QAction, name).trigger()
            window.grab()
        qtbot.waitUntil(lambda: studio.preferences.scheme == "light")
    assert guard.calls == []


def test_a_recording(studio, guard, qtbot, tmp_path):
    camera = DrawnCamera()
    dialog = CameraDialog(studio, camera, ("cat",), lambda name: tmp_path / name)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.rate.setValue(15)
    with guard:
        qtbot.mousePress(dialog.record, Qt.MouseButton.LeftButton)
        camera.show(1)
        qtbot.mouseRelease(dialog.record, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: len(dialog.recorded) == 1)
        dialog.accept()
    assert guard.calls == []


def test_closing(window, guard, qtbot):
    with guard:
        window.close()
    assert guard.calls == []
