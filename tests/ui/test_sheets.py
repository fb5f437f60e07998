"""Every page in its usual states in the smallest window; all states and sizes: ``python -m tests.ui.sheets``."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QScrollArea, QWidget

from cnnstudio.ui.pages import PAGES
from cnnstudio.ui.widgets import Page
from tests.ui.faults import faults_of
from tests.ui.sheets import FAST, SIZES, STATES, VIEWS, Scene, shown


@pytest.mark.parametrize(
    "state", [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in STATES]
)
def test_nothing_is_cut_off_or_nameless_on_any_page(tmp_path, monkeypatch, qtbot, state):
    monkeypatch.setattr("PySide6.QtCore.QSettings.value", lambda *_: None)
    monkeypatch.setattr("PySide6.QtCore.QSettings.setValue", lambda *_: None)
    scene = Scene(tmp_path)
    try:
        STATES[state](scene)
        found = {row.name: faults_of(shown(scene, row.name, SIZES["1000x660"])) for row in PAGES}
    finally:
        scene.close()
    assert {page: faults for page, faults in found.items() if faults} == {}


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", ["done-two", "done-ten", "done-120"])
def test_nothing_is_cut_off_or_nameless_in_any_tab_or_panel(tmp_path, monkeypatch, qtbot, state, size):
    monkeypatch.setattr("PySide6.QtCore.QSettings.value", lambda *_: None)
    monkeypatch.setattr("PySide6.QtCore.QSettings.setValue", lambda *_: None)
    scene = Scene(tmp_path)
    try:
        STATES[state](scene)
        found = {view: faults_of(shown(scene, view, SIZES[size])) for view in VIEWS}
    finally:
        scene.close()
    assert {view: faults for view, faults in found.items() if faults} == {}


def of(qtbot, *widgets, width=300):
    """A window with these beside each other."""
    host = QWidget()
    host.setObjectName("host")
    row = QHBoxLayout(host)
    for widget in widgets:
        row.addWidget(widget)
    qtbot.addWidget(host)
    with qtbot.waitExposed(host):
        host.show()
    host.setFixedSize(QSize(width, 60))
    qtbot.waitUntil(lambda: host.width() == width)
    return host


def test_words_that_do_not_fit_are_found(qtbot):
    label, button = QLabel("a sentence that is much too long for its label"), QPushButton("a button with many words")
    for widget in (label, button):
        widget.setMaximumWidth(60)
    found = faults_of(of(qtbot, label, button))
    assert ["cut off" in found[0] or "has 60" in found[0], len(found)] == [True, 2]


def test_widgets_over_each_other_are_found(qtbot):
    one, other = QLabel("one"), QLabel("other")
    host = of(qtbot, one, other)
    assert faults_of(host) == []
    other.setGeometry(one.geometry())
    assert any("lie over each other" in fault for fault in faults_of(host))


def test_a_control_without_a_name_is_found(qtbot):
    field = QLineEdit()
    host = of(qtbot, field)
    assert faults_of(host) == ["host/QLineEdit '': has no accessible name"]
    field.setAccessibleName("Search")
    assert faults_of(host) == []


def test_a_view_of_our_own_that_takes_the_keyboard_needs_a_name_too(qtbot):
    view = QWidget()
    host = of(qtbot, view)
    assert faults_of(host) == []
    view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    assert faults_of(host) == ["host/QWidget '': has no accessible name", "host/QWidget '': has no role: Client"]


def test_a_choice_that_is_cut_off_is_found(qtbot):
    box = QComboBox()
    box.setAccessibleName("Network")
    box.addItem("a network with a very long name")
    host = of(qtbot, box)
    assert faults_of(host) == []
    box.setFixedWidth(90)
    assert any("are cut off" in fault for fault in faults_of(host))


def test_a_control_that_is_partly_outside_is_found(qtbot):
    button = QPushButton("Start")
    host = of(qtbot, button)
    button.move(host.width() - 20, 10)
    assert any("are in the window" in fault for fault in faults_of(host))


def test_a_name_from_right_to_left_that_is_not_isolated_is_found(qtbot):
    label = QLabel("أحذية: 3 times")
    host = of(qtbot, label)
    assert any("is not isolated" in fault for fault in faults_of(host))
    label.setText("\u2068أحذية\u2069: 3 times")
    assert faults_of(host) == []
    label.setText("أحذية")
    assert faults_of(host) == [], "by itself it mixes with nothing"


SHORTENED = ("live_device", "lab_result_title")
"""With a mark, and whole in its tooltip or its list."""


@pytest.mark.slow
@pytest.mark.parametrize("letters", [1.5, 2], indirect=True)
def test_with_letters_up_to_twice_as_large_pages_scroll_and_nothing_is_cut_off(letters, tmp_path, monkeypatch, qtbot):
    monkeypatch.setattr("PySide6.QtCore.QSettings.value", lambda *_: None)
    monkeypatch.setattr("PySide6.QtCore.QSettings.setValue", lambda *_: None)
    scene = Scene(tmp_path)
    try:
        STATES["done-ten"](scene)
        views = [row.name for row in PAGES] + list(VIEWS)
        found = {view: faults_of(shown(scene, view, SIZES["1000x660"])) for view in views}
        widths = {scene.window.width(), scene.window.height()}
    finally:
        scene.close()
    told = {fault for faults in found.values() for fault in faults if "scrolls sideways" not in fault}
    assert {fault for fault in told if not any(name in fault for name in SHORTENED)} == set()
    assert widths == {1000, 660}


def test_what_has_too_little_room_for_letters_scrolls_and_tab_shows_what_it_reaches(letters, qtbot):
    page = Page("a_page", "A page", scrolls=False)
    first, last = QPushButton("the first of two buttons"), QPushButton("the last of two buttons")
    row = QHBoxLayout()
    for entry in (first, last):
        row.addWidget(entry)
    page.column.addLayout(row)
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    page.setFixedSize(400, 300)
    frame = page.findChild(QScrollArea, "page_frame")
    qtbot.waitUntil(lambda: frame.horizontalScrollBar().maximum() > 0)
    assert last.visibleRegion().boundingRect().width() < last.width()
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    qtbot.waitUntil(last.hasFocus)
    qtbot.waitUntil(lambda: last.visibleRegion().boundingRect().right() == last.width() - 1)
    assert last.width() >= last.sizeHint().width()
