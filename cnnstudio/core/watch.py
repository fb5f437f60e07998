"""What long work obeys and reports to, and the only places where it pauses or stops."""

import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TypeVar

from cnnstudio.core.events import Event, Partial, Progressed, ProgressKind, RunPaused, RunResumed, Warned

T = TypeVar("T")


class StopRequested(BaseException):
    """A stop was asked for. A BaseException, so that no ``except Exception`` on the way can swallow it."""


class Control:
    """Thread-safe switches, shared by whoever asks and the loop that obeys between two steps."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._paused = threading.Event()
        self._changed = threading.Condition()

    @property
    def stop_requested(self) -> bool:
        """Whether the work should end at its next rest point."""
        return self._stop.is_set()

    @property
    def pause_requested(self) -> bool:
        """Whether the work should wait at its next rest point."""
        return self._paused.is_set() and not self._stop.is_set()

    def request_stop(self) -> None:
        """Ask the work to end; also wakes it when it is paused."""
        with self._changed:
            self._stop.set()
            self._changed.notify_all()

    def request_pause(self) -> None:
        """Ask the work to wait at its next rest point."""
        self._paused.set()

    def resume(self) -> None:
        """Let paused work go on."""
        with self._changed:
            self._paused.clear()
            self._changed.notify_all()

    def wait_while_paused(self) -> None:
        """Block until resumed or stopped; returns at once when not paused."""
        with self._changed:
            self._changed.wait_for(lambda: not self.pause_requested)

    def wait_for_stop(self, seconds: float) -> bool:
        """Wait, at most so long, for a stop to be asked for; whether it was."""
        return self._stop.wait(seconds)

    def check(self) -> None:
        """Raise StopRequested if a stop was asked for; for scans and downloads, per file or chunk."""
        if self.stop_requested:
            raise StopRequested


def _nobody(_: Event) -> None:
    """Events nobody wants."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The asker's side of a piece of work: its switches, and where its events go."""

    control: Control = field(default_factory=Control)
    emit: Callable[[Event], None] = _nobody

    def check(self) -> None:
        """Raise StopRequested if a stop was asked for; per file, chunk or batch."""
        self.control.check()

    def progress(self, done: int, total: int, text: str, kind: ProgressKind = "work") -> None:
        """Say how far the work is; ``total`` 0 is unknown."""
        self.emit(Progressed(done=done, total=total, text=text, kind=kind))

    def partial(self, result: object) -> None:
        """Hand over a part of the result as soon as it is there."""
        self.emit(Partial(result=result))


def rest_point(control: Control, together: Callable[[bool], bool] = bool) -> Generator[Event, None, None]:
    """Wait while a pause is asked for, and end when a stop is; between two steps.

    Args:
        control: the switches.
        together: whether any of several processes was asked to stop, given whether this one was: all stop at one step.

    Yields:
        RunPaused and RunResumed around a pause.

    Raises:
        StopRequested: a stop was asked for.
    """
    if control.pause_requested:
        yield RunPaused()
        control.wait_while_paused()
        yield RunResumed()
    if together(control.stop_requested):
        raise StopRequested


def only_progress(steps: Generator[Event, None, T]) -> Generator[Event, None, T]:
    """Of work within other work: how far it is and what is wrong, but not what phases and results of its own it has."""
    while True:
        try:
            event = next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
        if isinstance(event, Progressed | Warned):
            yield event
