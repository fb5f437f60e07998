"""Where the cells of a confusion matrix lie: all of them, or a part that is zoomed."""

from PySide6 import QtCore

MANY = 25
"""Classes from which on not every cell has room for its number, so that the matrix can be zoomed."""
_LARGEST_BY_COUNT, _LARGEST = ((4, 96), (12, 64)), 46
"""Pixels of a cell at most, for so many classes or fewer."""
_SMALLEST = 14
_NAMED = 13
"""Pixels of a cell from which on a name fits beside it."""
_CORNER = 78
"""Pixels for the words at the corner."""
_TALLEST = 560
_EDGE = 4
_SHARE = 0.32
"""Of the width, that names may take."""


class Place:
    """The side of a cell, the room for names, and which cell is in the corner; all in pixels or cells."""

    def __init__(self, count: int = 0, widest_name: int = 0) -> None:
        self.count = count
        self.side, self.labels, self.height = 1.0, _CORNER, _CORNER
        self._widest = widest_name
        self._width = 0
        self._at = QtCore.QPointF(0, 0)  # the cell in the corner: column, row
        self._all = 1.0  # the side at which all of it is shown

    @property
    def zooms(self) -> bool:
        """Whether there are many classes."""
        return self.count > MANY

    @property
    def is_zoomed(self) -> bool:
        """Whether a part of it is shown."""
        return self.zooms and self.side > self._all

    @property
    def names_fit(self) -> bool:
        """Whether a cell is as high as a name."""
        return self.side >= _NAMED

    def fit(self, width: int) -> None:
        """For a view of this width: choose height, room for names and side."""
        self._width = width
        if not self.count:
            return
        self.labels = max(_CORNER, min(round(_SHARE * width), self._widest + 16))
        if self.zooms:
            before, was_zoomed = self.side, self.is_zoomed
            self.height = min(width, _TALLEST)
            self._all = self._fitting(_CORNER)
            if self._all >= _NAMED:
                self._all = self._fitting(self.labels)
            self._set_side(before if was_zoomed else self._all)
            return
        largest = next((side for most, side in _LARGEST_BY_COUNT if self.count <= most), _LARGEST)
        room = (width - self.labels - _EDGE) / self.count
        self.side = float(max(_SMALLEST, min(largest, int(room))))
        self.height = round(self.labels + self.count * self.side + _EDGE)

    def plot(self) -> QtCore.QRectF:
        """The part of the view that cells are in."""
        side = self.count * self.side
        width = min(side, self._width - self.labels - _EDGE) if self.zooms else side
        height = min(side, self.height - self.labels - _EDGE) if self.zooms else side
        return QtCore.QRectF(self.labels, self.labels, max(0.0, width), max(0.0, height))

    def shown(self) -> tuple[range, range]:
        """Rows and columns that are at least partly in it."""
        plot = self.plot()
        return self._span(self._at.y(), plot.height()), self._span(self._at.x(), plot.width())

    def cell_rect(self, row: int, column: int) -> QtCore.QRectF:
        """Where a cell lies."""
        left = self.labels + (column - self._at.x()) * self.side
        top = self.labels + (row - self._at.y()) * self.side
        gap = 2 if self.side >= _NAMED + 1 else 1 if self.side >= 6 else 0
        return QtCore.QRectF(left, top, self.side - gap, self.side - gap)

    def cell_at(self, point: QtCore.QPointF) -> tuple[int, int] | None:
        """Row and column there."""
        if not self.count or not self.plot().contains(point):
            return None
        column = int(self._at.x() + (point.x() - self.labels) / self.side)
        row = int(self._at.y() + (point.y() - self.labels) / self.side)
        return (row, column) if row < self.count and column < self.count else None

    def zoom(self, factor: float, around: QtCore.QPointF) -> None:
        """Make cells larger or smaller; what is at ``around`` stays there."""
        side = max(self._all, min(float(_LARGEST), self.side * factor))
        cell = self._at + (around - QtCore.QPointF(self.labels, self.labels)) / self.side
        self._set_side(side)
        self._put(cell - (around - QtCore.QPointF(self.labels, self.labels)) / self.side)

    def zoom_middle(self, factor: float) -> None:
        """The same, of what is in the middle, which stays there though the names need another room."""
        plot = self.plot()
        middle = self._at + QtCore.QPointF(plot.width(), plot.height()) / (2 * self.side)
        self._set_side(max(self._all, min(float(_LARGEST), self.side * factor)))
        plot = self.plot()
        self._put(middle - QtCore.QPointF(plot.width(), plot.height()) / (2 * self.side))

    def show_all(self) -> None:
        """From the first class to the last."""
        self._set_side(self._all)

    def move(self, way: QtCore.QPointF) -> None:
        """Show what is further on, by so many pixels."""
        self._put(self._at + way / self.side)

    def reveal(self, row: int, column: int) -> bool:
        """Move just so far that a cell is seen whole; tells whether that moved anything."""
        before, plot = QtCore.QPointF(self._at), self.plot()
        across, down = plot.width() / self.side, plot.height() / self.side
        x = min(max(self._at.x(), column + 1 - across), float(column))
        y = min(max(self._at.y(), row + 1 - down), float(row))
        self._put(QtCore.QPointF(x, y))
        return self._at != before

    def _fitting(self, labels: int) -> float:
        return max(0.05, (min(self._width, self.height) - labels - _EDGE) / self.count)

    def _set_side(self, side: float) -> None:
        self.side = side
        names = max(_CORNER, min(round(_SHARE * self._width), self._widest + 16))
        self.labels = names if side >= _NAMED else _CORNER
        self._put(self._at)

    def _put(self, at: QtCore.QPointF) -> None:
        plot = self.plot()
        right = max(0.0, self.count - plot.width() / self.side)
        bottom = max(0.0, self.count - plot.height() / self.side)
        self._at = QtCore.QPointF(min(right, max(0.0, at.x())), min(bottom, max(0.0, at.y())))

    def _span(self, first: float, room: float) -> range:
        return range(int(first), min(self.count, int(first + room / self.side) + 1))
