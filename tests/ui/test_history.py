"""Undo and redo, from every page, by menu, key and toast."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit

from cnnstudio.core import StorageError
from cnnstudio.jobs import specs
from cnnstudio.ui.pages import PAGES
from cnnstudio.ui.state import History, Step

pytestmark = pytest.mark.pages("data")


@pytest.fixture
def history(qapp):
    return History()


def step(log, name):
    return Step(
        said=f"Did {name}.",
        text=f"doing {name}",
        undo=lambda: log.append(f"undo {name}"),
        redo=lambda: log.append(f"redo {name}"),
    )


def test_steps_are_taken_back_in_their_order_and_done_again(history):
    log = []
    for name in "abc":
        history.add(step(log, name))
    assert history.undo_text == "doing c"
    history.undo()
    history.undo()
    assert (history.undo_text, history.redo_text) == ("doing a", "doing b")
    history.redo()
    assert (history.undo_text, history.redo_text) == ("doing b", "doing c")
    assert log == ["undo c", "undo b", "redo b"]
    history.add(step(log, "d"))
    assert history.redo_text == "", "what was done since comes after another past"
    history.forget()
    history.undo()
    history.redo()
    assert len(log) == 3


def test_a_hundred_steps_are_kept(history):
    for number in range(120):
        history.add(step([], str(number)))
    count = 0
    while history.undo_text:
        history.undo()
        count += 1
    assert count == 100


@pytest.mark.pages
def test_the_keys_undo_on_every_page_and_the_menu_says_what(opened, studio, qtbot):
    undo, redo = opened.findChild(QAction, "action_undo"), opened.findChild(QAction, "action_redo")
    control = Qt.KeyboardModifier.ControlModifier
    for row in PAGES:
        opened.show_page(row.name)
        log = []
        studio.history.forget()
        studio.history.add(step(log, "a & b"))
        assert (undo.text(), undo.isEnabled(), redo.isEnabled()) == ("Undo doing a && b", True, False)
        qtbot.keyClick(opened, Qt.Key.Key_Z, control)
        assert log == ["undo a & b"], row.name
        assert (redo.text(), undo.isEnabled(), redo.isEnabled()) == ("Redo doing a && b", False, True)
        qtbot.keyClick(opened, Qt.Key.Key_Z, control | Qt.KeyboardModifier.ShiftModifier)
        qtbot.keyClick(opened, Qt.Key.Key_Z, control)
        qtbot.keyClick(opened, Qt.Key.Key_Y, control)
        assert log == ["undo a & b", "redo a & b", "undo a & b", "redo a & b"], row.name


def test_what_was_done_is_told_with_the_way_back_and_then_with_the_way_again(opened, studio, qtbot):
    log = []
    studio.history.add(step(log, "a"))
    toast = opened.toast
    assert (toast.text.text(), toast.action.text()) == ("Did a.", "Undo")
    qtbot.mouseClick(toast.action, Qt.MouseButton.LeftButton)
    assert log == ["undo a"]
    assert (toast.text.text(), toast.action.text()) == ("Undone: doing a.", "Redo")
    qtbot.mouseClick(toast.action, Qt.MouseButton.LeftButton)
    assert (toast.text.text(), toast.action.text()) == ("Did a.", "Undo")
    studio.history.forget()
    assert toast.isHidden(), "it offers nothing that is gone"


def test_what_cannot_be_taken_back_stays_and_is_told(opened, studio, runner, qtbot, dataset):
    with qtbot.waitSignal(studio.history.did):
        opened.data_page.curator.leave_out([dataset.samples[0].path])
    assert opened.toast.text.text() == "Skipped 1 picture."
    runner.answers[specs.Restore] = StorageError("The disk is full.")
    with qtbot.waitSignal(studio.problem):
        qtbot.mouseClick(opened.toast.action, Qt.MouseButton.LeftButton)
    assert studio.history.undo_text == "skipping 1 picture"
    assert opened.notice.title.text() == "The disk is full."


def test_a_field_of_text_keeps_its_own_undo(opened, studio, qtbot):
    log, field = [], QLineEdit(opened)
    field.show()
    field.setFocus()
    studio.history.add(step(log, "a"))
    qtbot.keyClicks(field, "boat")
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (field.text(), log) == ("", [])


def test_select_all_takes_the_text_with_the_keyboard_or_the_pictures_that_are_shown(opened, qtbot):
    opened.show_page("data")
    field = QLineEdit("boat", opened)
    field.show()
    field.setFocus()
    opened.findChild(QAction, "action_selectall").trigger()
    assert field.selectedText() == "boat"
    field.deleteLater()
    view = opened.data_page.browser.view
    opened.setFocus()
    qtbot.keyClick(opened, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(view.selectedIndexes()) == view.model().rowCount() > 0
