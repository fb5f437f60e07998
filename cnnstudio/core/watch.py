"""What long work obeys and reports to, in one value; and the only places where it pauses or stops."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from cnnstudio.core.control import Control, StopRequested
from cnnstudio.core.events import Event, Partial, Progressed, ProgressKind, RunPaused, RunResumed


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
