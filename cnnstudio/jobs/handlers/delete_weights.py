"""DeleteWeights: make room on the disk."""

from collections.abc import Callable

from cnnstudio.core.control import Control
from cnnstudio.core.events import Event
from cnnstudio.jobs.specs import DeleteWeights
from cnnstudio.networks.weights.store import delete_download


def run(spec: DeleteWeights, _control: Control, _emit: Callable[[Event], None]) -> bool:
    """Whether there was such a file."""
    return delete_download(spec.file_name)
