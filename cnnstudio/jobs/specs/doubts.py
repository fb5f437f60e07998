"""Jobs of a second look at doubtful labels."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.data import Dataset
from cnnstudio.data.second_look import Look, SecondLook, load_second_look, take_back_look, take_look
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.runs import read_predictions
from cnnstudio.understanding.outcomes import STRONG, Doubts

_SURE = STRONG / (STRONG + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindDoubts(Job[Doubts]):
    """Pictures whose labels are worth a second look, of every split, by heads that did not learn from them."""

    lane: ClassVar[Lane] = "judging"
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
class CountDoubtful(Job[int]):
    """How many pictures are worth a second look at least, by the answers that a run kept; milliseconds."""

    lane: ClassVar[Lane] = "files"
    latest_wins: ClassVar[bool] = True
    run: Path
    dataset: Dataset

    def handle(self, watch: Watch) -> int:
        """Those whose label, as it is now, can at most be a tenth as likely as the answer, and nobody looked at yet.

        Raises NewerFormat where a newer version wrote what was looked at.
        """
        watch.check()
        dataset = self.dataset
        now = {dataset.name_of(sample.path): dataset.classes[sample.label] for sample in dataset.samples}
        seen = {look.name for look in load_second_look(dataset.root).looks if look.verdict != "later"}
        return sum(
            answer.probability >= _SURE and now.get(answer.path, answer.predicted) != answer.predicted
            for answer in read_predictions(self.run)
            if answer.path not in seen
        )


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
