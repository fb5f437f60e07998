"""How sure against how often correct, with where a perfectly honest network would lie on as few pictures."""

import numpy as np
import pyqtgraph as pg
from PySide6 import QtGui

from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets.plots import Plot
from cnnstudio.understanding.sure.reliability import Reliability

_HEIGHT = 260


class ReliabilityPlot(Plot):
    """A point for each bin with its range, the diagonal, and a band in grey."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("reliability_plot")
        self.setAccessibleName("Reliability: how sure against how often correct")
        self.setFixedHeight(theme.scaled(_HEIGHT))
        self._found: Reliability | None = None
        self.getViewBox().setMouseEnabled(x=False, y=False)
        theme.on_change(self, self._draw)

    def show_reliability(self, found: Reliability | None) -> None:
        """Replace what is shown."""
        self._found = found
        self._draw()

    def spoken(self) -> str:
        """Each bin with its range."""
        return " ".join(
            f"Said to be {100 * each.sure:.0f} % sure: {100 * each.right:.0f} % correct, "
            f"between {100 * each.interval[0]:.0f} and {100 * each.interval[1]:.0f} %."
            for each in (self._found.bins if self._found is not None else ())
        )

    def _draw(self) -> None:
        colours, found = theme.current(), self._found
        self.clear()
        self.setBackground(colours.surface)
        for name, what in (("bottom", "How sure it says to be (%)"), ("left", "Correct (%)")):
            self.getAxis(name).setTextPen(colours.muted)
            self.getAxis(name).setPen(colours.outline)
            self.setLabel(name, what, color=colours.muted)  # a pen would give it its own colour
        if found is None:
            return
        sure = [100 * each.sure for each in found.bins]
        edges = [pg.PlotCurveItem(sure, [100 * each.honest[end] for each in found.bins]) for end in (0, 1)]
        grey = QtGui.QColor(colours.muted)
        grey.setAlpha(70)
        for edge in edges:
            self.addItem(edge)
            edge.setPen(None)
        self.addItem(pg.FillBetweenItem(*edges, brush=grey))
        self.plot([0, 100], [0, 100], pen=pg.mkPen(colours.outline, width=1))
        right = [100 * each.right for each in found.bins]
        top = [100 * each.interval[1] - own for each, own in zip(found.bins, right, strict=True)]
        bottom = [own - 100 * each.interval[0] for each, own in zip(found.bins, right, strict=True)]
        pen = pg.mkPen(colours.series[0], width=2)
        self.addItem(
            pg.ErrorBarItem(
                x=np.array(sure), y=np.array(right), top=np.array(top), bottom=np.array(bottom), beam=1.5, pen=pen
            )
        )
        brush = pg.mkBrush(colours.series[0])
        self.plot(sure, right, pen=None, symbol="o", symbolSize=8, symbolBrush=brush, symbolPen=None)
        low = 100 * min(min(each.interval[0], each.honest[0]) for each in found.bins)
        self.setXRange(max(0.0, min(sure) - 3), 103, padding=0)
        self.setYRange(max(0.0, low - 3), 103, padding=0)
