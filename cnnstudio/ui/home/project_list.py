"""The projects as cards that can be opened, resumed, shown and removed, with the mouse or the keyboard."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.jobs.projects import Project
from cnnstudio.ui.home.project_card import (
    COVER_ROLE,
    HEIGHT,
    LEAST_WIDTH,
    MISSING_ROLE,
    PROJECT_ROLE,
    Index,
    Part,
    ProjectPainter,
    told,
)  # fmt: skip
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import grid, image_of, open_outside, plain


class ProjectModel(QtCore.QAbstractListModel):
    """Projects in their order."""

    def __init__(self) -> None:
        super().__init__()
        self._projects: list[Project] = []
        self._covers: list[QtGui.QPixmap | None] = []
        self._missing: frozenset[Path] = frozenset()

    def begin(self, count: int) -> None:
        """So many will come; what is shown stays until they do."""
        if count < len(self._projects):
            self.beginRemoveRows(QtCore.QModelIndex(), count, len(self._projects) - 1)
            del self._projects[count:], self._covers[count:]
            self.endRemoveRows()

    def put(self, row: int, project: Project) -> None:
        """Show a project in its place."""
        cover = QtGui.QPixmap.fromImage(image_of(project.cover)) if project.cover is not None else None
        if row < len(self._projects):
            self._projects[row], self._covers[row] = project, cover
            self.dataChanged.emit(self.index(row), self.index(row))
        else:
            self.beginInsertRows(QtCore.QModelIndex(), row, row)
            self._projects.append(project)
            self._covers.append(cover)
            self.endInsertRows()

    def mark_missing(self, missing: Collection[Path]) -> None:
        """Say of these that their folders are not there."""
        self._missing = frozenset(missing)
        if self._projects:
            self.dataChanged.emit(self.index(0), self.index(len(self._projects) - 1))

    @override
    def rowCount(self, parent: Index = QtCore.QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._projects)

    @override
    def data(self, index: Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        project = self._projects[index.row()]
        if role == PROJECT_ROLE:
            return project
        if role == MISSING_ROLE:
            return project.root in self._missing
        if role == COVER_ROLE:
            return self._covers[index.row()]
        if role == QtCore.Qt.ItemDataRole.DisplayRole:  # typing its first letters finds it
            return project.name
        if role in (QtCore.Qt.ItemDataRole.ToolTipRole, QtCore.Qt.ItemDataRole.AccessibleTextRole):
            words = told(project, missing=project.root in self._missing)
            return plain(words) if role == QtCore.Qt.ItemDataRole.ToolTipRole else words
        return None


class ProjectList(QtWidgets.QListView):
    """A click or Return opens, Delete removes from the list, the menu key and the three dots offer everything."""

    opened = QtCore.Signal(object)  # Project, which Qt does not know
    resumed = QtCore.Signal(object)  # as opened
    removed = QtCore.Signal(object)  # as opened
    sought = QtCore.Signal(object)  # as opened; its folder is not where it was

    def __init__(self) -> None:
        super().__init__()
        grid(self, "projects", "Your projects")
        self.projects = ProjectModel()
        self.setModel(self.projects)
        self._painter = ProjectPainter()
        self.setItemDelegate(self._painter)
        self.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.setProperty("kind", "cards")
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QtWidgets.QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(QtCore.Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask)
        self._pressed: tuple[int, Part] | None = None
        theme.notifier().changed.connect(self.viewport().update)

    def menu(self, index: QtCore.QModelIndex) -> QtWidgets.QMenu:
        """What can be done with a project."""
        project, missing = index.data(PROJECT_ROLE), index.data(MISSING_ROLE)
        menu = QtWidgets.QMenu(self)
        if missing:
            menu.addAction("Find its folder…").triggered.connect(lambda: self.sought.emit(project))
        else:
            menu.addAction("Open").triggered.connect(lambda: self.opened.emit(project))
        resume = menu.addAction("Resume the training")
        resume.setEnabled(bool(project.resumable) and not missing)
        resume.triggered.connect(lambda: self.resumed.emit(project))
        show = menu.addAction("Show in the file manager")
        show.setEnabled(not missing)
        show.triggered.connect(lambda: _show(project.root))
        menu.addSeparator()
        menu.addAction("Remove from this list").triggered.connect(lambda: self.removed.emit(project))
        return menu

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        bar = self.verticalScrollBar().sizeHint().width()
        room = self.width() - 2 * bar - 1  # Qt keeps the room of a bar free, also beside one
        self._painter.cell = QtCore.QSize(room // max(1, room // theme.scaled(LEAST_WIDTH)), theme.scaled(HEIGHT))
        self.setGridSize(self._painter.cell)

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        index, key = self.currentIndex(), event.key()
        if index.isValid() and key in (QtCore.Qt.Key.Key_Return, QtCore.Qt.Key.Key_Enter):
            (self.sought if index.data(MISSING_ROLE) else self.opened).emit(index.data(PROJECT_ROLE))
        elif index.isValid() and key == QtCore.Qt.Key.Key_Delete:
            self.removed.emit(index.data(PROJECT_ROLE))
        else:
            super().keyPressEvent(event)

    @override
    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._pressed = self._under(event.position().toPoint()) if _is_left(event) else None

    @override
    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        if pressed is None or not _is_left(event) or self._under(event.position().toPoint()) != pressed:
            return
        row, part = pressed
        index = self.projects.index(row)
        opens = self.sought if index.data(MISSING_ROLE) else self.opened
        if part == "more":
            self._ask(event.position().toPoint())
        else:
            (self.resumed if part == "resume" else opens).emit(index.data(PROJECT_ROLE))

    @override
    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        shape = QtCore.Qt.CursorShape
        on_card = self._under(event.position().toPoint()) is not None
        self.viewport().setCursor(shape.PointingHandCursor if on_card else shape.ArrowCursor)

    @override
    def focusInEvent(self, event: QtGui.QFocusEvent) -> None:
        """The keyboard comes to the first one."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.projects.rowCount():
            self.setCurrentIndex(self.projects.index(0))

    def _under(self, place: QtCore.QPoint) -> tuple[int, Part] | None:
        index = self.indexAt(place)
        part = self._painter.part_at(self.visualRect(index), index, place) if index.isValid() else None
        return (index.row(), part) if part is not None else None

    def _ask(self, place: QtCore.QPoint) -> None:
        index = self.indexAt(place)
        if index.isValid():
            menu = self.menu(index)
            menu.exec(self.viewport().mapToGlobal(place))
            menu.deleteLater()


def _is_left(event: QtGui.QMouseEvent) -> bool:
    return event.button() == QtCore.Qt.MouseButton.LeftButton


def _show(folder: Path) -> None:
    open_outside(folder)
