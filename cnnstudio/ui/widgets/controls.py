"""Labels, buttons and inputs, each with a name to find and a name to read.

Labels show text as it is: names of classes and files are the user's words, never markup.
"""

import re
import textwrap
from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar, cast

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import icon


class _Label(QtWidgets.QLabel):
    """A number and its percent sign stay on one line; what is read back is what was said."""

    @override
    def setText(self, text: str) -> None:
        super().setText(_PERCENT.sub("\u00a0%", text))

    @override
    def text(self) -> str:
        return super().text().replace("\u00a0%", " %")

    @override
    def setToolTip(self, text: str) -> None:
        super().setToolTip(wrapped(text))

    @override
    def toolTip(self) -> str:
        return super().toolTip().replace("\n", " ")


def wrapped(text: str) -> str:
    """A sentence for a tooltip: Qt writes plain ones in one line, past the end of the screen."""
    return "\n".join(textwrap.fill(line, _TIP_LETTERS) for line in text.splitlines())


_TIP_LETTERS = 80
_PERCENT = re.compile(r"(?<=\d) %")


def label(
    text: str = "", role: theme.Role = "body", *, kind: str = "", wrap: bool = False, name: str = ""
) -> QtWidgets.QLabel:
    """A plain-text label in a role's font; ``kind`` is muted, good, bad or badge."""
    made = _Label()
    made.setText(text)
    made.setTextFormat(QtCore.Qt.TextFormat.PlainText)
    made.setFont(theme.font(role))
    made.setWordWrap(wrap)
    if name:
        made.setObjectName(name)
    if kind:
        made.setProperty("kind", kind)
    return made


def plain(text: str) -> str:
    """User's words for tooltips and messages, where Qt would take some for markup: then told otherwise, unseen.

    What is no label of ours (``QToolTip``, ``QInputDialog``) guesses from the first tag or entity whether a text is
    markup; a word joiner within it, which has no width, leaves it the text that it is.
    """
    while QtGui.Qt.mightBeRichText(text):
        text = _MARKUP.sub(rf"\1{_JOINER}", text, count=1)
    return text


_JOINER = "\u2060"
_MARKUP = re.compile(rf"([<&])(?!{_JOINER})")


def mnemonic_free(text: str) -> str:
    """User's words on a button or in a menu, where Qt takes an ampersand for the key beside it."""
    return text.replace("&", "&&")


def set_kind(widget: QtWidgets.QWidget, kind: str) -> None:
    """Change a widget's style."""
    widget.setProperty("kind", kind)
    restyle(widget)


def set_property(widget: QtWidgets.QWidget, name: str, value: object) -> None:
    """Change what the style sheet asks a widget for."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        restyle(widget)


def restyle(widget: QtWidgets.QWidget) -> None:
    """Let the style sheet look at a widget's properties again."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


Kind = Literal["primary", "secondary", "ghost", "row", "choice", "nav", "tab"]


def button(
    text: str, name: str, on_click: Callable[[], object] | None = None, *, kind: Kind = "secondary", icon_name: str = ""
) -> QtWidgets.QPushButton:
    """A button with an object name and an accessible name.

    Args:
        text: what it says; for icon-only buttons give ``text`` as the accessible name and clear it afterwards.
        name: object name.
        on_click: called without arguments.
        kind: visual weight; one ``primary`` per page.
        icon_name: of our icons.
    """
    made = QtWidgets.QPushButton(text)
    made.setObjectName(name)
    made.setAccessibleName(text)
    made.setProperty("kind", kind)
    made.setCursor(QtCore.Qt.CursorShape.PointingHandCursor)
    if icon_name:
        made.setIconSize(QtCore.QSize(18, 18))
        tint(made, icon_name)
        theme.on_change(made, lambda: tint(made, icon_name))
    if on_click is not None:
        made.clicked.connect(lambda: on_click())
    return made


class Choices(QtWidgets.QButtonGroup):
    """Buttons of which one is chosen: told to a screen reader as one of several, not as boxes to tick."""

    @override
    def addButton(self, button: QtWidgets.QAbstractButton, id: int = -1) -> None:
        button.setAutoExclusive(True)  # the group decides all the same
        super().addButton(button, id)


def tint(target: QtWidgets.QPushButton, icon_name: str) -> None:
    """Give a button its icon in the colour of its text."""
    colours = theme.current()
    kind = target.property("kind")
    colour = {"primary": colours.accent_text, "ghost": colours.accent, "nav": colours.muted}.get(kind, colours.text)
    target.setIcon(icon(icon_name, colour))


N = TypeVar("N", QtWidgets.QSpinBox, QtWidgets.QDoubleSpinBox)
_B = TypeVar("_B", bound=QtWidgets.QWidget)
Items = Iterable[tuple[str, Any]]
"""Shown text and value."""


def combo(name: str, accessible: str, items: Items = (), *, width: int = 0) -> QtWidgets.QComboBox:
    """A list to choose one from, at least ``width`` pixels wide."""
    made = _still(QtWidgets.QComboBox())
    made.setObjectName(name)
    made.setAccessibleName(accessible)
    if width:
        made.setMinimumWidth(theme.scaled(width))
    for text, value in items:
        made.addItem(text, value)
    return made


def tab_after(mark: QtWidgets.QWidget, *late: QtWidgets.QWidget) -> None:
    """Let the Tab key get to what was made late where ``mark`` stands, and not at the end of all."""
    at: QtWidgets.QWidget | None = mark
    while at is not None and not at.focusPolicy() & QtCore.Qt.FocusPolicy.TabFocus:
        at = at.previousInFocusChain()
        if at is mark:
            return
    for each in late:
        takes_keys = each.focusPolicy() & QtCore.Qt.FocusPolicy.TabFocus and each.focusProxy() is None
        if at is not None and takes_keys and each.window() is at.window():
            QtWidgets.QWidget.setTabOrder(at, each)
            at = each


def make_editable(box: QtWidgets.QComboBox) -> None:
    """Let a person type into it; the field, in which the keyboard is then, has its name."""
    box.setEditable(True)
    field = box.lineEdit()
    assert field is not None
    field.setAccessibleName(box.accessibleName())


def fill(box: QtWidgets.QComboBox, items: Items) -> None:
    """Offer these instead, without a signal; what was chosen stays chosen where it is offered, else the first is."""
    chosen = box.currentData()
    with QtCore.QSignalBlocker(box):
        box.clear()
        for text, value in items:
            box.addItem(text, value)
        box.setCurrentIndex(max(0, box.findData(chosen)) if box.count() else -1)


def number(name: str, accessible: str, low: int, high: int, value: int = 0, *, suffix: str = "") -> QtWidgets.QSpinBox:
    """A field for a whole number."""
    made = in_line(QtWidgets.QSpinBox())
    made.setObjectName(name)
    made.setAccessibleName(accessible)
    made.setRange(low, high)
    made.setSuffix(suffix)
    made.setValue(value)
    return made


def slider(name: str, accessible: str, low: int, high: int, value: int) -> QtWidgets.QSlider:
    """A slider from left to right."""
    made = _still(QtWidgets.QSlider(QtCore.Qt.Orientation.Horizontal))
    made.setObjectName(name)
    made.setAccessibleName(accessible)
    made.setToolTip(accessible)
    made.setRange(low, high)
    made.setPageStep((high - low) // 6)
    made.setSingleStep((high - low) // 24)
    made.setValue(value)
    made.setFixedWidth(theme.scaled(120))
    return made


def in_line(made: N) -> N:
    """A number field whose digits stand where the text of other fields stands."""
    made.lineEdit().setTextMargins(theme.XS, 0, 0, 0)
    return _still(made)


class _Wheel(QtCore.QObject):
    """Leaves the wheel to the page until the field has been clicked, so that scrolling changes no settings."""

    @override
    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        passing = event.type() == QtCore.QEvent.Type.Wheel and not cast("QtWidgets.QWidget", watched).hasFocus()
        if passing:
            event.ignore()
        return passing


def _still(made: _B) -> _B:
    made.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)  # Qt's own gives the focus to what the wheel passes over
    made.installEventFilter(_Wheel(made))
    return made
