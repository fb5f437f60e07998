import zipfile

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QLineEdit

from cnnstudio.core import DatasetError, JobStopped, Problem, Progressed
from cnnstudio.jobs import specs
from cnnstudio.networks import ModelRef
from cnnstudio.ui.main_window import MainWindow
from tests.messy import PROBLEMS, USABLE

pytestmark = pytest.mark.pages("home", "data")


def mime_of(*paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop(widget, *paths):
    mime, point = mime_of(*paths), QPoint(20, 20)
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(point, Qt.DropAction.CopyAction, mime, buttons, keys)
    QApplication.sendEvent(widget, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(widget, QDropEvent(point.toPointF(), Qt.DropAction.CopyAction, mime, buttons, keys))


def test_a_folder_dropped_anywhere_is_opened(window, runner, tiny_folder, qtbot):
    drop(window, tiny_folder)
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.data_page)
    assert runner.of(specs.ScanFolder)[-1].folder == tiny_folder


@pytest.mark.parametrize("more", ["folder", "picture", "text"])
def test_what_is_dropped_beside_a_folder_is_said_to_be_left(window, runner, tiny_folder, tmp_path, qtbot, more):
    (tmp_path / "b").mkdir()
    (tmp_path / "b.txt").touch()
    other = {"folder": tmp_path / "b", "picture": tiny_folder / "red" / "00.png", "text": tmp_path / "b.txt"}[more]
    drop(window, tiny_folder, other)
    qtbot.waitUntil(window.notice.isVisible)
    assert window.notice.title.text() == f"Only {tiny_folder.name} is opened here; not used: 1 other file or folder."
    assert ("open the folder that they are in" in window.notice.text.text()) == (more == "folder")
    drop(window, tiny_folder)
    qtbot.waitUntil(lambda: not window.notice.isVisible())


@pytest.mark.pages("home", "predict")
def test_pictures_dropped_anywhere_are_predicted(window, tiny_folder, runner, qtbot):
    runner.answers[specs.Predict] = ...
    drop(window, tiny_folder / "red" / "00.png")
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.predict_page)
    assert runner.of(specs.Predict)[-1].images == (tiny_folder / "red" / "00.png",)


@pytest.mark.pages("home", "predict")
def test_a_bundle_answers_the_folder_that_comes_with_it(window, tiny_folder, runner, tmp_path, qtbot):
    """As the README has it: cnnstudio open shirts.cnnbundle photos."""
    bundle = tmp_path / "shirts.cnnbundle"
    with zipfile.ZipFile(bundle, "w") as file:
        file.writestr("card.json", "{}")
    runner.answers[specs.Predict] = ...
    drop(window, bundle, tiny_folder)
    qtbot.waitUntil(lambda: bool(runner.of(specs.Predict)))
    job = runner.of(specs.Predict)[-1]
    assert (job.model, job.opened) == (ModelRef(source=str(bundle)), (tiny_folder,))
    assert not window.notice.isVisible()


def test_a_copied_folder_is_pasted(window, runner, tiny_folder, qtbot):
    QGuiApplication.clipboard().setMimeData(mime_of(tiny_folder))
    qtbot.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(runner.of(specs.ScanFolder)))
    QGuiApplication.clipboard().clear()


@pytest.mark.pages("home")
def test_something_else_is_refused_in_words(window, tmp_path, qtbot):
    (tmp_path / "a.docx").touch()
    window.open_paths([tmp_path / "a.docx"])
    qtbot.waitUntil(window.notice.isVisible)
    assert "cannot be opened" in window.notice.title.text()


@pytest.mark.pages
def test_the_rail_and_the_keys_show_pages(window, qtbot):
    for number, button in enumerate(window.rail_buttons):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert window.pages.currentIndex() == number
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.pages.currentWidget() is window.data_page


def test_a_scan_shows_progress_and_can_be_cancelled(window, runner, qtbot, tiny_folder):
    runner.answers[specs.ScanFolder] = ...
    page = window.data_page
    window.show_page("data")
    monitor = page.open_folder(tiny_folder)
    runner.handles[-1].events.put(Progressed(done=5, total=10, text="Looking at pictures"))
    qtbot.waitUntil(lambda: page.progress.text.text() == "Looking at pictures")
    assert page.progress.isVisible()
    qtbot.mouseClick(page.progress.stop, Qt.MouseButton.LeftButton)
    assert monitor.handle.control.stop_requested
    with qtbot.waitSignal(monitor.ended):
        runner.end(runner.handles[-1], JobStopped())
    assert not page.progress.isVisible()


def test_an_unusable_folder_is_a_clear_message_and_keeps_what_was_open(opened, runner, qtbot, dataset, tmp_path):
    runner.answers[specs.ScanFolder] = DatasetError("There is only one class.", remedy="Add another.")
    opened.show_page("data")
    monitor = opened.data_page.open_folder(tmp_path)
    qtbot.waitUntil(lambda: not monitor.active)
    assert opened.data_page.notice.isVisible()
    assert opened.data_page.notice.title.text() == "There is only one class."
    assert opened.studio.dataset is dataset


@pytest.mark.pages("data", "model")
def test_the_data_page_shows_classes_counts_and_what_was_left_out(window, runner, studio, qtbot, messy_folder):
    from cnnstudio.data.dataset import SplitSpec
    from cnnstudio.data.scan import scan_folder

    runner.answers[specs.ScanFolder] = scan_folder(messy_folder, SplitSpec())
    page = window.data_page
    window.show_page("data")
    with qtbot.waitSignal(studio.dataset_changed):
        page.open_folder(messy_folder)
    assert page.summary.text() == f"{36 + USABLE} pictures in 4 classes"
    assert [row.name for row in page.classes.rows.rows if row.is_class] == ["blue", "green", "red", "single"]
    tops = [page.left_out.topLevelItem(i).text(0) for i in range(page.left_out.topLevelItemCount())]
    assert f"Incomplete: {PROBLEMS['truncated']}" in tops
    with qtbot.waitSignal(page.thumbnails.ready, timeout=5000):
        page.classes.viewport().repaint()
    qtbot.mouseClick(page.next, Qt.MouseButton.LeftButton)
    assert window.pages.currentWidget() is window.model_page


def test_recent_folders_are_remembered(opened, qtbot, runner, dataset):
    from cnnstudio.ui.state.preferences import load_preferences

    assert load_preferences().recent == (str(dataset.root),)
    opened.show_page("home")
    projects = opened.home_page.projects
    qtbot.waitUntil(lambda: projects.model().rowCount() == 1)
    before = len(runner.of(specs.ScanFolder))
    card = projects.visualRect(projects.model().index(0)).center()
    qtbot.mouseClick(projects.viewport(), Qt.MouseButton.LeftButton, pos=card)
    assert len(runner.of(specs.ScanFolder)) == before + 1


@pytest.mark.pages
def test_every_control_has_a_name_to_find_and_a_name_to_read(opened):
    kinds = (QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit)
    unnamed = [
        f"{type(widget).__name__} {widget.objectName()!r} in {widget.parent().objectName()}"
        for kind in kinds
        for widget in opened.findChildren(kind)
        if not widget.objectName().startswith("qt_")
        and not isinstance(widget.parent(), QComboBox | QAbstractSpinBox | QLineEdit)
        and type(widget).__name__ not in ("QTableCornerButton", "QLineEditIconButton")
        and not (widget.objectName() and (widget.accessibleName() or getattr(widget, "text", lambda: "")()))
        and widget.objectName() not in ("window_notice_action",)
        and not widget.objectName().endswith("_action")
    ]
    assert unnamed == []


@pytest.mark.pages("home")
def test_a_problem_is_shown_with_folded_details(window, qtbot):
    window.show_problem(Problem(kind="x", title="It failed.", remedy="Try again.", details="line 1"))
    assert window.notice.isVisible()
    assert not window.notice.details.isVisible()
    qtbot.mouseClick(window.notice.more, Qt.MouseButton.LeftButton)
    assert window.notice.details.isVisible()
    qtbot.mouseClick(window.notice.copy, Qt.MouseButton.LeftButton)
    assert "line 1" in QGuiApplication.clipboard().text()


@pytest.mark.pages("train")
def test_closing_during_training_asks_stops_waits_and_closes(opened, runner, studio, qtbot, monkeypatch):
    runner.answers[specs.FineTune] = ...
    opened.train_page.form.select_mode("head")
    monitor = opened.train_page.start()
    answers = iter([False, True])
    monkeypatch.setattr(MainWindow, "may_close", lambda _: next(answers))
    assert not opened.close()
    assert not monitor.handle.control.stop_requested
    assert not opened.close()
    assert monitor.handle.control.stop_requested
    assert opened.isVisible()
    runner.end(monitor.handle, JobStopped())
    qtbot.waitUntil(lambda: not opened.isVisible())


@pytest.mark.pages("home")
@pytest.mark.parametrize(("key", "stops"), [(Qt.Key.Key_Return, False), (Qt.Key.Key_Escape, False), (None, True)])
def test_the_question_before_closing_stops_nothing_by_chance(window, qtbot, in_dialog, key, stops):
    def answer(box):
        if key is None:
            qtbot.mouseClick(box.act, Qt.MouseButton.LeftButton)
        else:
            qtbot.keyClick(QApplication.focusWidget(), key)

    in_dialog(answer)
    assert window.may_close() is stops
