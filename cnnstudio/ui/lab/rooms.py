"""The rooms of the Lab: a widget each, and a row here. The page asks this table."""

from collections.abc import Callable
from dataclasses import dataclass

from cnnstudio.ui.lab.network.room import NetworkRoom
from cnnstudio.ui.lab.operation.room import OperationRoom
from cnnstudio.ui.lab.room import Room
from cnnstudio.ui.state import Studio


@dataclass(frozen=True, slots=True)
class Row:
    """One room."""

    name: str
    """For scripts, and to open it by."""
    title: str
    make: Callable[[Studio], Room]
    scrolls: bool = True
    """Whether it may be higher than the page; else it gets the room that there is."""


ROOMS = (
    Row("operation", "Try an operation", OperationRoom, scrolls=False),
    Row("network", "Build a network", NetworkRoom, scrolls=False),
)
