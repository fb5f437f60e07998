"""Networks as cards: for choosing by reading."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from cnnstudio.networks import FAMILIES, NetworkEntry
from cnnstudio.ui.look import theme
from cnnstudio.ui.network.network_table import ENTRY_ROLE, NetworkTable, accuracy_of, in_words
from cnnstudio.ui.widgets.tables import grid

CARD = QSize(226, 148)
_PAD = 14
_BAR = 6


class CardList(QListView):
    """The filtered catalogue as a grid of cards, painted only where they are seen."""

    def __init__(self, table: NetworkTable) -> None:
        super().__init__()
        grid(self, "network_cards", "Networks as cards")
        self.setSpacing(theme.XS)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setItemDelegate(_CardPainter(self, table))
        theme.notifier().changed.connect(self.viewport().update)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()


class _CardPainter(QStyledItemDelegate):
    def __init__(self, parent: CardList, table: NetworkTable) -> None:
        super().__init__(parent)
        self._cards, self._table = parent, table

    @override
    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As many cards side by side as fit, with no room left over."""
        room, gap = self._cards.viewport().width() - 2, self._cards.spacing()
        across = max(1, (room - gap) // (CARD.width() + gap))
        return QSize((room - gap) // across - gap, CARD.height())

    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        network: NetworkEntry = index.data(ENTRY_ROLE)
        colours = theme.current()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        frame: QRect = option.rect.adjusted(4, 4, -4, -4)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.accent if selected else colours.border), 2 if selected else 1))
        painter.setBrush(
            QColor(colours.accent_soft if selected else colours.surface_alt if hovered else colours.surface)
        )
        painter.drawRoundedRect(frame, 9, 9)
        inner = frame.adjusted(_PAD, _PAD - 2, -_PAD, -_PAD + 4)
        top = self._text(painter, inner, network.title, "heading", colours.text)
        family = FAMILIES.get(network.family)
        top = self._text(
            painter, top, f"{network.family}, {family.year}" if family else network.family, "caption", colours.muted
        )
        painter.setFont(theme.font("caption"))
        painter.setPen(QColor(colours.text))
        idea = QRect(top.left(), top.top() + 2, top.width(), 2 * QFontMetrics(theme.font("caption")).height())
        painter.drawText(idea, int(Qt.AlignmentFlag.AlignTop), _two_lines(family.idea if family else "", top.width()))
        self._figures(painter, inner, network)
        painter.restore()

    def _text(self, painter: QPainter, area: QRect, text: str, role: theme.Role, colour: str) -> QRect:
        """One line, cut with an ellipsis; returns what is left below it."""
        painter.setFont(theme.font(role))
        painter.setPen(QColor(colour))
        metrics = QFontMetrics(theme.font(role))
        painter.drawText(
            area, int(Qt.AlignmentFlag.AlignTop), metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        )
        return area.adjusted(0, metrics.height() + 1, 0, 0)

    def _figures(self, painter: QPainter, area: QRect, network: NetworkEntry) -> None:
        """A bar as long as the accuracy, and what it costs, at the foot of the card."""
        colours = theme.current()
        metrics = QFontMetrics(theme.font("caption"))
        foot = QRect(area.left(), area.bottom() - metrics.height(), area.width(), metrics.height())
        accuracy = accuracy_of(network)
        size = network.shown_weights
        here = "✓ downloaded" if network.is_local else f"{size.file_size_mb:,.0f} MB" if size else "from scratch"
        painter.setFont(theme.font("caption"))
        painter.setPen(QColor(colours.good if network.is_local else colours.muted))
        painter.drawText(foot, int(Qt.AlignmentFlag.AlignRight), here)
        painter.setPen(QColor(colours.muted))
        time = in_words(network, self._table.speeds)
        left = time if time != "–" else f"{network.parameters / 1e6:,.2f} M weights"
        painter.drawText(foot, int(Qt.AlignmentFlag.AlignLeft), left)
        if accuracy is None:
            return
        words = f"{accuracy:.1f} %"
        width = area.width() - metrics.horizontalAdvance("100.0 %") - 6
        bar = QRect(area.left(), foot.top() - metrics.height() + 2, width, _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.border))
        painter.drawRoundedRect(bar, 3, 3)
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(QRect(bar.left(), bar.top(), round(width * accuracy / 100), _BAR), 3, 3)
        painter.setPen(QColor(colours.text))
        painter.drawText(
            QRect(area.left(), bar.center().y() - metrics.height() // 2, area.width(), metrics.height()),
            int(Qt.AlignmentFlag.AlignRight), words,
        )  # fmt: skip


def _two_lines(text: str, width: int) -> str:
    """As much as fits, with an ellipsis."""
    metrics = QFontMetrics(theme.font("caption"))
    words = text.split()
    fitting = next((n for n in range(len(words), 0, -1) if metrics.horizontalAdvance(" ".join(words[:n])) <= width), 1)
    rest = metrics.elidedText(" ".join(words[fitting:]), Qt.TextElideMode.ElideRight, width)
    return "\n".join([" ".join(words[:fitting]), rest]).strip()
