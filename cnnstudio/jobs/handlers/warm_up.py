"""WarmUp: import the engine ahead of the first click."""

from collections.abc import Callable

from cnnstudio.core.control import Control
from cnnstudio.core.events import Event
from cnnstudio.core.garbage import objects_that_stay
from cnnstudio.jobs.specs import WarmUp


def run(_spec: WarmUp, _control: Control, _emit: Callable[[Event], None]) -> None:
    """Import what the first training and the first prediction need."""
    with objects_that_stay():
        import cnnstudio.inference.session
        import cnnstudio.jobs.handlers.fine_tune  # noqa: F401
