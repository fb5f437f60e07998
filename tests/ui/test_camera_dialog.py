"""Recording: a camera that plays drawn pictures, and the real dialog."""

import re
import sys

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel

from cnnstudio.core import JobFailed, JobFinished, Problem, Progressed, StorageError
from cnnstudio.data.collect import keep_frame
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.computer import PartOffer
from cnnstudio.ui.data import camera_dialog, class_panel
from cnnstudio.ui.data.camera_dialog import CameraDialog
from cnnstudio.ui.widgets.camera import Camera
from cnnstudio.ui.widgets.part_dialog import CameraPartDialog

pytestmark = pytest.mark.pages("data")


class DrawnCamera(QObject):
    frame = Signal(QImage)
    failed = Signal(str)

    def __init__(self, names=("Built-in", "USB")):
        super().__init__()
        self._names, self.at, self.shown = list(names), None, 0

    def names(self):
        return self._names

    def start(self, index):
        self.at = index

    def stop(self):
        self.at = None

    def show(self, count=1):
        for _ in range(count):
            self.shown += 1
            pixels = np.random.default_rng(self.shown).integers(0, 255, (48, 64, 3), np.uint8)
            self.frame.emit(QImage(pixels.tobytes(), 64, 48, 192, QImage.Format.Format_RGB888).copy())


@pytest.fixture
def moments(monkeypatch):
    """The clock goes on by a second for each picture."""
    now = iter(range(1, 1000))
    monkeypatch.setattr(camera_dialog.time, "monotonic", lambda: float(next(now)))


@pytest.fixture
def camera():
    return DrawnCamera()


@pytest.fixture
def dialog(qtbot, tmp_path, studio, camera):
    made = CameraDialog(studio, camera, ("cat", "dog"), lambda name: tmp_path / name)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()


def files(folder):
    return sorted(path.relative_to(folder).parts[0] for path in folder.rglob("*.jpg"))


def test_pictures_are_recorded_while_the_button_is_held(dialog, camera, qtbot, tmp_path, moments):
    camera.show(3)
    assert files(tmp_path) == []
    qtbot.mousePress(dialog.record, Qt.MouseButton.LeftButton)
    camera.show(3)
    qtbot.mouseRelease(dialog.record, Qt.MouseButton.LeftButton)
    camera.show(2)
    qtbot.waitUntil(lambda: dialog.count.text() == "cat: 3")
    assert files(tmp_path) == ["cat"] * 3
    with Image.open(dialog.recorded[0]) as picture:
        picture.load()


def test_the_space_bar_does_the_same_and_a_new_class_can_be_typed(dialog, camera, qtbot, tmp_path, moments):
    dialog.name.setFocus()
    dialog.name.lineEdit().selectAll()
    qtbot.keyClicks(dialog.name.lineEdit(), "red fox")
    dialog.record.setFocus()
    qtbot.keyPress(dialog.record, Qt.Key.Key_Space)
    camera.show(2)
    qtbot.keyRelease(dialog.record, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: dialog.name.findText("red fox") >= 0 and len(dialog.recorded) == 2)
    assert files(tmp_path) == ["red fox"] * 2


def test_no_more_than_asked_for_a_second(dialog, camera, qtbot, tmp_path, monkeypatch):
    now = iter(np.arange(1, 100, 0.1).tolist())  # ten pictures a second come
    monkeypatch.setattr(camera_dialog.time, "monotonic", lambda: next(now))
    dialog.rate.setValue(2)
    qtbot.mousePress(dialog.record, Qt.MouseButton.LeftButton)
    camera.show(30)
    qtbot.mouseRelease(dialog.record, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(dialog.kept):
        pass
    assert 5 <= len(files(tmp_path)) <= 6


def test_every_sentence_is_said_once(dialog):
    said = [each for text in dialog.findChildren(QLabel) for each in re.split(r"(?<=[.:])", text.text()) if each]
    assert sorted(said) == sorted(set(said))
    assert not [each for each in said if re.match("[a-z]", each)], "a sentence begins where one has ended"


def test_without_a_name_nothing_can_be_recorded(dialog, qtbot):
    dialog.name.setEditText("  ")
    assert not dialog.record.isEnabled()


def test_without_a_camera_it_says_so(qtbot, studio, tmp_path):
    made = CameraDialog(studio, DrawnCamera(()), ("cat",), lambda name: tmp_path / name)
    qtbot.addWidget(made)
    assert made.notice.title.text() == "No camera was found."
    assert not made.record.isEnabled()


def test_a_refusal_of_the_system_is_a_sentence(dialog, camera):
    camera.failed.emit("Access denied.")
    assert dialog.notice.title.text() == "The camera cannot be used."
    assert "Access denied." in dialog.notice.text.text()


def test_a_full_disk_ends_the_recording_with_a_sentence(dialog, camera, runner, qtbot, moments):
    runner.answers[specs.KeepFrame] = StorageError("The disk is full.", remedy="Free some space.")
    qtbot.mousePress(dialog.record, Qt.MouseButton.LeftButton)
    camera.show(3)
    qtbot.waitUntil(dialog.notice.isVisible)
    assert dialog.notice.title.text() == "The disk is full."
    assert dialog.record.text() == "Hold to record"
    asked = len(runner.of(specs.KeepFrame))
    camera.show(3)
    assert len(runner.of(specs.KeepFrame)) == asked, "it does not go on"
    assert dialog.recorded == []


def test_the_camera_is_let_go(dialog, camera):
    dialog.device.setCurrentIndex(1)
    assert camera.at == 1
    dialog.accept()
    assert camera.at is None


def test_names_of_files_never_collide(tmp_path):
    pixels = np.zeros((4, 6, 3), np.uint8)
    kept = [keep_frame(pixels, tmp_path / "a", "recording-1", number) for number in (1, 1, 3, 2)]
    assert [file.name for file in kept] == [f"recording-1-000{number}.jpg" for number in (1, 2, 3, 4)]
    with Image.open(kept[0]) as picture:
        assert picture.size == (6, 4)


@pytest.fixture
def offered(window, qtbot, runner, monkeypatch):
    """The offer of the optional part, made because somebody wanted to record."""

    def offer(**told):
        runner.answers[specs.OfferPart] = PartOffer(**told)
        monkeypatch.setitem(sys.modules, "PySide6.QtMultimedia", None)
        qtbot.mouseClick(window.data_page.class_panel.camera, Qt.MouseButton.LeftButton)
        return window.findChild(CameraPartDialog)

    return offer


def test_without_the_optional_part_one_click_installs_it_and_goes_on(offered, window, runner, qtbot, monkeypatch):
    runner.answers[specs.InstallPart] = ...
    dialog, went_on = offered(megabytes=170, why_not=""), []
    qtbot.waitUntil(dialog.install.isEnabled)
    assert dialog.install.text() == "Install (170 MB)"
    monkeypatch.setattr(dialog, "_then", lambda: went_on.append(1))
    qtbot.mouseClick(dialog.install, Qt.MouseButton.LeftButton)
    handle = runner.handles[-1]
    handle.events.put(Progressed(done=85, total=170, text="Downloading camera support"))
    qtbot.waitUntil(lambda: dialog.progress.text.text() == "Downloading camera support")
    assert not dialog.install.isEnabled()
    handle.events.put(JobFailed(problem=Problem(kind="camera", title="There is no internet.")))
    qtbot.waitUntil(dialog.notice.isVisible)
    assert went_on == []
    qtbot.mouseClick(dialog.install, Qt.MouseButton.LeftButton)
    runner.handles[-1].events.put(JobFinished(result=None))
    qtbot.waitUntil(lambda: went_on == [1])


def test_where_it_cannot_be_installed_a_sentence_says_why(offered, qtbot):
    dialog = offered(megabytes=170, why_not="The Python environment has no pip.")
    qtbot.waitUntil(lambda: dialog.text.text() == "The Python environment has no pip.")
    assert dialog.install.isHidden()
    dialog.close()


def test_a_new_project_can_begin_with_the_camera(window, qtbot, monkeypatch, tmp_path, moments):
    """Without an open folder one is asked for, and what was recorded is opened."""
    drawn, opened = DrawnCamera(), []
    monkeypatch.setattr(class_panel, "Camera", lambda _: drawn)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    monkeypatch.setattr(window.studio, "open_folder", lambda folder: opened.append(folder))

    def use(dialog):
        dialog.name.setEditText("leaf: green")
        dialog.record.pressed.emit()
        drawn.show(2)
        dialog.record.released.emit()
        return 0

    monkeypatch.setattr(CameraDialog, "exec", use)
    window.data_page.class_panel.record()
    qtbot.waitUntil(lambda: opened == [tmp_path])
    assert files(tmp_path) == ["leaf-green"] * 2
    assert issubclass(CameraDialog, QDialog)


def test_frames_of_the_real_camera_class_arrive(qtbot):
    pytest.importorskip("PySide6.QtMultimedia", exc_type=ImportError, reason="the system has no sound library")
    from PySide6.QtMultimedia import QVideoFrame

    camera = Camera()
    assert isinstance(camera.names(), list)
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.green)
    with qtbot.waitSignal(camera.frame) as got:
        camera.sink.setVideoFrame(QVideoFrame(image))
    assert got.args[0].pixelColor(5, 5).green() > 200
    camera.stop()
