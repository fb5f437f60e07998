"""Help → Keyboard shortcuts: what the menus really have, and what lists, pictures and plots obey."""

from collections.abc import Iterable

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role
from cnnstudio.ui.widgets import button, label
from cnnstudio.ui.widgets.dialog_frame import give_room

Keys = tuple[str, str]
"""What is pressed, and what it does."""
_EVERYWHERE: tuple[Keys, ...] = (
    ("Tab, Shift+Tab", "To the next field, button or list, and back"),
    ("Space", "Press the button, tick the box"),
    ("Arrow keys", "Move inside a list, a table, a plot or the matrix"),
    ("Esc", "Close a dialog or a menu"),
)
_MOUSE: tuple[Keys, ...] = (
    ("Wheel", "Scroll the page; it changes a field only after a click into it"),
    ("Ctrl + wheel", "Zoom a plot, the diagram of a network, feature maps"),
    ("Double click", "On a plot: show all of it; on a picture: open it large"),
    ("Drop", "Folders, pictures, archives and weights anywhere on the window"),
)


def keys_of(bar: QtWidgets.QMenuBar) -> list[Keys]:
    """Of every action in the menus that has keys."""
    native = QtGui.QKeySequence.SequenceFormat.NativeText
    return [
        (", ".join(key.toString(native) for key in action.shortcuts()), action.iconText())  # which has no ampersands
        for menu in bar.findChildren(QtWidgets.QMenu)
        for action in menu.actions()
        if not action.shortcut().isEmpty()
    ]


class _Keys(QtWidgets.QScrollArea):
    """The arrows scroll it."""

    spoken_role = Role.Document


class KeysDialog(QtWidgets.QDialog):
    """One table in parts; not modal."""

    def __init__(self, bar: QtWidgets.QMenuBar, pages: Iterable[tuple[str, Iterable[Keys]]]) -> None:
        """``pages`` are titles with the keys of their lists and views."""
        super().__init__(bar.window())
        self.setObjectName("keys_dialog")
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        give_room(self, 560, 620)
        content = QtWidgets.QWidget()
        content.setProperty("kind", "column")
        grid = QtWidgets.QGridLayout(content)
        grid.setContentsMargins(0, 0, theme.M, 0)
        grid.setHorizontalSpacing(theme.L)
        grid.setColumnStretch(1, 1)
        for title, keys in (("Menus", keys_of(bar)), ("Everywhere", _EVERYWHERE), *pages, ("Mouse", _MOUSE)):
            shown = list(keys)
            if not shown:
                continue
            grid.addWidget(label(title, "heading"), grid.rowCount(), 0, 1, 2)
            for pressed, does in shown:
                row = grid.rowCount()
                grid.addWidget(label(pressed, kind="muted"), row, 0)
                grid.addWidget(label(does, wrap=True), row, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        area = _Keys()
        area.setObjectName("keys_area")
        area.setAccessibleName("Keyboard shortcuts")
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.L, theme.L, theme.M)
        column.addWidget(area, 1)
        column.addWidget(button("Close", "keys_close", self.close), 0, QtCore.Qt.AlignmentFlag.AlignRight)
