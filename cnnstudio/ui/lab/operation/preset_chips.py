"""Kernels that people know, as small drawings of themselves to click on."""

from functools import partial

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.lab import PRESETS, Preset
from cnnstudio.ui.lab.operation.figures import signed_colour
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import blank
from cnnstudio.ui.widgets import Choices, button

_SIDE = 20


class PresetChips(QtWidgets.QWidget):
    """Two in a row; the one that is in use is checked."""

    chosen = QtCore.Signal(str)
    """Name of a preset."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lab_presets")
        grid = QtWidgets.QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.XS)
        self._group = Choices(self)
        self.buttons: dict[str, QtWidgets.QPushButton] = {}
        for number, preset in enumerate(PRESETS):
            entry = button(
                preset.title.split(" (")[0], f"preset_{preset.name}", partial(self.chosen.emit, preset.name), kind="row"
            )
            entry.setCheckable(True)
            entry.setProperty("density", "chip")
            entry.setFont(theme.font("caption"))
            entry.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
            entry.setIconSize(QtCore.QSize(_SIDE, _SIDE))
            entry.setToolTip(preset.sentence)
            entry.setAccessibleDescription(preset.sentence)
            self._group.addButton(entry)
            self.buttons[preset.name] = entry
            grid.addWidget(entry, number // 2, number % 2)
        theme.notifier().changed.connect(self._draw)
        self._draw()

    def check(self, name: str) -> None:
        """Show which one is in use; none of them for an empty name."""
        self._group.setExclusive(False)
        for each, entry in self.buttons.items():
            entry.setChecked(each == name)
        self._group.setExclusive(True)

    def _draw(self) -> None:
        for preset in PRESETS:
            self.buttons[preset.name].setIcon(QtGui.QIcon(self._drawn(preset)))

    def _drawn(self, preset: Preset) -> QtGui.QPixmap:
        values = preset.make(preset.side)
        picture = blank(_SIDE, _SIDE, self.devicePixelRatioF())
        painter = QtGui.QPainter(picture)
        largest, cell = float(np.abs(values).max()), _SIDE / len(values)
        for row, column in np.ndindex(*values.shape):
            place = QtCore.QRectF(column * cell, row * cell, cell, cell)
            painter.fillRect(place, signed_colour(float(values[row, column]), largest))
        painter.setPen(QtGui.QColor(theme.current().outline))
        painter.drawRect(QtCore.QRectF(0.5, 0.5, _SIDE - 1, _SIDE - 1))
        painter.end()
        return picture
