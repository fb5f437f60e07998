"""Films and frames: Qt's own reader on a real film, and the window that answers one."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from cnnstudio.core import JobFailed, JobStopped, NetworkError
from cnnstudio.inference.results import ClassScore, Prediction
from cnnstudio.jobs import specs
from cnnstudio.networks import ModelRef
from cnnstudio.ui.predict import film_dialog
from cnnstudio.ui.predict.film_dialog import FilmDialog, open_film
from cnnstudio.ui.widgets.frames import SHORT_SIDE, FrameReader, reduced
from tests.film_files import write_film
from tests.ui.faults import faults_of
from tests.ui.test_train_page import click

pytestmark = pytest.mark.pages("predict")
MODEL = ModelRef(source="a run")


@pytest.fixture(scope="module")
def multimedia():
    return pytest.importorskip("PySide6.QtMultimedia", exc_type=ImportError, reason="the system has no sound library")


def image(width, height, shade=7):
    made = QImage(width, height, QImage.Format.Format_RGB32)
    made.fill(Qt.GlobalColor.black)
    for x in range(0, width, 2):
        made.setPixel(x, 0, 0xFF000000 | shade)
    return made


class PlayedFilm(QObject):
    """A film of one picture that comes when a test says so."""

    opened = Signal(float)
    picture = Signal(QImage, float)
    failed = Signal(str)

    def __init__(self):
        super().__init__()
        self.asked, self.file = [], None

    def open(self, file):
        self.file = file

    def ask(self, seconds):
        self.asked.append(seconds)

    def close(self):
        self.file = None

    def show(self):
        self.picture.emit(image(64, 48), self.asked[-1])


@pytest.fixture
def film():
    return PlayedFilm()


@pytest.fixture
def file(tmp_path):
    return write_film(tmp_path / "a walk.avi", [np.zeros((16, 16, 3), np.uint8)])


@pytest.fixture
def dialog(qtbot, studio, runner, film, file):
    labels = iter("aabca" * 100)

    def answer(_job):
        label = next(labels)
        top = (ClassScore(label, 0.75), ClassScore("=z", 0.25))
        return Prediction(path=Path(), top=top, verdict="unlike" if label == "c" else "answer")

    runner.answers[specs.PredictFrame] = answer
    made = FilmDialog(studio, lambda: MODEL, film)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(made)
    made.show_film(file)
    qtbot.waitUntil(lambda: film.file == file)
    film.opened.emit(4.0)
    film.show()
    yield made
    made.close()


def rows(dialog):
    return [[dialog.table.item(row, column).text() for column in range(4)] for row in range(dialog.table.rowCount())]


def play(dialog, film, qtbot, count):
    for _ in range(count):
        before = len(dialog.answers)
        film.show()
        qtbot.waitUntil(lambda before=before: len(dialog.answers) == before + 1)


# Frames -------------------------------------------------------------------------------------------------------


class Slow:
    """A frame that takes as long as a test wants."""

    def __init__(self, number, go):
        self.number, self._go = number, go

    def toImage(self):
        assert self._go.wait(20)
        assert threading.current_thread() is not threading.main_thread()
        return image(64, 48, self.number)

    def startTime(self):
        return self.number * 1_000_000


def test_only_the_newest_frame_is_made_and_never_in_the_windows_thread(qtbot):
    reader, go, got = FrameReader(), threading.Event(), []
    reader.image.connect(lambda _, seconds: got.append(seconds))
    for number in range(50):
        reader.add(Slow(number, go))
    go.set()
    qtbot.waitUntil(lambda: len(got) == 2)
    assert got == [0.0, 49.0]
    reader.close()
    reader.add(Slow(50, go))
    qtbot.wait(20)
    assert len(got) == 2


def test_a_large_frame_is_made_smaller_without_holding_up_others():
    for size, expected in (((1920, 1080), (960, 540)), ((640, 480), (640, 480)), ((480, 640), (480, 640))):
        found = reduced(image(*size))
        assert (found.width(), found.height()) == expected
        assert min(expected) >= SHORT_SIDE
    assert reduced(image(4, 4, 200)).pixelColor(0, 0).blue() == 200
    assert reduced(image(5, 4, 200).convertToFormat(QImage.Format.Format_Grayscale8)).width() == 5
    assert reduced(QImage()).isNull()


# Qt's reader --------------------------------------------------------------------------------------------------


def test_a_film_gives_the_pictures_at_the_times_that_are_asked_for(multimedia, qtbot, tmp_path):
    from cnnstudio.ui.widgets.film import Film

    shades = [np.full((32, 48, 3), 8 * number, np.uint8) for number in range(30)]
    film, got = Film(), []
    with qtbot.waitSignal(film.opened) as opened:
        film.open(write_film(tmp_path / "a.avi", shades))
    assert opened.args == [pytest.approx(3.0, abs=0.05)]
    film.picture.connect(lambda image, seconds: got.append((seconds, image.pixelColor(9, 9).green())))
    for seconds in (0.0, 1.0, 2.9, 0.5):
        film.ask(seconds)
        qtbot.waitUntil(lambda: len(got) and got[-1][0] == seconds)  # noqa: B023 - waited for here
    assert [seconds for seconds, _ in got] == [0.0, 1.0, 2.9, 0.5], "each question has one answer"
    for seconds, shade in got:
        assert shade == pytest.approx(8 * round(10 * seconds), abs=5)
    film.close()


@pytest.mark.qt_log_ignore("Could not open media", extend=True)
def test_what_is_no_film_fails_with_a_signal(multimedia, qtbot, tmp_path):
    from cnnstudio.ui.widgets.film import Film

    film = Film()
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x20ftypisom" + bytes(500))
    with qtbot.waitSignal(film.failed):
        film.open(tmp_path / "a.mp4")
    film.close()


# The window ---------------------------------------------------------------------------------------------------


def test_a_film_is_answered_from_its_beginning_to_its_end(dialog, film, qtbot, runner):
    assert dialog.file_name.text().endswith("a walk.avi, 0:04")
    assert not runner.of(specs.PredictFrame), "nothing is answered before Start"
    assert not dialog.save.isEnabled()
    click(qtbot, dialog.begin)
    play(dialog, film, qtbot, 4)
    assert film.asked == [0.0, 0.0, 1.0, 2.0, 3.0]
    assert rows(dialog) == [
        ["0:00", "a", "75.0 %", ""], ["0:01", "a", "75.0 %", ""], ["0:02", "b", "75.0 %", ""],
        ["0:03", "c", "75.0 %", "Unlike anything it was shown"],
    ]  # fmt: skip
    assert dialog.about.text().startswith("4 pictures: a 2, b 1, c 1.")
    assert faults_of(dialog) == []
    assert dialog.progress.isHidden()
    assert dialog.begin.text() == "Start again"


def test_a_stop_keeps_the_rows_and_a_click_shows_one_of_them(dialog, film, qtbot):
    dialog.every.setFocus()
    qtbot.keyClick(dialog.every, Qt.Key.Key_Up)
    click(qtbot, dialog.begin)
    play(dialog, film, qtbot, 3)
    assert dialog.progress.left.text().startswith("3 of 8")
    click(qtbot, dialog.progress.stop)
    film.show()
    assert [row[0] for row in rows(dialog)] == ["0:00.0", "0:00.5", "0:01.0"]
    place = dialog.table.visualItemRect(dialog.table.item(1, 0)).center()
    qtbot.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert film.asked[-1] == 0.5
    assert "a 75.0 %" in dialog.bars.accessibleDescription()
    click(qtbot, dialog.begin)
    assert rows(dialog) == [], "again from the beginning"
    assert film.asked[-1] == 0.0


def test_the_table_is_saved_for_spreadsheets(dialog, film, qtbot, runner, tmp_path, monkeypatch):
    from tests.ui.conftest import carry_out

    runner.answers[specs.SaveTable] = carry_out
    click(qtbot, dialog.begin)
    play(dialog, film, qtbot, 4)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "times"), ""))
    click(qtbot, dialog.save)
    qtbot.waitUntil(lambda: (tmp_path / "times.csv").is_file() and dialog.notice.isVisible())
    lines = (tmp_path / "times.csv").read_text("utf-8-sig").splitlines()
    assert lines[0] == "time,seconds,label,probability,second,second_probability,verdict"
    assert lines[1] == "0:00,0,a,0.7500,'=z,0.2500,answer"
    assert lines[4].endswith(",unlike")


def test_a_question_that_a_newer_one_displaced_is_asked_again(dialog, film, qtbot, runner):
    answer, runner.answers[specs.PredictFrame] = runner.answers[specs.PredictFrame], ...
    click(qtbot, dialog.begin)
    film.show()
    runner.handles[-1].events.put(JobStopped())
    qtbot.waitUntil(lambda: film.asked == [0.0, 0.0, 0.0])
    runner.answers[specs.PredictFrame] = answer
    play(dialog, film, qtbot, 1)
    assert len(rows(dialog)) == 1


def test_a_film_or_a_network_that_fails_is_said_and_the_rows_stay(dialog, film, qtbot, runner):
    click(qtbot, dialog.begin)
    play(dialog, film, qtbot, 2)
    runner.answers[specs.PredictFrame] = JobFailed(problem=NetworkError("It is gone.").problem)
    film.show()
    qtbot.waitUntil(lambda: dialog.notice.title.text() == "It is gone.")
    film.failed.emit("End of file")
    assert dialog.notice.title.text() == "This film cannot be read."
    assert "up to 0:01. End of file" in dialog.notice.text.text()
    assert len(rows(dialog)) == 2
    assert dialog.save.isEnabled()
    assert not dialog.begin.isEnabled()


def test_closing_lets_the_film_go(dialog, film, qtbot):
    click(qtbot, dialog.begin)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert film.file is None
    film.show()
    assert rows(dialog) == []


def test_a_film_is_opened_by_a_click_or_a_drop_and_other_files_are_refused(window, qtbot, monkeypatch, file, tmp_path):
    page, opened = window.predict_page, []
    monkeypatch.setattr(film_dialog, "Film", lambda: opened.append(PlayedFilm()) or opened[-1])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    click(qtbot, page.zone.film_button)
    page.open_images([file])
    qtbot.waitUntil(lambda: [each.file for each in opened] == [file, file])
    (tmp_path / "list.mp4").write_text("#EXTM3U\nhttp://example.org/film.ts\n")
    page.open_images([tmp_path / "list.mp4"])
    dialogs = [each for each in QApplication.topLevelWidgets() if isinstance(each, FilmDialog)]
    qtbot.waitUntil(lambda: any("is not a film" in each.notice.title.text() for each in dialogs))
    assert opened[-1].file is None
    assert not len(page.pictures)
    for each in dialogs:
        each.close()


def test_without_the_optional_part_it_is_offered(window, monkeypatch, file, runner):
    def missing():
        raise ImportError

    monkeypatch.setattr(film_dialog, "Film", missing)
    open_film(window.predict_page, window.studio, lambda: MODEL, file)
    (offer,) = [each for each in QApplication.topLevelWidgets() if each.objectName() == "camera_part_dialog"]
    offer.close()
