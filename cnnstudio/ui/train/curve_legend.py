"""The legend of a plot, above it where it hides no curve: a piece of each line, its marker, its name."""

from collections.abc import Sequence
from typing import NamedTuple

import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role
from cnnstudio.ui.widgets import plain

_SAMPLE, _GAP, _MARK = 26, 6, 7


class Look(NamedTuple):
    """How a curve is drawn."""

    name: str
    colour: int
    """In the theme's series; -1 is muted."""
    dashed: bool
    symbol: str | None
    width: float

    def pen(self) -> QtGui.QPen:
        """Its line in the theme's colours."""
        style = QtCore.Qt.PenStyle.DashLine if self.dashed else QtCore.Qt.PenStyle.SolidLine
        return pg.mkPen(self.paint, width=self.width, style=style)

    @property
    def paint(self) -> str:
        """Its colour in the theme."""
        colours = theme.current()
        return colours.muted if self.colour < 0 else colours.series[self.colour]


class CurveLegend(QtWidgets.QWidget):
    """Entries side by side, in as many lines as they need; none while there is nothing to name."""

    spoken_role = Role.StaticText

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("curve_legend")
        self.setFont(theme.font("caption"))
        self.looks: tuple[Look, ...] = ()
        policy = QtWidgets.QSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.notifier().changed.connect(self.update)

    @property
    def names(self) -> list[str]:
        """What it names, in order."""
        return [look.name for look in self.looks]

    def show_looks(self, looks: Sequence[Look]) -> None:
        """Name these; those without a name need none."""
        self.looks = tuple(look for look in looks if look.name)
        self.setAccessibleName(f"Legend: {', '.join(self.names)}")
        self.setToolTip(plain("\n".join(self.names)))
        self.updateGeometry()
        self.update()

    @override
    def hasHeightForWidth(self) -> bool:
        return True

    @override
    def heightForWidth(self, width: int) -> int:
        places = self._places(width)
        return places[-1].bottom() + 1 if places else 0

    @override
    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(200, self.heightForWidth(max(200, self.width())))

    @override
    def minimumSizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(80, self.fontMetrics().height() if self.looks else 0)

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        for look, place in zip(self.looks, self._places(self.width()), strict=True):
            middle = place.center().y()
            painter.setPen(look.pen())
            painter.drawLine(place.left(), middle, place.left() + _SAMPLE, middle)
            if look.symbol is not None:
                painter.save()
                painter.translate(place.left() + _SAMPLE / 2, middle)
                drawSymbol(painter, look.symbol, _MARK, pg.mkPen(look.paint), pg.mkBrush(look.paint))
                painter.restore()
            text = place.adjusted(_SAMPLE + _GAP, 0, 0, 0)
            painter.setPen(QtGui.QColor(theme.current().text))
            name = metrics.elidedText(look.name, QtCore.Qt.TextElideMode.ElideMiddle, text.width())
            painter.drawText(text, int(QtCore.Qt.AlignmentFlag.AlignVCenter), name)

    def _places(self, width: int) -> list[QtCore.QRect]:
        metrics, places = self.fontMetrics(), list[QtCore.QRect]()
        x = y = 0
        for look in self.looks:
            wide = min(width, _SAMPLE + _GAP + metrics.horizontalAdvance(look.name) + 1)
            if x and x + wide > width:
                x, y = 0, y + metrics.height() + 2
            places.append(QtCore.QRect(x, y, wide, metrics.height()))
            x += wide + theme.M
        return places
