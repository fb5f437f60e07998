"""The classes on the data page: found, sorted, given by key, drop or drag, and every step taken back."""

import time

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog

from cnnstudio.core import DatasetError, JobFinished
from cnnstudio.data import SPLITS, Dataset, Sample, SplitSpec
from cnnstudio.data.project import open_dataset
from cnnstudio.jobs import run_inline, specs
from cnnstudio.ui.data.class_painter import in_lines
from cnnstudio.ui.data.grid_view import PICTURES
from cnnstudio.ui.data.picture_grid import SMALLEST
from cnnstudio.ui.state.trash import PutBack, TrashFiles
from cnnstudio.ui.widgets.class_chooser import ClassChooser
from tests.conftest import draw_folder
from tests.ui.conftest import carry_out

pytestmark = pytest.mark.pages("data")

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def trash(monkeypatch, tmp_path):
    """Of this test, where Linux has one."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))


@pytest.fixture
def page(window, runner, qtbot, own_folder, trash):
    studio = window.studio
    runner.answers[specs.ScanFolder] = lambda spec: open_dataset(
        spec.folder, spec.split, redraw=spec.redraw, classes_from=spec.classes_from
    )
    for job in (specs.AddPictures, TrashFiles, PutBack):
        runner.answers[job] = lambda job: [JobFinished(result=run_inline(job))]
    window.show_page("data")
    with qtbot.waitSignal(studio.dataset_changed):
        window.data_page.open_folder(own_folder)
    return window.data_page


def place_of(page, name):
    view = page.classes
    rows = [row.name for row in view.rows.rows]
    return view.visualRect(view.rows.index(rows.index(name))).center() if name else QPoint(5, view.height() - 5)


def drop(page, place, mime, onto=None):
    """Enters, moves and lets go, as a window system does."""
    target = onto or page.classes.viewport()
    copy = Qt.DropAction.CopyAction
    entering = QDragEnterEvent(place, copy, mime, LEFT, NONE)
    QApplication.sendEvent(target, entering)
    assert entering.isAccepted()
    moving = QDragMoveEvent(place, copy, mime, LEFT, NONE)
    QApplication.sendEvent(target, moving)
    assert moving.isAccepted()
    QApplication.sendEvent(target, QDropEvent(QPointF(place), copy, mime, LEFT, NONE))


def files(*paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def undo_or_redo(page, studio, qtbot, key):
    wanted = QKeySequence(key)[0]
    with qtbot.waitSignal(studio.dataset_changed):
        qtbot.keyClick(page.window(), wanted.key(), wanted.keyboardModifiers())


UNDO, REDO = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo


def names(page):
    return [row.name for row in page.classes.rows.rows if row.is_class]


def test_pictures_get_a_class_by_key_by_menu_by_search_and_by_drag(page, studio, qtbot):
    view = page.browser.view
    qtbot.mouseClick(page.classes.viewport(), LEFT, pos=place_of(page, "red"))
    assert page.browser.title.text() == "red"
    qtbot.mouseClick(view.viewport(), LEFT, pos=view.visualRect(view.grid.index(0)).center())
    qtbot.mouseClick(
        view.viewport(), LEFT, Qt.KeyboardModifier.ShiftModifier, view.visualRect(view.grid.index(2)).center()
    )
    assert len(view.chosen()) == 3
    with qtbot.waitSignal(studio.dataset_changed):
        qtbot.keyClick(view, Qt.Key.Key_2)
    assert studio.history.undo_text == "changing the class of 3 pictures to green"
    assert page.window().toast.text.text() == "Changed the class of 3 pictures to green."
    assert len(view.grid.samples) == 9
    with qtbot.waitSignal(studio.dataset_changed):
        qtbot.mouseClick(page.window().toast.action, LEFT)
    assert len(view.grid.samples) == 12
    view.reveal([view.grid.samples[4].path])
    mime = QMimeData()
    mime.setData(PICTURES, str(view.chosen()[0]).encode())
    with qtbot.waitSignal(studio.dataset_changed):
        drop(page, place_of(page, "blue"), mime)
    assert page.browser.title.text() == "red", "what is chosen stays chosen"
    assert [row.total for row in page.classes.rows.rows if row.is_class] == [13, 12, 11]
    view.reveal([view.grid.samples[0].path])

    classes = next(action for action in view.menu().actions() if action.text() == "Change class").menu()
    next(action for action in classes.actions() if action.text() == "Other class…").trigger()
    chooser = page.classes.findChild(ClassChooser)
    qtbot.keyClicks(chooser.field, "re")
    assert chooser.list.model().stringList() == ["green", "red", "New class “re”"]
    qtbot.keyClick(chooser.field, Qt.Key.Key_Down)
    qtbot.keyClick(chooser.field, Qt.Key.Key_Up)
    with qtbot.waitSignal(studio.dataset_changed):
        qtbot.keyClick(chooser.field, Qt.Key.Key_Return)
    assert [row.total for row in page.classes.rows.rows if row.is_class] == [13, 13, 10]


def test_files_dropped_on_a_class_are_shown_and_come_and_go_with_undo_and_redo(
    page, studio, qtbot, own_folder, tmp_path
):
    new = tmp_path / "boat.png"
    new.write_bytes((own_folder / "red" / "00.png").read_bytes())
    copy = own_folder / "green" / "boat.png"
    with qtbot.waitSignal(studio.dataset_changed):
        drop(page, place_of(page, "green"), files(new))
    assert page.browser.title.text() == "green"
    assert page.browser.view.chosen() == [copy], "what one has just dropped is what one sees"
    assert studio.history.undo_text == "copying 1 picture to green"
    undo_or_redo(page, studio, qtbot, UNDO)
    assert not copy.exists()
    assert new.exists()
    undo_or_redo(page, studio, qtbot, REDO)
    assert copy.read_bytes() == new.read_bytes()
    undo_or_redo(page, studio, qtbot, UNDO)
    qtbot.mouseClick(page.classes.viewport(), LEFT, pos=place_of(page, "blue"))
    with qtbot.waitSignal(studio.dataset_changed):
        drop(page, QPoint(30, 30), files(new), onto=page.browser.view)
    assert (own_folder / "blue" / "boat.png").exists(), "the grid is of the class that it shows"
    studio.runner.answers[specs.ScanFolder] = ...
    with qtbot.waitSignal(studio.paths_wanted) as opened:
        drop(page, QPoint(30, 30), files(tmp_path), onto=page.browser.view)
    assert opened.args == [[tmp_path]], "a folder is one to be opened, unless it is dropped on a name"


def test_a_new_class_waits_for_its_pictures_and_all_of_it_is_taken_back(
    page, studio, qtbot, own_folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: (" C++ / boats ", True))
    qtbot.mouseClick(page.class_panel.new, LEFT)
    assert names(page) == ["blue", "green", "red", "C++ / boats"]
    assert page.browser.title.text() == "C++ / boats"
    empty = page.browser.stack.currentWidget()
    first = sorted((own_folder / "red").iterdir())[0]
    new = tmp_path / "boat.png"
    new.write_bytes(first.read_bytes())
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_, **__: ([str(new)], ""))
    with qtbot.waitSignal(studio.dataset_changed):
        qtbot.mouseClick(empty.action, LEFT)
    assert "C++ / boats" in studio.dataset.classes
    made = [path for path in own_folder.iterdir() if path.name not in ("blue", "green", "red")]
    assert len(made) == 1
    undo_or_redo(page, studio, qtbot, UNDO)
    qtbot.waitUntil(lambda: "C++ / boats" not in studio.dataset.classes)
    assert not made[0].exists(), "the folder that was made for it goes, too"
    assert page.browser.title.text() == "C++ / boats", "it waits for its pictures again"
    qtbot.keyClick(page.window(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert names(page) == ["blue", "green", "red"]
    wanted = QKeySequence(REDO)[0]
    qtbot.keyClick(page.window(), wanted.key(), wanted.keyboardModifiers())
    assert names(page)[-1] == "C++ / boats"
    undo_or_redo(page, studio, qtbot, REDO)
    qtbot.waitUntil(lambda: "C++ / boats" in studio.dataset.classes)
    assert made[0].is_dir()


def test_a_new_split_and_other_classes_are_taken_back_too(page, studio, qtbot, tmp_path):
    before = {sample.path: sample.split for sample in studio.dataset.samples}
    some = studio.dataset.split("train")[0].path
    with qtbot.waitSignal(studio.dataset_changed):
        page.curator.move([some], "test")
    with qtbot.waitSignal(studio.dataset_changed):
        page.split.redraw.emit(SplitSpec(test=0.3, seed=5))
    after = {sample.path: sample.split for sample in studio.dataset.samples}
    assert after != before
    undo_or_redo(page, studio, qtbot, UNDO)
    assert {sample.path: sample.split for sample in studio.dataset.samples} == {**before, some: "test"}
    undo_or_redo(page, studio, qtbot, REDO)
    assert {sample.path: sample.split for sample in studio.dataset.samples} == after


def test_another_answer_about_the_classes_is_taken_back_and_no_answer_changes_nothing(
    page, runner, studio, qtbot, tmp_path
):
    runner.answers[specs.ScanFolder] = carry_out
    for year in ("2023", "2024"):
        draw_folder(tmp_path / "years" / year, 3)
    page.open_folder(tmp_path / "years")
    qtbot.waitUntil(lambda: len(page.notice.choices) == 2)
    with qtbot.waitSignal(studio.dataset_changed):
        qtbot.mouseClick(page.notice.choices[0], LEFT)
    qtbot.mouseClick(page.reread, LEFT)
    qtbot.waitUntil(lambda: len(page.notice.choices) == 2)
    with qtbot.waitSignal(studio.dataset_changed):
        qtbot.mouseClick(page.notice.choices[1], LEFT)
    assert studio.dataset.classes == ("2023", "2024")
    undo_or_redo(page, studio, qtbot, UNDO)
    assert studio.dataset.classes == ("blue", "green", "red")
    qtbot.mouseClick(page.reread, LEFT)
    qtbot.waitUntil(lambda: page.notice.isVisible() and len(page.notice.choices) == 2)
    with qtbot.waitSignal(studio.dataset_changed):
        qtbot.mouseClick(page.notice.dismiss, LEFT)
    assert open_dataset(tmp_path / "years").classes == ("blue", "green", "red"), "it is remembered as before"


def test_another_folder_takes_nothing_of_the_old_one_along(page, runner, studio, qtbot, own_folder, tmp_path):
    qtbot.keyClicks(page.class_panel.search, "re")
    runner.answers[specs.ScanFolder] = ...
    other = tmp_path / "other"
    monitor = page.open_folder(other)
    assert page.subtitle.text() == str(other)
    assert not page.browser.isVisible()
    assert not page.next.isEnabled()
    runner.end(monitor.handle, DatasetError("There is only one class in one class: good."))
    qtbot.waitUntil(page.notice.isVisible)
    assert not page.browser.isVisible(), "the classes of the old folder do not stand below the error of the new one"
    back = page.places.part.action
    assert back.text() == f"Back to {own_folder.name}"
    qtbot.mouseClick(back, LEFT)
    assert page.subtitle.text() == str(own_folder)
    assert page.browser.isVisible()
    assert not page.notice.isVisible()
    monitor = page.open_folder(other)
    runner.answers[specs.ScanFolder] = carry_out
    with qtbot.waitSignal(studio.dataset_changed):
        page.open_folder(draw_folder(other, 3, classes=("cat", "dog")))
    assert names(page) == ["cat", "dog"]
    assert page.class_panel.search.text() == ""
    assert page.browser.title.text() == "All pictures"
    assert studio.history.undo_text == ""


def test_the_size_of_pictures_changes_by_key_and_by_wheel_and_is_remembered(page, qtbot, monkeypatch):
    zoom, view, kept = page.browser.zoom, page.browser.view, {}

    def wheel(widget, keys):
        centre = QPointF(widget.rect().center())
        place = QPointF(widget.mapToGlobal(centre.toPoint()))
        phase = Qt.ScrollPhase.NoScrollPhase
        turned = QWheelEvent(
            centre,
            place,
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            keys,
            phase,
            False,  # noqa: FBT003
        )
        QApplication.sendEvent(widget, turned)

    before = zoom.value()
    wheel(zoom, NONE)
    assert zoom.value() == before, "the wheel changes no setting without focus"
    wheel(view.viewport(), Qt.KeyboardModifier.ControlModifier)
    assert zoom.value() > before
    zoom.setFocus()
    qtbot.keyClick(zoom, Qt.Key.Key_Home)
    assert zoom.value() == SMALLEST
    assert view.gridSize().height() < before
    monkeypatch.setattr("PySide6.QtCore.QSettings.setValue", lambda _, key, value: kept.update({key: value}))
    page.release()
    assert kept["data/picture_side"] == SMALLEST


@pytest.fixture
def many(tmp_path):
    """A folder of a thousand classes, as a scan would give it."""
    picture = tmp_path / "00.png"
    QImage(8, 8, QImage.Format.Format_RGB888).save(str(picture))
    classes = tuple(f"Acer species number {number:04d} of the northern woods" for number in range(1000))
    samples = [
        Sample(tmp_path / f"{label}-{nth}.png", label, SPLITS[nth % 3])
        for label in range(1000)
        for nth in range(3 + label % 7)
    ]
    return Dataset(root=tmp_path, classes=classes, samples=tuple(samples), problems=(), split_source="stratified")


def test_a_thousand_classes_are_searched_sorted_and_painted_in_time(window, runner, studio, qtbot, many):
    page = window.data_page
    runner.answers[specs.ScanFolder] = many
    window.show_page("data")
    with qtbot.waitSignal(studio.dataset_changed):
        page.open_folder(many.root)
    page.thumbnails.close()
    view, panel = page.classes, page.class_panel
    took = []
    for _ in range(3):
        start = time.process_time()
        page.repaint()
        view.viewport().repaint()
        page.browser.view.viewport().repaint()
        took.append(time.process_time() - start)
    assert min(took) < 0.05
    first = view.visualRect(view.rows.index(1))
    told = in_lines(many.classes[42], view.fontMetrics(), first.width() - 130, 2)
    assert first.height() > 55, "long names have two lines"
    assert len(told) == 2
    assert told[0] == many.classes[42][: len(told[0])]
    panel.search.setFocus()
    qtbot.keyClicks(panel.search, "0042")
    assert names(page) == [many.classes[42]]
    qtbot.keyClick(panel.search, Qt.Key.Key_Down)
    assert QApplication.focusWidget() is view
    assert {sample.label for sample in page.browser.view.grid.samples} == {42}
    told = view.rows.index(view.currentIndex().row()).data(Qt.ItemDataRole.ToolTipRole)
    assert told.startswith(f"{many.classes[42]}: 3 pictures (1 train, 1 validation, 1 test)")
    panel.search.clear()
    assert page.browser.title.toolTip() or page.browser.title.text() == many.classes[42], "it stays chosen"
    panel.order.setCurrentIndex(1)
    totals = [row.total for row in view.rows.rows if row.is_class]
    assert totals == sorted(totals, reverse=True)
    assert [row.key for row in view.rows.rows if row.is_class][:10] == [*range(1, 10), 0]
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert page.browser.title.accessibleName() == names(page)[-1]


def test_a_name_written_from_the_right_stays_on_its_side_of_the_sentence(page, studio, qtbot):
    some = studio.dataset.samples[0].path
    with qtbot.waitSignal(studio.dataset_changed):
        page.curator.relabel([some], "أحذية")
    assert studio.history.undo_text == "changing the class of 1 picture to \u2068أحذية\u2069"
    row = page.classes.rows.row_of("class", "أحذية")
    told = page.classes.rows.index(row).data(Qt.ItemDataRole.AccessibleTextRole)
    assert told.startswith("\u2068أحذية\u2069: 1 picture")


def test_in_the_large_view_pictures_are_skipped_given_a_class_and_taken_back(page, studio, qtbot, in_dialog):
    view, seen = page.browser.view, []
    view.reveal([view.grid.samples[3].path])
    name = view.grid.samples[3].path.name

    def use(dialog):
        def press(key, keys=NONE):
            with qtbot.waitSignal(studio.dataset_changed):
                qtbot.keyClick(QApplication.focusWidget(), key, keys)
            seen.append(dialog.caption.text())

        press(Qt.Key.Key_Delete)
        press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        press(Qt.Key.Key_3)
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)

    in_dialog(use)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert seen[0].startswith(f"{name}: blue, skipped. 4 of 36")
    assert "skipped" not in seen[1]
    assert seen[2].startswith(f"{name}: red, ")
    assert [sample.path for sample in studio.dataset.left_out] == []
    assert len(view.chosen()) == 1, "the picture that was seen last is chosen in the grid"


def test_problems_are_reviewed_and_left_with_the_keyboard_and_classes_are_a_list(page, studio, qtbot):
    assert page.strip.text.text() == "3 classes with few pictures"
    page.strip.open.setFocus()
    qtbot.keyClick(page.strip.open, Qt.Key.Key_Space)
    panel = page.findings
    assert QApplication.focusWidget() is panel.list
    assert panel.title.text() == "Classes with few pictures", "however many, their names are not in the heading"
    assert [panel.classes.item(row).text() for row in range(3)] == [
        f"{name}: {studio.dataset.counts()[name]['train']} to learn from" for name in ("blue", "green", "red")
    ]
    assert panel.meaning.y() < panel.height() / 3, "words stay together"
    panel.classes.setFocus()
    panel.classes.setCurrentRow(1)
    qtbot.keyClick(panel.classes, Qt.Key.Key_Return)
    assert page.browser.title.text() == "green"
    qtbot.mouseClick(page.strip.open, LEFT)
    qtbot.keyClick(panel.list, Qt.Key.Key_Escape)
    assert page.browser.isVisible()
    assert QApplication.focusWidget() is page.browser.view
