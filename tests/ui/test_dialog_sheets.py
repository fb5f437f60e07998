"""Dialogs, drawers and menus as pages: nothing is cut off, all is spoken, at letters up to twice as large; and Tab."""

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from cnnstudio.ui.widgets import Drawer, Page, tab_after
from tests.ui.dialog_sheets import DIALOGS, opened
from tests.ui.faults import faults_of, is_control, path_of
from tests.ui.sheets import SIZES, STATES, Scene, settle, shown, views_in

ROOM = QSize(1000, 640)
"""Of a small screen, without the title of the dialog."""
SHORTENED = ("film_name", "sort_plan", "film_table")
MOST = 200


@pytest.fixture
def scene(tmp_path, monkeypatch):
    """A run of ten classes that has ended."""
    monkeypatch.setattr("PySide6.QtCore.QSettings.value", lambda *_: None)
    monkeypatch.setattr("PySide6.QtCore.QSettings.setValue", lambda *_: None)
    monkeypatch.setattr("cnnstudio.ui.widgets.dialog_frame.room_for", lambda _: ROOM)
    scene = Scene(tmp_path)
    STATES["done-ten"](scene)
    scene.window.setFixedSize(SIZES["1000x660"])
    yield scene
    scene.close()


@pytest.mark.slow
@pytest.mark.parametrize("letters", [1.0, 1.5, 2.0], indirect=True)
def test_dialogs_and_drawers_have_room_and_are_spoken(letters, scene):
    told, larger = set(), set()
    for name in DIALOGS:
        dialog = opened(scene, name)
        told |= set(faults_of(dialog))
        if dialog.isWindow() and (dialog.width() > ROOM.width() or dialog.height() > ROOM.height() + 100):
            larger.add((name, dialog.width(), dialog.height()))
        leave(scene, dialog)
    assert {fault for fault in told if not any(name in fault for name in SHORTENED)} == set()
    assert larger == set()


@pytest.mark.slow
def test_every_entry_of_every_menu_is_spoken(scene):
    for menu in scene.window.findChildren(QMenu):
        actions = [action for action in menu.actions() if not action.isSeparator()]
        if not actions:
            continue
        told = QAccessible.queryAccessibleInterface(menu)
        entries = [told.child(number) for number in range(told.childCount())]
        words = [entry.text(QAccessible.Text.Name) for entry in entries if entry.role() == QAccessible.Role.MenuItem]
        assert all(words), menu.objectName()
        assert len(words) == len(actions), menu.objectName()
        ticks = [entry.state().checkable for entry in entries if entry.role() == QAccessible.Role.MenuItem]
        assert [bool(tick) for tick in ticks] == [action.isCheckable() for action in actions]


@pytest.mark.slow
def test_tab_gets_to_every_control_and_shows_it(scene):
    told = []
    for view in views_in("done-ten"):
        window = shown(scene, view, SIZES["1000x660"])
        window.pages.page(window.pages.shown).setFocus()
        told += [f"{view}: {fault}" for fault in walk(scene, window, window)]
        scene.window.train_page.drawer.close_it()
    for name in DIALOGS:
        if name == "chooser":  # a popup, which gets no keys without a window system
            continue
        dialog = opened(scene, name)
        told += [f"{name}: {fault}" for fault in walk(scene, dialog.window(), dialog)]
        leave(scene, dialog)
    assert told == []


def walk(scene, window, around):
    """What is wrong with the way of the Tab key, pressed until it comes round."""
    window.activateWindow()
    settle(scene.studio)
    stops = []
    while len(stops) < MOST:
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        at = QApplication.focusWidget()
        if at is None or at in stops:
            break
        stops.append(at)
        settle(scene.studio)
        if hidden(at):
            yield f"{path_of(at)} is not seen when the keyboard gets to it"
    over = [each for each in around.findChildren(Drawer) if each.isVisible()]
    for control in (over[0] if over else around).findChildren(QWidget):
        takes_keys = control.isVisible() and control.isEnabled() and control.focusPolicy() & Qt.FocusPolicy.TabFocus
        if not (takes_keys and is_control(control) and control.window() is window) or control in stops:
            continue
        group = control.group() if isinstance(control, QPushButton) else None
        is_part = any(control.isAncestorOf(each) or each.isAncestorOf(control) for each in stops)
        if not is_part and not (group is not None and group.exclusive()):
            yield f"Tab never gets to {path_of(control)}"


def hidden(widget):
    """Whether nothing of it can be seen, or something else lies over its middle."""
    seen = widget.viewport() if hasattr(widget, "viewport") else widget
    part = seen.visibleRegion().boundingRect()
    if part.isEmpty():
        return True
    window = seen.window()
    at = window.childAt(seen.mapTo(window, part.center()))
    while at is not None and at is not widget:
        at = at.parentWidget()
    return at is None and window is not widget


def leave(scene, dialog):
    """Close it as its kind is closed."""
    dialog.close_it() if isinstance(dialog, Drawer) else dialog.close()
    settle(scene.studio)


def test_what_is_made_late_has_its_place_in_the_order_of_the_tab_key(qtbot):
    host = QWidget()
    qtbot.addWidget(host)
    column = QVBoxLayout(host)
    first, mark, last = QPushButton("first"), QLabel("here"), QPushButton("last")
    for part in (first, mark, last):
        column.addWidget(part)
    late = [QPushButton("late"), QLabel("no stop"), QPushButton("later")]
    for part in late:
        column.insertWidget(column.count() - 1, part)
    tab_after(mark, *late)
    with qtbot.waitExposed(host):
        host.show()
    first.setFocus()
    seen = []
    for _ in range(4):
        seen.append(QApplication.focusWidget().text())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert seen == ["first", "late", "later", "last"]


@pytest.fixture
def drawer(qtbot):
    """A page with a button on the left, one that the drawer lies over, and two in the drawer."""
    page = Page("a_page", "A page", scrolls=False)
    for name in ("left", "under"):
        page.column.addWidget(QPushButton(name, objectName=name), 0, Qt.AlignmentFlag.AlignLeft)
    page.column.addStretch(1)
    under = page.findChild(QPushButton, "under")
    made = Drawer("a_drawer", "A drawer", page, page)
    made.body.addWidget(QPushButton("first", objectName="first"))
    made.body.addWidget(QPushButton("last", objectName="last"))
    qtbot.addWidget(page)
    page.resize(900, 500)
    with qtbot.waitExposed(page):
        page.show()
    page.column.removeWidget(under)
    under.setParent(page)
    under.move(700, 300)
    under.show()
    return made


def test_the_tab_key_stays_in_an_open_drawer_and_nothing_below_it_gets_keys(drawer, qtbot):
    page = drawer.parentWidget()
    left, first, last, under = (page.findChild(QPushButton, name) for name in ("left", "first", "last", "under"))
    left.setFocus()
    drawer.open(first)
    seen = []
    for _ in range(4):
        seen.append(QApplication.focusWidget().objectName())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert seen == ["first", "last", "a_drawer_close", "first"]
    qtbot.keyClick(last, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert first.hasFocus()
    under.setFocus(Qt.FocusReason.TabFocusReason)
    assert drawer.dismiss.hasFocus(), "as if it came from the rest of the window"
    left.setFocus(Qt.FocusReason.MouseFocusReason)
    assert left.hasFocus(), "what can be seen can be used"
    qtbot.keyClick(drawer, Qt.Key.Key_Escape)
    under.setFocus(Qt.FocusReason.TabFocusReason)
    assert under.hasFocus()


def test_what_the_keyboard_gets_to_is_scrolled_to_from_wherever_it_comes(qtbot):
    host = QWidget()
    qtbot.addWidget(host)
    outside = QPushButton("outside")
    page = Page("a_page", "A page")
    page.column.addSpacing(2000)
    far = QPushButton("far below")
    page.column.addWidget(far)
    column = QVBoxLayout(host)
    column.addWidget(outside)
    column.addWidget(page)
    host.resize(500, 400)
    with qtbot.waitExposed(host):
        host.show()
    outside.setFocus()
    assert far.visibleRegion().isEmpty()
    far.setFocus()
    qtbot.waitUntil(lambda: far.visibleRegion().boundingRect().height() == far.height())
    assert far.mapTo(host, QPoint()).y() < 400
