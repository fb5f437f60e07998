"""How good a network is: scores, intervals, figures per class, mistakes, and the sentence that says it. No torch.

The same in the window, the terminal and the log.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cnnstudio.core.words import counted

_Z95 = 1.959963984540054
Confusion = Sequence[Sequence[int]]
"""Square; row = true class, column = predicted class, in the order of the run's classes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitScore:
    """How a network does on one split, counted over whole pictures."""

    split: str
    images: int
    loss: float
    accuracy: float
    top5_accuracy: float | None
    """None below six classes."""
    interval: tuple[float, float]
    """95 % Wilson interval of the accuracy."""
    confusion: tuple[tuple[int, ...], ...]
    """Row = true class, column = predicted class, in the order of the run's classes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderScore(SplitScore):
    """How a network does on a folder of pictures, which may be others than it learned from; ``split`` may be all."""

    learned: int = 0
    """Of the pictures, how many were used to train it, by the run itself or by one that it continues."""
    unknown: str = ""
    """An earlier run, or a bundle, of which nobody knows what it learned from; empty where all are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFigures:
    """Counts of one class, and the usual shares of them in [0, 1]; None stands for 0 of 0."""

    name: str
    pictures: int
    """That are of the class."""
    predicted: int
    """That were taken for the class, rightly or not."""
    right: int

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


def class_figures(classes: Sequence[str], confusion: Confusion) -> list[ClassFigures]:
    """Figures of every class, in order."""
    predicted = [sum(column) for column in zip(*confusion, strict=True)]
    return [
        ClassFigures(name=name, pictures=sum(row), predicted=said, right=row[index])
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


def mix_up_sentences(classes: Sequence[str], confusion: Confusion) -> list[str]:
    """The most frequent mistakes, one sentence each, such as: green → blue, 3 times."""
    return [
        f"{classes[mix_up.true]} → {classes[mix_up.predicted]}, {counted(mix_up.count, 'time')}"
        for mix_up in worst_mix_ups(confusion)
    ]


def wilson_interval(right: int, images: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927); (0, 1) when nothing was counted."""
    if images == 0:
        return 0.0, 1.0
    share, z2 = right / images, _Z95**2
    centre = (share + z2 / (2 * images)) / (1 + z2 / images)
    half = _Z95 / (1 + z2 / images) * math.sqrt(share * (1 - share) / images + z2 / (4 * images**2))
    # Rounding may put a bound on the wrong side of a share of exactly 0 or 1.
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


INTERVAL_MEANING = (
    "The range is a 95 % interval: it follows from the number of pictures, and holds for new pictures that are like "
    "these. More pictures make it narrower."
)


def told(score: SplitScore) -> str:
    """The sentence of a score and, where it names a range, what that means; for one look, as in a terminal."""
    return f"{right_sentence(score)}\n{INTERVAL_MEANING}" if _is_fair(score) else right_sentence(score)


def right_sentence(score: SplitScore) -> str:
    """Such as: 270 of 372 test pictures correct (72.6 %), between 67.9 % and 76.8 % on new pictures.

    Pictures that were learned from say nothing about new ones, so their sentence has no range.
    """
    right = round(score.accuracy * score.images)
    low, high = (100 * value for value in score.interval)
    kind = "picture" if score.split == "all" else f"{score.split} picture"
    pictures, percent = counted(score.images, kind), f"{100 * score.accuracy:.1f} %"
    if isinstance(score, FolderScore) and score.learned:
        return (
            f"{right:,} of {pictures} correct ({percent}). The network was trained with {score.learned:,} of them, so "
            "this says little about new pictures."
        )
    if isinstance(score, FolderScore) and score.unknown:
        return (
            f"{right:,} of {pictures} correct ({percent}). It is not known which pictures {score.unknown} learned "
            "from, so this may be better than on new pictures."
        )
    if not _is_fair(score):
        return f"{right:,} of {pictures} correct ({percent})."
    return f"{right:,} of {pictures} correct ({percent}), between {low:.1f} % and {high:.1f} % on new pictures."


def _is_fair(score: SplitScore) -> bool:
    return score.split != "train" and not (isinstance(score, FolderScore) and (score.learned or score.unknown))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
