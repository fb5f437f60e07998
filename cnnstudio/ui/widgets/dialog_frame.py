"""Dialogs that are as large as the letters want and the screen allows, and scroll where that is too little."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets.page import Shrinking, scrolling


def room_for(dialog: QtWidgets.QWidget) -> QtCore.QSize:
    """What the screen has."""
    return dialog.screen().availableSize()


def give_room(dialog: QtWidgets.QWidget, width: int, height: int) -> None:
    """So many pixels with the usual letters."""
    dialog.resize(QtCore.QSize(theme.scaled(width), theme.scaled(height)).boundedTo(room_for(dialog)))


def body_and_foot(dialog: QtWidgets.QDialog) -> tuple[QtWidgets.QVBoxLayout, QtWidgets.QHBoxLayout]:
    """Where a dialog puts what scrolls, and the buttons below it that always stay in sight."""
    whole = Shrinking()
    body = QtWidgets.QVBoxLayout(whole)
    body.setContentsMargins(theme.L, theme.L, theme.L, 0)
    body.setSpacing(theme.M)
    foot = QtWidgets.QHBoxLayout()
    foot.setContentsMargins(theme.L, theme.S, theme.L, theme.M)
    outer = QtWidgets.QVBoxLayout(dialog)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.setSpacing(0)
    outer.addWidget(scrolling(whole), 1)
    outer.addLayout(foot)
    return body, foot
