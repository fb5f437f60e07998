"""What is around the pages: recent folders, help, and the hints of the first minute."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication, QIcon
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollArea,
    QTreeWidget,
)  # fmt: skip

from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.computer import Examination
from cnnstudio.jobs.specs.licences import Licences, Part
from cnnstudio.ui.look import theme
from cnnstudio.ui.pages import PAGES
from tests.ui.faults import faults_of
from tests.ui.test_train_page import finished_run  # noqa: F401 - a fixture


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


@pytest.mark.pages("home", "data")
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


@pytest.mark.pages("home")
def test_without_recent_folders_the_menu_offers_none(window):
    menu = window.findChild(QMenu, "menu_openrecent")
    assert not menu.menuAction().isEnabled()


# Help ---------------------------------------------------------------------------------------------------------


@pytest.mark.pages("home")
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


def test_licences_are_a_table_with_the_text_of_the_chosen_part(window, runner, qtbot):
    part = Part(name="Qt", version="6.11", licence="LGPL-3.0-only", source="https://qt.io", note="May be replaced.")
    other = Part(name="torch", version="2.14", licence="BSD-3-Clause", text="Redistribution and use")
    runner.answers[specs.ReadLicences] = Licences(parts=(part, other), bundled=True)
    dialog = opened_dialog(window, qtbot, "action_licences", "licences_dialog")
    table = dialog.findChild(QTreeWidget, "licences_parts")
    qtbot.waitUntil(lambda: table.topLevelItemCount() == 2)
    assert "May be replaced." in dialog.said.text()
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert dialog.text.toPlainText() == "Redistribution and use"
    assert dialog.foot.text() == "2 parts that come with this program"
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
def hint(window, qtbot):
    made = window.hints.hint
    qtbot.waitUntil(made.isVisible)
    return made


def is_below(window, hint, place):
    """Between the button of a page in the rail and the next one, and over nothing."""
    above, below = window.rail_buttons[place].geometry(), window.rail_buttons[place + 1].geometry()
    return above.bottom() < hint.geometry().top() and hint.geometry().bottom() < below.top()


def test_the_first_hint_points_at_where_to_begin_and_leaves_once_there_are_pictures(
    window, hint, studio, runner, qtbot, dataset
):
    assert "Begin here" in hint.text.text()
    assert is_below(window, hint, 0)
    assert window.focusWidget() is not hint.dismiss
    runner.answers[specs.ScanFolder] = dataset
    window.show_page("data")
    assert hint.isHidden()
    with qtbot.waitSignal(studio.runs_read):
        studio.open_folder(dataset.root)
    assert "Train it here" in hint.text.text()
    assert hint.isVisible()
    qtbot.waitUntil(lambda: is_below(window, hint, 3))
    click(qtbot, window.rail_buttons[3])
    assert hint.isHidden()
    window.show_page("data")
    with qtbot.waitSignal(studio.runs_read):
        studio.open_folder(dataset.root)
    assert hint.isHidden(), "it never comes back"
    assert set(studio.preferences.hints) == {"begin", "train"}


def test_a_hint_covers_nothing_and_fits_into_the_smallest_window(window, hint, studio, runner, qtbot, dataset):
    window.resize(window.minimumSize())
    runner.answers[specs.ScanFolder] = dataset
    with qtbot.waitSignal(studio.runs_read):
        studio.open_folder(dataset.root)
    window.show_page("data")
    qtbot.waitUntil(lambda: is_below(window, hint, 3))
    assert faults_of(window.rail) == []
    assert window.height() == window.minimumSize().height()


def test_who_has_trained_needs_no_hint_where_that_is_done(opened, studio, qtbot, finished_run):  # noqa: F811
    qtbot.waitUntil(opened.hints.hint.isVisible)
    finished_run()
    with qtbot.waitSignal(studio.runs_read):
        studio.refresh_runs()
    assert opened.hints.hint.isHidden()
    assert "train" in studio.preferences.hints


@pytest.mark.pages("home")
def test_a_hint_that_is_closed_stays_closed_also_in_the_next_session(window, hint, studio, qtbot):
    click(qtbot, hint.dismiss)
    assert hint.isHidden()
    assert studio.preferences.hints == ("begin",)
    window.hints.begin()
    assert hint.isHidden()
    window.hints.show_again()
    assert hint.isVisible(), "unless a person asks for it"


@pytest.mark.pages("home")
def test_who_has_opened_folders_before_needs_no_hint_where_to_begin(window, hint, studio, qtbot):
    hint.hide()
    studio.preferences = studio.preferences.with_recent(Path("/somewhere"))
    window.hints.begin()
    assert hint.isHidden()


# Keyboard and menus -------------------------------------------------------------------------------------------


@pytest.mark.pages("home", "data")
def test_the_tab_key_goes_on_in_the_page_that_is_shown(window, qtbot):
    window.show_page("data")
    for _ in range(2):  # by whatever way the page was reached
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        assert window.focusWidget().objectName() == "data_open"
        click(qtbot, window.rail_buttons[0])
        click(qtbot, window.rail_buttons[1])


def test_recent_folders_are_where_folders_are_opened(window):
    file = window.menuBar().actions()[0].menu()
    names = [action.text() for action in file.actions()]
    assert names[:3] == ["New project…", "Open folder…", "Open recent"]


@pytest.mark.pages("data")
def test_a_toast_leaves_the_foot_of_a_page_free(window, qtbot):
    window.resize(window.minimumSize())
    window.show_page("data")
    window.toast.tell("Skipped 3 pictures.", "Undo")
    page = window.data_page
    inside = page.findChild(QScrollArea, "page_frame").widget().layout().contentsMargins()
    foot = page.mapTo(window, page.contentsRect().bottomLeft()).y() - inside.bottom()
    assert window.toast.geometry().top() > foot - 8
    assert window.rect().contains(window.toast.geometry())


@pytest.mark.pages("train")
def test_the_icon_of_what_cannot_be_pressed_is_muted_like_its_words(window, qtbot):
    entry = window.train_page.start_button
    assert not entry.isEnabled()
    picture = entry.icon().pixmap(entry.iconSize(), QIcon.Mode.Disabled).toImage()
    seen = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())
            if picture.pixelColor(x, y).alpha() == 255}  # fmt: skip
    assert seen == {theme.current().muted}
