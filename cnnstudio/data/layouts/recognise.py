"""Recognise the layout of a folder: where the classes are, and whether that is certain. Asks no disk.

The folder is unwrapped, annotations are put aside, and then each level of folders is asked whether it could be the
classes. Where several could, or one only with folders that no class is called like, a person has to say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from cnnstudio.core import counted
from cnnstudio.data.dataset import Split
from cnnstudio.data.layouts.folder import Tree
from cnnstudio.data.layouts.folder_words import (
    annotates,
    classes_and_splits,
    counts_up,
    goes_with_others,
    has_no_answers,
    is_beside,
    is_dataset,
    is_number,
    only_holds_pictures,
    split_of,
    splits_among,
    with_opposites,
)  # fmt: skip
from cnnstudio.data.layouts.levels import is_dull, level_names, levels_of
from cnnstudio.data.layouts.name_labels import guess_labels
from cnnstudio.data.layouts.reading import NAMES, Heap, Layout, Place, Reading, listed
from cnnstudio.data.layouts.survey import Survey, plain_name
from cnnstudio.data.reading import is_picture

_MOST = 0.8
"""Of the pictures must lie below a level of folders that could be the classes."""


def recognise(tree: Tree, answer: str = "") -> Layout:
    """How a folder is laid out.

    Args:
        tree: the folder a person chose.
        answer: the key of the reading that a person chose earlier.
    """
    return _Recogniser(names_agreed=answer == NAMES).layout(tree)


@dataclass(slots=True, kw_only=True)
class _Recogniser:
    names_agreed: bool
    survey: Survey = field(default_factory=Survey)

    def layout(self, tree: Tree) -> Layout:
        chain = self.survey.unwrapped(tree)
        is_body = self.survey.kids(chain[-1]) or len(chain) == 1 or self.survey.says_nothing(chain)
        body = chain[-1] if is_body else chain[-2]
        kids = self.survey.kids(body)
        certain, readings = self._read_folders(body) if kids else (False, [])
        named = self._read_names(chain[-1], kids)
        if named and (not certain or chain[-1] is not body):
            readings, certain = [named, *readings], False
        elif named:
            readings = [*readings, named]
        if any(len(reading.counts(self.survey.reasons)) > 1 for reading in readings):
            readings = [reading for reading in readings if len(reading.counts(self.survey.reasons)) > 1]
        for each in tree.below():
            self.survey.kids(each)  # also those that are used may hold annotations
        return Layout(chain=tuple(chain), readings=tuple(readings), is_certain=certain, reasons=self.survey.reasons)

    # Classes from folders -------------------------------------------------------------------------------------

    def _read_folders(self, body: Tree) -> tuple[bool, list[Reading]]:
        """Whether the first one is certain, and all that could be."""
        kids = self.survey.kids(body)
        holders = [kid.name for kid in kids if self.survey.kids(self.survey.inside(kid))]
        if not holders and (said := classes_and_splits([kid.name for kid in kids])):
            divided = tuple(Place(kid, *said[kid.name]) for kid in kids)
            return True, [Reading(key=_key(divided), places=divided)]
        splits = splits_among((kid.name for kid in kids), holders)
        others = [kid for kid in kids if kid.name not in splits]
        unknown = [kid for kid in others if not _is_no_class(kid)]
        if len(unknown) == len(others) > 1 and (moved := self._moved_aside(kids, splits)):
            return True, [moved]
        if "train" in splits.values() or (splits and not unknown):
            if places := self._split_places(kids, splits):
                certain, readings = self._read_levels(places[0], reasons=places[1], in_splits=True)
                if len(set(splits.values())) > 1 or not unknown:
                    return certain, readings
                return False, [*readings, *_with_others(readings, self._read_levels([(body, None)])[1])]
            if not unknown:
                return False, []
        return self._read_levels([(body, None)])

    def _split_places(
        self, kids: Sequence[Tree], splits: dict[str, Split]
    ) -> tuple[list[tuple[Tree, Split | None]], dict[Tree, str]] | None:
        """Folders that hold the classes of each split, and why others are not used; None where training has none."""
        bodies = {kid: self.survey.class_holder(kid) for kid in kids if kid.name in splits}
        learned = {kid: body for kid, body in bodies.items() if splits[kid.name] == "train"} or bodies
        known = {plain_name(each.name) for body in learned.values() if body for each in self.survey.kids(body)}
        if not known:
            return None
        places, reasons = list[tuple[Tree, Split | None]](), dict[Tree, str]()
        for kid, body in bodies.items():
            inside = [each.name for each in self.survey.kids(body)] if body else []
            words = counted(kid.count, "picture is", "pictures are")
            if body and not known.isdisjoint(map(plain_name, inside)):
                places.append((body, splits[kid.name]))
            elif inside:
                reasons[kid] = f"None of the classes is in {kid.name}, only {listed(inside)}: {words} skipped."
            else:
                reasons[kid] = f"Nothing says what is on the pictures in {kid.name}: {words} skipped."
        found = {plain_name(each.name) for body, _ in places for each in self.survey.kids(body)}
        if len(known) < 2 <= len(found):  # as where training has only what is good, and testing what is broken, too
            reasons |= dict.fromkeys(
                learned, "There is only one class to train on here, so all pictures are split again."
            )
        said = {split for _, split in places}
        if len(said) > 1 and "train" not in said:
            reasons[next(iter(bodies))] = "No folder here is for training, so all pictures are split again."
        if "train" not in said or len(said) == 1 or len(known) < 2:
            places = [(body, None) for body, _ in places]
        return places, reasons

    def _moved_aside(self, kids: Sequence[Tree], splits: dict[str, Split]) -> Reading | None:
        """Classes beside a folder that holds some of their pictures for testing, or validation."""
        places = [Place(kid, kid.name, "train") for kid in kids if kid.name not in splits]
        names = {plain_name(place.label) for place in places}
        for kid in kids:
            if split := splits.get(kid.name):
                body = self.survey.class_holder(kid)
                inside = self.survey.kids(body) if body else []
                if split == "train" or not inside or not names.issuperset(plain_name(each.name) for each in inside):
                    return None
                places += [Place(each, each.name, split) for each in inside]
        return Reading(key=_key(places), places=tuple(places)) if splits else None

    def _read_levels(
        self,
        places: Sequence[tuple[Tree, Split | None]],
        *,
        reasons: dict[Tree, str] | None = None,
        in_splits: bool = False,
    ) -> tuple[bool, list[Reading]]:
        """Each level of folders below some folders that could be the classes."""
        first = [Place(kid, kid.name, split) for tree, split in places for kid in self.survey.kids(tree)]
        levels = levels_of(first, self.survey)
        readings = [Reading(key=_key(level), places=tuple(level), reasons=reasons or {}) for level in levels]
        if not in_splits and (divided := self._splits_in_classes(first)):
            readings[0] = divided
        names = {plain_name(label) for label in level_names(first)}
        odd = {kid.label for kid in first if _is_no_class(kid.tree) or self._holds_others(kid, names)}
        odd -= with_opposites(level_names(first))
        odd |= {name for name in splits_among(level_names(first)) if name.casefold() != "train"}
        usual = tuple(place for place in first if place.label not in odd)
        lone = level_names(usual) if len(level_names(usual)) == 1 and odd else set[str]()
        deeper = self._deeper_in_one(first, odd | lone)
        if deeper and lone <= deeper[0] and len(level_names(usual)) == len(lone) and _are_small(first, deeper[0]):
            return deeper[1], list(deeper[2])
        below = [each for each in deeper[2] if not _is_same(each, readings)] if deeper else []
        if len(levels) > 1:
            if is_dull(level_names(first)):
                readings = [*below, *_with_others(below, [*readings[1:], readings[0]])]
            return False, readings
        if not odd:
            return True, readings
        without = [replace(readings[0], places=usual)] if len(level_names(usual)) > 1 else []
        return False, [*without, *below, replace(readings[0], key=f"all-{readings[0].key}")]

    def _splits_in_classes(self, first: Sequence[Place]) -> Reading | None:
        """The other way round: folders for training and testing in each class."""
        places = list[Place]()
        for place in first:
            kids = self.survey.kids(self.survey.inside(place.tree))
            splits = splits_among(kid.name for kid in kids)
            places += [Place(kid, place.label, splits[kid.name]) for kid in kids if kid.name in splits]
        found = {place.split for place in places}
        most = sum(place.tree.count for place in places) >= _MOST * sum(place.tree.count for place in first)
        if len({place.label for place in places}) < 2 or "train" not in found or len(found) < 2 or not most:
            return None
        return Reading(key=_key(first), places=tuple(places))

    def _deeper_in_one(self, first: Sequence[Place], odd: set[str]) -> tuple[set[str], bool, Sequence[Reading]] | None:
        """Classes in one folder that is called like none: its name, whether they are certain, and how they are read."""
        inside = {kid: self.survey.inside(kid.tree) for kid in first}
        possible = [kid for kid in first if kid.label in odd and not _is_aside(kid.label)]
        holders = [kid for kid in possible if len(self.survey.kids(inside[kid])) > 1]
        if len(holders) != 1:
            return None
        certain, readings = self._read_folders(inside[holders[0]])
        return ({holders[0].label}, certain, readings) if readings else None

    def _holds_others(self, kid: Place, names: set[str]) -> bool:
        """Whether a class would hold folders that are called as several of the classes."""
        return len(names.intersection(plain_name(inner.name) for inner in self.survey.kids(kid.tree))) > 1

    # Classes from names ---------------------------------------------------------------------------------------

    def _read_names(self, last: Tree, kids: Sequence[Tree]) -> Reading | None:
        """Classes in the names of pictures that lie in a heap, or in one for each split."""
        splits = splits_among(kid.name for kid in kids)
        heaps = [Heap(last, None)]
        if not last.own and all(_is_no_class(kid) or kid.name in splits for kid in kids):
            ends = [(self.survey.unwrapped(kid, in_split=True)[-1], splits.get(kid.name)) for kid in kids]
            used = [(end, split) for end, split in ends if split or not splits]
            heaps = [Heap(end, split) for end, split in used if not self.survey.kids(end)]
        loose = [name for heap in heaps if heap.split != "test" for name in heap.tree.pictures if is_picture(name)]
        labels = guess_labels(loose, agreed=self.names_agreed)
        if labels is None or (kids and last.own and not self.names_agreed and last.own < last.count - last.own):
            return None
        reasons = dict[Tree, str]()
        for heap in heaps:
            if not any(labels.of(name) for name in heap.tree.pictures):
                words = counted(heap.tree.count, "picture is", "pictures are")
                reasons[heap.tree] = f"No name in {heap.tree.name} contains a class: {words} skipped."
        used_heaps = [heap for heap in heaps if heap.tree not in reasons]
        if {heap.split for heap in used_heaps} <= {"train", None}:
            used_heaps = [Heap(heap.tree, None) for heap in used_heaps]
        below = self.survey.kids(last)
        added = [Place(kid, kid.name, None) for kid in below] if last.own and self.names_agreed else []
        return Reading(key=NAMES, heaps=tuple(used_heaps), labels=labels, places=tuple(added), reasons=reasons)


def _with_others(known: Sequence[Reading], more: Sequence[Reading]) -> Iterator[Reading]:
    """Readings that take in more folders than some do, under keys of their own."""
    keys = {reading.key for reading in known}
    for reading in more:
        yield replace(reading, key=f"all-{reading.key}") if reading.key in keys else reading


def _is_same(reading: Reading, others: Sequence[Reading]) -> bool:
    return any({place.tree for place in reading.places} == {place.tree for place in each.places} for each in others)


def _is_no_class(kid: Tree) -> bool:
    """Whether a folder is called as no class is."""
    name = kid.name
    if only_holds_pictures(name) or goes_with_others(name) or has_no_answers(name):
        return True
    if (
        is_dataset(name)
        and sum(each.count > 0 and not counts_up(each.name, individuals=True) for each in kid.inner) > 1
    ):
        return True
    return is_beside(name) or (counts_up(name) and not is_number(name))


def _are_small(first: Sequence[Place], but: set[str]) -> bool:
    """Whether all others beside some folders are called as what may be put aside without a question."""
    return all(_is_aside(name) or split_of(name) for name in level_names(first) - but)


def _is_aside(name: str) -> bool:
    return annotates(name) or is_beside(name) or has_no_answers(name)


def _key(level: Sequence[Place]) -> str:
    return f"folders-{max(place.tree.folder.start.count('/') for place in level)}"
