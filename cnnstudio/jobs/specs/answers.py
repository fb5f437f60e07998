"""A run's answers to its own pictures, which everything that explains the run is made of."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.runs import Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class GatherAnswers(Job[Answers]):
    """Logits and pooled features of every picture: read, or computed once where an earlier version did not keep them.

    Computing tells its progress and can be stopped.
    """

    lane: ClassVar[Lane] = "measuring"
    run: Path

    def handle(self, watch: Watch) -> Answers:
        """Raises RunError, DatasetError where that is not possible, StopRequested."""
        from cnnstudio.jobs.job import carry
        from cnnstudio.understanding.answers import computed_answers

        return carry(computed_answers(self.run, watch), watch.emit)
