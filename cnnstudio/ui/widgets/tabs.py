"""Tabs whose contents are made when they are first opened, each with a place of its own to scroll."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets.controls import Choices, button
from cnnstudio.ui.widgets.page import scrolling

W = TypeVar("W", bound=QtWidgets.QWidget)


@dataclass(frozen=True, slots=True)
class TabRow(Generic[W]):
    """One tab."""

    name: str
    title: str
    make: Callable[[], W]
    scrolls: bool = True
    """Whether it may be higher than the page; else it gets the room that there is."""


class Tabs(QtWidgets.QWidget, Generic[W]):
    """A click, the arrows, or Ctrl+Page up and Ctrl+Page down open a tab; nothing is open until somebody opens it."""

    opened = QtCore.Signal(str)
    """The name of a tab that is shown from now on."""

    def __init__(self, name: str, rows: Sequence[TabRow[W]]) -> None:
        super().__init__()
        self.setObjectName(name)
        self._rows = {row.name: row for row in rows}
        self._made: dict[str, W] = {}
        self._places: dict[str, int] = {}
        self._name = ""
        self._stack = QtWidgets.QStackedWidget()
        self.buttons = {row.name: self._button(row) for row in rows}
        strip = QtWidgets.QHBoxLayout()
        strip.setSpacing(theme.XS)
        group = Choices(self)
        for entry in self.buttons.values():
            group.addButton(entry)
            strip.addWidget(entry)
        strip.addStretch(1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(strip)
        column.addWidget(self._stack, 1)
        for keys, step in (("Ctrl+PgDown", 1), ("Ctrl+PgUp", -1)):
            shortcut = QtGui.QShortcut(QtGui.QKeySequence(keys), self)
            shortcut.activated.connect(partial(self._step, step))

    @property
    def name(self) -> str:
        """Of the open tab; empty until one was opened."""
        return self._name

    @property
    def made(self) -> Sequence[W]:
        """What was opened so far."""
        return tuple(self._made.values())

    def tab(self, name: str) -> W:
        """What is in a tab; it is made for this where it is not there yet."""
        if name not in self._made:
            row = self._rows[name]
            self._made[name] = made = row.make()
            self._places[name] = self._stack.addWidget(scrolling(made) if row.scrolls else made)
        return self._made[name]

    def open(self, name: str) -> None:
        """Show a tab; the first one where there is none of this name."""
        name = name if name in self._rows else next(iter(self._rows))
        self.tab(name)
        self.buttons[name].setChecked(True)
        self._stack.setCurrentIndex(self._places[name])
        if name != self._name:
            self._name = name
            self.opened.emit(name)

    def _button(self, row: TabRow[W]) -> QtWidgets.QPushButton:
        entry = button(row.title, f"{self.objectName()}_{row.name}", partial(self.open, row.name), kind="tab")
        entry.setCheckable(True)
        return entry

    def _step(self, by: int) -> None:
        names = list(self._rows)
        name = names[(names.index(self._name) + by) % len(names)] if self._name else names[0]
        if any(entry.hasFocus() for entry in self.buttons.values()):
            self.buttons[name].setFocus()  # its ring stands where one is
        self.open(name)
