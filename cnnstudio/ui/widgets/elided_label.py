"""A line that may be longer than there is room: then its middle is left out, and the tooltip has all of it."""

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets.controls import plain


class ElidedLabel(QtWidgets.QLabel):
    """``text`` is the whole text; it never makes its surroundings wider."""

    def __init__(self, role: theme.Role, name: str) -> None:
        super().__init__()
        self.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        self.setFont(theme.font(role))
        self.setObjectName(name)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)

    def show_text(self, text: str, tip: str) -> None:
        """Show a text; ``tip`` is what the tooltip says."""
        self.setText(text)
        self.setToolTip(plain(tip))

    @override
    def minimumSizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(0, super().minimumSizeHint().height())

    @override
    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtGui.QPainter(self)
        shown = self.fontMetrics().elidedText(self.text(), QtCore.Qt.TextElideMode.ElideMiddle, self.width())
        side = QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), int(side), shown)
