"""The blocks of a plan as rows, and what is dragged onto them."""

import json
from typing import Any

from PySide6 import QtCore, QtGui
from typing_extensions import override

from cnnstudio.networks.blocks.findings import Finding
from cnnstudio.networks.blocks.words import summary
from cnnstudio.ui.lab.network.editing import Editor
from cnnstudio.ui.lab.network.words import block_title, figures
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import icon
from cnnstudio.ui.widgets import plain

Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex
ROWS, KIND = "application/x-cnnstudio-blocks", "application/x-cnnstudio-kind"
"""What is dragged: rows of this list, or a kind or group from the palette."""
SETTINGS_ROLE = QtCore.Qt.ItemDataRole.UserRole
COLUMNS = (
    ("Block", "What it is, and how it is set."),
    ("Output", "Channels × height × width behind the block, or the length of the vector."),
    ("Weights", "Numbers that the block learns (parameters)."),
    ("MMACs", "Million multiply-adds of the block for one picture."),
    ("Sees", "Receptive field: how much of the picture one value behind the block depends on."),
)
_NOTHING = QtCore.QModelIndex()


class BlockModel(QtCore.QAbstractTableModel):
    """Follows an editor."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self._count = 0
        self._found: dict[int, Finding] = {}
        editor.changed.connect(self.show)
        self.show()

    def show(self) -> None:
        """Take what the editor has; rows are made or removed at the end, so that the view keeps its place."""
        editor, before = self._editor, self._count
        count = len(editor.plan.blocks)
        self._found = {found.place: found for found in reversed(editor.findings) if found.place is not None}
        if count > before:
            self.beginInsertRows(_NOTHING, before, count - 1)
            self._count = count
            self.endInsertRows()
        elif count < before:
            self.beginRemoveRows(_NOTHING, count, before - 1)
            self._count = count
            self.endRemoveRows()
        if count:
            self.dataChanged.emit(self.index(0, 0), self.index(count - 1, len(COLUMNS) - 1))

    @override
    def rowCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else self._count

    @override
    def columnCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    @override
    def headerData(self, section: int, orientation: QtCore.Qt.Orientation, role: int = 0) -> Any:
        if orientation == QtCore.Qt.Orientation.Vertical:
            return None
        if role == QtCore.Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section][0]
        if role == QtCore.Qt.ItemDataRole.ToolTipRole:
            return COLUMNS[section][1]
        if role == QtCore.Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        return None

    @override
    def data(self, index: Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> Any:
        place, column = index.row(), index.column()
        if not index.isValid() or place >= len(self._editor.plan.blocks):
            return None
        block = self._editor.plan.blocks[place]
        roles = QtCore.Qt.ItemDataRole
        if role == roles.DisplayRole:
            return f"{place + 1}  {block_title(block)}" if column == 0 else self._figure(place, column)
        if role == SETTINGS_ROLE:
            return summary(block)
        if role == roles.AccessibleTextRole and column == 0:
            return self._told(place)
        if role == roles.ToolTipRole:
            return plain(self._told(place))
        if role == roles.TextAlignmentRole:
            return _side(column)
        if role == roles.DecorationRole and column == 0 and place in self._found:
            stops = self._found[place].stops
            colours = theme.current()
            return icon("error" if stops else "warning", colours.bad if stops else colours.warn)
        return None

    def _figure(self, place: int, column: int) -> str:
        stands = self._editor.standing.stands
        return figures(stands[place])[column - 1] if place < len(stands) else "–"

    def _told(self, place: int) -> str:
        """All of a row as one text."""
        block, stands = self._editor.plan.blocks[place], self._editor.standing.stands
        words = f"Block {place + 1}: {block_title(block)}"
        if settings := summary(block):
            words += f", {settings}"
        words += "."
        if place < len(stands):
            output, weights, work, sees = figures(stands[place])
            words += f" Output {output}, {weights or 'no'} weights, {work or 'no'} MMACs, sees {sees}."
        if found := self._found.get(place):
            words += f" {found.sentence}"
        return words

    # Dragging -------------------------------------------------------------------------------------------------

    @override
    def flags(self, index: Index) -> QtCore.Qt.ItemFlag:
        if not index.isValid():
            return QtCore.Qt.ItemFlag.ItemIsDropEnabled
        flags = QtCore.Qt.ItemFlag
        return flags.ItemIsEnabled | flags.ItemIsSelectable | flags.ItemIsDragEnabled | flags.ItemNeverHasChildren

    @override
    def supportedDropActions(self) -> QtCore.Qt.DropAction:
        return QtCore.Qt.DropAction.MoveAction | QtCore.Qt.DropAction.CopyAction

    @override
    def mimeTypes(self) -> list[str]:
        return [ROWS, KIND]

    @override
    def mimeData(self, indexes: Any) -> QtCore.QMimeData:
        mime = QtCore.QMimeData()
        rows = sorted({index.row() for index in indexes})
        mime.setData(ROWS, QtCore.QByteArray(json.dumps(rows).encode()))
        return mime

    @override
    def dropMimeData(
        self, data: QtCore.QMimeData, action: QtCore.Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Always refused to Qt, which would remove rows of its own accord."""
        place = row if row >= 0 else parent.row() if parent.isValid() else self._count
        if data.hasFormat(KIND):
            self._editor.add(bytes(data.data(KIND).data()).decode(), place)
        elif data.hasFormat(ROWS):
            rows = json.loads(bytes(data.data(ROWS).data()))
            self._editor.move(rows, place)
        return False


def _side(column: int) -> QtCore.Qt.AlignmentFlag:
    flags = QtCore.Qt.AlignmentFlag
    return flags.AlignVCenter | (flags.AlignLeft if column == 0 else flags.AlignRight)


def height_of_row(font: QtGui.QFont) -> int:
    """Of one line with air around it."""
    return QtGui.QFontMetrics(font).height() + 12
