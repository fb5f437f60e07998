"""A picture of a panel that can be read by itself: what it says above, what it shows, and on what that rests."""

from collections.abc import Sequence

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.ui.look import theme

_WRAP = int(QtCore.Qt.TextFlag.TextWordWrap)


def sheet(parts: Sequence[QtWidgets.QWidget], above: str, below: str) -> QtGui.QImage:
    """Draw widgets beside each other, with words above and below them.

    Args:
        parts: what is visible of them is drawn, as far down as the foot of a panel that lies in them.
        above: such as a panel's sentence; may be empty.
        below: such as what its foot says; may be empty.
    """
    drawn = [_grabbed(part) for part in [each for each in parts if each.isVisible()] or parts[:1]]
    width = round(sum(each.deviceIndependentSize().width() for each in drawn) + theme.M * (len(drawn) - 1))
    height = round(max(each.deviceIndependentSize().height() for each in drawn))
    lines: list[tuple[str, theme.Role, str]] = [
        (above, "heading", theme.current().text),
        (below, "caption", theme.current().muted),
    ]
    rooms = [_room(words, role, width) for words, role, _ in lines]
    top, bottom = (room + theme.S if room else 0 for room in rooms)
    ratio = drawn[0].devicePixelRatio()
    size = QtCore.QSizeF(width + 2 * theme.M, top + height + bottom + 2 * theme.M) * ratio
    image = QtGui.QImage(size.toSize(), QtGui.QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QtGui.QColor(theme.current().window))
    painter = QtGui.QPainter(image)
    left = theme.M
    for each in drawn:
        painter.drawPixmap(left, theme.M + top, each)
        left += round(each.deviceIndependentSize().width()) + theme.M
    places = (theme.M, theme.M + top + height + theme.S)
    for (words, role, colour), room, place in zip(lines, rooms, places, strict=True):
        painter.setFont(theme.font(role))
        painter.setPen(QtGui.QColor(colour))
        painter.drawText(QtCore.QRect(theme.M, place, width, room), _WRAP, words)
    painter.end()
    return image


def _room(words: str, role: theme.Role, width: int) -> int:
    metrics = QtGui.QFontMetrics(theme.font(role))
    return metrics.boundingRect(QtCore.QRect(0, 0, width, 10_000), _WRAP, words).height() if words else 0


def _grabbed(part: QtWidgets.QWidget) -> QtGui.QPixmap:
    area = part.rect()
    for foot in part.findChildren(QtWidgets.QWidget, QtCore.QRegularExpression("_foot$")):
        area.setHeight(min(area.height(), foot.mapTo(part, QtCore.QPoint(0, 0)).y() - theme.S))
    return part.grab(area)
