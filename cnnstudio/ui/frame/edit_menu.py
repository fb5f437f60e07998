"""The Edit menu: undo and redo that say what they do, paste, and select all where the keyboard is."""

from collections.abc import Callable

from PySide6 import QtGui, QtWidgets

from cnnstudio.ui.frame.menus import add_action
from cnnstudio.ui.state import History
from cnnstudio.ui.widgets import mnemonic_free

_MANY = (
    QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection,
    QtWidgets.QAbstractItemView.SelectionMode.MultiSelection,
)


class EditMenu:
    """Fields of text keep their own undo while the keyboard is in them, as Qt has it."""

    def __init__(self, window: QtWidgets.QMainWindow, history: History, paste: Callable[[], object]) -> None:
        self._window, self._history = window, history
        menu = window.menuBar().addMenu("&Edit")
        keys = QtGui.QKeySequence.StandardKey
        self.undo = add_action(menu, "Undo", history.undo, shortcut=keys.Undo)
        self.redo = add_action(menu, "Redo", history.redo, shortcut=keys.Redo)
        theirs, ours = QtGui.QKeySequence.keyBindings(keys.Redo), QtGui.QKeySequence("Ctrl+Y")
        self.redo.setShortcuts(theirs if ours in theirs else [*theirs, ours])
        menu.addSeparator()
        add_action(menu, "Paste", paste, shortcut=keys.Paste, icon_name="paste")
        add_action(menu, "Select all", self._select_all, shortcut=keys.SelectAll)
        history.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        back, again = self._history.undo_text, self._history.redo_text
        self.undo.setText(mnemonic_free(f"Undo {back}") if back else "Undo")
        self.redo.setText(mnemonic_free(f"Redo {again}") if again else "Redo")
        self.undo.setEnabled(bool(back))
        self.redo.setEnabled(bool(again))

    def _select_all(self) -> None:
        """In the field or list with the keyboard, else in the list of the page that takes several."""
        chosen = self._window.focusWidget()
        if isinstance(chosen, QtWidgets.QLineEdit | QtWidgets.QPlainTextEdit):
            chosen.selectAll()
            return
        lists = [chosen, *self._window.findChildren(QtWidgets.QAbstractItemView)]
        for view in lists:
            if isinstance(view, QtWidgets.QAbstractItemView) and view.isVisible() and view.selectionMode() in _MANY:
                view.selectAll()
                view.setFocus()
                return
