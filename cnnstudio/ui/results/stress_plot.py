"""Accuracy against how much worse the pictures are, with the range that holds for new pictures."""

import numpy as np
import pyqtgraph as pg
from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets.plots import Plot
from cnnstudio.understanding.stress.changes import BY_NAME, Change
from cnnstudio.understanding.stress.results import Stress

_LOWEST = 150
_FAINT = 60
"""Opacity of the band, of 255."""


class StressPlot(Plot):
    """Tested strengths lie at equal distances; a line stands where the slider is."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("stress_plot")
        self.setAccessibleName("Accuracy by strength")
        self.setMouseEnabled(x=False, y=False)
        self.setMinimumHeight(theme.scaled(_LOWEST))
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Expanding)
        self.getPlotItem().showGrid(x=False, y=True, alpha=0.18)
        self.setYRange(0, 100, padding=0.07)  # else pyqtgraph leaves out the figures at both ends
        for side in ("left", "bottom"):
            self.getAxis(side).enableAutoSIPrefix(enable=False)
        self.getAxis("left").setTicks([[(percent, str(percent)) for percent in range(0, 101, 20)]])
        self._low, self._high = pg.PlotDataItem(), pg.PlotDataItem()
        self._band = pg.FillBetweenItem(self._low, self._high)
        self._line = pg.PlotDataItem(symbol="o", symbolSize=6)
        self._here = pg.InfiniteLine(angle=90, movable=False)
        for item in (self._band, self._line, self._here):
            self.addItem(item)
        theme.notifier().changed.connect(self.restyle)
        self.restyle()

    def show_curve(self, change: Change, found: Stress | None) -> None:
        """Show what is known of a change; the axis alone where it was not tested."""
        places = np.arange(len(change.strengths), dtype=float)
        words = ["none", *(change.tick(strength) for strength in change.strengths[1:])]
        self.getAxis("bottom").setTicks([list(zip(places.tolist(), words, strict=True))])
        self.setXRange(0, places[-1], padding=0.12)
        curve = found.curve(change.name) if found is not None and found.pictures else None
        if curve is None or found is None:
            for item in (self._low, self._high, self._line):
                item.setData([], [])
            self._band.setCurves(self._low, self._high)
            self.setAccessibleDescription("Not tested yet")
            return
        shares = np.array([100 * found.share(step) for step in curve.steps])
        ends = 100 * np.array([found.interval(step) for step in curve.steps])
        self._line.setData(places, shares)
        self._low.setData(places, ends[:, 0])
        self._high.setData(places, ends[:, 1])
        self._band.setCurves(self._low, self._high)
        told = ", ".join(f"{share:.0f} % {word}" for share, word in zip(shares, words, strict=True))
        self.setAccessibleDescription(told)

    def show_place(self, share: float, change: str) -> None:
        """Where a slider is, from 0 to 1."""
        self._here.setValue(share * (len(BY_NAME[change].strengths) - 1))

    def restyle(self) -> None:
        """Take the colours of the theme."""
        colours = theme.current()
        self.setBackground(colours.surface)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(colours.outline)
            axis.setTextPen(colours.muted)
        self.setLabel("left", "Correct (%)", color=colours.muted)
        line, faint = QtGui.QColor(colours.series[0]), QtGui.QColor(colours.series[0])
        faint.setAlpha(_FAINT)
        self._line.setPen(pg.mkPen(line, width=2))
        self._line.setSymbolBrush(pg.mkBrush(line))
        self._line.setSymbolPen(pg.mkPen(line))
        self._band.setBrush(pg.mkBrush(faint))
        self._here.setPen(pg.mkPen(colours.series[1], width=2, style=QtCore.Qt.PenStyle.DashLine))
