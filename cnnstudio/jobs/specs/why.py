"""Jobs about one answer: what speaks for it, which training pictures are like it, what a covered part changes."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from cnnstudio.core import Watch
from cnnstudio.inference.results import Prediction
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.networks import ModelRef
from cnnstudio.understanding.why.values import Box, Explanation, Neighbours, Occlusion


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainAnswer(Job[Explanation]):
    """Where the reasons for an answer and its runner-up lie; two passes through the network."""

    lane: ClassVar[Lane] = "viewing"
    latest_wins: ClassVar[bool] = True
    model: ModelRef
    image: Path

    def handle(self, watch: Watch) -> Explanation:
        """Raises ImageError for a picture that cannot be read, NetworkError for a network without places."""
        from cnnstudio.jobs.explaining import explain_answer

        watch.check()
        return explain_answer(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExplainFrame(Job[Explanation]):
    """As ``ExplainAnswer``, of a picture of a camera, which has no path."""

    lane: ClassVar[Lane] = "viewing"
    latest_wins: ClassVar[bool] = True
    model: ModelRef
    pixels: np.ndarray
    """H×W×3 uint8."""

    def handle(self, watch: Watch) -> Explanation:
        """Raises NetworkError for a network without places."""
        from cnnstudio.jobs.explaining import explain_frame

        watch.check()
        return explain_frame(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindAlike(Job[Neighbours]):
    """The training pictures of a run that are most like a picture; an earlier run's are looked at once for this."""

    lane: ClassVar[Lane] = "asking"
    latest_wins: ClassVar[bool] = True
    run: Path
    image: Path

    def handle(self, watch: Watch) -> Neighbours:
        """Raises ImageError, RunError where the run's pictures are not known, StopRequested."""
        from cnnstudio.jobs.explaining import find_alike

        return find_alike(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverPart(Job[Prediction]):
    """Every class, the most likely first, when a part of what the network sees is covered."""

    lane: ClassVar[Lane] = "viewing"
    latest_wins: ClassVar[bool] = True
    model: ModelRef
    image: Path
    box: Box

    def handle(self, watch: Watch) -> Prediction:
        """Raises ImageError for a picture that cannot be read."""
        from cnnstudio.jobs.explaining import cover_part

        watch.check()
        return cover_part(self, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverSquares(Job[Occlusion]):
    """What covering each of 49 squares changes, for the answer and the runner-up."""

    lane: ClassVar[Lane] = "predicting"
    latest_wins: ClassVar[bool] = True
    model: ModelRef
    image: Path

    def handle(self, watch: Watch) -> Occlusion:
        """Raises ImageError for a picture that cannot be read, StopRequested."""
        from cnnstudio.jobs.explaining import cover_squares

        return cover_squares(self, watch)
