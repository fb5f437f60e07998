"""What to do next with a run, from all that was kept of it; nothing is computed that takes longer than a moment."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.core import FormatError, RunError, StudioError, Watch
from cnnstudio.data import Dataset
from cnnstudio.data.samples import DAMAGE, SAMPLES_FILE, read_samples
from cnnstudio.jobs.job import Job, Lane
from cnnstudio.runs import Run, load_answers
from cnnstudio.understanding.kept_growth import load_growth
from cnnstudio.understanding.mistakes import Judged, find_mistakes
from cnnstudio.understanding.next_steps import Known, NextStep, next_steps
from cnnstudio.understanding.stress.alarms import load_shortcuts
from cnnstudio.understanding.stress.results import load_stress
from cnnstudio.understanding.sure.promise import Promise, promise

_TARGET = 0.9
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the overview of a run shows beside its score."""

    split: str
    worst: tuple[Judged, ...]
    """The hardest mistakes on a split."""
    steps: tuple[NextStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summarise(Job[Summary]):
    """Find the worst mistakes on a split, and what to do next, which validation decides."""

    lane: ClassVar[Lane] = "files"
    latest_wins: ClassVar[bool] = True
    run: Run
    """With its record: to read that of a thousand classes takes a second."""
    split: str
    dataset: Dataset | None = None
    """As the window has it open; without it, nothing is said of labels and forecasts."""

    def handle(self, watch: Watch) -> Summary:
        """Damaged parts are left out."""
        watch.check()
        run = self.run
        worst = find_mistakes(run).all(self.split)[:_SHOWN]
        scores = run.record.scores
        judging = scores.get("validation") or scores.get("train")
        steps = next_steps(self._known(run, judging.split)) if judging is not None else ()
        return Summary(split=self.split, worst=worst, steps=steps)

    def _known(self, run: Run, split: str) -> Known:
        from cnnstudio.jobs.specs.doubts import CountDoubtful

        record, doubtful, growth = run.record, None, None
        if self.dataset is not None:
            growth = load_growth(run, self.dataset)
            with suppress(StudioError):
                doubtful = CountDoubtful(run=run.folder, dataset=self.dataset).handle(Watch())
        return Known(
            score=record.scores[split],
            classes=record.classes,
            trained_on=_trained_on(run),
            mode=str(record.recipe.get("mode", "")),
            doubtful=doubtful,
            growth=growth,
            promise=_promise(run),
            stress=load_stress(run),
            shortcuts=load_shortcuts(run),
        )


def _trained_on(run: Run) -> tuple[int, ...]:
    """Training pictures by class."""
    with suppress(*DAMAGE):
        counts = Counter(row.label for row in read_samples(run.folder / SAMPLES_FILE) if row.split == "train")
        return tuple(counts[name] for name in run.record.classes)
    return ()


def _promise(run: Run) -> Promise | None:
    """By validation pictures that what answered had not learned from."""
    with suppress(OSError, FormatError, RunError):
        answers = load_answers(run.folder)
        own = answers.of_split("validation", held_out=True)
        if len(own):
            return promise(answers.probabilities[own], answers.labels[own], answers.groups[own], _TARGET)
    return None
