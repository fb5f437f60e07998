from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QColor, QGuiApplication, QImage

from cnnstudio.core import JobStopped
from cnnstudio.inference.results import ClassScore, FeatureMaps, ModelInfo, Prediction
from cnnstudio.jobs import specs
from cnnstudio.networks import LayerInfo
from cnnstudio.training.recipe import Recipe
from tests.ui.test_train_page import click, finished_run  # noqa: F401 - a fixture

pytestmark = pytest.mark.pages("predict")

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


# Predict ------------------------------------------------------------------------------------------------------


def test_opened_pictures_get_answers(predicting, qtbot, tiny_folder, tmp_path, runner, studio):
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
    assert not runner.of(specs.ExplainAnswer), "nobody has asked why"
    page.list.setCurrentIndex(page.pictures.index(1))
    assert "damaged" in page.answer.note.text()
    assert not page.answer.bars.isVisible()
    page.save_csv(tmp_path / "out.csv")
    qtbot.waitUntil(lambda: page.notice.title.text() == "Saved: out.csv")
    assert (tmp_path / "out.csv").read_text().count("\n") == 1 + 2 + 1
    page.open_images([tiny_folder / "blue" / "01.png"])
    assert page.answer.file_name.text() == "01.png", "what was opened last is shown"


def test_another_model_asks_again(predicting, qtbot, tiny_folder, runner, studio):
    page = predicting.predict_page
    predicting.show_page("predict")
    page.open_images([tiny_folder / "red" / "00.png"])
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


@pytest.mark.pages("train", "results", "export")
def test_pages_that_wait_for_a_training_say_so(window, runner, studio, qtbot):
    runner.answers[specs.FineTune] = ...
    monitor = studio.start_training(Recipe(dataset="/x", network="gamma"))
    for page in (window.results_page, window.export_page):
        assert page.empty.title.text() == "A network is being trained"
    with qtbot.waitSignal(studio.training_ended):
        monitor.handle.events.put(JobStopped())
    assert window.export_page.empty.title.text() == "Nothing to export yet"


@pytest.mark.pages("results", "export")
def test_while_a_folder_is_read_nobody_is_told_to_train(window, runner, studio, qtbot, tmp_path):
    runner.answers[specs.ScanFolder] = ...
    monitor = studio.open_folder(tmp_path)
    pages = window.results_page, window.export_page
    assert {page.empty.title.text() for page in pages} == {"The folder is being read"}
    with qtbot.waitSignal(monitor.ended):
        monitor.handle.events.put(JobStopped())
    assert [page.empty.title.text() for page in pages] == ["No results yet", "Nothing to export yet"]


@pytest.mark.pages("train", "results", "predict", "export")
def test_pages_without_a_run_say_what_comes_next(window, qtbot):
    for name in ("results", "export"):
        window.show_page(name)
        page = window.pages.currentWidget()
        assert page.parts.part is page.empty
        assert page.empty.height() <= page.height(), "what is not shown makes no page scroll"
        page.empty.action.click()
        assert window.pages.currentWidget() is window.train_page
