"""A class of a new project: its name, its newest pictures, and the ways to more."""

from collections.abc import Sequence
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.data.reading import SUFFIXES
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role
from cnnstudio.ui.widgets import Card, DropFilter, Thumbnails, button, label
from cnnstudio.ui.widgets.file_dialogs import ask_files

_TILE = 52


class PictureStrip(QtWidgets.QWidget):
    """As many of the newest pictures as there is room for."""

    spoken_role = Role.Graphic

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.setFixedHeight(theme.scaled(_TILE))
        self._thumbnails = thumbnails
        self._paths: Sequence[Path] = ()
        thumbnails.ready.connect(lambda _: self.update())
        theme.notifier().changed.connect(self.update)

    def show_pictures(self, paths: Sequence[Path]) -> None:
        """Replace them."""
        self._paths = paths
        self.update()

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        colours, painter = theme.current(), QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        if not self._paths:
            painter.setPen(QtGui.QPen(QtGui.QColor(colours.border), 1, QtCore.Qt.PenStyle.DashLine))
            painter.drawRoundedRect(QtCore.QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
            painter.setPen(QtGui.QColor(colours.muted))
            painter.drawText(self.rect(), int(QtCore.Qt.AlignmentFlag.AlignCenter), "Drop pictures or a folder here")
            return
        for number, path in enumerate(self._paths[: self.width() // (_TILE + theme.XS)]):
            place = QtCore.QRectF(number * (_TILE + theme.XS), 0, _TILE, _TILE)
            clip = QtGui.QPainterPath()
            clip.addRoundedRect(place, 6, 6)
            painter.setClipPath(clip)
            picture = self._thumbnails.get(path)
            if picture is None or picture.isNull():
                painter.fillRect(place, QtGui.QColor(colours.surface_alt))
            else:
                side = min(picture.width(), picture.height())
                source = QtCore.QRectF((picture.width() - side) / 2, (picture.height() - side) / 2, side, side)
                painter.drawPixmap(place, picture, source)


class ClassBox(Card):
    """Takes pictures that are dropped, chosen or recorded."""

    renamed = QtCore.Signal(str)
    """The name that was typed, when that is finished."""
    dropped = QtCore.Signal(list)
    """Paths of pictures and folders."""
    record_wanted = QtCore.Signal()
    removed = QtCore.Signal()

    def __init__(self, number: int, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.setObjectName(f"class_box_{number}")
        self.pictures = 0
        self.kept_name = ""
        """As its folder is called; empty before there is one."""
        self.name = QtWidgets.QLineEdit()
        self.name.setObjectName(f"class_name_{number}")
        self.name.setAccessibleName(f"Name of class {number}")
        self.name.setPlaceholderText(f"Name of class {number}, such as {'cat' if number % 2 else 'dog'}")
        self.name.setFont(theme.font("heading"))
        self.name.editingFinished.connect(lambda: self.renamed.emit(self.name.text().strip()))
        self.count = label("", "caption", kind="muted", name=f"class_count_{number}")
        self.strip = PictureStrip(thumbnails)
        self.add = button("Add pictures…", f"class_add_{number}", self._choose, icon_name="image")
        self.record = button("Record…", f"class_record_{number}", self.record_wanted.emit, icon_name="camera")
        self.remove = button("Remove", f"class_remove_{number}", self.removed.emit, kind="ghost", icon_name="close")
        for entry in (self.add, self.record, self.remove):
            entry.setAccessibleName(f"{entry.text()} Class {number}")
        self.remove.setText("")
        self.remove.setToolTip("Remove this class")
        self.record.setToolTip("Hold a button or the space bar to record with the camera")
        head, row = QtWidgets.QHBoxLayout(), QtWidgets.QHBoxLayout()
        for part in (head, row):
            part.setSpacing(theme.XS)
        head.addWidget(self.name, 1)
        head.addWidget(self.remove)
        for widget in (self.add, self.record):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.count)
        self.body.addLayout(head)
        self.body.addWidget(self.strip)
        self.body.addLayout(row)
        DropFilter(self, self.dropped.emit)
        self.name.setAcceptDrops(False)  # a file would be typed into it
        self.show_pictures(0, ())

    def show_pictures(self, count: int, newest: Sequence[Path]) -> None:
        """So many there are."""
        self.pictures = count
        self.count.setText(counted(count, "picture"))
        self.strip.show_pictures(newest)
        self.remove.setVisible(not count)

    def _choose(self) -> None:
        endings = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        title = "Choose pictures" if not self.name.text() else f"Choose pictures of {self.name.text()}"
        if paths := ask_files(self, title, f"Pictures ({endings})"):
            self.dropped.emit(paths)
