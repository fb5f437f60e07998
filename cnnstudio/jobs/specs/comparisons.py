"""Jobs that hold runs against each other."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from cnnstudio.core import Comparison, Watch, compared_sentence, counted, discordant_sentence
from cnnstudio.jobs.job import Job, Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class RunComparison:
    """Two runs on the pictures that say something of both."""

    first: Path
    second: Path
    names: tuple[str, str]
    """What to call them; never the same."""
    split: Literal["validation", "test"]
    out_of_fold: bool
    """Whether training pictures are among them, each answered by a network that had not learned from it."""
    found: Comparison
    left_out: tuple[int, int]
    """Pictures that only the first run, or only the second, was judged by."""
    relabelled: int
    """Pictures that are of another class in the other run."""
    doubtful: tuple[str, ...] = ()
    """Those of ``names`` whose earlier runs may have learned from the pictures."""

    @property
    def sentence(self) -> str:
        """Which is better, or that nobody can tell."""
        what = "picture" if self.out_of_fold else f"{self.split} picture"
        return compared_sentence(self.found, *self._quoted, what)

    @property
    def details(self) -> tuple[str, ...]:
        """What belongs beside it."""
        first, second = self._quoted
        told = [discordant_sentence(self.found, first, second)]
        if self.out_of_fold:
            told.append("Training pictures are among them, each answered by a last layer that had not learned from it.")
        left = [
            f"{count:,} only of {name}" for count, name in zip(self.left_out, self._quoted, strict=True) if count
        ]  # fmt: skip
        if left:
            told.append(f"Not compared, since only one of them was judged by them: {' and '.join(left)}.")
        told += [
            f"Earlier runs that “{name}” continues may have learned from these pictures, so it may look too good."
            for name in self.doubtful
        ]
        if self.relabelled:
            moved = counted(self.relabelled, "picture that is", "pictures that are")
            told.append(f"Not compared: {moved} of another class in the other run.")
        return tuple(told)

    @property
    def _quoted(self) -> tuple[str, str]:
        """Names have commas in them."""
        return f"“{self.names[0]}”", f"“{self.names[1]}”"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareRuns(Job[RunComparison]):
    """Compare two runs picture by picture."""

    lane: ClassVar[Lane] = "files"
    latest_wins: ClassVar[bool] = True
    first: Path
    second: Path
    split: Literal["validation", "test"] = "validation"
    """Test pictures judge a finished choice; whoever chooses by them has none left to judge by."""

    def handle(self, watch: Watch) -> RunComparison:
        """Raises RunError where no picture was fairly answered by both."""
        from cnnstudio.jobs.comparing import compare_runs

        watch.check()
        return compare_runs(self)
