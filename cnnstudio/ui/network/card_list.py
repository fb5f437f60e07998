"""Networks as cards: for choosing by reading."""

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.networks import FAMILIES, NetworkEntry
from cnnstudio.ui.look import theme
from cnnstudio.ui.network.network_table import ENTRY_ROLE, NetworkTable, accuracy_of, in_words
from cnnstudio.ui.widgets import grid

CARD = QtCore.QSize(226, 148)
_PAD = 14
_BAR = 6


class CardList(QtWidgets.QListView):
    """The filtered catalogue as a grid of cards, painted only where they are seen."""

    def __init__(self, table: NetworkTable) -> None:
        super().__init__()
        grid(self, "network_cards", "Networks as cards")
        self.setSpacing(theme.XS)
        self.setVerticalScrollMode(QtWidgets.QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setItemDelegate(_CardPainter(self, table))
        theme.notifier().changed.connect(self.viewport().update)

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()


class _CardPainter(QtWidgets.QStyledItemDelegate):
    def __init__(self, parent: CardList, table: NetworkTable) -> None:
        super().__init__(parent)
        self._cards, self._table = parent, table

    @override
    def sizeHint(
        self, _option: QtWidgets.QStyleOptionViewItem, _index: QtCore.QModelIndex | QtCore.QPersistentModelIndex
    ) -> QtCore.QSize:
        """As many cards side by side as fit, with no room left over."""
        room, gap = self._cards.viewport().width() - 2, self._cards.spacing()
        across = max(1, (room - gap) // (theme.scaled(CARD.width()) + gap))
        return QtCore.QSize((room - gap) // across - gap, theme.scaled(CARD.height()))

    @override
    def paint(
        self,
        painter: QtGui.QPainter,
        option: QtWidgets.QStyleOptionViewItem,
        index: QtCore.QModelIndex | QtCore.QPersistentModelIndex,
    ) -> None:
        network: NetworkEntry = index.data(ENTRY_ROLE)
        colours = theme.current()
        selected = bool(option.state & QtWidgets.QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QtWidgets.QStyle.StateFlag.State_MouseOver)
        frame: QtCore.QRect = option.rect.adjusted(4, 4, -4, -4)
        painter.save()
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setPen(QtGui.QPen(QtGui.QColor(colours.accent if selected else colours.border), 2 if selected else 1))
        painter.setBrush(
            QtGui.QColor(colours.accent_soft if selected else colours.surface_alt if hovered else colours.surface)
        )
        painter.drawRoundedRect(frame, 9, 9)
        inner = frame.adjusted(_PAD, _PAD - 2, -_PAD, -_PAD + 4)
        top = self._text(painter, inner, network.title, "heading", colours.text)
        family = FAMILIES.get(network.family)
        top = self._text(
            painter, top, f"{network.family}, {family.year}" if family else network.family, "caption", colours.muted
        )
        painter.setFont(theme.font("caption"))
        painter.setPen(QtGui.QColor(colours.text))
        idea = QtCore.QRect(
            top.left(), top.top() + 2, top.width(), 2 * QtGui.QFontMetrics(theme.font("caption")).height()
        )
        painter.drawText(
            idea, int(QtCore.Qt.AlignmentFlag.AlignTop), _two_lines(family.idea if family else "", top.width())
        )
        self._figures(painter, inner, network)
        painter.restore()

    def _text(
        self, painter: QtGui.QPainter, area: QtCore.QRect, text: str, role: theme.Role, colour: str
    ) -> QtCore.QRect:
        """One line, cut with an ellipsis; returns what is left below it."""
        painter.setFont(theme.font(role))
        painter.setPen(QtGui.QColor(colour))
        metrics = QtGui.QFontMetrics(theme.font(role))
        painter.drawText(
            area,
            int(QtCore.Qt.AlignmentFlag.AlignTop),
            metrics.elidedText(text, QtCore.Qt.TextElideMode.ElideRight, area.width()),
        )
        return area.adjusted(0, metrics.height() + 1, 0, 0)

    def _figures(self, painter: QtGui.QPainter, area: QtCore.QRect, network: NetworkEntry) -> None:
        """A bar as long as the accuracy, and what it costs, at the foot of the card."""
        colours = theme.current()
        metrics = QtGui.QFontMetrics(theme.font("caption"))
        foot = QtCore.QRect(area.left(), area.bottom() - metrics.height(), area.width(), metrics.height())
        accuracy = accuracy_of(network)
        size = network.shown_weights
        here = "✓ on this computer" if network.is_local else f"{size.file_size_mb:,.0f} MB" if size else "from scratch"
        painter.setFont(theme.font("caption"))
        painter.setPen(QtGui.QColor(colours.good if network.is_local else colours.muted))
        painter.drawText(foot, int(QtCore.Qt.AlignmentFlag.AlignRight), here)
        painter.setPen(QtGui.QColor(colours.muted))
        time = in_words(network, self._table.speeds)
        left = time if time != "–" else f"{network.parameters / 1e6:,.2f} M weights"
        painter.drawText(foot, int(QtCore.Qt.AlignmentFlag.AlignLeft), left)
        if accuracy is None:
            return
        words = f"{accuracy:.1f} %"
        width = area.width() - metrics.horizontalAdvance("100.0 %") - 6
        bar = QtCore.QRect(area.left(), foot.top() - metrics.height() + 2, width, _BAR)
        painter.setPen(QtCore.Qt.PenStyle.NoPen)
        painter.setBrush(QtGui.QColor(colours.border))
        painter.drawRoundedRect(bar, 3, 3)
        painter.setBrush(QtGui.QColor(colours.accent))
        painter.drawRoundedRect(QtCore.QRect(bar.left(), bar.top(), round(width * accuracy / 100), _BAR), 3, 3)
        painter.setPen(QtGui.QColor(colours.text))
        painter.drawText(
            QtCore.QRect(area.left(), bar.center().y() - metrics.height() // 2, area.width(), metrics.height()),
            int(QtCore.Qt.AlignmentFlag.AlignRight), words,
        )  # fmt: skip


def _two_lines(text: str, width: int) -> str:
    """As much as fits, with an ellipsis."""
    metrics = QtGui.QFontMetrics(theme.font("caption"))
    words = text.split()
    fitting = next((n for n in range(len(words), 0, -1) if metrics.horizontalAdvance(" ".join(words[:n])) <= width), 1)
    rest = metrics.elidedText(" ".join(words[fitting:]), QtCore.Qt.TextElideMode.ElideRight, width)
    return "\n".join([" ".join(words[:fitting]), rest]).strip()
