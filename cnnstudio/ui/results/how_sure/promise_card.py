"""*Answer only when sure*: a slider, what it promises, and the pictures that it costs."""

import numpy as np
from PySide6 import QtWidgets

from cnnstudio.core import counted
from cnnstudio.jobs.specs.sure import TARGETS, HowSure
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.how_sure.strip import MOST, Strip
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, label, slider
from cnnstudio.understanding.mistakes import Judged
from cnnstudio.understanding.sure.promise import Promise

_FIRST = 0.9


class PromiseCard(Card):
    """The target is the person's; the threshold follows from it."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("Answer only when sure")
        self._found: HowSure | None = None
        self.sentence = label("", "title", wrap=True, name="promise_sentence")
        self.meaning = label("", "caption", kind="muted", wrap=True, name="promise_meaning")
        low, high = round(100 * TARGETS[0]), round(100 * TARGETS[-1])
        self.target = slider("promise_target", "Share of answers that shall be correct", low, high, round(100 * _FIRST))
        self.target.setSingleStep(1)
        self.target.setPageStep(5)
        self.target.setFixedWidth(theme.scaled(260))
        self.target.valueChanged.connect(lambda _: self._show())
        self.value = label("", name="promise_value")
        self.wrong = Strip(studio, "promise_wrong", "Answered wrongly")
        self.handed = Strip(studio, "promise_handed", "Handed to you")
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(label("Of its answers, at least"))
        row.addWidget(self.target)
        row.addWidget(self.value)
        row.addStretch(1)
        self.body.addLayout(row)
        for widget in (self.sentence, self.meaning, self.wrong, self.handed):
            self.body.addWidget(widget)

    def show_found(self, found: HowSure | None) -> None:
        """Show what a run can promise."""
        self._found = found
        self._show()

    def release(self) -> None:
        """Wait for pictures being read."""
        for strip in (self.wrong, self.handed):
            strip.release()

    def _show(self) -> None:
        target = self.target.value() / 100
        self.value.setText(f"{self.target.value()} % correct")
        if (found := self._found) is None:
            return
        promise = found.promised(target)
        self.sentence.setText(_sentence(promise))
        self.meaning.setText(_meaning(promise))
        surest, right = found.evidence.probabilities.max(1), found.evidence.right
        answered = surest >= (promise.threshold if promise.threshold is not None else 2)
        wrong = np.flatnonzero(answered & ~right)
        handed = np.flatnonzero(~answered)
        for strip, rows in ((self.wrong, wrong), (self.handed, handed)):
            strip.show_answers(judged(found, rows[np.argsort(-surest[rows])]), len(rows), found.root)


def judged(found: HowSure, rows: np.ndarray, answer: int | None = None) -> list[Judged]:
    """Pictures of the evidence with what was answered, or would be; no more than a strip holds."""
    evidence, classes = found.evidence, found.classes
    told = []
    for row in rows[:MOST].tolist():
        true, own = int(evidence.labels[row]), evidence.probabilities[row]
        said = int(own.argmax()) if answer is None else answer
        told.append(Judged(found.names[row], "", classes[true], classes[said], float(own[said]), float(own[true])))
    return told


def _sentence(promise: Promise) -> str:
    if promise.threshold is None:
        return f"{100 * promise.target:.0f} % correct cannot be promised yet"
    answers = f"Answers {100 * promise.answers:.0f} %, {100 * promise.right:.0f} % of them correct"
    return f"{answers}. Promised: at least {100 * promise.target:.0f} %"


def _meaning(promise: Promise) -> str:
    if promise.threshold is None:
        enough = counted(promise.without_error, "answer")
        there = counted(promise.pictures, "picture")
        known = f"It takes {enough} without an error, or more with some, of {there} in all."
        if promise.needed is None:
            return f"{known} While its surest answers are wrong as often as they are, more pictures would not help."
        return f"{known} About {promise.needed:,} would be enough if errors came as often as they do."
    if promise.answers == 1:
        return "Every picture is answered, and the promise holds with 95 % confidence."
    return (
        f"It answers from {100 * promise.threshold:.0f} % sure on and hands the other pictures to you. The promise "
        "holds with 95 % confidence for pictures like these."
    )
