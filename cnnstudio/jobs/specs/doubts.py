"""Jobs of a second look at doubtful labels."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.data import Dataset
from cnnstudio.data.second_look import Look, SecondLook, load_second_look, take_back_look, take_look
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.understanding.outcomes import Doubts


@dataclass(frozen=True, slots=True, kw_only=True)
class FindDoubts(Job[Doubts]):
    """Pictures whose labels are worth a second look, of every split, by heads that did not learn from them."""

    lane: ClassVar[Lane] = "measuring"
    run: Path
    dataset: Dataset | None = None
    """As the window has it open; None opens the run's folder as its project has it now."""

    def handle(self, watch: Watch) -> Doubts:
        """Seconds, where the features of the run's network are still on disk.

        Raises RunError, DatasetError or WeightsError when it cannot be done.
        """
        from cnnstudio.jobs.judging import find_doubts

        return find_doubts(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSecondLook(Job[SecondLook]):
    """What was decided at a second look so far."""

    lane: ClassVar[Lane] = "files"
    root: Path

    def handle(self, watch: Watch) -> SecondLook:
        """Raises NewerFormat where a newer version wrote it."""
        watch.check()
        return load_second_look(self.root)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeLook(Job[SecondLook]):
    """Decide about one picture; gives all that was decided."""

    lane: ClassVar[Lane] = "files"
    root: Path
    look: Look

    def handle(self, watch: Watch) -> SecondLook:
        """Raises NewerFormat or StorageError; then nothing changed."""
        return take_look(self.root, self.look)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackLook(Job[SecondLook]):
    """Take back what was decided last, also before a restart; gives what is left."""

    lane: ClassVar[Lane] = "files"
    root: Path

    def handle(self, watch: Watch) -> SecondLook:
        """Raises NewerFormat or StorageError; then nothing changed."""
        return take_back_look(self.root)
