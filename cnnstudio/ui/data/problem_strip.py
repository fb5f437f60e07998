"""What was found, in one line above the pictures, with the way to it."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import counted
from cnnstudio.data import Dataset
from cnnstudio.data.checks.finding_words import brief
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import pixmap
from cnnstudio.ui.widgets import button, label

_MOST = 3
"""Kinds that are named."""


class ProblemStrip(QtWidgets.QFrame):
    """Such as *2 pictures in two classes, 189 copies, 14 skipped files · Review*; hidden where there is nothing."""

    review = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("problem_strip")
        self.setProperty("kind", "notice")
        self.setProperty("level", "warn")
        self._icon = QtWidgets.QLabel()
        self.text = label("", name="problem_strip_text", wrap=True)
        self.open = button("Review", "data_trouble", self.review.emit, kind="ghost")
        self.open.setAccessibleName("Review the problems found")
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(theme.S + 4, 2, theme.S, 2)
        row.setSpacing(theme.S)
        row.addWidget(self._icon)
        row.addWidget(self.text, 1)
        row.addWidget(self.open)
        theme.notifier().changed.connect(self._tint)
        self._tint()
        self.hide()

    def show_dataset(self, dataset: Dataset) -> None:
        """Name the worst kinds; what needs no action is only in the review."""
        named = [words for finding in dataset.findings if (words := brief(finding))]
        if dataset.problems:
            named.append(counted(len(dataset.problems), "skipped file"))
        more = len(named) - _MOST
        told = ", ".join(named[:_MOST])
        self.text.setText(
            f"{told}, and {counted(more, 'other kind of problem', 'other kinds of problems')}" if more > 0 else told
        )
        self.setVisible(bool(named))

    def _tint(self) -> None:
        self._icon.setPixmap(pixmap("warning", 18, theme.current().warn, self.devicePixelRatioF()))
