"""A project as a card, painted: four of its pictures, its name and counts, how good it is, and what is unfinished."""

from datetime import datetime
from typing import Literal

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted, pictures_in_classes
from cnnstudio.jobs.projects import Project
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import blank, icon

Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex
Part = Literal["card", "resume", "more"]
PROJECT_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 1
MISSING_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 2
COVER_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 3
"""Its pictures beside each other, or None."""
HEIGHT, LEAST_WIDTH = 136, 350
_COVER, _GAP, _EDGE = 104, 4, 12
_COVERS = 200
"""Painted ones that are kept, of 43 kB each."""
_MISSING = "The folder is not there"


def counts_words(project: Project) -> str:
    """How many pictures and classes."""
    if project.collecting:
        return f"Collecting pictures: {pictures_in_classes(project.pictures, project.classes)} so far"
    if project.sorting:
        return f"Sorting: {pictures_in_classes(project.pictures, project.classes)} so far"
    if project.pictures:
        return pictures_in_classes(project.pictures, project.classes)
    return "Open it to see its pictures"


def best_words(project: Project) -> str:
    """The best accuracy, with its split and number of pictures."""
    if project.accuracy is None:
        return "" if project.collecting or project.sorting or not project.opened else "Not trained yet"
    pictures = counted(project.accuracy_pictures, "validation picture")
    return f"Best: {100 * project.accuracy:.1f} % of {pictures}"


def opened_words(opened: str, now: datetime) -> str:
    """Such as: Opened today at 14:20. ``opened`` is ISO 8601 in UTC, ``now`` knows the person's time zone."""
    try:
        when = datetime.fromisoformat(opened).astimezone(now.tzinfo)
    except ValueError:
        return ""
    days = (now.date() - when.date()).days
    if days == 0:
        return f"Opened today at {when:%H:%M}"
    if days == 1:
        return f"Opened yesterday at {when:%H:%M}"
    return f"Opened on {when.day} {when:%B %Y}"


def told(project: Project, *, missing: bool) -> str:
    """All of it, for a tooltip or to be read out."""
    now = datetime.now().astimezone()
    state = f"{_MISSING}: moved, deleted, or on a drive that is not connected." if missing else ""
    rest = (counts_words(project), best_words(project), project.state, opened_words(project.opened, now), state)
    return "\n".join(filter(None, (project.name, str(project.root), *rest)))


class ProjectPainter(QtWidgets.QStyledItemDelegate):
    """Paints a project, and knows where on its card the parts are that can be clicked."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = QtCore.QSize(theme.scaled(LEAST_WIDTH), theme.scaled(HEIGHT))
        """What a card takes with the gap around it."""
        self._covers: dict[tuple[int, bool, float], QtGui.QPixmap] = {}

    @override
    def sizeHint(self, _option: QtWidgets.QStyleOptionViewItem, _index: Index) -> QtCore.QSize:
        return self.cell

    def part_at(self, cell: QtCore.QRect, index: Index, place: QtCore.QPoint) -> Part | None:
        """What of a card lies under the mouse; None beside it."""
        card = _inside(cell)
        if _more(card).contains(place):
            return "more"
        can_resume = index.data(PROJECT_ROLE).resumable and not index.data(MISSING_ROLE)
        if can_resume and _resume(card).contains(place):
            return "resume"
        return "card" if card.contains(place) else None

    @override
    def paint(self, painter: QtGui.QPainter, option: QtWidgets.QStyleOptionViewItem, index: Index) -> None:
        colours, project, missing = theme.current(), index.data(PROJECT_ROLE), index.data(MISSING_ROLE)
        flag, card = QtWidgets.QStyle.StateFlag, _inside(option.rect)
        has_focus, is_hovered = bool(option.state & flag.State_HasFocus), bool(option.state & flag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(QtGui.QPen(QtGui.QColor(colours.accent if has_focus else colours.border), 1 + 2 * has_focus))
        painter.setBrush(QtGui.QColor(colours.surface_alt if is_hovered else colours.surface))
        painter.drawRoundedRect(QtCore.QRectF(card).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        painter.setOpacity(0.4 if missing else 1)
        cover = self._cover(index.data(COVER_ROLE), painter.device().devicePixelRatioF())
        painter.drawPixmap(card.left() + _EDGE, card.top() + _EDGE, cover)
        painter.setOpacity(1)
        _paint_words(painter, card, project, missing=missing)
        icon("more", colours.muted).paint(painter, _more(card).adjusted(4, 4, -4, -4))
        if project.resumable and not missing:
            _paint_resume(painter, _resume(card))
        painter.restore()

    def _cover(self, sheet: QtGui.QPixmap | None, scale: float) -> QtGui.QPixmap:
        """Painted once: round corners take longer than all the words."""
        key = (sheet.cacheKey() if sheet else 0, theme.current().dark, scale)
        if key not in self._covers:
            if len(self._covers) >= _COVERS:
                self._covers.clear()
            self._covers[key] = _painted_cover(sheet, scale)
        return self._covers[key]


def _painted_cover(sheet: QtGui.QPixmap | None, scale: float) -> QtGui.QPixmap:
    made, rect = blank(_COVER, _COVER, scale), QtCore.QRectF(0, 0, _COVER, _COVER)
    clip = QtGui.QPainterPath()
    clip.addRoundedRect(rect, 8, 8)
    painter = QtGui.QPainter(made)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
    painter.setClipPath(clip)
    painter.fillRect(rect, QtGui.QColor(theme.current().surface_alt))
    if sheet is None:
        icon("image", theme.current().muted).paint(painter, rect.toRect().adjusted(34, 34, -34, -34))
    else:
        side, count = sheet.height(), sheet.width() // sheet.height()
        half = rect.width() if count == 1 else (rect.width() - 2) / 2
        for number in range(count):
            row, column = divmod(number, 2)
            corner = rect.topLeft() + QtCore.QPointF(column * (half + 2), row * (half + 2))
            source = QtCore.QRectF(number * side, 0, side, side)
            painter.drawPixmap(QtCore.QRectF(corner, QtCore.QSizeF(half, half)), sheet, source)
    painter.end()
    return made


def _paint_words(painter: QtGui.QPainter, card: QtCore.QRect, project: Project, *, missing: bool) -> None:
    colours, left = theme.current(), card.left() + _EDGE + _COVER + theme.M
    opened = opened_words(project.opened, datetime.now().astimezone())
    state = f"{_MISSING}: find it…" if missing else project.state
    lines: tuple[tuple[str, theme.Role, str], ...] = (
        (project.name, "heading", colours.text),
        (counts_words(project), "body", colours.text),
        (best_words(project), "body", colours.text),
        (state, "body", colours.bad if missing else colours.warn),
        (opened or project.place, "caption", colours.muted),
    )
    flag = QtCore.Qt.TextFlag.TextDontClip  # other scripts may be taller than the font that was measured
    place = int(flag) | int(QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignAbsolute)
    top, beside = card.top() + _EDGE, _resume(card) if project.resumable and not missing else QtCore.QRect()
    for text, role, colour in lines:
        if not text:
            continue
        painter.setFont(theme.font(role))
        painter.setPen(QtGui.QColor(colour))
        line = QtCore.QRect(left, top, card.right() - _EDGE - left, painter.fontMetrics().height())
        if role == "heading":
            line.setRight(_more(card).left() - theme.XS)
        elif line.intersects(beside):
            line.setRight(beside.left() - theme.S)
        shown = painter.fontMetrics().elidedText(text, QtCore.Qt.TextElideMode.ElideMiddle, line.width())
        painter.drawText(line, place, shown)
        top = line.bottom() + 3


def _paint_resume(painter: QtGui.QPainter, rect: QtCore.QRect) -> None:
    colours = theme.current()
    painter.setPen(QtCore.Qt.PenStyle.NoPen)
    painter.setBrush(QtGui.QColor(colours.accent_soft))
    painter.drawRoundedRect(rect, 7, 7)
    painter.setFont(theme.font("body"))
    painter.setPen(QtGui.QColor(colours.accent))
    painter.drawText(rect, int(QtCore.Qt.AlignmentFlag.AlignCenter), "Resume")


def _inside(rect: QtCore.QRect) -> QtCore.QRect:
    """The card in its cell."""
    return rect.adjusted(_GAP, _GAP, -_GAP, -_GAP)


def _resume(card: QtCore.QRect) -> QtCore.QRect:
    """Where it says Resume: in the lower right corner."""
    return QtCore.QRect(card.right() - _EDGE - 84, card.bottom() - _EDGE - 28, 84, 30)


def _more(card: QtCore.QRect) -> QtCore.QRect:
    """Where the three dots are: in the upper right corner."""
    return QtCore.QRect(card.right() - 34, card.top() + 6, 28, 28)
