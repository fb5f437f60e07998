"""The same in PyTorch: a line to copy."""

from PySide6 import QtGui, QtWidgets

from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import button, tint


class CodeLine(QtWidgets.QWidget):
    """Shows the line, and copies it whole."""

    def __init__(self) -> None:
        super().__init__()
        self._code = ""
        self.text = QtWidgets.QLineEdit()
        self.text.setObjectName("lab_code")
        self.text.setAccessibleName("The same in PyTorch")
        self.text.setReadOnly(True)
        self.text.setToolTip("The same in PyTorch")
        self.text.setFont(QtGui.QFontDatabase.systemFont(QtGui.QFontDatabase.SystemFont.FixedFont))
        self.copy = button("Copy", "lab_copy_code", self._copy, kind="ghost", icon_name="copy")
        self.copy.setText("")
        self.copy.setAccessibleName("Copy the line of PyTorch")
        self.copy.setToolTip(
            "Copy the line of PyTorch. Its x is the picture: 1 × channels × height × width, float32, from 0 to 1."
        )
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(self.text, 1)
        row.addWidget(self.copy)

    def show_code(self, code: str) -> None:
        """Show a line."""
        if code != self._code:
            self._code = code
            self.text.setText(code.replace("\n", "; "))
            self.text.setCursorPosition(0)
            tint(self.copy, "copy")
        self.copy.setEnabled(bool(code))

    def _copy(self) -> None:
        QtGui.QGuiApplication.clipboard().setText(self._code)
        tint(self.copy, "check")
