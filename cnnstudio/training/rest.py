"""The only place where work on pictures pauses or stops: between two steps."""

from collections.abc import Generator

from cnnstudio.core.control import Control, StopRequested
from cnnstudio.core.events import Event, RunPaused, RunResumed
from cnnstudio.training.distributed import ALONE, World


def rest_point(control: Control, world: World = ALONE) -> Generator[Event, None, None]:
    """Wait while a pause is asked for; several processes stop at the same step.

    Yields:
        RunPaused and RunResumed around a pause.

    Raises:
        StopRequested: a stop was asked for.
    """
    if control.pause_requested:
        yield RunPaused()
        control.wait_while_paused()
        yield RunResumed()
    if world.any_of(control.stop_requested):
        raise StopRequested
