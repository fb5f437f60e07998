"""A dense layer beside a convolution: the weights of both, as bars that tell their size."""

import math

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.lab.dense import DenseOrConvolution
from cnnstudio.ui.lab.operation.fields import NumberField
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role
from cnnstudio.ui.widgets import Card, label


class DenseCard(Card):
    """The same picture for both."""

    def __init__(self) -> None:
        super().__init__("Dense layer or convolution")
        self.setObjectName("lab_dense")
        usual = DenseOrConvolution()
        self.side = NumberField("lab_dense_side", "Picture", 8, 1024, usual.height, "Its height and width in pixels.")
        self.neurons = NumberField("lab_dense_neurons", "Neurons", 1, 4096, usual.neurons, "Of the dense layer.")
        self.filters = NumberField("lab_dense_filters", "Filters", 1, 512, usual.filters, "Of the convolution.")
        self.kernel = NumberField("lab_dense_kernel", "Kernel", 1, 11, usual.kernel, "Of the convolution.")
        self.bars = WeightBars()
        self.words = [label("", wrap=True) for _ in usual.sentences()]
        grid = QtWidgets.QGridLayout()
        grid.setHorizontalSpacing(theme.L)
        for place, field in enumerate((self.side, self.neurons, self.kernel, self.filters)):
            grid.addWidget(field, place // 2, place % 2)
            field.changed.connect(self.count)
        self.body.addLayout(grid)
        self.body.addWidget(self.bars)
        for line in self.words:
            self.body.addWidget(line)
        self.count()

    def count(self) -> None:
        """Count both anew."""
        asked = DenseOrConvolution(
            height=self.side.value,
            width=self.side.value,
            neurons=self.neurons.value,
            filters=self.filters.value,
            kernel=self.kernel.value,
        )
        self.bars.show_counts(asked.dense, asked.convolution)
        for line, sentence in zip(self.words, asked.sentences(), strict=True):
            line.setText(sentence)


class WeightBars(QtWidgets.QWidget):
    """Squares, so that an area is a number of weights: side by side, both in the same scale."""

    spoken_role = Role.Chart

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lab_weight_bars")
        self.setFixedHeight(theme.scaled(150))
        self._counts = (1, 1)
        theme.notifier().changed.connect(self.update)

    def show_counts(self, dense: int, convolution: int) -> None:
        """Of weights."""
        self._counts = (dense, convolution)
        self.setAccessibleName(f"Dense layer {dense:,} weights, convolution {convolution:,} weights")
        self.update()

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter, colours = QtGui.QPainter(self), theme.current()
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        side, most = self.height() - 8.0, max(self._counts)
        left = 2.0
        for count, words, colour in zip(
            self._counts, ("Dense layer", "Convolution"), (colours.series[1], colours.series[0]), strict=True
        ):
            length = max(2.0, side * math.sqrt(count / most))
            painter.fillRect(QtCore.QRectF(left, 4 + side - length, length, length), QtGui.QColor(colour))
            text = QtCore.QRectF(left + length + 10, 4, 180, side)
            painter.setFont(theme.font("heading"))
            painter.setPen(QtGui.QColor(colours.text))
            line = text.adjusted(0, 0, 0, -22)
            painter.drawText(line, int(QtCore.Qt.AlignmentFlag.AlignBottom), f"{count:,}")
            painter.setFont(theme.font("caption"))
            painter.setPen(QtGui.QColor(colours.muted))
            painter.drawText(text.adjusted(0, 0, 0, -4), int(QtCore.Qt.AlignmentFlag.AlignBottom), words)
            left += length + 180
