"""One picture, large, with its answers as bars."""

from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import isolated
from cnnstudio.inference.results import Prediction
from cnnstudio.ui.look import theme
from cnnstudio.ui.predict.verdict_face import VerdictFace
from cnnstudio.ui.widgets import Card, button, label
from cnnstudio.ui.widgets.elided_label import ElidedLabel
from cnnstudio.ui.widgets.picture_canvas import PictureCanvas
from cnnstudio.ui.widgets.prediction_bars import PredictionBars
from cnnstudio.understanding.words import NEAR_MISSES

_HEIGHT = 270


class AnswerCard(Card):
    """The chosen picture on the left, what the network says on the right, and a way to correct it."""

    correct_wanted = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("answer_card")
        self.view = PictureCanvas("answer_picture", "Picture")
        self.view.setFixedHeight(theme.scaled(_HEIGHT))
        self.view.setMinimumWidth(theme.scaled(160))
        self.file_name = ElidedLabel("heading", "file_name")
        self.face = VerdictFace()
        self.bars = PredictionBars()
        self.note = label("", "caption", kind="muted", wrap=True, name="answer_note")
        self.wrong = button("This is wrong…", "answer_wrong", self.correct_wanted.emit, icon_name="edit")
        self._side = side = QtWidgets.QVBoxLayout()
        side.addWidget(self.file_name)
        side.addSpacing(theme.S)
        side.addWidget(self.face)
        side.addWidget(self.bars)
        side.addWidget(self.wrong, 0, QtCore.Qt.AlignmentFlag.AlignLeft)
        side.addWidget(self.note)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self.view, 1, QtCore.Qt.AlignmentFlag.AlignTop)
        row.addLayout(side, 1)
        self.body.addLayout(row)

    def add_below(self, widget: QtWidgets.QWidget) -> None:
        """Put something under the answers."""
        self._side.addWidget(widget)
        self._side.addStretch(1)

    def show_answer(self, path: Path, prediction: Prediction | None) -> None:
        """Show the answers for a picture, or why there are none."""
        readable = prediction is None or prediction.error is None
        self.file_name.show_text(isolated(path.name), str(path))
        self.face.show_prediction(prediction)
        self.bars.setVisible(readable)
        self.bars.show_prediction(prediction if readable else None)
        self.note.setText(_note(prediction))

    def show_picture(self, picture: QtGui.QPixmap | None) -> None:
        """Show the picture itself, once it is read."""
        self.view.show_picture(picture)


def in_column(*cards: QtWidgets.QWidget) -> QtWidgets.QScrollArea:
    """Cards below each other, which scroll."""
    column = QtWidgets.QWidget()
    column.setProperty("kind", "column")
    stacked = QtWidgets.QVBoxLayout(column)
    stacked.setContentsMargins(0, 0, 0, 0)
    stacked.setSpacing(theme.M)
    for card in cards:
        stacked.addWidget(card)
    stacked.addStretch(1)
    area = QtWidgets.QScrollArea()
    area.setAccessibleName("The answer to the chosen picture")
    area.setWidget(column)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area


def _note(prediction: Prediction | None) -> str:
    if prediction is None:
        return ""
    if prediction.error:
        return prediction.error
    if prediction.verdict is not None:
        return f"{prediction.milliseconds:.0f} ms. {NEAR_MISSES}"
    return (
        f"{prediction.milliseconds:.0f} ms. It only knows its classes: a picture of anything else still gets "
        "one of them."
    )
