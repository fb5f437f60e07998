"""The Help menu: the way in, the keys, a report of a problem, and about."""

from collections.abc import Callable
from functools import partial

from PySide6 import QtGui, QtWidgets

from cnnstudio import __version__
from cnnstudio.ui.frame.keys_dialog import Keys, KeysDialog
from cnnstudio.ui.frame.licences_dialog import LicencesDialog
from cnnstudio.ui.frame.menus import add_action
from cnnstudio.ui.frame.report_dialog import ReportDialog, show_logs
from cnnstudio.ui.frame.start_dialog import StartDialog
from cnnstudio.ui.state import Studio

_ABOUT = (
    f"CNN Studio {__version__}\n\nFine-tune a pretrained image network on your own pictures: private, offline, "
    "without programming.\n\nNetworks and weights: torchvision. Window: Qt for Python."
)


class HelpMenu:
    """Its dialogs stay open beside the window; a second wish for one brings the first to the front."""

    def __init__(
        self,
        window: QtWidgets.QMainWindow,
        studio: Studio,
        keys: list[tuple[str, tuple[Keys, ...]]],
        show_hints: Callable[[], object],
    ) -> None:
        """``keys`` are those of each page, beside its title."""
        self._window = window
        menu = window.menuBar().addMenu("&Help")
        make_start = partial(StartDialog, studio.navigate.emit, show_hints, window)
        make_keys = partial(KeysDialog, window.menuBar(), keys)
        make_report = partial(ReportDialog, studio, window)
        for text, make, icon_name, shortcut in (
            ("Getting started", make_start, "info", QtGui.QKeySequence.StandardKey.HelpContents),
            ("Keyboard shortcuts", make_keys, "", None),
            ("Report a problem…", make_report, "", None),
        ):
            act = partial(self._show, text, make)
            add_action(menu, text, act, shortcut=shortcut, icon_name=icon_name)
        add_action(menu, "Show the log folder", show_logs, icon_name="open-folder")
        menu.addSeparator()
        add_action(menu, "Licences", partial(self._show, "Licences", partial(LicencesDialog, studio, window)))
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

    def _about(self) -> None:
        QtWidgets.QMessageBox.about(self._window, "About CNN Studio", _ABOUT)
