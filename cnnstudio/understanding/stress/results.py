"""What a stress test has found, and the file that it is kept in. No torch."""

from dataclasses import dataclass

from cnnstudio.core import wilson_interval
from cnnstudio.runs import Run
from cnnstudio.understanding.stress.changes import BY_NAME
from cnnstudio.understanding.stress.kept import keep, kept

STRESS_FILE = "stress.json"
_FEWEST = 5
"""Pictures of a class from which on it is spoken of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """All pictures at one strength."""

    strength: float
    correct: tuple[int, ...]
    """By class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One change at growing strengths, the first of which is none."""

    change: str
    """A name of ``CHANGES``."""
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakest:
    """The class that a change costs most."""

    name: str
    before: int
    """Of its pictures, recognised as they are."""
    after: int
    """And changed."""
    pictures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """A stress test of a run."""

    classes: tuple[str, ...]
    split: str
    of: tuple[int, ...]
    """Pictures by class."""
    wanted: int
    """Pictures that the test is to take; those that were not reached yet, or cannot be read, are missing in ``of``."""
    curves: tuple[Curve, ...]
    best_epoch: int = 0
    epochs: int = 0

    @property
    def pictures(self) -> int:
        """That were tested."""
        return sum(self.of)

    def curve(self, change: str) -> Curve | None:
        """Of a change, if it was tested."""
        return next((curve for curve in self.curves if curve.change == change), None)

    def share(self, step: Step) -> float:
        """Correct answers at a strength, in [0, 1]."""
        return sum(step.correct) / max(1, self.pictures)

    def interval(self, step: Step) -> tuple[float, float]:
        """95 % range of the share on new pictures (Wilson)."""
        return wilson_interval(sum(step.correct), self.pictures)

    def weakest(self, change: str, number: int) -> Weakest | None:
        """The class that loses the largest share of its pictures at a step; None where none loses any."""
        if (curve := self.curve(change)) is None:
            return None
        before, after = curve.steps[0].correct, curve.steps[number].correct
        places = [place for place, count in enumerate(self.of) if count >= _FEWEST and before[place] > after[place]]
        if not places:
            return None
        worst = max(places, key=lambda place: (before[place] - after[place]) / self.of[place])
        return Weakest(name=self.classes[worst], before=before[worst], after=after[worst], pictures=self.of[worst])

    def worst(self) -> tuple[str, int] | None:
        """The change that costs most in the middle of its range, clearly; with the number of the step."""
        found = []
        for curve in self.curves:
            middle = len(curve.steps) // 2
            low = self.interval(curve.steps[0])[0]
            if self.interval(curve.steps[middle])[1] < low:
                found.append((self.share(curve.steps[middle]), curve.change, middle))
        return min(found)[1:] if found else None


def save_stress(run: Run, found: Stress) -> None:
    """Keep a test in the run's folder.

    Raises:
        RunError: the folder was moved or deleted.
        StorageError: it cannot be written.
    """
    keep(run, STRESS_FILE, found)


def load_stress(run: Run) -> Stress | None:
    """The last test of a run as it is now; None where there is none that can be used."""
    found = kept(run, STRESS_FILE, Stress)
    return found if found is not None and _is_sound(found) else None


def _is_sound(found: Stress) -> bool:
    """Files may come from anybody."""
    count = len(found.classes)
    return len(found.of) == count and all(
        curve.change in BY_NAME
        and tuple(step.strength for step in curve.steps) == BY_NAME[curve.change].strengths
        and all(
            len(step.correct) == count and all(0 <= own <= of for own, of in zip(step.correct, found.of, strict=True))
            for step in curve.steps
        )
        for curve in found.curves
    )
