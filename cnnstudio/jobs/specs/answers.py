"""A run's answers to its own pictures, which everything that explains the run is made of."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.networks.refusal import Refusal
from cnnstudio.runs import Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class GatherAnswers(Job[Answers]):
    """Logits and pooled features of every picture: read, or computed once where an earlier version did not keep them.

    Computing tells its progress and can be stopped.
    """

    lane: ClassVar[Lane] = "asking"
    run: Path

    def handle(self, watch: Watch) -> Answers:
        """Raises RunError, DatasetError where that is not possible, StopRequested."""
        from cnnstudio.jobs.answering import gather_answers

        return gather_answers(self.run, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeCareful(Job[Refusal]):
    """Let a run refuse so large a share of good pictures; what is unlike them or unclear is refused the more."""

    lane: ClassVar[Lane] = "asking"
    latest_wins: ClassVar[bool] = True
    run: Path
    careful: float
    """A share, 0.01 to 0.2."""

    def handle(self, watch: Watch) -> Refusal:
        """Raises RunError where there are too few pictures to know what is usual."""
        from cnnstudio.jobs.answering import be_careful

        return be_careful(self.run, self.careful, watch)
