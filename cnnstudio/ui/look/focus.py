"""What the keyboard gets to is brought to sight, wherever it came from."""

from PySide6 import QtCore, QtGui, QtWidgets


def begin(app: QtWidgets.QApplication) -> None:
    """Follow the keyboard; Qt itself scrolls only where it was in the same part before."""
    app.focusChanged.connect(_reveal)


def _reveal(before: QtWidgets.QWidget | None, now: QtWidgets.QWidget | None) -> None:
    """Not what is clicked, which is seen, nor what had the keyboard when the window was left."""
    if before is None or now is None or QtGui.QGuiApplication.mouseButtons() != QtCore.Qt.MouseButton.NoButton:
        return
    around = now.parentWidget()
    while around is not None:
        if isinstance(around, QtWidgets.QScrollArea):
            around.ensureWidgetVisible(now)
        around = around.parentWidget()
