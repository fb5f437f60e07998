"""Which files of a folder are pictures, and of which class: whatever layout people have."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cnnstudio.core import Control, counted
from cnnstudio.data.dataset import FileProblem, ProblemKind, Split
from cnnstudio.data.layouts.annotations import masks_among
from cnnstudio.data.layouts.folder import Tree, look_into, read_tree
from cnnstudio.data.layouts.folder_words import annotates
from cnnstudio.data.layouts.questions import question, unlabelled
from cnnstudio.data.layouts.reading import BY_HAND, Heap, Layout, Reading
from cnnstudio.data.layouts.recognise import recognise
from cnnstudio.data.layouts.tables.told import Told, told_by_tables
from cnnstudio.data.reading import is_picture, what_it_is


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What lies in a folder, in columns with one entry for each file that may be a picture."""

    names: list[str] = field(default_factory=list)
    """Relative to the folder, with forward slashes."""
    classes: list[str] = field(default_factory=list)
    splits: list[Split | None] = field(default_factory=list)
    problems: list[FileProblem] = field(default_factory=list)
    has_splits: bool = False
    """Whether the folder or its table says which pictures are for training and which for testing."""
    groups: dict[str, str] = field(default_factory=dict)
    """What some pictures have in common, such as a patient, by name; they stay on one side of the split."""
    group_column: str = ""
    """Of a table that says so."""

    @classmethod
    def told(cls, told: Told) -> "Listing":
        """What tables say."""
        return cls(
            names=told.names,
            classes=told.classes,
            splits=told.splits,
            problems=told.problems,
            has_splits=told.has_splits,
            groups=told.groups,
            group_column=told.group_column,
        )

    def with_more(self, told: Told) -> "Listing":
        """Class folders, with what tables say besides: splits, unless folders say them, and groups."""
        about = {*told.about, *(problem.path for problem in told.problems)}
        problems = [*(problem for problem in self.problems if problem.path not in about), *told.problems]
        divided = not self.has_splits and any(name in told.split_of for name in self.names)
        splits = list(self.splits)
        if divided:
            splits = [told.split_of.get(name, "train") for name in self.names]
        return replace(
            self,
            splits=splits,
            problems=problems,
            has_splits=self.has_splits or divided,
            groups=told.groups,
            group_column=told.group_column,
        )

    def groups_of(self, names: Sequence[str]) -> list[list[int]]:
        """Positions of those that belong together, by what a table says."""
        found: dict[str, list[int]] = defaultdict(list)
        for place, name in enumerate(names) if self.groups else ():
            if name in self.groups:
                found[self.groups[name]].append(place)
        return [group for group in found.values() if len(group) > 1]

    def add(self, names: Sequence[str], class_name: str, split: Split | None) -> None:
        """Append files of one class."""
        self.names.extend(names)
        self.classes.extend([class_name] * len(names))
        self.splits.extend([split] * len(names))

    def complain(self, path: Path, kind: ProblemKind, detail: str) -> None:
        """Append a problem."""
        self.problems.append(FileProblem(path=path, kind=kind, detail=detail))


def list_pictures(root: Path, *, classes_from: str = "", control: Control) -> Listing:
    """Recognise the layout and list the files.

    Args:
        root: the folder a person chose.
        classes_from: the key of the reading that a person chose, where several were possible.
        control: asked for a stop at every folder.

    Raises:
        ClassesUnclear: there are several ways to read the classes, or one that a person has to confirm.
        DatasetError: nothing says what is on the pictures.
        StopRequested: a stop was asked for.
        OSError: the folder may not be opened.
    """
    tree = read_tree(look_into(root), control)
    if classes_from == BY_HAND:
        return _unsorted(tree)
    layout = recognise(tree, classes_from)
    reading = layout.chosen(classes_from)
    says_little = reading is None or reading.labels is not None or len(reading.counts(layout.reasons)) < 2
    told = told_by_tables(tree, little_will_do=says_little)
    if told.names:
        return Listing.told(told)
    if reading is None and (error := question(tree, layout) or unlabelled(tree, layout)):
        error.problem = replace(error.problem, meaning=" ".join([error.problem.meaning, *told.sentences()]).strip())
        raise error
    listing = _as_read(tree, reading or Reading(key=""), layout).with_more(told)
    if classes_from and (reading is None or reading.key != classes_from):
        detail = f"The choice “{classes_from}” fits nothing in this folder, so it is not used."
        listing.complain(root, "outside-classes", detail)
    return listing


def _unsorted(tree: Tree) -> Listing:
    """Every picture, of no class."""
    listing = Listing()
    listing.add([name for name in tree.names(listing.problems) if is_picture(name)], "", None)
    return listing


def _as_read(tree: Tree, reading: Reading, layout: Layout) -> Listing:
    """The classes of a reading; everything else becomes a problem."""
    listing = Listing(has_splits=reading.has_splits)
    reasons = {**layout.reasons, **reading.reasons}
    for place in reading.places:
        listing.add(list(_names_of(place.tree, listing, reasons)), place.label, place.split)
    for heap in reading.heaps:
        _add_heap(heap, reading, listing)
    places, heaps = {place.tree for place in reading.places}, {heap.tree for heap in reading.heaps}
    above = {inner: each for each in tree.below() for inner in each.inner}
    around = {tree, *layout.chain, *heaps}
    for each in places | heaps:
        while (each := above.get(each, tree)) not in around:
            around.add(each)
    for each in sorted(around - places, key=lambda each: each.folder.start):
        if each in reasons:
            listing.complain(each.folder.path, "outside-classes", reasons[each])
        if each not in heaps:
            _leave_files(each, listing)
        for inner in each.inner:
            if inner not in around and inner not in places:
                _leave_folder(inner, listing, reasons)
    return listing


def _names_of(tree: Tree, listing: Listing, reasons: Mapping[Tree, str]) -> Iterator[str]:
    """Files in a class folder and below; what annotates pictures there is said."""
    masks = masks_among(tree.pictures)
    if masks:
        detail = f"Masks of the pictures in {tree.name}, skipped: {counted(len(masks), 'file')}, such as {min(masks)}."
        listing.complain(tree.folder.path, "outside-classes", detail)
    for name in tree.own_names(listing.problems):
        if name.removeprefix(tree.folder.start) not in masks:
            yield name
    for inner in tree.inner:
        if inner in reasons:
            listing.complain(inner.folder.path, "outside-classes", reasons[inner])
        else:
            yield from _names_of(inner, listing, reasons)


def _add_heap(heap: Heap, reading: Reading, listing: Listing) -> None:
    """Pictures that lie in a heap, with the classes that their names say."""
    assert reading.labels is not None
    folder = heap.tree.folder
    for name in heap.tree.own_names(listing.problems):
        path = folder.path / name.removeprefix(folder.start)
        if label := reading.labels.of(path.name):
            listing.add([name], label, heap.split)
        else:
            listing.complain(path, "outside-classes", f"The name {path.name} contains no class.")


def _leave_files(tree: Tree, listing: Listing) -> None:
    """Say of a folder's own files, beside the classes or above them, why they are not used."""
    for name in tree.own_names(listing.problems):
        path = tree.folder.path / name.removeprefix(tree.folder.start)
        if is_picture(name):
            detail = f"{path.name} is not in a class folder, so its class is not known."
            listing.complain(path, "outside-classes", detail)
        else:
            listing.complain(path, "not-an-image", what_it_is(path))


def _leave_folder(tree: Tree, listing: Listing, reasons: Mapping[Tree, str]) -> None:
    """The same of a folder without classes, in one sentence where it holds pictures or annotations."""
    path, words = tree.folder.path, counted(tree.count, "picture is", "pictures are")
    files = sum(len(each.folder.files) for each in tree.below())
    if tree in reasons:
        listing.complain(path, "outside-classes", reasons[tree])
    elif tree.count:
        listing.complain(path, "outside-classes", f"The folder {tree.name} is not one of the classes: {words} skipped.")
    elif annotates(tree.name) and files:
        detail = f"The folder {tree.name} annotates parts of pictures, which is not used: {counted(files, 'file')}."
        listing.complain(path, "outside-classes", detail)
    else:
        listing.complain(path, "empty-class", f"The folder {tree.name} has no pictures, so it is not a class.")
        for _ in tree.names(listing.problems):
            pass
