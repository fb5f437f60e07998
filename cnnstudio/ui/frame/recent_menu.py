"""File → Open recent: the folders that were open last and are there now."""

from functools import partial
from pathlib import Path

from PySide6 import QtWidgets

from cnnstudio.core import isolated
from cnnstudio.core.paths import shown_name
from cnnstudio.jobs.specs import ExistingFolders
from cnnstudio.ui.frame.menus import add_action
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import mnemonic_free

_MOST = 9


class RecentMenu:
    """Looks which folders are there whenever one was opened, so that the menu itself never waits for a disk."""

    def __init__(self, parent: QtWidgets.QMenu, studio: Studio) -> None:
        self._studio = studio
        self.menu = parent.addMenu("Open recent")
        self.menu.setObjectName("menu_openrecent")
        studio.recent_changed.connect(self._look)
        self._show(())
        self._look()

    def _look(self) -> None:
        folders = tuple(map(Path, self._studio.preferences.recent[:_MOST]))
        self._studio.submit(ExistingFolders(folders=folders), done=self._show)

    def _show(self, folders: tuple[Path, ...]) -> None:
        self.menu.clear()
        for number, folder in enumerate(folders, 1):
            name, place = isolated(shown_name(folder)), isolated(str(folder.parent))
            text = f"&{number}  {mnemonic_free(name)}   ({mnemonic_free(place)})"
            add_action(self.menu, text, partial(self._open, folder), name=f"recent_{number}")
        self.menu.menuAction().setEnabled(bool(folders))

    def _open(self, folder: Path) -> None:
        self._studio.navigate.emit("data")
        self._studio.open_folder(folder)
