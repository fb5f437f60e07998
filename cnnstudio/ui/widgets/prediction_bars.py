"""Answers as bars."""

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import isolated
from cnnstudio.inference.results import Prediction
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.spoken import Role

_ROW, _LOW_ROW, _BAR = 44, 36, 16


class PredictionBars(QtWidgets.QWidget):
    """Painted, since five rows of widgets would flicker when another picture is chosen."""

    spoken_role = Role.Chart

    def __init__(self, *, low: bool = False) -> None:
        """With less room between rows where it is ``low``."""
        super().__init__()
        self._row = theme.scaled(_LOW_ROW if low else _ROW)
        self.setObjectName("prediction_bars")
        self.setAccessibleName("Answers")
        self._prediction: Prediction | None = None
        self.setMinimumWidth(theme.scaled(190))
        theme.notifier().changed.connect(self.update)

    def show_prediction(self, prediction: Prediction | None) -> None:
        """Replace what is shown."""
        self._prediction = prediction
        top = prediction.top if prediction else ()
        self.setAccessibleDescription(", ".join(f"{isolated(s.label)} {100 * s.probability:.1f} %" for s in top))
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def spoken(self) -> str:
        """The answers, or that there are none."""
        return self.accessibleDescription() or "No answer yet."

    @override
    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(320, max(1, len(self._prediction.top) if self._prediction else 1) * self._row)

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        if self._prediction is None:
            return
        colours, painter = theme.current(), QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        for row, score in enumerate(self._prediction.top):
            y, height = row * self._row, self._row - _BAR - 2
            painter.setFont(theme.font("heading" if row == 0 else "body"))
            painter.setPen(QtGui.QColor(colours.text))
            number = f"{100 * score.probability:.1f} %"
            width = painter.fontMetrics().horizontalAdvance("100.0 %") + theme.S
            text = painter.fontMetrics().elidedText(
                isolated(score.label), QtCore.Qt.TextElideMode.ElideMiddle, self.width() - width
            )
            painter.drawText(
                QtCore.QRectF(0, y, self.width() - width, height), QtCore.Qt.AlignmentFlag.AlignVCenter, text
            )
            side = int(QtCore.Qt.AlignmentFlag.AlignVCenter | QtCore.Qt.AlignmentFlag.AlignRight)
            painter.drawText(QtCore.QRectF(self.width() - width, y, width, height), side, number)
            self._paint_bar(
                painter,
                QtCore.QRectF(0, y + self._row - _BAR, self.width(), 8),
                score.probability,
                first=row == 0,
            )

    def _paint_bar(self, painter: QtGui.QPainter, rect: QtCore.QRectF, share: float, *, first: bool) -> None:
        colours = theme.current()
        clip = QtGui.QPainterPath()
        clip.addRoundedRect(rect, 4, 4)
        painter.save()
        painter.setClipPath(clip)
        painter.fillRect(rect, QtGui.QColor(colours.surface_alt))
        filled = QtCore.QRectF(rect.left(), rect.top(), rect.width() * share, rect.height())
        painter.fillRect(filled, QtGui.QColor(colours.accent if first else colours.series[5]))
        painter.restore()
