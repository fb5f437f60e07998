"""Why a page that shows a run is empty: there is none yet, one is being trained, or the folder is still being read."""

from cnnstudio.data import Dataset
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets.page import EmptyState

Words = tuple[str, str]
_READING = ("The folder is being read", "What was trained on it appears here by itself.")


class EmptyWords:
    """Keeps them true; ``nothing`` and ``training`` are a title and a sentence each."""

    def __init__(self, empty: EmptyState, studio: Studio, nothing: Words, training: Words) -> None:
        self._empty, self._studio = empty, studio
        self._nothing, self._training = nothing, training
        self._reading = 0
        studio.scan_started.connect(self._follow)
        studio.training_started.connect(lambda _: self._tell(training=True))
        studio.training_ended.connect(lambda: self._tell(training=False))

    def _follow(self, monitor: JobMonitor[Dataset]) -> None:
        monitor.ended.connect(lambda: self._read(-1))
        self._read(1)

    def _read(self, step: int) -> None:
        self._reading += step
        self._tell(training=self._studio.training_active)

    def _tell(self, *, training: bool) -> None:
        self._empty.say(*(self._training if training else _READING if self._reading else self._nothing))
