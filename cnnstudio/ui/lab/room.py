"""What a room of the Lab is."""

from collections.abc import Sequence
from pathlib import Path

from PySide6 import QtWidgets


class Room(QtWidgets.QWidget):
    """Made when it is first opened; nothing in it is computed before."""

    def wants_pictures(self) -> bool:
        """Whether pictures that are dropped or pasted are for this room; else they are predicted."""
        return False

    def take_pictures(self, paths: Sequence[Path]) -> None:
        """Take pictures that a person dropped, opened or pasted as files."""

    def paste(self) -> None:
        """Take the picture that is on the clipboard."""

    def open_network(self, name: str) -> None:
        """Show the blocks of a network, where the room is about blocks."""

    def open_network_file(self, file: Path) -> None:
        """The same for a network file that lies anywhere."""

    def release(self) -> None:
        """The window closes: end what plays, and what reads in the background."""
