"""Exhaust an engine generator: pass its events on and take its result."""

from collections.abc import Callable, Generator
from contextlib import closing
from typing import TypeVar

from cnnstudio.core.events import Event

T = TypeVar("T")


def carry(events: Generator[Event, None, T], emit: Callable[[Event], None]) -> T:
    """Returns what the generator returns; it is closed in this thread, whatever happens."""
    with closing(events):
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            emit(event)
