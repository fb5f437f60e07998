"""Pictures with a caption each, as a list whose thumbnails arrive when they are read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6 import QtCore, QtGui
from typing_extensions import override

from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets.controls import plain
from cnnstudio.ui.widgets.thumbnails import Thumbnails

Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Picture:
    """A file and what is written under it."""

    path: Path
    caption: str


class PictureList(QtCore.QAbstractListModel):
    """Asks for a thumbnail only when a row is painted, so that long lists cost nothing."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self._pictures: list[Picture] = []
        self._rows: dict[str, int] = {}
        thumbnails.ready.connect(self._arrived)

    def show_pictures(self, pictures: list[Picture]) -> None:
        """Replace the rows."""
        self.beginResetModel()
        self._thumbnails.forget_waiting()
        self._pictures = pictures
        self._rows = {str(picture.path): row for row, picture in enumerate(pictures)}
        self.endResetModel()

    def path(self, row: int) -> Path:
        """Of a row's picture."""
        return self._pictures[row].path

    def set_caption(self, row: int, caption: str) -> None:
        """Change what is written under a picture."""
        self._pictures[row] = Picture(self._pictures[row].path, caption)
        self.dataChanged.emit(self.index(row), self.index(row))

    @override
    def rowCount(self, parent: Index = QtCore.QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._pictures)

    @override
    def data(self, index: Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        picture = self._pictures[index.row()]
        if role == QtCore.Qt.ItemDataRole.DisplayRole:
            return picture.caption
        if role in (QtCore.Qt.ItemDataRole.ToolTipRole, QtCore.Qt.ItemDataRole.AccessibleTextRole):
            told = f"{picture.path.name}: {picture.caption}"
            return plain(told) if role == QtCore.Qt.ItemDataRole.ToolTipRole else told
        if role == QtCore.Qt.ItemDataRole.DecorationRole:
            return QtGui.QIcon(self._square(self._thumbnails.get(picture.path)))
        return None

    def _arrived(self, key: str) -> None:
        row = self._rows.get(key)
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row))

    def _square(self, picture: QtGui.QPixmap | None) -> QtGui.QPixmap:
        """The picture in the middle of a square, so that captions line up."""
        side = self._thumbnails.side
        square = QtGui.QPixmap(QtCore.QSize(side, side))
        waiting = picture is None or picture.isNull()
        square.fill(QtGui.QColor(theme.current().surface_alt) if waiting else QtCore.Qt.GlobalColor.transparent)
        if picture is not None and not waiting:
            painter = QtGui.QPainter(square)
            painter.drawPixmap((side - picture.width()) // 2, (side - picture.height()) // 2, picture)
            painter.end()
        return square
