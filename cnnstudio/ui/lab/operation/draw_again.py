"""A button for another draw, where chance decides."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.ui.widgets import button


class DrawAgain(QtWidgets.QWidget):
    """The same seed gives the same draw."""

    changed = QtCore.Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.seed = 0
        self.button = button("Draw again", name, self._draw, icon_name="refresh")
        self.button.setToolTip("Another draw by chance")
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.button)
        row.addStretch(1)

    def _draw(self) -> None:
        self.seed += 1
        self.changed.emit()
