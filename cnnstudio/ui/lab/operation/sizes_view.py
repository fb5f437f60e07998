"""Sizes without a picture."""

from PySide6 import QtWidgets

from cnnstudio.ui.lab.operation.size_card import SizeCard
from cnnstudio.ui.look import theme


class SizesView(QtWidgets.QWidget):
    """The calculator."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "column")
        self.sizes = SizeCard()
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(self.sizes)
        column.addStretch(1)
