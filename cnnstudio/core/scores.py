"""How good a network is: scores, their figures per class, and mistakes. No torch.

The same in the window, the terminal and the log; ``score_words`` says them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from typing_extensions import override

from cnnstudio.core.intervals import ALONE, alike_interval, share_interval, wilson_interval

TOP5_FROM = 20
"""Classes from which on it says something that the true one is among the first five; of six, chance gives 83 %."""
Confusion = Sequence[Sequence[int]]
"""Square; row = true class, column = predicted class, in the order of the run's classes."""
Interval = tuple[float, float]
Origin = Literal["finished", "while-training", "out-of-fold"]
"""What answered: the finished network; the network as it was at each step, on varied and repeated pictures; or for each
picture one that had not learned from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitScore:
    """How a network does on one split, counted over whole pictures."""

    split: str
    images: int
    loss: float
    accuracy: float
    top5_accuracy: float | None
    """None below ``TOP5_FROM`` classes."""
    interval: Interval | None
    """95 % interval of the accuracy on new pictures; None for those that were learned from, which promise nothing."""
    confusion: tuple[tuple[int, ...], ...]
    """Row = true class, column = predicted class, in the order of the run's classes."""
    balanced_loss: float | None = None
    """Mean of the classes' own mean losses, over classes that occur; None in scores of earlier versions."""
    groups: int = 0
    """How many groups the pictures are in: those that look alike or belong together are one, any other is one by
    itself. 0 where that was not asked, and each picture counted by itself."""
    class_intervals: tuple[Interval, ...] = ()
    """Of the classes' recalls, where pictures belong together; else they follow from ``confusion``."""
    chosen_among: int = 1
    """So many epochs were compared on these pictures, and the best was kept; the interval allows for that."""
    origin: Origin = "finished"

    @property
    def right(self) -> int:
        """Pictures that were recognised."""
        return sum(row[index] for index, row in enumerate(self.confusion))

    @property
    def balanced_accuracy(self) -> float:
        """Mean recall of the classes that occur, so that all count alike; 0 where none does."""
        recalls = [row[index] / own for index, row in enumerate(self.confusion) if (own := sum(row))]
        return sum(recalls) / max(1, len(recalls))

    @property
    def majority_share(self) -> float:
        """The accuracy of always answering with the class that has most of these pictures."""
        sizes = [sum(row) for row in self.confusion]
        return max(sizes, default=0) / max(1, sum(sizes))

    @property
    def is_fair(self) -> bool:
        """Whether it says something of new pictures."""
        return self.origin == "out-of-fold" or self.split != "train"

    def choice_key(self, *, balanced: bool) -> tuple[float, float]:
        """The smaller, the better: less the accuracy, then the loss, in both of which all classes may count alike."""
        if balanced and self.balanced_loss is not None:
            return -self.balanced_accuracy, self.balanced_loss
        return -self.accuracy, self.loss

    def judged(self, right: Sequence[bool], labels: Sequence[int], groups: Sequence[int]) -> "SplitScore":
        """With the intervals that the single answers give.

        Args:
            right: whether each picture was recognised.
            labels: its class.
            groups: what it belongs to, see ``intervals.grouped_mean``.
        """
        of_class: list[tuple[list[bool], list[int]]] = [([], []) for _ in self.confusion]
        for each, label, group in zip(right, labels, groups, strict=True):
            of_class[label][0].append(each)
            of_class[label][1].append(group)
        whole = share_interval(right, groups, self.chosen_among)
        return self._with(groups, whole, tuple(share_interval(*own) for own in of_class))

    def judged_roughly(self, labels: Sequence[int], groups: Sequence[int]) -> "SplitScore":
        """With intervals that are on the safe side where the single answers are not known; see ``judged``."""
        if len(labels) != self.images:  # some could not be read, and nobody knows which
            return self
        of_class: list[list[int]] = [[] for _ in self.confusion]
        for label, group in zip(labels, groups, strict=True):
            of_class[label].append(group)
        single = tuple(alike_interval(row[index], of_class[index]) for index, row in enumerate(self.confusion))
        return self._with(groups, alike_interval(self.right, groups, self.chosen_among), single)

    def _with(self, groups: Sequence[int], interval: Interval, of_class: tuple[Interval, ...]) -> "SplitScore":
        lone, several = sum(group == ALONE for group in groups), {group for group in groups if group != ALONE}
        return replace(
            self,
            groups=lone + len(several),
            interval=interval if self.is_fair else None,
            class_intervals=of_class if several else (),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderScore(SplitScore):
    """How a network does on a folder of pictures, which may be others than it learned from; ``split`` may be all."""

    learned: int = 0
    """Of the pictures, how many were used to train it, by the run itself or by one that it continues."""
    unknown: str = ""
    """An earlier run, or a bundle, of which nobody knows what it learned from; empty where all are known."""
    classes: tuple[str, ...] = ()
    """Names of the rows and columns of ``confusion``."""

    @property
    @override
    def is_fair(self) -> bool:
        """Not where it was trained with some of them, or may have been."""
        return self.split != "train" and not self.learned and not self.unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFigures:
    """Counts of one class, and the usual shares of them in [0, 1]; None stands for 0 of 0."""

    name: str
    pictures: int
    """That are of the class."""
    predicted: int
    """That were taken for the class, rightly or not."""
    right: int
    interval: Interval
    """95 % interval of the recall."""

    @property
    def recall(self) -> float | None:
        """Of its pictures, how many were recognised."""
        return _share(self.right, self.pictures)

    @property
    def precision(self) -> float | None:
        """Where the network says this class, how often it is right."""
        return _share(self.right, self.predicted)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both, as 2 · right / (pictures + predicted): 0 for a class that is never recognised."""
        return _share(2 * self.right, self.pictures + self.predicted)


@dataclass(frozen=True, slots=True, kw_only=True)
class MixUp:
    """Pictures of one class that were taken for another; classes by their index."""

    true: int
    predicted: int
    count: int


def class_figures(
    classes: Sequence[str], confusion: Confusion, intervals: Sequence[Interval] = ()
) -> list[ClassFigures]:
    """Figures of every class, in order.

    Args:
        classes: their names.
        confusion: of a score.
        intervals: its ``class_intervals``, if it has any.
    """
    predicted = [sum(column) for column in zip(*confusion, strict=True)]
    return [
        ClassFigures(
            name=name,
            pictures=sum(row),
            predicted=said,
            right=row[index],
            interval=intervals[index] if intervals else wilson_interval(row[index], sum(row)),
        )
        for index, (name, row, said) in enumerate(zip(classes, confusion, predicted, strict=True))
    ]


def worst_mix_ups(confusion: Confusion, limit: int = 5) -> list[MixUp]:
    """The most frequent mistakes, the worst first; of equally frequent ones in the order of the classes."""
    found = [
        MixUp(true=true, predicted=predicted, count=count)
        for true, row in enumerate(confusion)
        for predicted, count in enumerate(row)
        if true != predicted and count
    ]
    return sorted(found, key=lambda mix_up: -mix_up.count)[:limit]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
