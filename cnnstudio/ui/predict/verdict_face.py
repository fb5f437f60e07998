"""Why an answer should not be relied on, with its proof: the training picture that is most alike."""

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import isolated
from cnnstudio.inference.results import Prediction, verdict_words
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Thumbnails, label, plain, set_property
from cnnstudio.ui.widgets.picture_canvas import PictureCanvas

_MEANING = {
    "unlike": "It lies farther from all that was learned than nearly every picture that the network should know. The "
    "answer below is the nearest class, nothing more.",
    "between": "Its probabilities are spread as they are for few pictures that it knows. Look at both classes.",
}
_SIDE, _SMALL = 84, 56


class VerdictFace(QtWidgets.QFrame):
    """Hidden where the answer may be relied on, or nobody knows."""

    def __init__(self, name: str = "answer_verdict", *, small: bool = False) -> None:
        """A small one has no words but the verdict; the others are its tooltip."""
        super().__init__()
        self.setObjectName(name)
        self.setProperty("kind", "notice")
        self.setProperty("level", "warn")
        self._prediction: Prediction | None = None
        self.title = label("", "heading", wrap=True, name="verdict_title")
        self.meaning = label("", "caption", kind="muted", wrap=True, name="verdict_meaning")
        self.proof = PictureCanvas("verdict_nearest", "The most alike training picture")
        side = _SMALL if small else _SIDE
        self.proof.setMinimumSize(side, side)
        self.proof.setFixedSize(side, side)
        self.about = label("", "caption", kind="muted", wrap=True, name="verdict_about")
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(theme.XS)
        if small:
            words.addStretch(1)
        for widget in (self.title, self.meaning, self.about):
            words.addWidget(widget)
        words.addStretch(1)
        self._small = small
        self.meaning.setHidden(small)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        row.setSpacing(theme.S)
        row.addLayout(words, 1)
        row.addWidget(self.proof, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_prediction(self, prediction: Prediction | None) -> None:
        """Say why not, or nothing."""
        self._prediction = prediction
        words = verdict_words(prediction) if prediction is not None else ""
        self.setVisible(bool(words))
        if prediction is None or not words:
            return
        set_property(self, "level", "error" if prediction.verdict == "unlike" else "warn")
        self.title.setText(words)
        self.meaning.setText(_MEANING[prediction.verdict or "unlike"])
        nearest = prediction.nearest
        self.proof.setVisible(nearest is not None)
        self.proof.show_picture(None)
        about = f"Beside it the most alike training picture, {isolated(nearest.name)}." if nearest else ""
        self.about.setVisible(nearest is not None and not self._small)
        self.about.setText(about)
        if self._small:
            self.setToolTip(plain(f"{self.meaning.text()} {about}"))

    def show_proof(self, thumbnails: Thumbnails) -> None:
        """Show the most alike picture as soon as it is read."""
        if self.isHidden() or self._prediction is None or self._prediction.nearest is None:
            return
        picture: QtGui.QPixmap | None = thumbnails.get(self._prediction.nearest)
        gone = picture is not None and picture.isNull()
        self.proof.show_picture(picture, "gone" if gone else "")
