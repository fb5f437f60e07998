"""One of several parts, in no more room than that one needs."""

from PySide6 import QtWidgets


class OneOf(QtWidgets.QWidget):
    """A stack for pages that scroll: Qt's own is as large as its largest part, so that a short one scrolls, too."""

    def __init__(self, *parts: QtWidgets.QWidget) -> None:
        super().__init__()
        self._parts = parts
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in parts:
            column.addWidget(part)
        self.show_part(parts[0])

    @property
    def part(self) -> QtWidgets.QWidget:
        """What is shown."""
        return next(part for part in self._parts if not part.isHidden())

    def show_part(self, wanted: QtWidgets.QWidget) -> None:
        """This one, and none of the others."""
        for part in self._parts:
            if part is not wanted:
                part.hide()
        wanted.show()
