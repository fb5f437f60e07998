"""The only place where work on pictures pauses or stops: between two steps."""

from collections.abc import Generator

from cnnstudio.core.control import Control
from cnnstudio.core.events import Event, RunPaused, RunResumed


def rest_point(control: Control) -> Generator[Event, None, None]:
    """Wait while a pause is asked for.

    Yields:
        RunPaused and RunResumed around a pause.

    Raises:
        StopRequested: a stop was asked for.
    """
    if control.pause_requested:
        yield RunPaused()
        control.wait_while_paused()
        yield RunResumed()
    control.check()
