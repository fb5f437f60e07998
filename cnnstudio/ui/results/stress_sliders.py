"""Seven sliders: one for each way in which pictures get worse."""

from functools import partial

from PySide6 import QtCore, QtWidgets

from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Choices, button, slider
from cnnstudio.understanding.stress.changes import CHANGES, Change, strength_at

_PLACES = 40
"""Of a slider: ten between two tested strengths."""


class StressSliders(QtWidgets.QWidget):
    """One change at a time: a slider that is moved takes the others back to nothing."""

    moved = QtCore.Signal(object, float)
    """The change that is looked at, and the place of its slider from 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("stress_sliders")
        self.change: Change = CHANGES[0]
        self.sliders: dict[str, QtWidgets.QSlider] = {}
        self.names: dict[str, QtWidgets.QPushButton] = {}
        grid = QtWidgets.QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.S)
        grid.setVerticalSpacing(theme.XS)
        group = Choices(self)
        for row, change in enumerate(CHANGES):
            name = button(change.title, f"stress_show_{change.name}", partial(self._choose, change), kind="tab")
            name.setCheckable(True)
            group.addButton(name)
            moving = slider(f"stress_{change.name}", change.title, 0, _PLACES, 0)
            moving.setSingleStep(1)
            moving.setPageStep(_PLACES // (len(change.strengths) - 1))
            moving.valueChanged.connect(partial(self._moved, change))
            self.sliders[change.name], self.names[change.name] = moving, name
            grid.addWidget(name, row, 0)
            grid.addWidget(moving, row, 1)
        grid.setColumnStretch(2, 1)
        grid.setRowStretch(len(CHANGES), 1)
        self.names[self.change.name].setChecked(True)

    @property
    def share(self) -> float:
        """Where the slider of the change is, from 0 to 1."""
        return self.sliders[self.change.name].value() / _PLACES

    @property
    def strength(self) -> float:
        """Of the change."""
        return strength_at(self.change, self.share)

    @property
    def number(self) -> int:
        """The tested strength that is nearest."""
        return round(self.share * (len(self.change.strengths) - 1))

    def _choose(self, change: Change) -> None:
        if change is not self.change:
            self._look_at(change)
        self.moved.emit(change, self.share)

    def _moved(self, change: Change, _value: int) -> None:
        if change is not self.change:
            self._look_at(change)
        self.moved.emit(change, self.share)

    def _look_at(self, change: Change) -> None:
        self.change = change
        self.names[change.name].setChecked(True)
        for name, other in self.sliders.items():
            if name != change.name:
                with QtCore.QSignalBlocker(other):
                    other.setValue(0)
