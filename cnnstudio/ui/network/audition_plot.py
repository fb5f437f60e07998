"""Networks that were tried: accuracy on one's own pictures against the time of a picture, with its interval."""

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6 import QtCore, QtGui
from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.ui.look import theme
from cnnstudio.ui.network.network_plot import PlainLogAxis
from cnnstudio.ui.widgets.plots import Plot
from cnnstudio.understanding.auditions import Audition

_SIZE, _NEAR_PX = 11, 16


class AuditionPlot(Plot):
    """A click chooses."""

    chosen = QtCore.Signal(str)

    def __init__(self) -> None:
        super().__init__(axisItems={"bottom": PlainLogAxis("bottom")})
        self.setObjectName("audition_plot")
        self.setAccessibleName("Accuracy on your pictures against the time per picture; the table says the same")
        self._results: Sequence[Audition] = ()
        self._selected = ""
        self.getAxis("bottom").setLogMode(True)
        self.getPlotItem().showGrid(x=True, y=True, alpha=0.12)
        self._bars = pg.ErrorBarItem(x=np.zeros(0), y=np.zeros(0), top=np.zeros(0), bottom=np.zeros(0), beam=0.0)
        self._dots = pg.ScatterPlotItem(pxMode=True)
        for item in (self._bars, self._dots):
            self.addItem(item)
        self._names: list[pg.TextItem] = []
        self.scene().sigMouseClicked.connect(self._click)
        theme.notifier().changed.connect(self._draw)
        self._draw()

    def show_results(self, results: Sequence[Audition], selected: str) -> None:
        """Replace the points, and mark one of them."""
        self._results, self._selected = results, selected
        self._draw()
        self.show_all()

    @override
    def show_all(self) -> None:
        if self._results:
            x = [math.log10(1000 * each.seconds) for each in self._results]
            ends = [100 * end for each in self._results for end in each.interval]
            self.setXRange(min(x) - 0.15, max(x) + 0.25, padding=0.04)
            self.setYRange(min(ends), max(ends), padding=0.08)

    def spoken(self) -> str:
        """Each network with its range."""
        return " ".join(
            f"{each.title}: {100 * each.accuracy:.1f} % of {counted(len(each.right), 'picture')} correct, between "
            f"{100 * each.interval[0]:.1f} and {100 * each.interval[1]:.1f} %, "
            f"{1000 * each.seconds:.3g} ms per picture."
            for each in self._results
        )

    def _draw(self) -> None:
        colours = theme.current()
        self.setBackground(colours.surface)
        for side in ("left", "bottom"):
            self.getAxis(side).setPen(colours.outline)
            self.getAxis(side).setTextPen(colours.muted)
        self.setLabel("bottom", "Milliseconds per picture on this computer", color=colours.muted)
        self.setLabel("left", "Correct (%)", color=colours.muted)
        for name in self._names:
            self.removeItem(name)
        x = np.array([math.log10(1000 * each.seconds) for each in self._results])
        y = np.array([100 * each.accuracy for each in self._results])
        low = np.array([100 * each.interval[0] for each in self._results])
        high = np.array([100 * each.interval[1] for each in self._results])
        self._bars.setData(x=x, y=y, top=high - y, bottom=y - low, pen=pg.mkPen(colours.series[1], width=2))
        marked = [each.network == self._selected for each in self._results]
        pens = [pg.mkPen(colours.text if each else colours.surface, width=2 if each else 0.8) for each in marked]
        brush = pg.mkBrush(colours.series[1])
        self._dots.setData(x=x, y=y, size=_SIZE, pen=pens, brush=brush)
        self._names = []
        for each, across, up in zip(self._results, x, y, strict=True):
            item = pg.TextItem(each.title, anchor=(-0.08, 0.5))
            item.setColor(colours.text)
            item.setFont(theme.font("caption"))
            item.setPos(across, up)
            self.addItem(item, ignoreBounds=True)
            self._names.append(item)

    def _click(self, event: object) -> None:
        at = event.scenePos()  # type: ignore[attr-defined]
        for each in self._results:
            place = QtCore.QPointF(math.log10(1000 * each.seconds), 100 * each.accuracy)
            if QtCore.QLineF(self.getViewBox().mapViewToScene(place), at).length() <= _NEAR_PX:
                self.chosen.emit(each.network)
                return

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        super().showEvent(event)
        self.show_all()
