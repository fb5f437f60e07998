"""Markers and names of the families; a click shows one family alone."""

from pyqtgraph import mkBrush, mkPen
from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QWidget

from cnnstudio.networks import FAMILIES
from cnnstudio.ui.look import theme
from cnnstudio.ui.network.network_plot import look_of
from cnnstudio.ui.widgets.controls import button

_COLUMNS = 5
_MARK = 14


class FamilyLegend(QWidget):
    """A button per family."""

    picked = Signal(str)
    """A family, or the empty text for all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("family_legend")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.S)
        self._grid.setVerticalSpacing(0)
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        self._families: list[str] = []
        self._buttons: dict[str, QPushButton] = {}
        theme.notifier().changed.connect(self._paint)

    def show_families(self, families: list[str]) -> None:
        """Replace the buttons."""
        if families == self._families:
            return
        for old in self._buttons.values():
            self._group.removeButton(old)
            old.deleteLater()
        self._families, self._buttons = families, {}
        for number, family in enumerate(families):
            entry = button(family, f"legend_{family}", kind="ghost")
            entry.setProperty("density", "small")
            entry.setCheckable(True)
            entry.setFont(theme.font("caption"))
            entry.setToolTip(FAMILIES[family].idea if family in FAMILIES else "")
            entry.clicked.connect(lambda on, family=family: self.picked.emit(family if on else ""))
            self._group.addButton(entry)
            self._grid.addWidget(entry, number // _COLUMNS, number % _COLUMNS, Qt.AlignmentFlag.AlignLeft)
            self._buttons[family] = entry
        self._paint()

    def mark(self, family: str) -> None:
        """Show which family is alone in the plot; empty for all."""
        for name, entry in self._buttons.items():
            entry.setChecked(name == family)

    def _paint(self) -> None:
        for family, entry in self._buttons.items():
            entry.setIcon(_marker(family, self._families, self.devicePixelRatioF()))
            entry.setIconSize(QSize(_MARK, _MARK))


def _marker(family: str, families: list[str], scale: float) -> QIcon:
    index, symbol = look_of(family, families)
    colour = theme.current().series[index]
    picture = QPixmap(round(_MARK * scale), round(_MARK * scale))
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(_MARK / 2, _MARK / 2)
    drawSymbol(painter, symbol, _MARK - 4, mkPen(colour), mkBrush(colour))
    painter.end()
    return QIcon(picture)
