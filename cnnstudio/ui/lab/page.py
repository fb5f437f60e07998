"""The Lab: a tab for each of its rooms."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6 import QtGui
from typing_extensions import override

from cnnstudio.ui.lab.network.block_list import KEYS as BLOCK_KEYS
from cnnstudio.ui.lab.room import Room
from cnnstudio.ui.lab.rooms import ROOMS
from cnnstudio.ui.look.turns import soon
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Page, TabRow, Tabs


class LabPage(Page):
    """Beside the steps, not one of them: nothing in it changes a project."""

    keys = (
        ("Ctrl+Page up, Ctrl+Page down", "Rooms of the Lab"),
        ("P, full stop", "Let the kernel slide, make the next pixel"),
        ("Arrow keys, Space", "On a picture: point at another pixel, keep it; with Shift in steps of ten"),
        (
            "Digits, +, Page up, Page down",
            "In a kernel: type a number, change it by a tenth; with Shift by a hundredth",
        ),
        ("Delete, Ctrl+arrow keys", "In the chain: remove an operation, put it elsewhere"),
        *BLOCK_KEYS,
    )

    def __init__(self, studio: Studio) -> None:
        super().__init__("lab_page", "Lab", scrolls=False)
        self._studio = studio
        studio.blocks_wanted.connect(self.open_network)
        studio.network_file_wanted.connect(self.open_network_file)
        self.subtitle.hide()
        rows = [TabRow(row.name, row.title, partial(row.make, studio), row.scrolls) for row in ROOMS]
        self.rooms: Tabs[Room] = Tabs("lab_rooms", rows)
        for entry in self.rooms.buttons.values():  # beside the title, where they take no height from the pictures
            self.tools.addWidget(entry)
        self.column.addWidget(self.rooms, 1)

    def open_network(self, name: str) -> None:
        """Show the blocks of a classic, or of a network that a person built."""
        self._room_of_blocks().open_network(name)

    def open_network_file(self, file: Path) -> None:
        """Show the blocks that a network file tells."""
        self._room_of_blocks().open_network_file(file)

    def _room_of_blocks(self) -> Room:
        self._studio.navigate.emit("lab")
        self.rooms.open("network")
        return self.rooms.tab("network")

    @override
    def wants_pictures(self) -> bool:
        return bool(self.rooms.name) and self.rooms.tab(self.rooms.name).wants_pictures()

    @override
    def take_pictures(self, paths: Sequence[Path]) -> None:
        self.rooms.tab(self.rooms.name).take_pictures(paths)

    @override
    def paste(self) -> None:
        self.rooms.tab(self.rooms.name).paste()

    @override
    def release(self) -> None:
        for room in self.rooms.made:
            room.release()

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        """The first room is made when somebody looks, and not in the turn that shows the page."""
        super().showEvent(event)
        soon(self, self._open_first)

    def _open_first(self) -> None:
        if not self.rooms.name:
            self.rooms.open(ROOMS[0].name)
