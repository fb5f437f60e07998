from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage

from cnnstudio.core import ExportMismatch
from cnnstudio.export.formats import FORMATS, ExportReport, StateDict
from cnnstudio.inference.results import ClassScore, FeatureMaps, ModelInfo, Prediction
from cnnstudio.jobs import specs
from cnnstudio.networks import LayerInfo
from cnnstudio.runs import Answer, Predictions, write_predictions
from cnnstudio.ui.export.page import ExportPage
from tests.ui.test_train_page import click, finished_run  # noqa: F401 - a fixture

MAPS = FeatureMaps(
    layer="layer1", shape=(8, 4, 4), tiles=np.arange(6 * 16, dtype=np.uint8).reshape(6, 4, 4),
    channels=(5, 3, 1, 0, 2, 7),
    low=(0.0,) * 6, high=(1.0, 2.0, 3.0, 4.0, 5.0, 6.0), total_channels=8, input_image=np.zeros((8, 8, 3), np.uint8),
)  # fmt: skip
LAYERS = (
    LayerInfo(name="conv1", kind="Conv2d", shape=(64, 32, 32), depth=0, is_stage=False),
    LayerInfo(name="layer1", kind="Sequential", shape=(8, 4, 4), depth=0, is_stage=True),
)


def answer(spec):
    def one(path):
        if path.name.startswith("broken"):
            return Prediction(path=path, top=(), error=f"{path.name} could not be read: it is damaged.")
        return Prediction(path=path, top=(ClassScore("red", 0.75), ClassScore("blue", 0.25)), milliseconds=12)

    return tuple(one(path) for path in spec.images)


@pytest.fixture
def predicting(qtbot, opened, runner, studio, finished_run):  # noqa: F811
    """A window with a run that predicts."""
    runner.answers |= {
        specs.Predict: answer,
        specs.DescribeModel: ModelInfo(
            title="x", network="gamma", classes=("blue", "green", "red"), layers=LAYERS, suggested_layer="layer1"
        ),
        specs.ShowMaps: MAPS,
    }
    run = finished_run()
    with qtbot.waitSignal(studio.runs_changed):
        studio.refresh_runs()
    studio.show_run(run)
    return opened


# Results ------------------------------------------------------------------------------------------------------


def test_results_are_told_in_words_figures_and_a_matrix(predicting, studio):
    page = predicting.results_page
    predicting.show_page("results")
    assert page.sentence.text() == "5 of 6 test pictures correct (83.3 %), between 44.0 % and 97.0 % on new pictures."
    rows = [[page.table.item(row, column).text() for column in range(6)] for row in range(3)]
    assert rows[0] == ["green", "2", "50 %", "9–91 %", "100 %", "67 %"], "the hardest class first"
    assert page.confusions.text() == "green → blue, 1 time"
    page.split_picker.setCurrentIndex(1)
    page.split_picker.activated.emit(1)
    assert "has not learned from the validation pictures" in page.meaning.text()
    assert "balanced accuracy" in page.meaning.text()


def test_what_no_picture_lies_behind_has_no_matrix(predicting, studio):
    """The line of a training is counted over weights that change, on pictures that are varied and repeated."""
    page, run = predicting.results_page, studio.run
    predicting.show_page("results")
    assert page.figures.isVisible()
    running = replace(run.record.scores["validation"], split="train", interval=None, origin="while-training")
    exact = replace(running, origin="finished")
    for score, shown in ((running, False), (exact, True)):
        scores = {**run.record.scores, "train": score}
        studio.show_run(replace(run, record=replace(run.record, scores=scores)))
        page.split_picker.setCurrentIndex(page.split_picker.findData("train"))
        page.split_picker.activated.emit(page.split_picker.currentIndex())
        assert page.figures.isVisible() == shown
        assert ("while training" in page.sentence.text()) == (not shown)
        assert page.sentence.toolTip() == "", "there is no range to explain"
    assert page.table.isColumnHidden(3), "nor of the classes"
    page.split_picker.setCurrentIndex(page.split_picker.findData("test"))
    page.split_picker.activated.emit(0)
    assert not page.table.isColumnHidden(3)


def test_results_say_when_the_epoch_was_chosen_and_pictures_belong_together(predicting, studio):
    page, run = predicting.results_page, studio.run
    chosen = replace(run.record.scores["validation"], chosen_among=40, groups=2)
    studio.show_run(replace(run, record=replace(run.record, scores={"validation": chosen})))
    assert "chose the best of 40 epochs" in page.sentence.text()
    assert "in 2 groups" in page.sentence.text()
    assert "one group" in page.sentence.toolTip()
    assert "lower end allows for the choice" in page.sentence.toolTip()


def test_cards_lie_below_each_other_where_names_would_be_cut_off(predicting, studio):
    page = predicting.results_page
    predicting.show_page("results")
    table, matrix = page.table, page.matrix
    for width, beside in ((1000, False), (1600, True)):
        predicting.resize(width, 900)
        QGuiApplication.processEvents()
        right_of = matrix.mapTo(page, matrix.rect().topLeft()).x() > table.mapTo(page, table.rect().topRight()).x()
        assert right_of == beside


def test_a_cell_opens_its_pictures_by_mouse_and_by_key(predicting, studio, qtbot):
    page, run = predicting.results_page, studio.run
    predicting.show_page("results")
    answers = [("green/01.png", "test", 0.6), ("green/02.png", "train", 0.9)]
    write_predictions(run.folder, [Answer(path, split, "green", "blue", sure) for path, split, sure in answers])
    matrix = page.matrix
    centre = matrix.cell_rect(1, 0).center().toPoint()
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=centre)
    assert page.cell_text.text() == "Predicted as blue: 1 of 2 pictures of green."
    qtbot.waitUntil(page.gallery.isVisible)
    assert [page.pictures.index(row).data() for row in range(page.pictures.rowCount())] == ["blue 60 %"]
    matrix.setFocus()
    qtbot.keyClick(matrix, Qt.Key.Key_Right)
    qtbot.keyClick(matrix, Qt.Key.Key_Return)
    assert page.cell_text.text() == "Recognised: 1 of 2 pictures of green."
    qtbot.waitUntil(lambda: not page.gallery.isVisible())
    click(qtbot, page.copy_button)
    assert "green\t2\t0.5\t1.0" in QGuiApplication.clipboard().text()


def test_pictures_that_come_late_do_not_take_the_place_of_others(predicting, studio, runner, qtbot):
    page = predicting.results_page
    predicting.show_page("results")
    runner.answers[specs.ReadPredictions] = ...
    late = Predictions([Answer("green/01.png", "test", "green", "blue", 0.6)])
    page.matrix.cell_chosen.emit(1, 0)
    page.split_picker.activated.emit(1)
    handle = runner.handles[-1]
    runner.end(handle, late)
    qtbot.waitUntil(lambda: not studio.is_under_way(specs.ReadPredictions))
    assert page.pictures.rowCount() == 0
    assert not page.gallery.isVisible()


@pytest.mark.slow
def test_a_hundred_classes_fit(qtbot):
    from cnnstudio.ui.results.confusion_view import ConfusionView

    view = ConfusionView()
    qtbot.addWidget(view)
    view.resize(1000, 900)
    classes = tuple(f"class {n}" for n in range(100))
    view.show_matrix(classes, tuple(tuple(int(a == b) for a in range(100)) for b in range(100)))
    view.grab()
    assert view.cell_rect(99, 99).right() <= 1000 + 1
    view.resize(700, 900)
    assert view.cell_rect(99, 99).right() <= 700 + 1, "nor are they cut off in a narrow window"


# Predict ------------------------------------------------------------------------------------------------------


def test_opened_pictures_get_answers_and_maps(predicting, qtbot, tiny_folder, tmp_path, runner, studio):
    page = predicting.predict_page
    predicting.show_page("predict")
    broken = tmp_path / "broken.jpg"
    broken.write_text("x")
    good = tiny_folder / "red" / "00.png"
    monitor = page.open_images([good, broken])
    qtbot.waitUntil(lambda: not monitor.active)
    assert runner.of(specs.Predict)[-1].model.source == str(studio.run.folder)
    assert page.pictures.index(0).data() == "red\n75 %"
    assert "cannot be read" in page.pictures.index(1).data()
    assert page.answer.bars.accessibleDescription() == "red 75.0 %, blue 25.0 %"
    qtbot.waitUntil(lambda: page.maps.grid.maps is not None)
    assert runner.of(specs.ShowMaps)[-1].layer == "layer1"
    assert "8 × 4 × 4" in page.maps.about.text()
    assert "6 of 8 channels" in page.maps.about.text()
    page.list.setCurrentIndex(page.pictures.index(1))
    assert "damaged" in page.answer.note.text()
    assert not page.answer.bars.isVisible()
    page.save_csv(tmp_path / "out.csv")
    qtbot.waitUntil(lambda: page.notice.title.text() == "Saved: out.csv")
    assert (tmp_path / "out.csv").read_text().count("\n") == 1 + 2 + 1
    page.open_images([tiny_folder / "blue" / "01.png"])
    assert page.answer.file_name.text() == "01.png", "what was opened last is shown"


def test_maps_zoom_and_show_one_large(predicting, qtbot, tiny_folder):
    page = predicting.predict_page
    predicting.show_page("predict")
    page.open_images([tiny_folder / "red" / "00.png"])
    qtbot.waitUntil(lambda: page.maps.grid.maps is not None)
    grid = page.maps.grid
    before = grid.tile
    click(qtbot, page.maps.zoom_in)
    assert grid.tile > before
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Minus)
    assert grid.tile == pytest.approx(before, abs=1)
    qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.tile_rect(2).center().toPoint())
    assert page.maps.large_text.text() == "channel 1, 0.00 … 3.00"
    qtbot.keyClick(grid, Qt.Key.Key_Left)
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert page.maps.large_text.text() == "channel 3, 0.00 … 2.00"


def test_another_layer_and_another_model_ask_again(predicting, qtbot, tiny_folder, runner, studio):
    page = predicting.predict_page
    predicting.show_page("predict")
    page.open_images([tiny_folder / "red" / "00.png"])
    qtbot.waitUntil(lambda: page.maps.grid.maps is not None)
    page.maps.layer.setCurrentIndex(0)
    page.maps.layer.activated.emit(0)
    assert runner.of(specs.ShowMaps)[-1].layer == "conv1"
    titles = [page.model_picker.itemText(i) for i in range(page.model_picker.count())]
    assert titles[-1] == "Gamma, ImageNet"
    page.model_picker.setCurrentIndex(page.model_picker.count() - 1)
    qtbot.waitUntil(lambda: runner.of(specs.Predict)[-1].model.source == "gamma")
    assert runner.of(specs.Predict)[-1].model.weights == Path("/weights/gamma.pth")


def test_a_copied_picture_is_pasted(predicting, qtbot, runner):
    image = QImage(9, 9, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    mime = QMimeData()
    mime.setImageData(image)
    QGuiApplication.clipboard().setMimeData(mime)
    predicting.show_page("predict")
    click(qtbot, predicting.predict_page.paste_button)
    qtbot.waitUntil(lambda: bool(runner.of(specs.Predict)))
    pasted = runner.of(specs.Predict)[-1].images[0]
    assert QImage(str(pasted)).pixelColor(4, 4) == QColor("red")
    QGuiApplication.clipboard().clear()
    click(qtbot, predicting.predict_page.paste_button)
    assert "no picture on the clipboard" in predicting.predict_page.notice.title.text()


def test_without_a_network_the_page_says_what_to_do(window, tiny_folder, studio):
    studio.catalogue = None
    studio.network = None
    studio.runs_changed.emit()
    assert window.predict_page.open_images([tiny_folder / "red" / "00.png"]) is None
    assert "no trained network" in window.predict_page.notice.title.text()


# Export -------------------------------------------------------------------------------------------------------


def test_an_export_is_reported_with_what_it_was_checked_on(predicting, runner, qtbot, tmp_path):
    page = predicting.export_page
    predicting.show_page("export")
    runner.answers[specs.ExportModel] = ExportReport(
        path=tmp_path, files=(tmp_path / "a.pth",), images_checked=6, largest_difference=3e-7, snippet="import torch"
    )
    click(qtbot, page.format_buttons[1])
    page.folder.setText(str(tmp_path / "out"))
    click(qtbot, page.export_button)
    qtbot.waitUntil(page.outcome.isVisible)
    spec = runner.of(specs.ExportModel)[-1]
    assert (spec.format, spec.out) == ("state-dict", tmp_path / "out")
    assert "checked on 6 pictures of yours" in page.outcome_text.text()
    click(qtbot, page.outcome.findChild(type(page.export_button), "copy_snippet"))
    assert QGuiApplication.clipboard().text() == "import torch"


def test_an_export_that_differs_is_not_called_exported(predicting, runner, qtbot):
    page = predicting.export_page
    predicting.show_page("export")
    runner.answers[specs.ExportModel] = ExportMismatch("The exported file does not give the same answers.")
    click(qtbot, page.export_button)
    qtbot.waitUntil(page.notice.isVisible)
    assert not page.outcome.isVisible()
    assert page.export_button.isEnabled()


def test_pages_without_a_run_say_what_comes_next(window, qtbot):
    for name in ("results", "export"):
        window.show_page(name)
        page = window.pages.currentWidget()
        assert page.stack.currentIndex() == 0
        page.stack.widget(0).action.click()
        assert window.pages.currentWidget() is window.train_page


def test_every_format_of_the_table_can_be_chosen(qtbot, studio, monkeypatch):
    monkeypatch.setitem(FORMATS, "half", StateDict())
    page = ExportPage(studio)
    qtbot.addWidget(page)
    assert [button.objectName() for button in page.format_buttons] == ["format_bundle", *["format_state-dict"] * 2]
    page.format_buttons[2].click()
    assert page.format == "half"
