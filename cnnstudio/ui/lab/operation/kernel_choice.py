"""Choosing kernels: a preset, numbers typed into squares, stripes that are turned; one kernel, or one per channel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6 import QtCore, QtWidgets

from cnnstudio.lab import PRESETS, Kernel, gabor, kernel_of
from cnnstudio.ui.lab.operation.fields import ChoiceField, NumberField
from cnnstudio.ui.lab.operation.kernel_grid import KernelGrid
from cnnstudio.ui.lab.operation.preset_chips import PresetChips
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import button

LARGEST = 7
_GABOR = "gabor"
_IN_TURN = ("vertical-edge", "horizontal-edge", "laplacian", "gaussian-blur", "sharpen", "emboss")
"""With which the kernels of several channels begin, so that a difference is seen."""


@dataclass(slots=True)
class _Own:
    values: np.ndarray
    preset: str
    """Empty where a person typed it."""


class KernelChoice(QtWidgets.QWidget):
    """Holds as many kernels as are asked for, all of the same side; one of them is shown."""

    changed = QtCore.Signal()
    network_wanted = QtCore.Signal()
    """A filter of a network is to be taken."""

    def __init__(self, first: str = "vertical-edge") -> None:
        super().__init__()
        self._kernels = [_Own(_values(first, 3), first)]
        self.which = ChoiceField("lab_which_kernel", "Kernel of", [("all channels", 0)])
        self.which.hide()
        self.chips = PresetChips()
        self.sides = NumberField("lab_kernel_side", "Kernel size", 1, LARGEST, 3, "Rows and columns of the kernel.")
        self.grid = KernelGrid("lab_kernel", "Kernel")
        self.angle = NumberField("lab_gabor_angle", "Angle", 0, 175, 0, "Which lines it answers to, in degrees.")
        self.wave = NumberField("lab_gabor_wave", "Stripes", 2, 12, 4, "Pixels from stripe to stripe.")
        self.flip = button("Turn", "lab_turn_kernel", self._turn, kind="ghost")
        self.flip.setToolTip("Turn the kernel by a quarter")
        self.negate = button("Negate", "lab_negate_kernel", self._negate, kind="ghost")
        self.negate.setToolTip("Change the sign of every number")
        self.even = button("Sum to 1", "lab_even_kernel", self._scale, kind="ghost")
        self.even.setToolTip("Divide by the sum, so that the picture stays as bright as it was")
        acts = QtWidgets.QHBoxLayout()
        acts.setSpacing(0)
        self.network = button("Network…", "lab_network_kernel", self.network_wanted.emit, kind="ghost")
        self.network.setToolTip("Take a filter of a network's first layer")
        for entry in (self.flip, self.negate, self.even, self.network):
            entry.setProperty("density", "small")
            acts.addWidget(entry)
        acts.addStretch(1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.which)
        column.addWidget(self.grid)
        column.addLayout(acts)
        column.addWidget(self.chips)
        for field in (self.angle, self.wave, self.sides):
            column.addWidget(field)
        self.chips.chosen.connect(self.choose_preset)
        self.sides.changed.connect(self._resize)
        self.grid.edited.connect(self._typed)
        self.which.changed.connect(self._show)
        for field in (self.angle, self.wave):
            field.changed.connect(self._bend)
        self._show()

    @property
    def side(self) -> int:
        """Rows and columns."""
        return self.sides.value

    @property
    def preset(self) -> str:
        """Of the kernel that is shown; empty where it was typed."""
        return self._own.preset

    def kernels(self, count: int) -> tuple[Kernel, ...]:
        """So many of them; new ones begin with a preset."""
        while len(self._kernels) < count:
            name = _IN_TURN[len(self._kernels) % len(_IN_TURN)]
            self._kernels.append(_Own(_values(name, self.side), name))
        return tuple(_plain(own.values) for own in self._kernels[:count])

    def offer(self, names: Sequence[str]) -> None:
        """Which kernel is shown can be chosen among these; nothing to choose where there is one."""
        self.kernels(len(names))
        if [self.which.box.itemText(place) for place in range(self.which.box.count())] != list(names):
            chosen = min(self.which.box.currentIndex(), len(names) - 1)
            with QtCore.QSignalBlocker(self.which.box):
                self.which.box.clear()
                for place, name in enumerate(names):
                    self.which.box.addItem(name, place)
                self.which.box.setCurrentIndex(max(0, chosen))
            self.which.setVisible(len(names) > 1)
            self._show()

    def choose_preset(self, name: str, side: int = 0) -> None:
        """Take a preset for the kernel that is shown."""
        preset = next(each for each in PRESETS if each.name == name)
        keeps = self.side in (3, 5, 7) and _GABOR not in (name, self._own.preset)
        wanted = side or (self.side if keeps else preset.side)
        self._own.preset = name
        if wanted != self.sides.value:
            self.sides.choose(wanted)  # makes all of them anew
        else:
            self._own.values = self._made(name, wanted)
            self._show()
            self.changed.emit()

    def take(self, values: np.ndarray) -> None:
        """Use these numbers, a square, for the kernel that is shown."""
        self._own.values, self._own.preset = np.array(values, np.float32), ""
        with QtCore.QSignalBlocker(self.sides):
            self.sides.choose(len(values))
        for own in self._kernels:
            own.values = _fitted(own.values, len(values))
        self._show()
        self.changed.emit()

    def take_all(self, kernels: Sequence[Kernel]) -> None:
        """Use these for the first channels, such as a network's."""
        for place, kernel in enumerate(kernels):
            own = _Own(np.array(kernel, np.float32), "")
            self._kernels[place : place + 1] = [own]
        side = len(kernels[0])
        for field in (self.sides.number, self.sides.slider):
            field.setMaximum(max(LARGEST, side))
        with QtCore.QSignalBlocker(self.sides):
            self.sides.choose(side)
        for own in self._kernels:
            own.values = _fitted(own.values, side)
        self._show()
        self.changed.emit()

    def keep(self) -> object:
        """All kernels, to ``bring_back``."""
        return [_Own(own.values, own.preset) for own in self._kernels]

    def bring_back(self, kept: object) -> None:
        """Kernels as they were when ``keep`` gave them."""
        assert isinstance(kept, list)
        self._kernels = kept
        with QtCore.QSignalBlocker(self.sides):
            self.sides.choose(len(kept[0].values))
        self._show()

    @property
    def _own(self) -> _Own:
        return self._kernels[max(0, self.which.box.currentIndex())]

    def _show(self) -> None:
        self.grid.show_values(self._own.values)
        self.chips.check(self._own.preset)
        for field in (self.angle, self.wave):
            field.setVisible(self._own.preset == _GABOR)

    def _resize(self) -> None:
        for own in self._kernels:
            same = own.preset and self.side % 2 and self.side > 1
            own.values = self._made(own.preset, self.side) if same else _fitted(own.values, self.side)
        self._show()
        self.changed.emit()

    def _made(self, name: str, side: int) -> np.ndarray:
        if name == _GABOR:
            return np.array(gabor(side, angle=self.angle.value, wavelength=self.wave.value, sigma=side / 3.5))
        return _values(name, side)

    def _bend(self) -> None:
        if self._own.preset == _GABOR:
            self._own.values = self._made(_GABOR, self.side)
            self._show()
            self.changed.emit()

    def _typed(self) -> None:
        self._own.values, self._own.preset = self.grid.values, ""
        self.chips.check("")
        self.changed.emit()

    def _turn(self) -> None:
        self._change(np.rot90(self._own.values))

    def _negate(self) -> None:
        self._change(-self._own.values)

    def _scale(self) -> None:
        total = float(self._own.values.sum())
        if abs(total) > 1e-6:  # of an edge it is 0
            self._change(self._own.values / total)

    def _change(self, values: np.ndarray) -> None:
        self._own.values, self._own.preset = values, ""
        self._show()
        self.changed.emit()


def _values(name: str, side: int) -> np.ndarray:
    return np.array(kernel_of(name, side))


def _plain(values: np.ndarray) -> Kernel:
    return tuple(tuple(round(float(value), 6) for value in row) for row in values)


def _fitted(values: np.ndarray, side: int) -> np.ndarray:
    """The middle of it, with zeros around where it was smaller."""
    fitted = np.zeros((side, side), np.float32)
    taken = min(side, len(values))
    to, start = (side - taken) // 2, (len(values) - taken) // 2
    fitted[to : to + taken, to : to + taken] = values[start : start + taken, start : start + taken]
    return fitted
