"""Up to three things that are worth doing next, each a sentence and a button."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6 import QtWidgets

from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, button, label, tab_after
from cnnstudio.understanding.next_steps import Action, NextStep

_WIDTH = 170
"""Pixels of a button, so that they stand below each other."""


class NextStepsCard(Card):
    """A click goes where the step is done, with what it is about chosen there."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("What to do next")
        self.setObjectName("next_steps")
        self._studio = studio
        self.buttons: list[QtWidgets.QPushButton] = []
        self.sentences: list[QtWidgets.QLabel] = []
        self._rows = QtWidgets.QVBoxLayout()
        self._rows.setSpacing(theme.S)
        self.body.addLayout(self._rows)
        self.body.addStretch(1)

    def show_steps(self, steps: Sequence[NextStep]) -> None:
        """Replace what is offered."""
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.buttons, self.sentences = [], []
        for number, step in enumerate(steps, 1):
            self._rows.addWidget(self._row(number, step))
        tab_after(self.title, *self.buttons)

    def do(self, step: NextStep) -> None:
        """Go where it is done."""
        self._ways()[step.action](step)

    def _row(self, number: int, step: NextStep) -> QtWidgets.QWidget:
        entry = button(step.button, f"next_step_{number}", partial(self.do, step))
        entry.setMinimumWidth(theme.scaled(_WIDTH))
        entry.setAccessibleDescription(step.sentence)
        sentence = label(step.sentence, wrap=True, name=f"next_step_sentence_{number}")
        self.buttons.append(entry)
        self.sentences.append(sentence)
        made = QtWidgets.QWidget()
        row = QtWidgets.QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addWidget(sentence, 1)
        row.addWidget(entry)
        return made

    def _weigh(self) -> None:
        if (run := self._studio.run) is not None:
            self._studio.again_wanted.emit(run)
        self._studio.balance_wanted.emit()
        self._studio.said.emit("Small classes count more in the next training.", "", None)

    def _ways(self) -> dict[Action, Callable[[NextStep], object]]:
        studio = self._studio
        go, results = studio.navigate.emit, studio.results_wanted.emit

        def after(page: str, ask: Callable[[], object]) -> Callable[[NextStep], object]:
            return lambda _: (go(page), ask())

        return {
            "second-look": after("data", studio.second_look_wanted.emit),
            "forecast": after("data", studio.forecast_wanted.emit),
            "add": lambda _: go("data"),
            "balance": after("train", self._weigh),
            "better": lambda _: go("train"),
            "sure": lambda _: results("sure", ()),
            "stress": lambda step: results("stress", step.about),
            "shortcuts": lambda _: results("stress", ("shortcuts",)),
            "mix-up": lambda step: results("mistakes", step.about),
            "predict": lambda _: go("predict"),
            "export": lambda _: go("export"),
        }
