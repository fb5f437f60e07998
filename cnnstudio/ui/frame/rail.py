"""The steps on the left: a button per page, with letters twice as large in a small window only its icon."""

from collections.abc import Callable
from functools import partial

from PySide6 import QtCore, QtWidgets

from cnnstudio import __version__
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import icon, pixmap
from cnnstudio.ui.widgets import Choices, button, label
from cnnstudio.ui.widgets.page import scrolling

_WIDTH, _NARROW = 176, 64
_MOST = 0.25
"""Of the width of the window; with more, pages would have to scroll sideways."""


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
        self._words = (label("CNN Studio", "heading"), label(f"Version {__version__}", "caption", kind="muted"))
        brand.addWidget(self._words[0], 1)
        column.addLayout(brand)
        column.addSpacing(theme.M)
        group = Choices(self)
        self.buttons: list[QtWidgets.QPushButton] = []
        self._icons: list[str] = []
        for name, title, icon_name in rows:
            entry = button(title, f"nav_{name}", partial(show_page, name), kind="nav")
            entry.setCheckable(True)
            entry.setIconSize(QtCore.QSize(theme.scaled(18), theme.scaled(18)))
            entry.toggled.connect(partial(self._tint_entry, entry, icon_name))
            group.addButton(entry)
            column.addWidget(entry)
            self.buttons.append(entry)
            self._icons.append(icon_name)
        column.addStretch(1)
        column.addWidget(self._words[1])
        around = QtWidgets.QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(scrolling(steps))
        theme.notifier().changed.connect(self._tint)
        self.buttons[0].setChecked(True)
        self._tint()
        self._is_narrow = False
        self.setFixedWidth(theme.scaled(_WIDTH))

    def fit(self, window: int) -> None:
        """In a window of this width: icons alone where the words would take too much of it."""
        is_narrow = theme.scaled(_WIDTH) > _MOST * window
        if is_narrow == self._is_narrow:
            return
        self._is_narrow = is_narrow
        for entry in self.buttons:
            name = entry.accessibleName()
            entry.setText("" if self._is_narrow else name)
            entry.setToolTip(name if self._is_narrow else "")
        for words in self._words:
            words.setHidden(self._is_narrow)
        self.setFixedWidth(theme.scaled(_NARROW if self._is_narrow else _WIDTH))

    def check(self, name: str) -> None:
        """The page of this name is shown."""
        if entry := self._entry(name):
            entry.setChecked(True)

    def place_below(self, name: str, widget: QtWidgets.QWidget) -> bool:
        """Make room for a widget below the button of a page; False where there is none, or only icons have room."""
        entry = self._entry(name)
        if entry is None or self._is_narrow:
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
