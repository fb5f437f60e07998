"""How good the network is by now, as one large number, and how long it still takes."""

from collections.abc import Mapping, Sequence

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import (
    ALONE,
    EpochDone,
    SplitScore,
    StrengthTried,
    alike_interval,
    counted,
    right_sentence,
    wilson_interval,
)
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Card, label


class Headline(Card):
    """The accuracy on validation pictures, or on those that a last layer did not learn from."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("training_headline")
        self.number = label("", "figure", name="accuracy_now")
        self.number.setAccessibleName("Accuracy so far")
        self.words = label("", wrap=True, name="accuracy_words")
        self.left = label("", "title", name="time_left")
        self.left.setAlignment(QtCore.Qt.AlignmentFlag.AlignRight | QtCore.Qt.AlignmentFlag.AlignVCenter)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self.number)
        row.addWidget(self.words, 1)
        row.addWidget(self.left)
        self.body.addLayout(row)
        self.body.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
        self._groups: Mapping[str, Sequence[int]] = {}
        self._best = (0, 0.0)

    def begin(self, wait: str, groups: Mapping[str, Sequence[int]]) -> None:
        """A training starts.

        Args:
            wait: what happens before there is an accuracy.
            groups: by split, what each of its pictures belongs to, see ``Sample``.
        """
        self._groups = groups
        self._best = (0, 0.0)
        self.number.hide()
        self.words.setText(wait)
        self.left.setText("")

    def show_epoch(self, event: EpochDone) -> None:
        """How good the network is after an epoch."""
        accuracy, images = event.validation_accuracy, event.validation_images
        where = f"Epoch {event.epoch} of {event.epochs}"
        if accuracy is None:
            self._show(
                event.train_accuracy, f"{where}, on the varied training pictures: there are none for validation."
            )
            return
        if event.is_best:
            self._best = event.epoch, accuracy
        best = ""
        if self._best[0] not in (0, event.epoch):
            best = f" Best so far: {100 * self._best[1]:.1f} % after epoch {self._best[0]}."
        right = round(accuracy * images)
        pictures = counted(images, "validation picture")
        self._show(
            accuracy, f"{where}: {right:,} of {pictures} correct{self._between('validation', right, images)}.{best}"
        )

    def show_strength(self, event: StrengthTried) -> None:
        """How good a last layer is that is solved for; only the best of those that were tried counts."""
        if not event.is_best:
            return
        right, pictures = round(event.accuracy * event.images), counted(event.images, "training picture")
        between = self._between("train", right, event.images, event.done)
        text = f"{right:,} of {pictures} correct{between}: each answered by a last layer that did not learn from it."
        self._show(event.accuracy, text)

    def show_score(self, score: SplitScore) -> None:
        """How good the network was before the first epoch, or is at the end."""
        begins = "To begin with: " if self.number.isHidden() else ""
        self._show(score.accuracy, f"{begins}{right_sentence(score)}")

    def _between(self, split: str, right: int, images: int, chosen_among: int = 1) -> str:
        """The range; single answers are not known, so pictures of a group are taken to be answered alike."""
        groups = self._groups.get(split, ())
        if len(groups) == images:
            low, high = alike_interval(right, groups, chosen_among)
        elif all(group == ALONE for group in groups):
            low, high = wilson_interval(right, images, chosen_among)
        else:  # of some of them, nobody knows which
            return ""
        return f", between {100 * low:.1f} % and {100 * high:.1f} % on new pictures"

    def _show(self, accuracy: float, words: str) -> None:
        self.number.setText(f"{100 * accuracy:.1f} %")
        self.number.show()
        self.words.setText(words)
