"""What is wrong with a window as it is drawn: words cut off, widgets over each other, controls without names."""

import re
from collections.abc import Iterator

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QGraphicsView,
    QHeaderView,
    QLabel,
    QLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)  # fmt: skip

_R = QAccessible.Role
NO_ROLES = {_R.NoRole, _R.Client, _R.Whitespace}
"""What Qt says of a widget of which it knows nothing."""
_OF_ITEMS = {_R.List, _R.Table, _R.Tree}
CONTROLS = (
    QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit
)  # fmt: skip
_FROM_THE_RIGHT = re.compile("[\u0590-\u08ff]+")
SLACK = 2
"""Pixels that a font may need more than it said."""
_ARROW = 18
"""Room for the mark of the order, which Qt asks for in every column."""


def faults_of(window: QWidget) -> list[str]:
    """One line each; empty when everything that is visible can be read, is by itself, and has a name."""
    found: list[str] = []
    widgets = [widget for widget in window.findChildren(QWidget) if widget.isVisible()]
    told = set(_told(QAccessible.queryAccessibleInterface(window)))
    for widget in widgets:
        faults = (*_cut_off(widget), *_nameless(widget), *_unspoken(widget), *_mixed(widget))
        if is_control(widget) and widget not in told:
            found.append(f"{path_of(widget)}: is not in the accessibility tree")
        found += [f"{path_of(widget)}: {what}" for what in faults]
        if isinstance(widget, QScrollArea) and widget.horizontalScrollBar().maximum() > 0:
            found.append(f"{path_of(widget)}: scrolls sideways by {widget.horizontalScrollBar().maximum()} px")
    found += [f"{path_of(one)} and {path_of(other)}: lie over each other" for one, other in _overlaps(widgets)]
    return sorted(set(found))


def path_of(widget: QWidget) -> str:
    """Its name, or what it says, and in which named part it is."""
    text = widget.text()[:40] if isinstance(widget, QLabel | QAbstractButton) else ""
    name = widget.objectName() or f"{type(widget).__name__} {text!r}"
    above = widget.parentWidget()
    while above is not None and not above.objectName():
        above = above.parentWidget()
    return f"{above.objectName() if above else ''}/{name}"


def _cut_off(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel) and widget.text() and widget.textFormat() != Qt.TextFormat.RichText:
        yield from _cut_label(widget)
    if isinstance(widget, QPushButton | QCheckBox) and widget.text() and widget.layout() is None:
        needed, has = widget.sizeHint(), widget.size()
        if needed.width() > has.width() + SLACK or needed.height() > has.height() + SLACK:
            room = f"{has.width()}×{has.height()} of {needed.width()}×{needed.height()} px"
            yield f"{widget.text()[:50]!r} has {room}"
    if isinstance(widget, QComboBox) and not widget.isEditable():
        room, needed = _text_room(widget), widget.fontMetrics().horizontalAdvance(widget.currentText())
        if needed > room + SLACK:
            yield f"{needed - room} px of {widget.currentText()[:50]!r} are cut off"
    if isinstance(widget, QHeaderView) and widget.orientation() == Qt.Orientation.Horizontal:
        yield from _cut_headers(widget)
    if isinstance(widget, CONTROLS) and not isinstance(widget, QScrollBar) and not _scrolls(widget):
        inside = _visible_part(widget)
        if inside != widget.size():
            yield f"only {inside.width()}×{inside.height()} of {widget.width()}×{widget.height()} px are in the window"


def _text_room(box: QComboBox) -> int:
    """What is left beside the arrow."""
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    part = QStyle.SubControl.SC_ComboBoxEditField
    return box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, box).width()


def _cut_label(widget: QLabel) -> Iterator[str]:
    said, metrics = widget.text()[:50], widget.fontMetrics()
    if widget.wordWrap():
        needed = widget.heightForWidth(widget.width())
        if needed > widget.height() + SLACK:
            yield f"{needed - widget.height()} px of {said!r} are cut off below"
        return
    needed = max(map(metrics.horizontalAdvance, widget.text().splitlines()), default=0)
    if needed > widget.contentsRect().width() + SLACK:
        yield f"{needed - widget.contentsRect().width()} px of {said!r} are cut off"
    if metrics.height() > widget.height() + SLACK:
        yield f"{said!r} is too low to be read"


def _cut_headers(header: QHeaderView) -> Iterator[str]:
    """A word over a column is cut off although the columns need not scroll."""
    if header.length() > header.width() + SLACK:
        return
    for number in range(header.count()):
        is_sorted = header.isSortIndicatorShown() and header.sortIndicatorSection() == number
        needed = header.sectionSizeHint(number) - (0 if is_sorted else _ARROW)
        if not header.isSectionHidden(number) and needed > header.sectionSize(number) + SLACK:
            text = str(header.model().headerData(number, header.orientation()) or "")
            yield f"{text!r} has {header.sectionSize(number)} of {needed} px"


def _visible_part(widget: QWidget):
    """What lies within all that it lies in."""
    area, above = widget.rect(), widget.parentWidget()
    place = QPoint(0, 0)
    at = widget
    while above is not None and not at.isWindow():
        place += at.pos()
        area = area.intersected(above.rect().translated(-place))
        at, above = above, above.parentWidget()
    return area.size()


def _scrolls(widget: QWidget) -> bool:
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QAbstractScrollArea):
            return True
        above = above.parentWidget()
    return False


def _told(interface: QAccessibleInterface | None) -> Iterator[QWidget]:
    """Whatever a screen reader can walk to from the window; rows and cells are as many as there are files."""
    if interface is None or not interface.isValid() or interface.state().invisible:
        return
    if isinstance(widget := interface.object(), QWidget):
        yield widget
    if interface.role() not in _OF_ITEMS:
        for number in range(interface.childCount()):
            yield from _told(interface.child(number))


def is_control(widget: QWidget) -> bool:
    """What the keyboard gets to, or has to be operated; without the parts that Qt's own controls are made of."""
    takes_keys = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None
    if not (isinstance(widget, CONTROLS) or takes_keys) or isinstance(widget, QScrollBar | QHeaderView):
        return False
    around = widget.parentWidget()
    is_part = isinstance(around, QAbstractSpinBox | QGraphicsView) or (isinstance(around, QComboBox) and not takes_keys)
    return not (is_part or widget.objectName().startswith("qt_"))


def _nameless(widget: QWidget) -> Iterator[str]:
    """As a screen reader is told; what takes no keyboard and has no words is decoration."""
    told = QAccessible.queryAccessibleInterface(widget)
    name = told.text(QAccessible.Text.Name) if told is not None else widget.accessibleName()
    if is_control(widget) and not name.strip():
        yield "has no accessible name"


def _unspoken(widget: QWidget) -> Iterator[str]:
    """No role, or a picture or a list that says nothing of what is in it, or a choice that says no state."""
    told = QAccessible.queryAccessibleInterface(widget)
    paints = any("paintEvent" in vars(kind) for kind in type(widget).__mro__ if kind.__module__.startswith("cnnstudio"))
    if told is None or not (is_control(widget) or paints):
        return
    role = told.role()
    if role in NO_ROLES:
        yield f"has no role: {role.name}"
    if role == _R.Chart and not told.text(QAccessible.Text.Description).strip():
        yield "says nothing of what it shows"
    if isinstance(widget, QAbstractButton) and widget.isCheckable():
        state = told.state()
        if not state.checkable or bool(state.checked) != widget.isChecked():
            yield "says not whether it is on"
        if (group := widget.group()) is not None and group.exclusive() != (role == _R.RadioButton):
            yield f"is one of several, and said to be a {role.name}"
    if role in _OF_ITEMS and told.childCount():
        first = (told.child(number) for number in range(min(told.childCount(), 8)))
        if not any(item is not None and item.text(QAccessible.Text.Name).strip() for item in first):
            yield "says nothing of its rows"


def _mixed(widget: QWidget) -> Iterator[str]:
    """A name from right to left stands in a sentence, whose order it changes unless it is isolated."""
    said = [widget.toolTip(), widget.accessibleName()]
    said += [widget.text()] if isinstance(widget, QLabel | QAbstractButton) else []
    for text in said:
        for found in _FROM_THE_RIGHT.finditer(text):
            around = text[: found.start()] + text[found.end() :]
            if any(letter.isalnum() for letter in around) and "\u2068" not in text[: found.start()]:
                yield f"the name in {text[:60]!r} is not isolated"


def _overlaps(widgets: list[QWidget]) -> Iterator[tuple[QWidget, QWidget]]:
    """Neighbours in one layout; what floats is in none."""
    for parent in {widget.parentWidget() for widget in widgets} - {None}:
        layout = parent.layout()
        if layout is None:
            continue
        placed = [each for each in _laid_out(layout) if each.isVisible() and each.parentWidget() is parent]
        for number, one in enumerate(placed):
            for other in placed[number + 1 :]:
                shared = one.geometry().intersected(other.geometry())
                if min(shared.width(), shared.height()) > SLACK:
                    yield one, other


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    for number in range(layout.count()):
        item = layout.itemAt(number)
        if item.widget() is not None:
            yield item.widget()
        elif item.layout() is not None:
            yield from _laid_out(item.layout())
