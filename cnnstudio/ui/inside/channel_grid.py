"""Channels as tiles with what each of them added to the answer; a click switches one off."""

from PySide6 import QtCore, QtGui
from typing_extensions import override

from cnnstudio.core import isolated
from cnnstudio.inference.results import FeatureMaps
from cnnstudio.ui.inside.map_grid import MapGrid
from cnnstudio.ui.look import theme
from cnnstudio.understanding.inside.values import Ranking
from cnnstudio.understanding.why.drawing import AGAINST, FOR

_BAR = 4


class ChannelGrid(MapGrid):
    """Orange bars under what spoke for the class, blue ones under what spoke against it."""

    switched = QtCore.Signal(int)
    """A channel by number."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("channel_grid")
        self.setAccessibleName("Channels")
        self.off: set[int] = set()
        self._ranking: Ranking | None = None
        self.tile_chosen.connect(lambda index: self.switched.emit(self._channel(index)))

    def show_ranking(self, ranking: Ranking | None) -> None:
        """Other channels, all of them on."""
        self._ranking, self.off = ranking, set()
        self.show_maps(ranking.maps if ranking else None)

    def show_off(self, off: set[int]) -> None:
        """Draw these channels as switched off."""
        self.off = set(off)
        self.update()

    @override
    def caption(self, index: int) -> str:
        ranking = self._ranking
        if ranking is None:
            return ""
        channel = self._channel(index)
        state = ", switched off" if channel in self.off else ""
        return f"channel {channel}: {ranking.contributions[channel]:+.3f} for {isolated(ranking.label)}{state}"

    @override
    def below(self, index: int) -> str:
        channel = self._channel(index)
        added = float(self._ranking.contributions[channel]) if self._ranking else 0.0
        return f"{channel}   {added:+.2f}" if self.tile >= 72 else str(channel)

    @override
    def paint_on(self, painter: QtGui.QPainter, index: int, rect: QtCore.QRectF) -> None:
        channel, ranking = self._channel(index), self._ranking
        if ranking is None:
            return
        if channel in self.off:
            veil = QtGui.QColor(theme.current().surface)
            veil.setAlpha(200)
            painter.fillRect(rect, veil)
            painter.setPen(QtGui.QPen(QtGui.QColor(theme.current().text), 2))
            painter.drawLine(rect.topLeft() + QtCore.QPointF(6, 6), rect.bottomRight() - QtCore.QPointF(6, 6))
            painter.drawLine(rect.topRight() + QtCore.QPointF(-6, 6), rect.bottomLeft() + QtCore.QPointF(6, -6))
            return
        largest = float(abs(ranking.contributions).max()) or 1.0
        added = float(ranking.contributions[channel])
        width = rect.width() * abs(added) / largest
        bar = QtCore.QRectF(rect.left(), rect.bottom() - _BAR, width, _BAR)
        painter.fillRect(bar, QtGui.QColor(*(FOR if added > 0 else AGAINST)))

    def _channel(self, index: int) -> int:
        maps: FeatureMaps | None = self.maps
        assert maps is not None
        return maps.channels[index]
