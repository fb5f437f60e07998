"""What a network can be built of: groups and single blocks, to be searched, clicked and dragged."""

from collections.abc import Sequence
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.networks.blocks.groups import GROUPS
from cnnstudio.networks.blocks.table import KINDS
from cnnstudio.ui.lab.network.block_model import KIND
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import label, plain

_NAME = QtCore.Qt.ItemDataRole.UserRole


class Palette(QtWidgets.QWidget):
    """Typing finds, Return adds the first that was found; so does a click, and dragging puts it where one wants it."""

    wanted = QtCore.Signal(str)
    """Name of a kind or a group to be added."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lab_palette")
        self.search = QtWidgets.QLineEdit()
        self.search.setObjectName("lab_palette_search")
        self.search.setAccessibleName("Find a block")
        self.search.setPlaceholderText("Find a block…")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._add_first)
        self.search.installEventFilter(self)
        self.list = _PaletteList()
        self.list.setObjectName("lab_palette_list")
        self.list.setAccessibleName("Blocks and groups of blocks")
        self.list.itemClicked.connect(self._add)
        self.list.returned.connect(self._add)
        self.nothing = label("There is no such block.", kind="muted", wrap=True, name="lab_palette_nothing")
        self.nothing.hide()
        self._fill()
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addWidget(self.search)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)

    @override
    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """From the search down into the list."""
        if isinstance(event, QtGui.QKeyEvent) and event.type() == QtCore.QEvent.Type.KeyPress:
            first = self._first()
            if event.key() == QtCore.Qt.Key.Key_Down and first is not None:
                self.list.setFocus()
                self.list.setCurrentItem(first)
                return True
        return super().eventFilter(watched, event)

    def _fill(self) -> None:
        self._head("Groups")
        for group in GROUPS.values():
            self._entry(group.name, group.title, group.text)
        self._head("Single blocks")
        for kind in KINDS.values():
            self._entry(kind.name, kind.title, f"{kind.text} {kind.advice}".strip())

    def _head(self, text: str) -> None:
        item = QtWidgets.QListWidgetItem(text)
        item.setFlags(QtCore.Qt.ItemFlag.NoItemFlags)
        font = theme.font("caption")
        font.setBold(True)
        item.setFont(font)
        self.list.addItem(item)

    def _entry(self, name: str, title: str, text: str) -> None:
        item = QtWidgets.QListWidgetItem(title)
        item.setData(_NAME, name)
        item.setToolTip(plain(f"{text}\nClick to add it, or drag it to its place."))
        item.setData(QtCore.Qt.ItemDataRole.AccessibleDescriptionRole, text)
        self.list.addItem(item)

    def items(self) -> list[QtWidgets.QListWidgetItem]:
        """All of them, headings too, also those that the search hides."""
        return [self.list.item(row) for row in range(self.list.count())]

    def _first(self) -> QtWidgets.QListWidgetItem | None:
        return next((item for item in self.items() if item.data(_NAME) and not item.isHidden()), None)

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        head: QtWidgets.QListWidgetItem | None = None
        for item in self.items():
            if not item.data(_NAME):
                head = item
                head.setHidden(True)
                continue
            said = f"{item.text()} {item.data(_NAME)}".lower().replace("_", " ")
            found = all(word in said for word in words)
            item.setHidden(not found)
            if found and head is not None:
                head.setHidden(False)
        self.nothing.setVisible(self._first() is None)

    def _add_first(self) -> None:
        first = self._first()
        if first is not None and self.search.text().strip():
            self._add(first)
            self.search.clear()

    def _add(self, item: QtWidgets.QListWidgetItem) -> None:
        if name := item.data(_NAME):
            self.wanted.emit(name)


class _PaletteList(QtWidgets.QListWidget):
    """Gives out what is dragged, and takes nothing."""

    returned = QtCore.Signal(QtWidgets.QListWidgetItem)

    def __init__(self) -> None:
        super().__init__()
        self.setDragEnabled(True)
        self.setDragDropMode(QtWidgets.QListWidget.DragDropMode.DragOnly)
        self.setDefaultDropAction(QtCore.Qt.DropAction.CopyAction)
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(QtCore.Qt.TextElideMode.ElideRight)
        self.setProperty("spaced", "true")
        self.setCursor(QtCore.Qt.CursorShape.PointingHandCursor)

    @override
    def mimeData(self, items: Sequence[Any]) -> QtCore.QMimeData:
        mime = QtCore.QMimeData()
        mime.setData(KIND, QtCore.QByteArray(str(items[0].data(_NAME)).encode()))
        return mime

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        item = self.currentItem()
        if item is not None and event.key() in (QtCore.Qt.Key.Key_Return, QtCore.Qt.Key.Key_Enter):
            self.returned.emit(item)
        else:
            super().keyPressEvent(event)
