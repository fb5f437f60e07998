"""The pictures that are most like a doubtful one, in a row."""

from collections.abc import Sequence
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import isolated
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Thumbnails, label

SIDE = 84
_SHOWN = 3


class AlikeRow(QtWidgets.QWidget):
    """A sentence over three pictures."""

    def __init__(self, name: str, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.setObjectName(name)
        self._thumbnails = thumbnails
        self._paths: list[Path] = []
        self.words = label("", "caption", kind="muted", wrap=True, name=f"{name}_words")
        self.pictures = [QtWidgets.QLabel() for _ in range(_SHOWN)]
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.XS)
        for picture in self.pictures:
            picture.setFixedSize(SIDE, SIDE)
            picture.setAlignment(QtCore.Qt.AlignmentFlag.AlignCenter)
            row.addWidget(picture)
        row.addStretch(1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.words)
        column.addLayout(row)
        thumbnails.ready.connect(self._arrived)

    def show_pictures(self, of_class: str, root: Path, names: Sequence[str]) -> None:
        """The nearest pictures of a class; hidden where there are none."""
        self._paths = [root / name for name in names]
        self.words.setText(f"Most like it among {isolated(of_class)}:")
        self.setVisible(bool(names))
        self._draw()

    def _arrived(self, key: str) -> None:
        if key in map(str, self._paths):
            self._draw()

    def _draw(self) -> None:
        for number, place in enumerate(self.pictures):
            path = self._paths[number] if number < len(self._paths) else None
            picture = self._thumbnails.get(path) if path is not None else None
            place.setVisible(path is not None)
            place.setAccessibleName(path.name if path is not None else "")
            if picture is None or picture.isNull():
                place.setPixmap(QtGui.QPixmap())
                continue
            scaled = picture.scaled(
                place.size() * self.devicePixelRatioF(),
                QtCore.Qt.AspectRatioMode.KeepAspectRatio,
                QtCore.Qt.TransformationMode.SmoothTransformation,
            )
            scaled.setDevicePixelRatio(self.devicePixelRatioF())
            place.setPixmap(scaled)
