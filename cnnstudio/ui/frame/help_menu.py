"""The Help menu: the way in, the keys, a report of a problem, and about."""

from collections.abc import Callable
from functools import partial

from PySide6 import QtGui, QtWidgets

from cnnstudio import __version__
from cnnstudio.ui.frame.menus import add_action
from cnnstudio.ui.state import Studio

KeysOfPages = list[tuple[str, tuple[tuple[str, str], ...]]]
"""The titles of pages, with what is pressed and what it does."""
_ABOUT = (
    f"CNN Studio {__version__}\n\nFine-tune a pretrained image network on your own pictures: private, offline, "
    "without programming.\n\nNetworks and weights: torchvision. Window: Qt for Python."
)


class HelpMenu:
    """Its dialogs stay open beside the window; a second wish for one brings the first to the front.

    They are imported when they are opened, since the menu is made before the first paint.
    """

    def __init__(
        self,
        window: QtWidgets.QMainWindow,
        studio: Studio,
        keys: Callable[[], KeysOfPages],
        show_hints: Callable[[], object],
    ) -> None:
        """``keys`` gives those of each page, beside its title."""
        self._window, self._studio, self._keys, self._show_hints = window, studio, keys, show_hints
        menu = window.menuBar().addMenu("&Help")
        for text, make, icon_name, shortcut in (
            ("Getting started", self._start, "info", QtGui.QKeySequence.StandardKey.HelpContents),
            ("Keyboard shortcuts", self._keyboard, "", None),
            ("Report a problem…", self._report, "", None),
        ):
            act = partial(self._show, text, make)
            add_action(menu, text, act, shortcut=shortcut, icon_name=icon_name)
        add_action(menu, "Show the log folder", self._show_logs, icon_name="open-folder")
        menu.addSeparator()
        add_action(menu, "Licences", partial(self._show, "Licences", self._licences))
        add_action(menu, "About CNN Studio", self._about, icon_name="app")
        self._open: dict[str, QtWidgets.QDialog] = {}

    def _show(self, text: str, make: Callable[[], QtWidgets.QDialog]) -> None:
        dialog = self._open.get(text)
        if dialog is None:
            dialog = self._open[text] = make()
            dialog.destroyed.connect(lambda: self._open.pop(text, None))
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _start(self) -> QtWidgets.QDialog:
        from cnnstudio.ui.frame.start_dialog import StartDialog

        return StartDialog(self._studio.navigate.emit, self._show_hints, self._window)

    def _keyboard(self) -> QtWidgets.QDialog:
        from cnnstudio.ui.frame.keys_dialog import KeysDialog

        return KeysDialog(self._window.menuBar(), self._keys())

    def _report(self) -> QtWidgets.QDialog:
        from cnnstudio.ui.frame.report_dialog import ReportDialog

        return ReportDialog(self._studio, self._window)

    def _licences(self) -> QtWidgets.QDialog:
        from cnnstudio.ui.frame.licences_dialog import LicencesDialog

        return LicencesDialog(self._studio, self._window)

    def _show_logs(self) -> None:
        from cnnstudio.ui.frame.report_dialog import show_logs

        show_logs()

    def _about(self) -> None:
        QtWidgets.QMessageBox.about(self._window, "About CNN Studio", _ABOUT)
