"""One picture, large, with its answers."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from cnnstudio.inference.results import Prediction
from cnnstudio.ui.look import theme
from cnnstudio.ui.predict.prediction_bars import PredictionBars
from cnnstudio.ui.widgets.controls import label
from cnnstudio.ui.widgets.page import Card

_SIDE = 270


class AnswerCard(Card):
    """The chosen picture on the left, what the network says on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("answer_card")
        self.view = QLabel()
        self.view.setAccessibleName("Picture")
        self.view.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.view.setMinimumSize(220, 270)
        self.file_name = label("", "heading", wrap=True, name="file_name")
        self.bars = PredictionBars()
        self.note = label("", "caption", kind="muted", wrap=True, name="answer_note")
        side = QVBoxLayout()
        side.addWidget(self.file_name)
        side.addSpacing(theme.S)
        side.addWidget(self.bars)
        side.addWidget(self.note)
        side.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(theme.L)
        row.addWidget(self.view)
        row.addLayout(side, 1)
        self.body.addLayout(row)

    def show_answer(self, path: Path, prediction: Prediction | None) -> None:
        """Show the answers for a picture, or why there are none."""
        readable = prediction is None or prediction.error is None
        self.file_name.setText(path.name)
        self.bars.setVisible(readable)
        self.bars.show_prediction(prediction if readable else None)
        self.note.setText(_note(prediction))

    def show_picture(self, picture: QPixmap | None) -> None:
        """Show the picture itself, once it is read."""
        if picture is None or picture.isNull():
            self.view.setPixmap(QPixmap())
            return
        scale = self.devicePixelRatioF()
        side = round(_SIDE * scale)
        mode = Qt.TransformationMode.SmoothTransformation
        shown = picture.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, mode)
        shown.setDevicePixelRatio(scale)
        self.view.setPixmap(shown)


def _note(prediction: Prediction | None) -> str:
    if prediction is None:
        return ""
    if prediction.error:
        return prediction.error
    return (
        f"{prediction.milliseconds:.0f} ms. It only knows its classes: a picture of anything else still gets "
        "one of them."
    )
