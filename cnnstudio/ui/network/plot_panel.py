"""The plot of networks with its legend of families and what is beside it."""

from pyqtgraph import mkBrush, mkPen
from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.networks import FAMILIES, Catalogue, NetworkEntry, Speeds
from cnnstudio.ui.look import theme
from cnnstudio.ui.network.advisor import Advisor
from cnnstudio.ui.network.axes import AXES
from cnnstudio.ui.network.network_plot import NetworkPlot, look_of
from cnnstudio.ui.state import JobMonitor
from cnnstudio.ui.widgets import Card, ProgressStrip, button, combo, label

_COLUMNS = 5
_MARK = 14


class FamilyLegend(QtWidgets.QWidget):
    """A button per family: in columns, or where there is little room one behind the other, none of them cut off."""

    picked = QtCore.Signal(str)
    """A family, or the empty text for all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("family_legend")
        self._group = QtWidgets.QButtonGroup(self)
        self._group.setExclusive(False)
        self._families: list[str] = []
        self._buttons: dict[str, QtWidgets.QPushButton] = {}
        theme.notifier().changed.connect(self._paint)

    def show_families(self, families: list[str]) -> None:
        """Replace the buttons."""
        if families == self._families:
            return
        for old in self._buttons.values():
            self._group.removeButton(old)
            old.deleteLater()
        self._families, self._buttons = families, {}
        for family in families:
            entry = button(family, f"legend_{family}", kind="ghost")
            entry.setProperty("density", "small")
            entry.setCheckable(True)
            entry.setFont(theme.font("caption"))
            entry.setToolTip(FAMILIES[family].idea if family in FAMILIES else "")
            entry.clicked.connect(lambda on, family=family: self.picked.emit(family if on else ""))
            self._group.addButton(entry)
            entry.setParent(self)
            entry.show()
            self._buttons[family] = entry
        self._paint()
        self.fit()

    def mark(self, family: str) -> None:
        """Show which family is alone in the plot; empty for all."""
        for name, entry in self._buttons.items():
            entry.setChecked(name == family)

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    @override
    def event(self, event: QtCore.QEvent) -> bool:
        """Buttons have another size once they are styled."""
        if event.type() in (QtCore.QEvent.Type.LayoutRequest, QtCore.QEvent.Type.Show):
            self.fit()
        return super().event(event)

    def fit(self) -> None:
        """Put the buttons into rows as wide as it is, and be as high as these."""
        width = self.width()
        sizes = [entry.sizeHint() for entry in self._buttons.values()]
        widest = max((size.width() for size in sizes), default=0) + theme.S
        column = width // _COLUMNS if widest * _COLUMNS <= width else 0
        x, y, high = 0, 0, max((size.height() for size in sizes), default=0)
        for entry, size in zip(self._buttons.values(), sizes, strict=True):
            if x and x + size.width() > width:
                x, y = 0, y + high
            entry.setGeometry(x, y, size.width(), high)
            x += column or size.width() + theme.S
        self.setFixedHeight(y + high)

    def _paint(self) -> None:
        for family, entry in self._buttons.items():
            entry.setIcon(_marker(family, self._families, self.devicePixelRatioF()))
            entry.setIconSize(QtCore.QSize(_MARK, _MARK))


def _marker(family: str, families: list[str], scale: float) -> QtGui.QIcon:
    index, symbol = look_of(family, families)
    colour = theme.current().series[index]
    picture = QtGui.QPixmap(round(_MARK * scale), round(_MARK * scale))
    picture.setDevicePixelRatio(scale)
    picture.fill(QtCore.Qt.GlobalColor.transparent)
    painter = QtGui.QPainter(picture)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    painter.translate(_MARK / 2, _MARK / 2)
    drawSymbol(painter, symbol, _MARK - 4, mkPen(colour), mkBrush(colour))
    painter.end()
    return QtGui.QIcon(picture)


_ROOM_FOR_LEGEND = 380


class PlotPanel(Card):
    """With its legend, and how far the measurement of this computer is."""

    family_picked = QtCore.Signal(str)

    def __init__(self, advisor: Advisor) -> None:
        super().__init__()
        self.setObjectName("plot_panel")
        self._advisor = advisor
        self._families: list[str] = []
        self._networks: list[NetworkEntry] = []
        self.axis = combo("plot_axis", "What accuracy is plotted against", [(axis.title, axis.key) for axis in AXES])
        self.note = label("", "caption", kind="muted", wrap=True, name="plot_note")
        self.measure = button("Measure again", "measure_speeds", lambda: advisor.measure(anew=True), icon_name="clock")
        self.progress = ProgressStrip("measuring")
        self.plot = NetworkPlot()
        self.legend = FamilyLegend()
        top = QtWidgets.QHBoxLayout()
        top.setSpacing(theme.S)
        top.addWidget(label("Accuracy against", "heading"))
        top.addWidget(self.axis)
        top.addStretch(1)
        below = QtWidgets.QHBoxLayout()
        below.setSpacing(theme.S)
        below.addWidget(self.note, 1)
        below.addWidget(self.measure)
        column = QtWidgets.QVBoxLayout()
        column.setSpacing(theme.S)
        column.addLayout(top)
        column.addLayout(below)
        column.addWidget(self.progress)
        column.addWidget(self.plot, 1)
        column.addWidget(self.legend)
        self.body.addLayout(column, 1)
        self.axis.currentIndexChanged.connect(lambda index: self._choose_axis(index))
        self.legend.picked.connect(self.family_picked)
        advisor.speeds_changed.connect(lambda _: self._measured())
        advisor.measuring.connect(self._follow)
        self._choose_axis(0 if advisor.speeds else 1)

    def show_catalogue(self, catalogue: Catalogue) -> None:
        """Fix the families' colours and markers."""
        self._families = families_of(catalogue)
        self.legend.show_families(self._families)

    def show_networks(self, networks: list[NetworkEntry], family: str) -> None:
        """Plot these."""
        self._networks = networks
        self.legend.mark(family)
        self.plot.show_networks(networks, self._families, self._advisor.speeds)
        self._explain()

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        """Where there is little room, the points matter more than the legend."""
        super().resizeEvent(event)
        self.legend.setVisible(event.size().height() >= _ROOM_FOR_LEGEND)

    def _choose_axis(self, index: int) -> None:
        self.axis.setCurrentIndex(index)
        self.plot.show_axis(AXES[index])
        self._explain()

    def _follow(self, monitor: JobMonitor[Speeds]) -> None:
        self.progress.follow(monitor)
        self.measure.setEnabled(False)
        monitor.ended.connect(lambda: self.measure.setEnabled(True))

    def _measured(self) -> None:
        self._choose_axis(0)
        self.plot.show_networks(self._networks, self._families, self._advisor.speeds)
        self._explain()

    def _explain(self) -> None:
        """What the points are, and which are missing."""
        speeds = self._advisor.speeds
        shown = len(self.plot.points)
        missing = sum(network.classic for network in self._networks)
        time = AXES[self.axis.currentIndex()].key == "time"
        words = [f"{counted(shown, 'network')}."]
        if time and speeds is None:
            words = ["The speed of this computer has not been measured yet."]
        elif time and speeds is not None:
            measured = sum(not speeds.is_estimate(point.network.name) for point in self.plot.points)
            words = [f"{measured} measured, {shown - measured} estimated (≈)."]
        if missing:
            words.append(f"Without an ImageNet figure: {missing}.")
        self.note.setText(" ".join(words))
        self.measure.setVisible(time)
        self.measure.setText("Measure again" if speeds else "Measure")


def families_of(catalogue: Catalogue) -> list[str]:
    """Families with a place in the plot, by name."""
    return sorted({network.family for network in catalogue.networks if not network.classic}, key=str.lower)
