"""Sizes without a picture: the calculator, and what a dense layer would cost."""

from PySide6 import QtWidgets

from cnnstudio.ui.lab.operation.dense_card import DenseCard
from cnnstudio.ui.lab.operation.size_card import SizeCard
from cnnstudio.ui.look import theme


class SizesView(QtWidgets.QWidget):
    """Two cards, one below the other."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "column")
        self.sizes, self.dense = SizeCard(), DenseCard()
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(self.sizes)
        column.addWidget(self.dense)
        column.addStretch(1)
