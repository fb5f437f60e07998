"""How sure a run is, and what can be promised of it."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from cnnstudio.core import FormatError, Watch
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.networks.refusal import Refusal, load_refusal
from cnnstudio.runs import Answers, open_run
from cnnstudio.understanding.sure.cost import Overlooked, overlooked
from cnnstudio.understanding.sure.evidence import Evidence, evidence_of
from cnnstudio.understanding.sure.promise import Promise, promise
from cnnstudio.understanding.sure.reliability import Reliability, reliability

TARGETS = tuple(round(0.7 + 0.01 * step, 2) for step in range(30))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HowSure:
    """What a page shows, counted once."""

    run: Path
    classes: tuple[str, ...]
    evidence: Evidence
    names: tuple[str, ...]
    """Of the pictures of the evidence, see ``Answers``."""
    promises: tuple[Promise, ...]
    """One for each of ``TARGETS``."""
    reliability: Reliability
    temperature: float
    """By which the last layer was divided; 1 where the network was about as sure as it was right."""
    more: int
    """Pictures that there would be with out-of-fold answers."""
    root: Path
    """The folder of pictures."""
    refusal: Refusal | None
    """What it refuses to answer; None where there were too few pictures to learn that from."""

    def promised(self, target: float) -> Promise:
        """That of the target which is nearest."""
        return self.promises[int(np.abs(np.array(TARGETS) - target).argmin())]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookHowSure(Job[HowSure]):
    """Everything on how sure a run is; answers that were not kept are computed first."""

    lane: ClassVar[Lane] = "asking"
    latest_wins: ClassVar[bool] = True
    run: Path
    every: bool = False
    """Count training pictures with out-of-fold answers in any case."""

    def handle(self, watch: Watch) -> HowSure:
        """Raises RunError where there is nothing to judge by, StudioError where answers cannot be computed."""
        from cnnstudio.jobs.specs.answers import GatherAnswers

        answers = GatherAnswers(run=self.run).handle(watch)
        evidence = evidence_of(answers, every=self.every)
        judged = evidence.probabilities, evidence.labels
        promises = []
        for target in TARGETS:
            watch.check()
            promises.append(promise(*judged, evidence.groups, target))
        return HowSure(
            run=self.run,
            classes=answers.classes,
            evidence=evidence,
            names=tuple(answers.names[place] for place in evidence.places.tolist()),
            promises=tuple(promises),
            reliability=reliability(*judged),
            temperature=answers.temperature,
            more=len(answers.of_split("train", "validation", held_out=True)),
            root=open_run(self.run).record.dataset,
            refusal=self._refusal(answers),
        )

    def _refusal(self, answers: Answers) -> Refusal | None:
        with suppress(FormatError):
            if answers.features is not None:
                return load_refusal(self.run / "bundle", answers.features.shape[1])
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseShare(Job[Promise]):
    """The threshold from which on a share of a run's answers is correct."""

    lane: ClassVar[Lane] = "asking"
    run: Path
    target: float
    every: bool = False

    def handle(self, watch: Watch) -> Promise:
        """Raises as ``LookHowSure``."""
        from cnnstudio.jobs.specs.answers import GatherAnswers

        evidence = evidence_of(GatherAnswers(run=self.run).handle(watch), every=self.every)
        return promise(evidence.probabilities, evidence.labels, evidence.groups, self.target)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountOverlooked(Job[Overlooked]):
    """What becomes of a class when overlooking it counts more."""

    lane: ClassVar[Lane] = "viewing"
    latest_wins: ClassVar[bool] = True
    evidence: Evidence
    label: int
    times: float

    def handle(self, watch: Watch) -> Overlooked:
        """Milliseconds up to a hundred classes."""
        watch.check()
        return overlooked(self.evidence.probabilities, self.evidence.labels, self.label, self.times)
