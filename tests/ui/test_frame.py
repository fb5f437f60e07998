"""What is around the pages: recent folders, help, and the hints of the first minute."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
)  # fmt: skip

from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.computer import Examination
from cnnstudio.ui.frame.hints import Bubble
from cnnstudio.ui.pages import PAGES


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def opened_dialog(window, qtbot, action, name):
    window.findChild(QAction, action).trigger()
    qtbot.waitUntil(lambda: (found := window.findChild(QDialog, name)) is not None and found.isVisible())
    return window.findChild(QDialog, name)


def test_a_change_of_pages_gives_the_keyboard_to_no_field_of_the_next(opened, qtbot):
    fields = (QComboBox, QAbstractSpinBox, QLineEdit)
    for row in PAGES:
        for target in PAGES:
            opened.show_page(row.name)
            page = getattr(opened, f"{row.name}_page")
            some = next((b for b in page.findChildren(QPushButton) if b.isVisible() and b.isEnabled()), None)
            if some is None:
                continue
            some.setFocus()
            opened.studio.navigate.emit(target.name)
            assert row is target or not isinstance(QApplication.focusWidget(), fields)


# Recent -------------------------------------------------------------------------------------------------------


def test_recent_folders_are_in_the_file_menu_while_they_are_there(opened, studio, runner, qtbot, dataset, tmp_path):
    menu = opened.findChild(QMenu, "menu_openrecent")
    qtbot.waitUntil(lambda: len(menu.actions()) == 1)
    assert dataset.root.name in menu.actions()[0].text()
    with qtbot.waitSignal(studio.scan_started):
        menu.actions()[0].trigger()
    assert runner.of(specs.ScanFolder)[-1].folder == dataset.root
    assert opened.pages.currentWidget() is opened.data_page
    studio.remember(studio.preferences.with_recent(tmp_path / "gone & lost"))
    studio.recent_changed.emit()
    qtbot.waitUntil(lambda: [dataset.root.name in each.text() for each in menu.actions()] == [True])


def test_without_recent_folders_the_menu_offers_none(window):
    menu = window.findChild(QMenu, "menu_openrecent")
    assert not menu.menuAction().isEnabled()


# Help ---------------------------------------------------------------------------------------------------------


def test_a_report_of_a_problem_is_a_text_to_copy(window, runner, qtbot):
    runner.answers[specs.ExamineComputer] = Examination(
        findings={"python": "3.13", "devices": ["CPU: works", "GPU: works"]}, log="12:00 ERROR it fell"
    )
    dialog = opened_dialog(window, qtbot, "action_reportaproblem", "report_dialog")
    copy = dialog.findChild(QPushButton, "report_copy")
    qtbot.waitUntil(copy.isEnabled)
    assert not dialog.isModal()
    click(qtbot, copy)
    text = QGuiApplication.clipboard().text()
    assert text == "python: 3.13\ndevices: CPU: works, GPU: works\n\nThe end of the log:\n12:00 ERROR it fell"
    window.findChild(QAction, "action_reportaproblem").trigger()
    assert len(window.findChildren(QDialog, "report_dialog")) == 1, "the same once more"
    dialog.close()


def test_the_keys_that_are_told_are_those_of_the_menus(window, qtbot):
    dialog = opened_dialog(window, qtbot, "action_keyboardshortcuts", "keys_dialog")
    told = {label.text() for label in dialog.findChildren(QLabel)}
    for action in window.findChildren(QAction):
        if not action.shortcut().isEmpty():
            assert action.iconText() in told
    assert {"Ctrl+1", "Ctrl+O", "Ctrl+Z"} <= told
    dialog.close()


def test_getting_started_goes_to_each_page(window, qtbot):
    dialog = opened_dialog(window, qtbot, "action_gettingstarted", "start_dialog")
    steps = [row.name for row in PAGES if dialog.findChild(QPushButton, f"start_{row.name}")]
    assert steps == ["home", "data", "train", "results", "predict"]
    for step in steps:
        click(qtbot, dialog.findChild(QPushButton, f"start_{step}"))
        assert window.pages.currentWidget() is getattr(window, f"{step}_page")
    dialog.close()


# Hints --------------------------------------------------------------------------------------------------------


@pytest.fixture
def bubble(window, qtbot):
    made = window.findChild(Bubble, "hint")
    qtbot.waitUntil(made.isVisible)
    return made


def test_the_first_hint_points_at_where_to_begin_and_leaves_once_there_are_pictures(
    window, bubble, studio, runner, qtbot, dataset
):
    assert "Begin here" in bubble.text.text()
    assert window.rect().contains(bubble.geometry())
    assert window.focusWidget() is not bubble.dismiss
    runner.answers[specs.ScanFolder] = dataset
    window.show_page("data")
    assert bubble.isHidden()
    with qtbot.waitSignal(studio.dataset_changed):
        studio.open_folder(dataset.root)
    assert "Train it here" in bubble.text.text()
    assert bubble.isVisible()
    train = window.rail_buttons[3]
    assert abs(bubble.geometry().left() - train.mapTo(window, train.rect().topRight()).x()) < 8
    click(qtbot, train)
    assert bubble.isHidden()
    window.show_page("data")
    with qtbot.waitSignal(studio.dataset_changed):
        studio.open_folder(dataset.root)
    assert bubble.isHidden(), "it never comes back"
    assert set(studio.preferences.hints) == {"begin", "train"}


def test_a_hint_that_is_closed_stays_closed_also_in_the_next_session(window, bubble, studio, qtbot):
    click(qtbot, bubble.dismiss)
    assert bubble.isHidden()
    assert studio.preferences.hints == ("begin",)
    window.hints.begin()
    assert bubble.isHidden()
    window.hints.show_again()
    assert bubble.isVisible(), "unless a person asks for it"


def test_who_has_opened_folders_before_needs_no_hint_where_to_begin(window, bubble, studio, qtbot):
    bubble.hide()
    studio.preferences = studio.preferences.with_recent(Path("/somewhere"))
    window.hints.begin()
    assert bubble.isHidden()


def test_a_hint_moves_with_what_it_points_at(window, bubble, qtbot):
    target = QPushButton("here", window)
    target.move(300, 300)
    target.show()
    bubble.point_at(target, "Here.")
    before = bubble.pos()
    target.move(300, 340)
    qtbot.waitUntil(lambda: bubble.pos().y() == before.y() + 40)
    target.move(window.width() - 20, window.height() - 20)
    qtbot.waitUntil(lambda: bubble.pos() != before)
    assert window.rect().contains(bubble.geometry())
    target.hide()
    qtbot.waitUntil(bubble.isHidden)
