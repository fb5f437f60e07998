"""What is told of networks that were auditioned on a person's own pictures. Plain values, no torch."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from cnnstudio.core import Comparison, compare_answers, counted

Standing = Literal["best", "close", "behind"]
"""The highest accuracy; too close to that to call; clearly below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audition:
    """One network."""

    network: str
    title: str
    weights: str
    """Name of the file they came from."""
    right: dict[str, bool]
    """Whether each picture was correct, by its name, answered by a last layer that did not learn from it."""
    groups: dict[str, int]
    """What each picture belongs to, see ``data.Sample``."""
    interval: tuple[float, float]
    """95 % interval of the accuracy."""
    seconds: float
    """Per picture, measured on this computer."""

    @property
    def accuracy(self) -> float:
        """Share of correct pictures, in [0, 1]."""
        return sum(self.right.values()) / max(1, len(self.right))

    def against(self, other: "Audition") -> Comparison:
        """Compared on the pictures that both answered (McNemar's test where pictures stand alone)."""
        same = [name for name in self.right if name in other.right]
        return compare_answers(
            [self.right[name] for name in same],
            [other.right[name] for name in same],
            [self.groups[name] for name in same],
        )


@dataclass(frozen=True, kw_only=True)
class Auditions:
    """Those that are through, the cheapest first."""

    results: tuple[Audition, ...]
    waiting: int = 0
    """Networks that were not tried."""

    def with_(self, result: Audition) -> "Auditions":
        """And one more."""
        return Auditions(results=(*self.results, result), waiting=max(0, self.waiting - 1))

    @cached_property
    def best(self) -> Audition | None:
        """The one with the highest accuracy, of equal ones the fastest."""
        return max(self.results, key=lambda each: (each.accuracy, -each.seconds), default=None)

    @cached_property
    def standings(self) -> dict[str, Standing]:
        """How each network stands to the best one."""
        best = self.best
        return {
            each.network: "best" if each is best else "behind" if best and best.against(each).is_clear else "close"
            for each in self.results
        }

    @cached_property
    def choice(self) -> Audition | None:
        """The fastest of those that are not clearly behind."""
        standings = self.standings
        good = [each for each in self.results if standings[each.network] != "behind"]
        return min(good, key=lambda each: (each.seconds, -each.accuracy), default=None)

    @property
    def sentence(self) -> str:
        """Which to take, and why."""
        best, choice = self.best, self.choice
        if best is None or choice is None:
            return "No network was tried."
        close = [each for each in self.results if self.standings[each.network] == "close"]
        share = f"{100 * choice.accuracy:.1f} %"
        if len(self.results) == 1:
            return f"{choice.title}: {share} correct."
        if not close:
            others = counted(len(self.results) - 1, "other")
            return f"{best.title} is clearly the best: {share} correct. It was compared with {others}."
        if choice is best:
            return f"{best.title} is ahead with {share}, and the fastest of those that are too close to call."
        return (
            f"{best.title} and {choice.title} are too close to call, and {choice.title} is the faster one: {share} "
            f"against {100 * best.accuracy:.1f} %."
        )
