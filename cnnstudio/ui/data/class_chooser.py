"""Ask for a class, by typing a part of its name: of a thousand as of ten, or a new one."""

from collections.abc import Sequence

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import isolated
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import button

_NAME = int(QtCore.Qt.ItemDataRole.UserRole)


class ClassChooser(QtWidgets.QDialog):
    """``name`` is the answer once it was accepted. Up and Down move in the list while one types."""

    def __init__(self, title: str, classes: Sequence[str], parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("class_chooser")
        self.setWindowTitle(title)
        self.resize(380, 420)
        self._classes = classes
        self.search = QtWidgets.QLineEdit()
        self.search.setObjectName("class_chooser_search")
        self.search.setAccessibleName("Class, or the name of a new one")
        self.search.setPlaceholderText("Type a class, or a new one")
        self.list = QtWidgets.QListWidget()
        self.list.setObjectName("class_chooser_list")
        self.list.setAccessibleName("Classes")
        self.list.setProperty("spaced", "true")
        self.list.setTextElideMode(QtCore.Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.ok = button("Use this class", "class_chooser_ok", self.accept, kind="primary")
        self.ok.setDefault(True)
        foot = QtWidgets.QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(button("Cancel", "class_chooser_cancel", self.reject))
        foot.addWidget(self.ok)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        column.setSpacing(theme.S)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addLayout(foot)
        self.search.textChanged.connect(lambda _: self._fill())
        self.search.installEventFilter(self)
        self.list.itemDoubleClicked.connect(lambda _: self.accept())
        self.list.currentRowChanged.connect(lambda row: self.ok.setEnabled(row >= 0))
        self._fill()
        self.search.setFocus()

    @property
    def name(self) -> str:
        """What is chosen; empty where nothing is."""
        item = self.list.currentItem()
        return str(item.data(_NAME)) if item is not None else ""

    @override
    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """The arrow keys are of no use in a line of text."""
        moves = (
            QtCore.Qt.Key.Key_Up, QtCore.Qt.Key.Key_Down, QtCore.Qt.Key.Key_PageUp, QtCore.Qt.Key.Key_PageDown,
        )  # fmt: skip
        if watched is self.search and isinstance(event, QtGui.QKeyEvent) and event.key() in moves:
            if event.type() == QtCore.QEvent.Type.KeyPress:
                QtWidgets.QApplication.sendEvent(self.list, event)
            return True
        return super().eventFilter(watched, event)

    def _fill(self) -> None:
        """Names that begin with the text come first; what no class is called can be one."""
        typed = self.search.text().strip()
        text = typed.casefold()
        found = [name for name in self._classes if text in name.casefold()]
        found.sort(key=lambda name: not name.casefold().startswith(text))
        self.list.clear()
        for name in found:
            self._add(name, name)
        if typed and typed not in self._classes:
            self._add(f"New class “{isolated(typed)}”", typed)
        self.list.setCurrentRow(0)
        self.ok.setEnabled(self.list.count() > 0)

    def _add(self, text: str, name: str) -> None:
        item = QtWidgets.QListWidgetItem(text)
        item.setData(_NAME, name)
        self.list.addItem(item)


def choose_class(title: str, classes: Sequence[str], parent: QtWidgets.QWidget) -> str:
    """A class that a person chose or named; empty when nothing was."""
    dialog = ClassChooser(title, classes, parent)
    agreed = dialog.exec() == QtWidgets.QDialog.DialogCode.Accepted
    name = dialog.name if agreed else ""
    dialog.deleteLater()
    return name
