"""How well a run recognises pictures that are worse than those it was judged by."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeVar

import numpy as np

from cnnstudio.core import StopRequested, Watch
from cnnstudio.data import Split
from cnnstudio.inference.results import ClassScore
from cnnstudio.jobs.job import Job, Lane, StoppedWith, Streaming
from cnnstudio.runs import Run, note_test_look, open_run
from cnnstudio.understanding.stress.alarms import Shortcuts, load_shortcuts, save_shortcuts
from cnnstudio.understanding.stress.changes import BY_NAME, CHANGES
from cnnstudio.understanding.stress.results import Stress, load_stress, save_stress

T = TypeVar("T")
_SHOWN = 60
"""Pictures that one goes through at least, where there are so many."""
TESTED = 200
"""Pictures that take part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestStress(Streaming[Stress, Stress]):
    """Change held-out pictures in every way and count what is still recognised; hands over what is known so far."""

    __test__ = False
    lane: ClassVar[Lane] = "measuring"
    run: Path
    split: Split = "validation"
    most: int = TESTED
    """Pictures at most; 0 for all."""
    changes: tuple[str, ...] = tuple(change.name for change in CHANGES)

    def handle(self, watch: Watch) -> Stress:
        """Raises RunError, DatasetError; StoppedWith what was found until then. A whole test is kept with the run."""
        from cnnstudio.understanding.stress.measure import stress

        run = open_run(self.run)
        steps = stress(run, watch, split=self.split, most=self.most, changes=[BY_NAME[name] for name in self.changes])
        found = _last(steps, watch)
        if self.split == "test":
            note_test_look(self.run)
        elif len(self.changes) == len(CHANGES):
            save_stress(run, found)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class LookForShortcuts(Streaming[Shortcuts, Shortcuts]):
    """See for each class whether it is recognised by one place; hands over what is known so far."""

    lane: ClassVar[Lane] = "measuring"
    run: Path
    split: Split = "validation"

    def handle(self, watch: Watch) -> Shortcuts:
        """Raises RunError, DatasetError, NetworkError; StoppedWith what was found until then. Kept with the run."""
        from cnnstudio.understanding.stress.shortcuts import shortcuts

        run = open_run(self.run)
        found = _last(shortcuts(run, watch, split=self.split), watch)
        if self.split == "test":
            note_test_look(self.run)
        else:
            save_shortcuts(run, found)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Tests:
    """What is known of a run; None for what was not tested yet."""

    __test__ = False
    stress: Stress | None
    shortcuts: Shortcuts | None
    pictures: tuple[Path, ...] = ()
    """Some to be changed one by one: recognised, and best those that nothing has learned from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTests(Job[Tests]):
    """The last whole tests of a run on validation pictures."""

    lane: ClassVar[Lane] = "files"
    run: Path

    def handle(self, watch: Watch) -> Tests:
        """Raises RunError, FormatError when there is no run."""
        watch.check()
        run = open_run(self.run)
        return Tests(stress=load_stress(run), shortcuts=load_shortcuts(run), pictures=_to_change(run))


def _to_change(run: Run) -> tuple[Path, ...]:
    """Spread over the classes' folders."""
    split = "validation" if "validation" in run.record.scores else "test"
    answers = [each for each in run.predictions() if each.split == split]
    right = [each.path for each in answers if each.true == each.predicted] or [each.path for each in answers]
    right.sort()
    step = max(1, len(right) // _SHOWN)
    return tuple(run.record.dataset / path for path in right[::step])


def _last(steps: Generator[T, None, T], watch: Watch) -> T:
    """What is found in the end; what is known on the way is handed over.

    Raises:
        StoppedWith: what was known last.
    """
    last: T | None = None
    with closing(steps):
        while True:
            try:
                last = next(steps)
            except StopIteration as end:
                found: T = end.value
                return found
            except StopRequested as stop:
                raise (StoppedWith(last) if last is not None else stop) from None
            watch.partial(last)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Changed:
    """A changed picture and what is said of it."""

    pixels: np.ndarray
    """As the network sees it, crop×crop×3 uint8."""
    top: tuple[ClassScore, ...]
    """The likeliest classes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePicture(Job[Changed]):
    """Change one picture and ask the network that is delivered."""

    lane: ClassVar[Lane] = "predicting"
    latest_wins: ClassVar[bool] = True
    run: Path
    picture: Path
    change: str
    strength: float

    def handle(self, watch: Watch) -> Changed:
        """Raises ImageError, RunError."""
        from cnnstudio.jobs.handlers import open_ref
        from cnnstudio.networks import ModelRef
        from cnnstudio.understanding.stress.one_picture import changed

        watch.check()
        session = open_ref(ModelRef(source=str(self.run)), watch)
        pixels, top = changed(session, self.picture, BY_NAME[self.change], self.strength)
        return Changed(pixels=pixels, top=top)
