"""The File menu: what pages offer in it, the folders that were open last, settings, and the way out."""

from collections.abc import Callable, Sequence

from PySide6 import QtGui, QtWidgets

from cnnstudio.ui.frame.menus import add_action
from cnnstudio.ui.frame.recent_menu import RecentMenu
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import MenuEntry


class FileMenu:
    """Entries of pages come as the pages are made."""

    def __init__(self, window: QtWidgets.QMainWindow, studio: Studio, show_settings: Callable[[], object]) -> None:
        self._studio = studio
        self._menu = menu = window.menuBar().addMenu("&File")
        self._end = [
            menu.addSeparator(),
            add_action(menu, "Settings…", show_settings, shortcut=QtGui.QKeySequence("Ctrl+,"), name="settings"),
            add_action(menu, "Quit", window.close, shortcut=QtGui.QKeySequence.StandardKey.Quit, icon_name="close"),
        ]

    def add(self, entries: Sequence[MenuEntry]) -> None:
        """Those of a page, after what is there of pages."""
        menu = self._menu
        for entry in entries:
            if entry.begins:
                menu.addSeparator()
            add_action(menu, entry.text, entry.act, shortcut=entry.shortcut, icon_name=entry.icon, name=entry.name)
            if entry.shortcut == QtGui.QKeySequence.StandardKey.Open:
                self.recent = RecentMenu(menu, self._studio)
        menu.addActions(self._end)  # which puts them to the end again
