"""The first answers for a picture: label, bar as wide as the probability, per cent."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from cnnstudio.inference.results import Prediction
from cnnstudio.ui.look import theme

_ROW = 44


class PredictionBars(QWidget):
    """Painted, since five rows of widgets would flicker when another picture is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("prediction_bars")
        self.setAccessibleName("Answers")
        self._prediction: Prediction | None = None
        self.setMinimumWidth(190)
        theme.notifier().changed.connect(self.update)

    def show_prediction(self, prediction: Prediction | None) -> None:
        """Replace what is shown."""
        self._prediction = prediction
        top = prediction.top if prediction else ()
        self.setAccessibleDescription(", ".join(f"{s.label} {100 * s.probability:.1f} %" for s in top))
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(320, max(1, len(self._prediction.top) if self._prediction else 1) * _ROW)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._prediction is None:
            return
        colours, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, score in enumerate(self._prediction.top):
            y = row * _ROW
            painter.setFont(theme.font("heading" if row == 0 else "body"))
            painter.setPen(QColor(colours.text))
            number = f"{100 * score.probability:.1f} %"
            width = painter.fontMetrics().horizontalAdvance("100.0 %") + theme.S
            text = painter.fontMetrics().elidedText(score.label, Qt.TextElideMode.ElideRight, self.width() - width)
            painter.drawText(QRectF(0, y, self.width() - width, 26), Qt.AlignmentFlag.AlignVCenter, text)
            side = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
            painter.drawText(QRectF(self.width() - width, y, width, 26), side, number)
            self._paint_bar(painter, QRectF(0, y + 28, self.width(), 8), score.probability, first=row == 0)

    def _paint_bar(self, painter: QPainter, rect: QRectF, share: float, *, first: bool) -> None:
        colours = theme.current()
        clip = QPainterPath()
        clip.addRoundedRect(rect, 4, 4)
        painter.save()
        painter.setClipPath(clip)
        painter.fillRect(rect, QColor(colours.surface_alt))
        filled = QRectF(rect.left(), rect.top(), rect.width() * share, rect.height())
        painter.fillRect(filled, QColor(colours.accent if first else colours.series[5]))
        painter.restore()
