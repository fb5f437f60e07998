"""What a key or a menu is about in a list of pictures."""

from PySide6 import QtCore, QtWidgets


def acted_on(view: QtWidgets.QAbstractItemView) -> list[QtCore.QModelIndex]:
    """What is selected, in its order; where nothing is, what the keyboard is at."""
    chosen = sorted(view.selectedIndexes(), key=lambda index: index.row())
    current = view.currentIndex()
    return chosen or ([current] if current.isValid() and view.hasFocus() else [])
