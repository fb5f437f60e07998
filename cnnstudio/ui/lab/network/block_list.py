"""The list of blocks: with the mouse they are dragged, with the keyboard moved, duplicated and deleted."""

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.lab.network.block_model import SETTINGS_ROLE, BlockModel, Index, height_of_row
from cnnstudio.ui.lab.network.editing import Editor
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import table

_KEYS = QtCore.Qt.Key
KEYS = (
    ("Alt+Up, Alt+Down", "Build a network: move the blocks that are selected"),
    ("Delete, Ctrl+D", "Build a network: delete them, duplicate them"),
    ("Insert", "Build a network: look for a block to add"),
    ("Return", "Build a network: to the settings of the block"),
)


class BlockList(QtWidgets.QTableView):
    """Several rows can be selected."""

    chosen = QtCore.Signal(int)
    """Number of the block that the keyboard is at; -1 for none."""
    adding = QtCore.Signal()
    """A person wants to add something."""
    setting = QtCore.Signal()
    """A person wants to change the block's settings."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self._told = -1
        table(self, "lab_blocks", "Blocks of the network, from picture to answer", height_of_row(self.font()))
        self.blocks = BlockModel(editor)
        self.setModel(self.blocks)
        self.setItemDelegateForColumn(0, _BlockPainter(self))
        self.setSelectionMode(QtWidgets.QTableView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QtWidgets.QTableView.DragDropMode.DragDrop)
        self.setDefaultDropAction(QtCore.Qt.DropAction.MoveAction)
        self.setDragDropOverwriteMode(False)
        self.setDropIndicatorShown(True)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(QtCore.Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(0, QtWidgets.QHeaderView.ResizeMode.Stretch)
        self._fit()
        self.selectionModel().currentRowChanged.connect(lambda *_: self._tell())
        self.selectionModel().selectionChanged.connect(lambda *_: self._tell())
        editor.changed.connect(self._fit)
        editor.placed.connect(self.select)

    @property
    def places(self) -> list[int]:
        """Numbers of the blocks that are selected, in their order."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    @property
    def place(self) -> int:
        """Of the one that the keyboard is at, where it is selected; -1 for none."""
        index = self.currentIndex()
        return index.row() if index.isValid() and self.selectionModel().isRowSelected(index.row()) else -1

    def select(self, places: list[int]) -> None:
        """Select these, with the keyboard at the last one."""
        selection, model = QtCore.QItemSelection(), self.blocks
        for place in places:
            selection.select(model.index(place, 0), model.index(place, model.columnCount() - 1))
        flags = QtCore.QItemSelectionModel.SelectionFlag
        if places:
            self.selectionModel().setCurrentIndex(model.index(places[-1], 0), flags.NoUpdate)
        self.selectionModel().select(selection, flags.ClearAndSelect)
        if places:
            self.scrollTo(model.index(places[-1], 0))
            self.scrollTo(model.index(places[0], 0))
        self._tell()

    def menu(self) -> QtWidgets.QMenu:
        """What can be done with the selected blocks."""
        menu, places, editor = QtWidgets.QMenu(self), self.places, self._editor
        last = len(editor.plan.blocks) - 1
        for text, keys, act, possible in (
            ("Duplicate", "Ctrl+D", lambda: editor.duplicate(places), bool(places)),
            ("Delete", "Delete", lambda: editor.remove(places), bool(places)),
            ("Move up", "Alt+Up", lambda: editor.shift(places, -1), bool(places) and places[0] > 0),
            ("Move down", "Alt+Down", lambda: editor.shift(places, 1), bool(places) and places[-1] < last),
        ):
            action = menu.addAction(text)
            action.setShortcut(QtGui.QKeySequence(keys))
            action.setEnabled(possible)
            action.triggered.connect(act)
        return menu

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        key, held = event.key(), event.modifiers() & ~QtCore.Qt.KeyboardModifier.KeypadModifier
        alt, control = QtCore.Qt.KeyboardModifier.AltModifier, QtCore.Qt.KeyboardModifier.ControlModifier
        if held == alt and key in (_KEYS.Key_Up, _KEYS.Key_Down):
            self._editor.shift(self.places, -1 if key == _KEYS.Key_Up else 1)
        elif held == control and key == _KEYS.Key_D:
            self._editor.duplicate(self.places)
        elif key in (_KEYS.Key_Delete, _KEYS.Key_Backspace):
            self._editor.remove(self.places)
        elif key == _KEYS.Key_Insert:
            self.adding.emit()
        elif key in (_KEYS.Key_Return, _KEYS.Key_Enter):
            self.setting.emit()
        else:
            super().keyPressEvent(event)

    @override
    def focusInEvent(self, event: QtGui.QFocusEvent) -> None:
        """The keyboard comes to the first one."""
        super().focusInEvent(event)
        if event.reason() != QtCore.Qt.FocusReason.MouseFocusReason and self.place < 0 and self.blocks.rowCount():
            self.select([max(0, self.currentIndex().row())])

    @override
    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        """Below the last one nothing is selected, so that what is added goes where it fits."""
        if not self.indexAt(event.position().toPoint()).isValid():
            self.clearSelection()
        super().mousePressEvent(event)

    def _tell(self) -> None:
        self._editor.stand_at(self.place)
        if self.place != self._told:
            self._told = self.place
            self.chosen.emit(self.place)

    def _ask(self, at: QtCore.QPoint) -> None:
        menu = self.menu()
        menu.exec(self.viewport().mapToGlobal(at))
        menu.deleteLater()

    def _fit(self) -> None:
        """Columns of figures are as wide as their widest."""
        metrics, model = self.fontMetrics(), self.blocks
        for column in range(1, model.columnCount()):
            texts = {str(model.index(row, column).data()) for row in range(model.rowCount())}
            head = str(model.headerData(column, QtCore.Qt.Orientation.Horizontal))
            longest = (*sorted(texts, key=len)[-2:], f"{head}x")
            self.setColumnWidth(column, max(metrics.horizontalAdvance(text) for text in longest) + 5 * theme.XS)


class _BlockPainter(QtWidgets.QStyledItemDelegate):
    """Number and title, and behind them the settings as far as there is room."""

    @override
    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        words = str(index.data(SETTINGS_ROLE))
        if not words:
            return
        drawn: Any = QtWidgets.QStyleOptionViewItem(option)
        self.initStyleOption(drawn, index)
        style = drawn.widget.style()
        place = style.subElementRect(QtWidgets.QStyle.SubElement.SE_ItemViewItemText, drawn, drawn.widget)
        left = place.left() + drawn.fontMetrics.horizontalAdvance(drawn.text) + theme.M
        room = option.rect.right() - theme.XS - left
        if room < 3 * theme.M:
            return
        chosen = bool(drawn.state & QtWidgets.QStyle.StateFlag.State_Selected)
        colours = theme.current()
        painter.save()
        painter.setPen(QtGui.QColor(colours.selection_text if chosen else colours.muted))
        shown = drawn.fontMetrics.elidedText(words, QtCore.Qt.TextElideMode.ElideRight, room)
        area = QtCore.QRect(left, option.rect.top(), room, option.rect.height())
        painter.drawText(area, int(QtCore.Qt.AlignmentFlag.AlignVCenter | QtCore.Qt.AlignmentFlag.AlignLeft), shown)
        painter.restore()
