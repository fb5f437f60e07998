"""A few validation pictures and what the network says of them, while it learns."""

from collections.abc import Sequence
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import PictureAnswer, isolated
from cnnstudio.data import Dataset
from cnnstudio.data.watched import watched_places
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Card, Thumbnails, label, plain, set_kind

_SIDE = 72


class WatchedPictures(Card):
    """The pictures from the beginning, so that one sees what is to be told apart; the answers as they come."""

    def __init__(self) -> None:
        super().__init__("Validation pictures, and what the network says by now")
        self.title.setToolTip(
            "The network does not learn from them. They are few of many: the number above counts all."
        )
        self.setObjectName("watched_pictures")
        self.title.setFont(theme.font("caption"))
        set_kind(self.title, "muted")
        self.body.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Fixed)
        self.thumbnails = Thumbnails(_SIDE, self, most=64)
        self.tiles: list[AnswerTile] = []
        self._row = QtWidgets.QHBoxLayout()
        self._row.setSpacing(theme.S)
        self.body.addLayout(self._row)
        self.thumbnails.ready.connect(self._arrived)
        self.hide()

    def begin(self, dataset: Dataset | None) -> None:
        """A training starts on a folder."""
        samples = dataset.split("validation") if dataset is not None else ()
        self._show_tiles(len(places := watched_places(len(samples))))
        if dataset is not None:
            self.thumbnails.show_levels(dataset.levels)
        for tile, place in zip(self.tiles, places, strict=False):
            sample = samples[place]
            actual = dataset.classes[sample.label] if dataset is not None else ""
            tile.show_picture(sample.path, actual)
            self._draw(tile)

    def show_answers(self, answers: Sequence[PictureAnswer], classes: Sequence[str]) -> None:
        """Show each picture with its answer."""
        self._show_tiles(len(answers))
        for tile, answer in zip(self.tiles, answers, strict=False):
            tile.show_answer(answer, classes)
            self._draw(tile)

    def _show_tiles(self, count: int) -> None:
        while len(self.tiles) < count:
            self.tiles.append(AnswerTile())
            self._row.addWidget(self.tiles[-1], 1)
        for number, tile in enumerate(self.tiles):
            tile.setVisible(number < count)
        self.setVisible(count > 0)

    def _arrived(self, key: str) -> None:
        for tile in self.tiles:
            if str(tile.path) == key:
                self._draw(tile)

    def _draw(self, tile: "AnswerTile") -> None:
        if (picture := self.thumbnails.get(tile.path)) is not None:
            tile.picture.setPixmap(picture)
        else:
            tile.picture.clear()


class AnswerTile(QtWidgets.QWidget):
    """A picture, the class that the network says, and how sure it is."""

    def __init__(self) -> None:
        super().__init__()
        self.path = Path()
        self.picture = QtWidgets.QLabel()
        self.picture.setFixedSize(_SIDE, _SIDE)
        self.picture.setAlignment(QtCore.Qt.AlignmentFlag.AlignCenter)
        self.answer = label("", name="watched_answer")
        self.sure = label("", "caption", kind="muted")
        self._words = ("", "")
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.picture)
        for part in (self.answer, self.sure):
            part.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
            part.setAlignment(QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignAbsolute)
            column.addWidget(part)

    def show_picture(self, path: Path, actual: str) -> None:
        """A picture that is not answered yet, and what it is."""
        self.path = path
        self._words = (actual, "")
        set_kind(self.answer, "muted")
        self.setToolTip(plain(path.name))
        self.setAccessibleName(f"{path.name}: {isolated(actual)}, not answered yet")
        self._elide()

    def show_answer(self, answer: PictureAnswer, classes: Sequence[str]) -> None:
        """Take another answer."""
        self.path = Path(answer.picture)
        right = answer.actual == answer.predicted
        said, actual = classes[answer.predicted], classes[answer.actual]
        confidence = f"{100 * answer.confidence:.0f} %"
        self._words = f"{'✓' if right else '✗'} {said}", confidence if right else f"{confidence}, is {actual}"
        set_kind(self.answer, "good" if right else "bad")
        told = f"{self.path.name}: {said}, {confidence}. " + ("Correct." if right else f"It is {actual}.")
        self.setToolTip(plain(told))
        self.setAccessibleName(told)
        self._elide()

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        self._elide()

    def _elide(self) -> None:
        """In the middle, since names of classes often differ at their end."""
        for part, words in zip((self.answer, self.sure), self._words, strict=True):
            room = max(_SIDE, self.width())
            part.setText(part.fontMetrics().elidedText(words, QtCore.Qt.TextElideMode.ElideMiddle, room))
