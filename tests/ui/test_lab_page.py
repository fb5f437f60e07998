"""The Lab: its rooms, and the picture that operations are tried on."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QGuiApplication, QImage

from cnnstudio.jobs import specs
from tests.ui.conftest import carry_out

pytestmark = pytest.mark.pages("lab", "predict")


@pytest.fixture
def room(window, qtbot):
    window.studio.runner.answers[specs.OpenForLab] = carry_out
    window.show_page("lab")
    qtbot.waitUntil(lambda: bool(window.lab_page.rooms.name))
    return window.lab_page.rooms.tab("operation")


@pytest.fixture
def red(tmp_path):
    path = tmp_path / "red.png"
    Image.new("RGB", (90, 60), (200, 0, 0)).save(path)
    return path


def test_there_is_a_picture_before_one_is_opened(room):
    assert room.well.pixels.shape == (256, 256, 3)
    assert room.well.pixels.std() > 20


def test_pictures_that_are_dropped_or_pasted_in_the_lab_are_for_the_lab(window, room, red, qtbot):
    window.open_paths([red])
    qtbot.waitUntil(lambda: room.well.pixels.shape == (60, 90, 3))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(red))])
    QGuiApplication.clipboard().setMimeData(mime)
    room.well.pixels = np.zeros((1, 1, 3), np.uint8)
    window.paste()
    qtbot.waitUntil(lambda: room.well.pixels.shape == (60, 90, 3))
    picture = QImage(30, 20, QImage.Format.Format_RGB888)
    picture.fill(0)
    QGuiApplication.clipboard().setImage(picture)
    window.paste()
    qtbot.waitUntil(lambda: room.well.pixels.shape == (20, 30, 3))
    assert window.pages.currentWidget() is window.lab_page
    assert not window.studio.runner.of(specs.Predict)


def test_a_smaller_picture_is_read_anew(room, red, qtbot):
    room.well.open_picture(red)
    room.well.side.setCurrentIndex(1)
    qtbot.waitUntil(lambda: room.well.pixels.shape == (21, 32, 3))
