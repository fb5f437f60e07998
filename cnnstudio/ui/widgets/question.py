"""A question before something that ends or removes what took time: each button says what it does."""

from PySide6 import QtWidgets

from cnnstudio.ui.widgets.controls import plain


class Question(QtWidgets.QMessageBox):
    """Return, Esc and closing it leave everything as it is."""

    def __init__(
        self, parent: QtWidgets.QWidget, title: str, text: str, details: str, buttons: tuple[str, str]
    ) -> None:
        """``buttons`` are the one that acts and the one that leaves it."""
        super().__init__(parent)
        self.setIcon(QtWidgets.QMessageBox.Icon.Question)
        self.setWindowTitle(title)
        self.setText(plain(text))
        self.setInformativeText(plain(details))
        self.act = self.addButton(buttons[0], QtWidgets.QMessageBox.ButtonRole.AcceptRole)
        self.leave = self.addButton(buttons[1], QtWidgets.QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(self.leave)
        self.setEscapeButton(self.leave)

    def agrees(self) -> bool:
        """Ask, and wait for the answer."""
        self.exec()
        return self.clickedButton() is self.act
