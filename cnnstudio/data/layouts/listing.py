"""Which files of a folder are pictures, and of which class: whatever layout people have."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cnnstudio.core import Control, DatasetError, LabelsInNames
from cnnstudio.data.dataset import SPLIT_NAMES, FileProblem, ProblemKind, Split
from cnnstudio.data.layouts.folder import Folder, NameLabels, guess_labels, look_into, pictures_in
from cnnstudio.data.layouts.tables.candidates import is_table
from cnnstudio.data.layouts.tables.told import Told, told_by_tables
from cnnstudio.data.reading import is_picture

_DEEPEST = 3
Places = list[tuple[Folder, Split | None]]
"""Folders that hold the classes, or pictures, of one split each."""


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
        about = {problem.path for problem in told.problems}
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

    def leave_aside(self, folder: Folder, *, folders: bool = False) -> None:
        """Say of a folder's own files, or also of folders that are for no split, that they are not used."""
        self.problems.extend(folder.problems)
        for name in folder.files:
            if is_picture(name):
                detail = f"{name} is not in a class folder, so its class is not known."
                self.complain(folder.path / name, "outside-classes", detail)
            else:
                self.complain(folder.path / name, "not-an-image", f"{name} is not a picture.")
        for name in folder.folders if folders else ():
            if name.lower() not in SPLIT_NAMES:
                detail = f"The folder {name} is beside those for training and testing, so it is skipped."
                self.complain(folder.path / name, "outside-classes", detail)


def list_pictures(root: Path, *, names_are_labels: bool, control: Control) -> Listing:
    """Recognise the layout and list the files.

    In that order: folders named train, validation (val, valid) and test with classes inside; a table that names most of
    the pictures and says more than the folders; a folder per class; each of these also a few levels further down;
    a table that names some of them; labels in file names, once a person has agreed.

    Raises:
        LabelsInNames: the names look like labels, and nobody has agreed yet.
        DatasetError: there are folders for training and testing, but nothing says what is on their pictures.
        StopRequested: a stop was asked for.
        OSError: the folder may not be opened.
    """
    top = look_into(root)
    folder = _inner(top)
    places: Places = [
        (folder.inner(name), SPLIT_NAMES[name.lower()]) for name in folder.folders if name.lower() in SPLIT_NAMES
    ]
    classes_in_splits = any(split == "train" and place.folders for place, split in places)
    little_will_do = not classes_in_splits and len(folder.folders) - len(places) < 2
    told = told_by_tables(top, control, little_will_do=little_will_do)
    if told.names:
        return Listing.told(told)
    try:
        return _from_folders(folder, places, names_are_labels=names_are_labels, control=control).with_more(told)
    except DatasetError as error:
        error.problem = replace(error.problem, meaning=" ".join([error.problem.meaning, *told.sentences()]).strip())
        raise


def _from_folders(folder: Folder, places: Places, *, names_are_labels: bool, control: Control) -> Listing:
    """What folders say, or else names of files."""
    if any(split == "train" and place.folders for place, split in places):
        listing = _from_classes(places, control, has_splits=True)
        listing.leave_aside(folder, folders=True)
        return listing
    others = len(folder.folders) - len(places)
    listing = _from_classes([(folder, None)], control, has_splits=False)
    heaps: Places = places or [(folder, None)]
    loose = [name for place, split in heaps if split != "test" for name in _loose(place)]
    labels = guess_labels(loose, agreed=names_are_labels)
    if others and listing.names and not (labels and names_are_labels):
        return listing
    if labels:
        if not names_are_labels:
            raise LabelsInNames(
                f"The pictures in {folder.path.name} are not in class folders, but their names look like labels.",
                meaning=f"{labels.in_words()}.",
                remedy="Use the names as classes, or make one subfolder per class.",
            )
        named = _from_names(heaps, labels)
        if places:
            named.leave_aside(folder, folders=True)
        elif others:  # classes that were added later
            named.names.extend(listing.names)
            named.classes.extend(listing.classes)
            named.splits.extend(listing.splits)
        return named
    if len(places) > 1:
        raise DatasetError(
            f"Nothing in {folder.path.name} says what is on its pictures.",
            meaning=f"They are in {' and '.join(place.path.name for place, _ in places)}, with no folder per class "
            "inside, no table of labels beside, and no labels in their names.",
            remedy="Make a subfolder per class in each of them, or add a table (CSV) of file names and labels.",
        )
    return listing


def _from_classes(places: Places, control: Control, *, has_splits: bool) -> Listing:
    """A folder for each class; everything else becomes a problem."""
    listing = Listing(has_splits=has_splits)
    for place, split in places:
        listing.leave_aside(place)
        for name in place.folders:
            try:
                inner = place.inner(name)
            except OSError:
                listing.complain(place.path / name, "unreadable", f"The folder {name} may not be opened.")
                continue
            found = list(pictures_in(inner, listing.problems, control, above=place.path))
            if not found:
                detail = f"The folder {name} has no pictures, so it is not a class."
                listing.complain(place.path / name, "empty-class", detail)
            listing.add(found, name, split)
    return listing


def _from_names(heaps: Places, labels: NameLabels) -> Listing:
    """Pictures that lie in heaps, with the classes that their names say."""
    found = [(place, split, name, labels.of(name)) for place, split in heaps for name in place.files]
    has_splits = any(split in ("validation", "test") and label for _, split, _, label in found)
    listing = Listing(has_splits=has_splits)
    for place, split, name, label in found:
        if label:
            listing.add([place.start + name], label, split if has_splits else None)
        elif is_picture(name):
            listing.complain(place.path / name, "outside-classes", f"The name {name} contains no class.")
        else:
            listing.complain(place.path / name, "not-an-image", f"{name} is not a picture.")
    for place, _ in heaps:
        listing.problems.extend(place.problems)
    return listing


def _inner(folder: Folder) -> Folder:
    """The folder that holds the classes, where others are wrapped around it, as archives often do."""
    wrapped = folder
    for _ in range(_DEEPEST):
        if len(wrapped.folders) != 1 or any(is_picture(name) or is_table(name) for name in wrapped.files):
            break
        wrapped = wrapped.inner(wrapped.folders[0])
        splits = any(name.lower() in SPLIT_NAMES for name in wrapped.folders)
        if len(wrapped.folders) > 1 or splits or any(map(is_table, wrapped.files)) or guess_labels(_loose(wrapped)):
            return wrapped
    return folder


def _loose(folder: Folder) -> list[str]:
    """Pictures that lie directly in the folder."""
    return [name for name in folder.files if is_picture(name)]
