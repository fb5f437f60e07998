"""Trainings by one recipe that were repeated, told together. No torch."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev

from cnnstudio.core import SplitScore, counted
from cnnstudio.runs.record import Repeat, RepeatKind
from cnnstudio.runs.store import Run, list_runs, open_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """The runs of one group, and what their validation pictures say. Test pictures are not looked at."""

    group: str
    kind: RepeatKind
    of: int
    runs: tuple[Run, ...]
    """By number, one for each that was begun: the furthest where one was begun twice."""

    @property
    def done(self) -> tuple[Run, ...]:
        """Those that are finished."""
        return tuple(run for run in self.runs if run.record.state == "finished")

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to train."""
        return len(self.done) == self.of

    @property
    def scores(self) -> tuple[SplitScore, ...]:
        """Of the validation pictures of each finished run that had some."""
        return tuple(run.record.scores["validation"] for run in self.done if "validation" in run.record.scores)

    @property
    def mean(self) -> float:
        """Of the accuracies; ``scores`` must not be empty, here and below."""
        return fmean(score.accuracy for score in self.scores)

    @property
    def spread(self) -> float:
        """Standard deviation of the accuracies over the runs, with n - 1; 0 for a single one."""
        return stdev(score.accuracy for score in self.scores) if len(self.scores) > 1 else 0.0

    @property
    def together(self) -> tuple[int, int, tuple[float, float]] | None:
        """Of all folds: correct, pictures, and the 95 % interval of their share; None for seeds or unfinished folds.

        The interval is made of those of the folds (square and add: Zou & Donner 2008), which know of pictures that
        belong together.
        """
        if self.kind != "folds" or len(self.scores) < self.of:
            return None
        pictures = sum(score.images for score in self.scores)
        right = sum(round(score.accuracy * score.images) for score in self.scores)
        below = above = 0.0
        for score in self.scores:
            low, high = score.interval or (0.0, 1.0)
            below += (score.images / pictures * (score.accuracy - low)) ** 2
            above += (score.images / pictures * (high - score.accuracy)) ** 2
        share = right / pictures
        return right, pictures, (max(0.0, share - math.sqrt(below)), min(1.0, share + math.sqrt(above)))

    def sentences(self) -> tuple[str, ...]:
        """What came out so far, for people."""
        unit, units = ("fold", "folds") if self.kind == "folds" else ("seed", "seeds")
        if not self.scores:
            return (f"No {unit} is finished yet.",)
        shares = [100 * score.accuracy for score in self.scores]
        sizes = [score.images for score in self.scores]
        about = counted(max(sizes), "picture")
        about = about if min(sizes) == max(sizes) else f"{min(sizes):,} to {about}"
        begun = counted(len(shares), unit, units) if len(shares) == self.of else f"{len(shares)} of {self.of} {units}"
        told = [
            f"{begun}: {100 * self.mean:.1f} % ± {100 * self.spread:.1f} on validation ({min(shares):.1f} to "
            f"{max(shares):.1f} %, {about} each)."
        ]
        if (together := self.together) is not None:
            right, pictures, (low, high) = together
            judged, percent = counted(pictures, "picture"), f"{100 * right / pictures:.1f} %"
            told.append(
                f"The folds together judged {judged}, each once: {right:,} correct ({percent}), between "
                f"{100 * low:.1f} % and {100 * high:.1f} % on new pictures."
            )
        return tuple(told)


SPREAD_MEANING = (
    "± is the standard deviation over the trainings: so much a single training may lie beside the mean by chance alone."
)


def repeats_among(runs: Iterable[Run]) -> dict[str, Repeats]:
    """The groups among some runs, by their name."""
    found = dict[str, dict[int, Run]]()
    kinds = dict[str, Repeat]()
    for run in runs:
        if (repeat := run.record.repeat) is None:
            continue
        own = found.setdefault(repeat.group, {})
        kinds[repeat.group] = repeat
        if repeat.number not in own or _further(run, own[repeat.number]):
            own[repeat.number] = run
    return {
        group: Repeats(group=group, kind=kinds[group].kind, of=kinds[group].of, runs=_in_order(own))
        for group, own in found.items()
    }


def read_repeats(run: Path) -> Repeats | None:
    """The group of a run, of which the other runs lie beside it; None where it is a training by itself.

    Raises:
        RunError, FormatError: there is no such run, or it is damaged.
    """
    repeat = open_run(run).record.repeat
    return None if repeat is None else repeats_among(list_runs(run.absolute().parent))[repeat.group]


def _further(run: Run, other: Run) -> bool:
    return (run.record.state == "finished", run.can_resume) > (other.record.state == "finished", other.can_resume)


def _in_order(runs: dict[int, Run]) -> tuple[Run, ...]:
    return tuple(runs[number] for number in sorted(runs))
