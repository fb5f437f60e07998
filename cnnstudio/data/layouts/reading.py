"""One way to read the classes out of a folder."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import commonpath

from cnnstudio.core import counted
from cnnstudio.data.dataset import Split
from cnnstudio.data.layouts.folder import Tree
from cnnstudio.data.layouts.name_labels import NameLabels, classes_in_words, shorten

NAMES = "names"
"""The key of the reading that takes the classes from file names."""
BY_HAND = "by-hand"
"""The key of the one that takes them from a person's decisions about single pictures."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder whose pictures, also those further down, are of one class."""

    tree: Tree
    label: str
    split: Split | None


@dataclass(frozen=True, slots=True)
class Heap:
    """A folder whose own pictures have their class in their names."""

    tree: Tree
    split: Split | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Where the classes are, if it is this."""

    key: str
    """What remembers that a person chose it: ``names``, or ``folders-2`` for folders two levels down."""
    places: tuple[Place, ...] = ()
    heaps: tuple[Heap, ...] = ()
    labels: NameLabels | None = None
    reasons: Mapping[Tree, str] = field(default_factory=dict)
    """A sentence for each folder that is not used."""

    @property
    def has_splits(self) -> bool:
        """Whether it says which pictures are for what."""
        splits = {place.split for place in self.places} | {heap.split for heap in self.heaps}
        return not splits <= {None, "train"}

    def counts(self, without: Mapping[Tree, str]) -> Counter[str]:
        """Pictures by class, without those of some folders."""
        counts = Counter[str]()
        for place in self.places:
            aside = sum(tree.count for tree in place.tree.below() if tree in without)
            counts[place.label] += place.tree.count - aside
        return counts + (self.labels.counts if self.labels else Counter())

    def in_words(self, without: Mapping[Tree, str]) -> str:
        """Such as ``the folders hat (12) and shoe (9): 2 classes inside 2023 and 2024``."""
        counts = self.counts(without)
        words = f"{classes_in_words(counts)}: {counted(len(counts), 'class', 'classes')}"
        if self.labels:
            return f"the names of the files, {words}"
        above = list(dict.fromkeys(map(_around, self.places)))
        shared = len(commonpath(above)) + 1 if len(above) > 1 and all(above) and commonpath(above) else 0
        above = [way[shared:] or way for way in above]
        return f"the folders {words}, inside {listed(above)}" if any(above) else f"the folders {words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a folder's layout is."""

    chain: tuple[Tree, ...]
    """From the folder itself through those that are only wrapped around the others."""
    readings: tuple[Reading, ...]
    """The likely ones first; empty where nothing says what is on the pictures."""
    is_certain: bool
    """Whether the first reading needs no question."""
    reasons: Mapping[Tree, str]
    """A sentence for each folder that is used in no reading."""

    def chosen(self, answer: str) -> Reading | None:
        """The reading that a person chose, or that needs no question."""
        by_person = [reading for reading in self.readings if reading.key == answer]
        return next(iter([*by_person, *(self.readings if self.is_certain else ())]), None)


def _around(place: Place) -> str:
    """Where the folder lies that a class is called like; empty at the top."""
    way = place.tree.folder.start.removesuffix("/").split("/")
    return "/".join(way[: len(way) - way[::-1].index(place.label) - 1] if place.label in way else way[:-1])


def listed(names: Sequence[str], most: int = 3) -> str:
    """Such as ``2022, 2023 and 4 more``."""
    if len(names) > most + 1:
        return f"{', '.join(map(shorten, names[:most]))} and {len(names) - most} more"
    names = [shorten(name) for name in names]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
