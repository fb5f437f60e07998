"""The steps on the left: a button per page."""

from collections.abc import Callable
from functools import partial

from PySide6 import QtCore, QtWidgets

from cnnstudio import __version__
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import icon, pixmap
from cnnstudio.ui.widgets import Choices, button, label
from cnnstudio.ui.widgets.page import scrolling

_WIDTH = 176


class Rail(QtWidgets.QFrame):
    """Tells where one is; each button is checked while its page is shown."""

    def __init__(self, rows: list[tuple[str, str, str]], show_page: Callable[[str], object]) -> None:
        """``rows`` are name, title and icon of each page."""
        super().__init__()
        self.setProperty("kind", "rail")
        steps = QtWidgets.QWidget()
        steps.setProperty("kind", "column")
        self._column = column = QtWidgets.QVBoxLayout(steps)
        column.setContentsMargins(theme.S + 4, theme.M, theme.S + 4, theme.M)
        column.setSpacing(theme.XS)
        self._logo = QtWidgets.QLabel()
        brand = QtWidgets.QHBoxLayout()
        brand.addWidget(self._logo)
        brand.addWidget(label("CNN Studio", "heading"), 1)
        column.addLayout(brand)
        column.addSpacing(theme.M)
        group = Choices(self)
        self.buttons: list[QtWidgets.QPushButton] = []
        self._icons: list[str] = []
        for name, title, icon_name in rows:
            entry = button(title, f"nav_{name}", partial(show_page, name), kind="nav")
            entry.setCheckable(True)
            entry.setIconSize(QtCore.QSize(18, 18))
            entry.toggled.connect(partial(self._tint_entry, entry, icon_name))
            group.addButton(entry)
            column.addWidget(entry)
            self.buttons.append(entry)
            self._icons.append(icon_name)
        column.addStretch(1)
        column.addWidget(label(f"Version {__version__}", "caption", kind="muted"))
        around = QtWidgets.QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(scrolling(steps))
        theme.notifier().changed.connect(self._tint)
        self.buttons[0].setChecked(True)
        self._tint()
        self.setFixedWidth(theme.scaled(_WIDTH))

    def check(self, name: str) -> None:
        """The page of this name is shown."""
        if entry := self._entry(name):
            entry.setChecked(True)

    def place_below(self, name: str, widget: QtWidgets.QWidget) -> bool:
        """Make room for a widget below the button of a page; False where there is none."""
        entry = self._entry(name)
        if entry is None:
            return False
        self._column.removeWidget(widget)
        self._column.insertWidget(self._column.indexOf(entry) + 1, widget)
        return True

    def _entry(self, name: str) -> QtWidgets.QPushButton | None:
        return next((entry for entry in self.buttons if entry.objectName() == f"nav_{name}"), None)

    @QtCore.Slot()
    def _tint(self) -> None:
        """Icons take the colour of their words."""
        self._logo.setPixmap(pixmap("app", 28, theme.current().accent, self.devicePixelRatioF()))
        for entry, name in zip(self.buttons, self._icons, strict=True):
            self._tint_entry(entry, name)

    def _tint_entry(self, entry: QtWidgets.QPushButton, name: str, _: bool = False) -> None:
        colours = theme.current()
        entry.setIcon(icon(name, colours.accent if entry.isChecked() else colours.muted))
