"""A new project without a folder: classes are named, pictures dropped on them, and all of it is on the disk at once."""

import sys
from unittest.mock import Mock

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from cnnstudio.core import DatasetError, JobFinished
from cnnstudio.data.new_project import begin_project, collected, usual_place
from cnnstudio.jobs import specs
from cnnstudio.ui.data import new_recording
from cnnstudio.ui.data.camera_dialog import CameraDialog
from cnnstudio.ui.state import load_preferences
from cnnstudio.ui.state.trash import PutBack, TrashFiles
from tests.ui.conftest import carry_out
from tests.ui.test_camera_dialog import DrawnCamera

pytestmark = pytest.mark.pages("home", "data")

CLICK = Qt.MouseButton.LeftButton
WRITING = (specs.BeginProject, specs.AddPictures, specs.CountCollected, specs.RenameFolder, TrashFiles, PutBack)


def really(job):
    """Carried out; a result that is a list is one event and not several."""
    result = carry_out(job)
    return [JobFinished(result=result)] if isinstance(result, list) else result


@pytest.fixture
def maker(window, runner, qtbot, tmp_path, monkeypatch):
    """The view, with the real files, in a folder of the test, and with a trash of its own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    runner.answers |= dict.fromkeys(WRITING, really)
    runner.answers[specs.FindPlace] = tmp_path / "Pictures"
    qtbot.mouseClick(window.home_page.dashboard.new_button, CLICK)
    made = window.home_page.maker
    qtbot.waitUntil(lambda: made.files.place is not None)
    return made


def drop(widget, *paths):
    """As Qt brings it to the nearest widget that takes drops."""
    while not widget.acceptDrops():
        widget = widget.parentWidget()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    left, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    over = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, mime, left, plain)
    QApplication.sendEvent(widget, over)
    assert over.isAccepted()
    QApplication.sendEvent(widget, QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, left, plain))


def name(qtbot, box, text):
    box.name.setFocus()
    box.name.selectAll()
    qtbot.keyClicks(box.name, text)
    qtbot.keyClick(box.name, Qt.Key.Key_Return)


def names(folder):
    return {each.name: each.pictures for each in collected(folder)}


def test_named_classes_and_dropped_pictures_become_a_project(maker, window, runner, qtbot, own_folder, tmp_path):
    qtbot.keyClicks(maker.name, "Autumn leaves")
    assert maker.where.text() == str(tmp_path / "Pictures" / "Autumn-leaves")
    assert not (tmp_path / "Pictures").exists(), "before there is a picture nothing is made"
    assert not maker.done.isEnabled()
    name(qtbot, maker.boxes[0], "oak")
    drop(maker.boxes[0].strip, own_folder / "red")
    qtbot.waitUntil(lambda: maker.boxes[0].count.text() == "12 pictures")
    drop(maker.boxes[1].name, own_folder / "blue" / "00.png", own_folder / "blue" / "01.png")
    qtbot.waitUntil(lambda: maker.boxes[1].count.text() == "2 pictures")
    root = tmp_path / "Pictures" / "Autumn-leaves"
    assert names(root) == {"oak": 12, "class-1": 2}
    assert maker.name.isReadOnly()
    assert not maker.change.isVisible()
    qtbot.mouseClick(maker.done, CLICK)
    assert runner.of(specs.ScanFolder)[-1].folder == root
    assert window.pages.currentWidget() is window.data_page


def test_it_is_in_the_list_and_continued_where_it_was_left(maker, window, qtbot, own_folder, tmp_path):
    name(qtbot, maker.boxes[0], "oak")
    drop(maker.boxes[0], own_folder / "red")
    name(qtbot, maker.boxes[1], "beech")
    qtbot.waitUntil(lambda: maker.boxes[0].pictures == 12)
    root = tmp_path / "Pictures" / "My-pictures"
    assert load_preferences().recent == (str(root),)
    qtbot.mouseClick(maker.later, CLICK)
    home = window.home_page
    assert home.dashboard.isVisible()
    assert not maker.done.isVisible()
    qtbot.waitUntil(lambda: "2 classes" in home.projects.model().index(0).data(Qt.ItemDataRole.AccessibleTextRole))
    home.projects.setFocus()
    QTest.keyClick(home.projects, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [box.name.text() for box in maker.boxes] == ["beech", "oak"])
    assert [box.pictures for box in maker.boxes] == [0, 12]
    assert maker.isVisible()


def test_what_was_copied_is_taken_back_and_copied_again(maker, window, studio, qtbot, own_folder):
    name(qtbot, maker.boxes[0], "oak")
    drop(maker.boxes[0], own_folder / "red")
    qtbot.waitUntil(lambda: maker.boxes[0].pictures == 12)
    assert window.toast.text.text() == "Copied 12 pictures to oak."
    qtbot.mouseClick(window.toast.action, CLICK)
    qtbot.waitUntil(lambda: maker.boxes[0].pictures == 0)
    studio.history.redo()
    qtbot.waitUntil(lambda: maker.boxes[0].pictures == 12)
    studio.history.undo()
    qtbot.waitUntil(lambda: maker.boxes[0].pictures == 0)
    assert len(list((own_folder / "red").iterdir())) == 12, "a person's own files are never touched"


def test_folders_dropped_beside_the_classes_are_one_each(maker, qtbot, own_folder, tmp_path):
    drop(maker, own_folder / "red", own_folder / "blue", own_folder / "green")
    qtbot.waitUntil(lambda: [box.pictures for box in maker.boxes] == [12, 12, 12])
    assert [box.name.text() for box in maker.boxes] == ["red", "blue", "green"]
    assert maker.advice.text().startswith("It works from a few pictures on")


def test_a_class_gets_another_name_but_not_one_that_is_taken(maker, qtbot, own_folder, tmp_path):
    drop(maker, own_folder / "red", own_folder / "blue")
    qtbot.waitUntil(lambda: maker.boxes[1].pictures == 12)
    name(qtbot, maker.boxes[0], "Blue")
    assert maker.notice.title.text() == "There is a class called Blue already."
    assert maker.boxes[0].name.text() == "red"
    name(qtbot, maker.boxes[0], "crimson")
    qtbot.waitUntil(lambda: maker.boxes[0].kept_name == "crimson")
    assert names(tmp_path / "Pictures" / "My-pictures") == {"crimson": 12, "blue": 12}


def test_a_class_is_added_and_an_empty_one_removed(maker, qtbot):
    qtbot.mouseClick(maker.more, CLICK)
    assert len(maker.boxes) == 3
    qtbot.mouseClick(maker.boxes[1].remove, CLICK)
    assert [box.objectName() for box in maker.boxes] == ["class_box_1", "class_box_3"]


def test_pictures_are_chosen_in_a_dialog_and_another_place_is(maker, qtbot, own_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "stick"))
    qtbot.mouseClick(maker.change, CLICK)
    monkeypatch.setattr(
        QFileDialog, "getOpenFileNames", lambda *_, **__: ([str(own_folder / "red" / "00.png")], "Pictures")
    )
    qtbot.mouseClick(maker.boxes[0].add, CLICK)
    qtbot.waitUntil(lambda: maker.boxes[0].pictures == 1)
    assert names(tmp_path / "stick" / "My-pictures") == {"class-1": 1}


def test_recording_begins_the_project_and_shows_what_came(maker, window, qtbot, own_folder, tmp_path):
    studio = window.studio
    asked = []
    studio.recording_wanted.disconnect()
    studio.recording_wanted.connect(lambda *request: asked.append(request))
    name(qtbot, maker.boxes[0], "waving hand")
    qtbot.mouseClick(maker.boxes[0].record, CLICK)
    qtbot.waitUntil(lambda: len(asked) == 1)
    (root, into, done) = asked[0]
    assert (root, into) == (tmp_path / "Pictures" / "My-pictures", "waving-hand")
    (root / into).mkdir()
    (own_folder / "red" / "00.png").rename(root / into / "recording-0001.png")
    done([root / into / "recording-0001.png"])
    qtbot.waitUntil(lambda: maker.boxes[0].pictures == 1)
    assert window.toast.text.text() == "Recorded 1 picture for waving-hand."
    studio.history.undo()
    qtbot.waitUntil(lambda: maker.boxes[0].pictures == 0)


def test_what_the_camera_shows_while_the_button_is_held_goes_into_the_class(maker, qtbot, tmp_path, monkeypatch):
    drawn = DrawnCamera()

    def use(dialog):
        qtbot.mousePress(dialog.record, CLICK)
        drawn.show(1)
        qtbot.mouseRelease(dialog.record, CLICK)
        return 0

    monkeypatch.setattr(new_recording, "Camera", lambda _: drawn)
    monkeypatch.setattr(CameraDialog, "exec", use)
    name(qtbot, maker.boxes[0], "hand")
    qtbot.mouseClick(maker.boxes[0].record, CLICK)
    qtbot.waitUntil(lambda: maker.boxes[0].pictures == 1)
    assert names(tmp_path / "Pictures" / "My-pictures") == {"hand": 1}


def test_recording_goes_on_here_once_the_camera_part_is_installed(maker, window, qtbot, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "PySide6.QtMultimedia", None)
    then = []
    monkeypatch.setattr(new_recording, "CameraPartDialog", lambda _studio, act, _parent: then.append(act) or Mock())
    qtbot.mouseClick(maker.boxes[0].record, CLICK)
    qtbot.waitUntil(lambda: len(then) == 1)
    root = tmp_path / "Pictures" / "My-pictures"
    assert then[0].args[:2] == (root, "class-1"), "into the class that one wanted, not into what is open"


def test_a_drop_without_pictures_is_a_sentence(maker, runner, qtbot, tmp_path):
    (tmp_path / "notes").mkdir()
    drop(maker.boxes[0], tmp_path / "notes")
    qtbot.waitUntil(maker.notice.isVisible)
    assert maker.notice.title.text() == "There is no picture among these files."


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "Leaves").mkdir()
    assert begin_project(tmp_path, "Leaves") == tmp_path / "Leaves", "an empty one is as good as new"
    (tmp_path / "Leaves" / "mine.txt").touch()
    (tmp_path / "Leaves-2").touch()
    assert begin_project(tmp_path, "Leaves") == tmp_path / "Leaves-3"
    assert begin_project(tmp_path, " / ") == tmp_path / "My-pictures"


def test_a_name_that_a_folder_has_is_refused(tmp_path):
    for each in ("oak", "beech"):
        (tmp_path / each).mkdir()
    error = carry_out(specs.RenameFolder(folder=tmp_path / "oak", name="beech"))
    assert isinstance(error, DatasetError)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["beech", "oak"]


def test_the_usual_place_is_there():
    assert usual_place().is_dir()
