"""Buttons in the four weights of the visual language."""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton

from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import icon

Kind = Literal["primary", "secondary", "ghost", "row", "choice", "nav", "tab"]


def button(
    text: str, name: str, on_click: Callable[[], object] | None = None, *, kind: Kind = "secondary", icon_name: str = ""
) -> QPushButton:
    """A button with an object name and an accessible name.

    Args:
        text: what it says; for icon-only buttons give ``text`` as the accessible name and clear it afterwards.
        name: object name.
        on_click: called without arguments.
        kind: visual weight; one ``primary`` per page.
        icon_name: of our icons.
    """
    made = QPushButton(text)
    made.setObjectName(name)
    made.setAccessibleName(text)
    made.setProperty("kind", kind)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    if icon_name:
        made.setIconSize(QSize(18, 18))
        tint(made, icon_name)
        theme.on_change(made, lambda: tint(made, icon_name))
    if on_click is not None:
        made.clicked.connect(lambda: on_click())
    return made


def tint(target: QPushButton, icon_name: str) -> None:
    """Give a button its icon in the colour of its text."""
    colours = theme.current()
    kind = target.property("kind")
    colour = {"primary": colours.accent_text, "ghost": colours.accent, "nav": colours.muted}.get(kind, colours.text)
    target.setIcon(icon(icon_name, colour))
