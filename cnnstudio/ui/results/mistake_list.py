"""Pictures and what was predicted for them, as a grid; rows are made when they are painted."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import isolated
from cnnstudio.data.curation import Curation
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Thumbnails, acted_on, grid, open_outside, plain
from cnnstudio.understanding.mistakes import Judged

Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex
ANSWER_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 1
PATH_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 2
DECIDED_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 3
"""What a person decided about the picture since, in a word or two; empty for nothing."""
SIDE = 108
_WIDTH = 132
_PADDING = 6
_AT_ONCE = 500


class MistakeRows(QtCore.QAbstractListModel):
    """Answers in the order they are given."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: Sequence[Judged] = ()
        self._root = Path()
        self._curation = Curation()
        self._skipped: frozenset[str] = frozenset()

    def show_answers(self, answers: Sequence[Judged], root: Path) -> None:
        """Replace the rows; paths are relative to ``root``."""
        self.beginResetModel()
        self.answers, self._root = answers, root
        self.endResetModel()

    def show_decisions(self, curation: Curation) -> None:
        """What was decided about the folder's pictures."""
        self._curation, self._skipped = curation, frozenset(curation.left_out)
        if self.answers:
            self.dataChanged.emit(self.index(0), self.index(len(self.answers) - 1))

    def path_of(self, answer: Judged) -> Path:
        """Where its picture lies."""
        return self._root / answer.path

    def decided(self, answer: Judged) -> str:
        """See DECIDED_ROLE."""
        if answer.path in self._skipped:
            return "skipped"
        now = self._curation.classes.get(answer.path, answer.true)
        return f"now {isolated(now)}" if now != answer.true else ""

    @override
    def rowCount(self, parent: Index = QtCore.QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.answers)

    @override
    def data(self, index: Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        answer = self.answers[index.row()]
        if role == ANSWER_ROLE:
            return answer
        if role == PATH_ROLE:
            return self.path_of(answer)
        if role == DECIDED_ROLE:
            return self.decided(answer)
        if role == QtCore.Qt.ItemDataRole.DisplayRole:
            return told(answer)
        if role in (QtCore.Qt.ItemDataRole.ToolTipRole, QtCore.Qt.ItemDataRole.AccessibleTextRole):
            decided = self.decided(answer)
            words = f"{isolated(answer.path)}: {told(answer)}{f' ({decided})' if decided else ''}"
            return plain(words) if role == QtCore.Qt.ItemDataRole.ToolTipRole else words
        return None


def told(answer: Judged) -> str:
    """Such as: shirt → dress, 98 %; and what the actual class was given, where that is known."""
    sure = f"{100 * answer.probability:.0f} %"
    if answer.true == answer.predicted:
        return f"{isolated(answer.true)}, {sure}"
    said = f"{isolated(answer.true)} → {isolated(answer.predicted)}, {sure}"
    return said if answer.of_true is None else f"{said} against {100 * answer.of_true:.0f} %"


class MistakeGrid(QtWidgets.QListView):
    """Return or a double click opens one large; Delete skips; the context menu has everything."""

    opened = QtCore.Signal(int)
    """Row."""
    skip_wanted = QtCore.Signal(list)
    """Of paths."""
    class_wanted = QtCore.Signal(list)
    """Of paths, that get another class."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        grid(self, "mistake_grid", "Pictures that were mixed up")
        self.rows = MistakeRows()
        self.setModel(self.rows)
        self.setItemDelegate(MistakePainter(thumbnails))
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSpacing(1)
        self.setLayoutMode(QtWidgets.QListView.LayoutMode.Batched)  # else each picture that arrives lays out all rows
        self.setBatchSize(_AT_ONCE)
        self.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.activated.connect(lambda index: self.opened.emit(index.row()))
        self.setContextMenuPolicy(QtCore.Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask)
        thumbnails.ready.connect(lambda _: self.viewport().update())

    def chosen(self) -> list[Path]:
        """Files to act on, in their order."""
        return [self.rows.path_of(self.rows.answers[index.row()]) for index in acted_on(self)]

    def menu(self) -> QtWidgets.QMenu:
        """What can be done with the selection."""
        menu, paths = QtWidgets.QMenu(self), self.chosen()
        menu.addAction("Open").triggered.connect(lambda: self.opened.emit(self.currentIndex().row()))
        menu.addAction("Show file").triggered.connect(lambda: show_file(paths[0]))
        menu.addSeparator()
        menu.addAction("Change class…").triggered.connect(lambda: self.class_wanted.emit(paths))
        menu.addAction("Skip").triggered.connect(lambda: self.skip_wanted.emit(paths))
        for action in menu.actions():
            action.setEnabled(bool(paths))
        return menu

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        keys = QtCore.Qt.Key
        if event.key() in (keys.Key_Delete, keys.Key_Backspace) and self.chosen():
            self.skip_wanted.emit(self.chosen())
        elif event.key() in (keys.Key_Return, keys.Key_Enter, keys.Key_Space) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def _ask(self, place: QtCore.QPoint) -> None:
        if self.indexAt(place).isValid():
            menu = self.menu()
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.viewport().mapToGlobal(place))


class MistakePainter(QtWidgets.QStyledItemDelegate):
    """A thumbnail; below it what it is, what was predicted and how surely, and what was decided since."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails

    @override
    def sizeHint(self, _option: QtWidgets.QStyleOptionViewItem, _index: Index) -> QtCore.QSize:
        lines = 3 * QtGui.QFontMetrics(theme.font("caption")).height()
        return QtCore.QSize(_WIDTH, SIDE + lines + 4 * _PADDING)

    @override
    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: Index) -> None:
        colours = theme.current()
        answer: Judged = index.data(ANSWER_ROLE)
        decided: str = index.data(DECIDED_ROLE)
        area: QtCore.QRect = option.rect.adjusted(3, 3, -3, -3)
        painter.save()
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        if option.state & QtWidgets.QStyle.StateFlag.State_Selected:
            painter.setPen(QtGui.QPen(QtGui.QColor(colours.accent), 2))
            painter.setBrush(QtGui.QColor(colours.accent_soft))
            painter.drawRoundedRect(area, 6, 6)
        box = QtCore.QRect(area.left() + _PADDING, area.top() + _PADDING, area.width() - 2 * _PADDING, SIDE)
        picture = self._thumbnails.get(index.data(PATH_ROLE))
        painter.setOpacity(0.35 if decided else 1)
        if picture is None or picture.isNull():
            painter.fillRect(box, QtGui.QColor(colours.surface_alt))
            if picture is not None:  # it was looked for
                painter.setFont(theme.font("caption"))
                painter.setPen(QtGui.QColor(colours.muted))
                flags = int(QtCore.Qt.AlignmentFlag.AlignCenter) | int(QtCore.Qt.TextFlag.TextWordWrap)
                painter.drawText(box, flags, "can no longer be read")
        else:
            size = picture.size().scaled(box.size(), QtCore.Qt.AspectRatioMode.KeepAspectRatio)
            place = QtCore.QRect(QtCore.QPoint(0, 0), size)
            place.moveCenter(box.center())
            painter.drawPixmap(place, picture)
        painter.setOpacity(1)
        painter.setFont(theme.font("caption"))
        metrics = painter.fontMetrics()
        sure = f"{100 * answer.probability:.0f} % sure"
        first = (answer.true, colours.text)
        second = (f"→ {isolated(answer.predicted)}" if answer.predicted != answer.true else "recognised", colours.text)
        lines = (first, second, (decided or sure, colours.good if decided else colours.muted))
        for number, (text, colour) in enumerate(lines):
            line = QtCore.QRect(box.left(), box.bottom() + _PADDING + number * metrics.height(), box.width(), 0)
            line.setHeight(metrics.height())
            painter.setPen(QtGui.QColor(colour))
            shown = metrics.elidedText(text, QtCore.Qt.TextElideMode.ElideMiddle, line.width())
            painter.drawText(line, int(QtCore.Qt.AlignmentFlag.AlignCenter), shown)
        painter.restore()


def show_file(path: Path) -> None:
    """The folder of a picture, in the file manager."""
    open_outside(path.parent)
