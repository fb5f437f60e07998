"""What the folders of a tree are to each other: wrapped around others, annotating them, or holding them once more."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from cnnstudio.core import counted
from cnnstudio.data.layouts.annotations import paired
from cnnstudio.data.layouts.folder import Tree
from cnnstudio.data.layouts.folder_words import (
    annotates,
    counts_up,
    holds_pictures,
    is_beside,
    is_machinery,
    same_name,
    split_of,
)
from cnnstudio.data.reading import suffix_of

_OF_NUMBERS = frozenset({".mat", ".npy", ".npz", ".h5", ".hdf5"})
_FEW, _SHARE = 10, 0.2
"""Pictures beside others, in a folder called examples or results, may be no part of the data."""


@dataclass(slots=True)
class Survey:
    """Asked about one folder after the other; what it finds is kept."""

    reasons: dict[Tree, str] = field(default_factory=dict)
    """A sentence for each folder whose pictures are known to be something else."""
    _known: dict[Tree, list[Tree]] = field(default_factory=dict)

    def kids(self, tree: Tree) -> list[Tree]:
        """Folders with pictures, without those whose pictures are known to be something else."""
        if tree not in self._known:
            kids = [kid for kid in tree.inner if kid.count]
            for kid in paired(tree, kids):
                words = counted(kid.count, "picture is", "pictures are")
                self.reasons[kid] = f"The folder {kid.name} goes with the pictures beside it: {words} skipped."
            for kid in kids:
                words = counted(kid.count, "picture is", "pictures are")
                if is_machinery(kid.name):
                    self.reasons[kid] = f"The folder {kid.name} belongs to a program: {words} skipped."
                elif _holds_numbers(kid) and not all(map(_holds_numbers, kids)):
                    words = counted(kid.count, "file is", "files are")
                    self.reasons[kid] = f"The folder {kid.name} holds tables of numbers, no pictures: {words} skipped."
                elif kid not in self.reasons and _repeats(kid, kids):
                    self.reasons[kid] = f"The folder {kid.name} holds the folders beside it again: {words} skipped."
            self._known[tree] = [kid for kid in kids if kid not in self.reasons and self.count(kid)]
        return self._known[tree]

    def count(self, tree: Tree) -> int:
        """Pictures in a folder and below, without those that are known to be something else."""
        return tree.own + sum(self.count(kid) for kid in self.kids(tree))

    def unwrapped(self, tree: Tree, *, in_split: bool = False) -> list[Tree]:
        """From a folder through those that hold only one other."""
        chain = [tree]
        while True:
            last = chain[-1]
            kids = self.kids(last)
            main = [kid for kid in kids if not is_beside(kid.name) or len(kids) == 1]
            beside = [kid for kid in kids if kid not in main]
            weight, aside = sum(kid.count for kid in main), sum(kid.count for kid in beside)
            if len(main) != 1 or 2 * last.own > weight or 2 * aside > weight or aside > max(_FEW, _SHARE * weight):
                return chain
            if beside and not (self.kids(main[0]) or holds_pictures(main[0].name)):
                return chain
            if split_of(main[0].name) and not in_split and not same_name(main[0].name, last.name):
                return chain
            chain.append(main[0])

    def says_nothing(self, chain: Sequence[Tree]) -> bool:
        """Whether the last one, which holds pictures only, is called like no class."""
        name = chain[-1].name
        silent = holds_pictures(name) or annotates(name) or counts_up(name) or split_of(name) is not None
        return silent or same_name(name, chain[-2].name)

    def inside(self, tree: Tree) -> Tree:
        """What holds a folder's pictures, where that is only called images."""
        kids = self.kids(tree)
        while len(kids) == 1 and (holds_pictures(kids[0].name) or same_name(kids[0].name, tree.name)):
            tree = kids[0]
            kids = self.kids(tree)
        return tree

    def class_holder(self, split_folder: Tree) -> Tree | None:
        """The folder in one for a split that holds the class folders, if there are any."""
        chain = self.unwrapped(split_folder, in_split=True)
        if self.kids(chain[-1]):
            return chain[-1]
        return None if len(chain) == 1 or self.says_nothing(chain) else chain[-2]


def _holds_numbers(tree: Tree) -> bool:
    """Whether nothing in a folder is more than numbers that numerical programs keep."""
    return all(suffix_of(name) in _OF_NUMBERS for each in tree.below() for name in each.pictures)


def _repeats(kid: Tree, kids: Sequence[Tree]) -> bool:
    """Whether a folder holds copies of those beside it, as archives do that were packed twice."""
    beside = {plain_name(other.name): other for other in kids if other is not kid}
    inside = {plain_name(inner.name): inner for inner in kid.inner if inner.count}
    if not beside or beside.keys() != inside.keys():
        return False
    if len(beside) == 1 and (kid.own or not any(other.inner for other in beside.values())):
        return False
    return all(_same(other, inside[name]) for name, other in beside.items())


def _same(first: Tree, second: Tree) -> bool:
    """Whether two folders hold pictures of the same names."""
    if first.count != second.count or first.pictures != second.pictures:
        return False
    inside = {plain_name(inner.name): inner for inner in second.inner if inner.count}
    own = {plain_name(inner.name): inner for inner in first.inner if inner.count}
    return own.keys() == inside.keys() and all(_same(inner, inside[name]) for name, inner in own.items())


def plain_name(name: str) -> str:
    """As names are compared: in one spelling of accents, and without case."""
    return unicodedata.normalize("NFC", name).casefold()
