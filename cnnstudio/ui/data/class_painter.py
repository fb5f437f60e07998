"""How a class is painted in the list: a picture, the name, how many pictures, and a bar in the colours of the split."""

from collections.abc import Iterable

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.data.class_list import ROW_ROLE, Index, Row
from cnnstudio.ui.data.split_line import paint_split
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Thumbnails

ROW_HEIGHT = 46
_TILE, _BAR, _KEY = 32, 5, 16
_AROUND_NAME = 6 + 19 + _TILE + 2 * theme.S
"""Pixels of a row that are not the name's, beside the figure."""


class ClassDelegate(QtWidgets.QStyledItemDelegate):
    """Paints a row in its width: a long name gives way in its middle, since endings tell classes apart."""

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self._body, self._caption = theme.font("body"), theme.font("caption")
        self._key = QtGui.QFont(self._caption)
        self._key.setPixelSize(theme.scaled(11))
        self._cap = theme.scaled(_KEY)
        self._lines, self._longest = 1, 0
        self.target = -1
        """The row that files hover over."""

    def measure(self, names: Iterable[str]) -> None:
        """These are to be painted."""
        advance = QtGui.QFontMetrics(self._body).horizontalAdvance
        self._longest = max(map(advance, names), default=0)

    def fit(self, width: int) -> bool:
        """Use two lines where one is too short for some name in rows so wide; True when that is news."""
        room = width - _AROUND_NAME - QtGui.QFontMetrics(self._caption).horizontalAdvance("0,000")
        before, self._lines = self._lines, 2 if self._longest > room else 1
        return self._lines != before

    @override
    def sizeHint(self, option: QtWidgets.QStyleOptionViewItem, index: Index) -> QtCore.QSize:
        more = (self._lines - 1) * QtGui.QFontMetrics(self._body).height()
        return QtCore.QSize(120, theme.scaled(ROW_HEIGHT) + more)

    @override
    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: Index) -> None:
        colours, row = theme.current(), index.data(ROW_ROLE)
        area = option.rect.adjusted(3, 1, -3, -1)
        painter.save()
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        chosen = bool(option.state & QtWidgets.QStyle.StateFlag.State_Selected)
        hot = index.row() == self.target
        if chosen or hot:
            focused = bool(option.state & QtWidgets.QStyle.StateFlag.State_HasFocus)
            painter.setPen(QtGui.QPen(QtGui.QColor(colours.accent), 2) if focused or hot else QtCore.Qt.PenStyle.NoPen)
            painter.setBrush(QtGui.QColor(colours.accent_soft))
            painter.drawRoundedRect(area, 6, 6)
        inner = area.adjusted(6, 4, -7, -4)
        tile = QtCore.QRect(inner.left(), inner.top() + (inner.height() - _TILE) // 2, _TILE, _TILE)
        if row.is_class:
            self._paint_picture(painter, tile, row)
            inner.setLeft(tile.right() + theme.S)
        self._paint_words(painter, inner, row)
        painter.restore()

    def _paint_words(self, painter: QtGui.QPainter, area: QtCore.QRect, row: Row) -> None:
        colours, metrics = theme.current(), QtGui.QFontMetrics(self._body)
        line = QtCore.QRect(area.left(), area.top(), area.width(), metrics.height() + 2)
        if not row.is_class:
            line.moveTop(area.center().y() - line.height() // 2)
        painter.setFont(self._caption)
        figure = f"{row.total:,}"
        width = area.width() - painter.fontMetrics().horizontalAdvance(figure) - theme.S
        texts = in_lines(row.name, metrics, width, self._lines if row.is_class else 1)
        spare = (self._lines - len(texts)) * metrics.height() if row.is_class else 0
        line.translate(0, spare // 2)
        painter.setPen(QtGui.QColor(colours.muted))
        painter.drawText(line, int(_RIGHT), figure)
        painter.setFont(self._body)
        painter.setPen(QtGui.QColor(colours.text))
        for number, text in enumerate(texts):
            painter.drawText(line.translated(0, number * metrics.height()), int(_LEFT), text)
        if not row.is_class:
            return
        line.translate(0, (len(texts) - 1) * metrics.height())
        below = QtCore.QRect(area.left(), line.bottom() + 1, area.width(), area.bottom() - spare // 2 - line.bottom())
        if row.key:
            self._paint_key(painter, below, row.key)
        room = below.width() - self._cap - theme.S
        if row.kind == "new":
            painter.setFont(self._caption)
            painter.setPen(QtGui.QColor(colours.muted))
            shown = painter.fontMetrics().elidedText("Drop pictures here", QtCore.Qt.TextElideMode.ElideRight, room)
            painter.drawText(below, int(_LEFT), shown)
            return
        top = below.center().y() - _BAR / 2 + 0.5
        paint_split(painter, QtCore.QRectF(below.left(), top, max(_BAR, room * row.share), _BAR), row.counts)

    def _paint_key(self, painter: QtGui.QPainter, below: QtCore.QRect, key: int) -> None:
        """The digit, as the cap of a key."""
        side = min(self._cap, below.height())
        cap = QtCore.QRectF(below.right() - self._cap + 1, below.center().y() - side / 2 + 0.5, self._cap, side)
        painter.setPen(QtGui.QPen(QtGui.QColor(theme.current().border), 1))
        painter.setBrush(QtGui.QColor(theme.current().surface_alt))
        painter.drawRoundedRect(cap, 3, 3)
        painter.setFont(self._key)
        painter.setPen(QtGui.QColor(theme.current().muted))
        painter.drawText(cap, int(QtCore.Qt.AlignmentFlag.AlignCenter), str(key))

    def _paint_picture(self, painter: QtGui.QPainter, target: QtCore.QRect, row: Row) -> None:
        clip = QtGui.QPainterPath()
        clip.addRoundedRect(QtCore.QRectF(target), 5, 5)
        picture = self._thumbnails.get(row.picture) if row.picture is not None else None
        if picture is None or picture.isNull():
            painter.fillPath(clip, QtGui.QColor(theme.current().surface_alt))
            return
        side = min(picture.width(), picture.height())
        source = QtCore.QRect((picture.width() - side) // 2, (picture.height() - side) // 2, side, side)
        painter.save()
        painter.setClipPath(clip)
        painter.drawPixmap(target, picture, source)
        painter.restore()


def in_lines(text: str, metrics: QtGui.QFontMetrics, width: int, most: int) -> list[str]:
    """A name in lines of this width, broken between words; the last gives way in its middle where it is too long."""
    lines: list[str] = []
    while len(lines) < most - 1 and metrics.horizontalAdvance(text) > width:
        layout = QtGui.QTextLayout(text, theme.font("body"))
        option = QtGui.QTextOption()
        option.setWrapMode(QtGui.QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(width)
        layout.endLayout()
        lines.append(text[: line.textLength()].rstrip())
        text = text[line.textLength() :]
    return [*lines, metrics.elidedText(text, _MIDDLE, width)]


_LEFT = QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter
_RIGHT = QtCore.Qt.AlignmentFlag.AlignRight | QtCore.Qt.AlignmentFlag.AlignVCenter
_MIDDLE = QtCore.Qt.TextElideMode.ElideMiddle
