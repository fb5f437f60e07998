"""Several tables together: they add up, name each other's numbers, and say which pictures are for what."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cnnstudio.core import counted
from cnnstudio.data.dataset import Split
from cnnstudio.data.layouts.tables.class_names import names_for, words_in_names
from cnnstudio.data.layouts.tables.meaning import Table, notes_about
from cnnstudio.data.layouts.tables.naming import split_in
from cnnstudio.data.layouts.tables.values import Values
from cnnstudio.data.reading import is_picture

_SHARE = 0.5
"""More than this of all pictures named makes a table say more than folders."""
_LEAST_GROUPS = 3
"""Groups of every class, so that each split gets one."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is said of one picture."""

    name: str
    """Relative to the folder, with forward slashes."""
    label: str
    split: Split | None


@dataclass(slots=True, kw_only=True)
class LabelTable:
    """What one or several tables say of pictures that are there."""

    rows: tuple[Row, ...] = ()
    has_splits: bool = False
    unnamed: int = 0
    """Pictures that no line names."""
    groups: dict[str, str] = field(default_factory=dict)
    """What some pictures have in common, such as a patient; empty where nothing says it."""
    group_column: str = ""
    names_of_classes: Path | None = None
    """The list that says what numbers in the tables stand for."""
    notes: list[tuple[Path, str]] = field(default_factory=list)
    """Of which table, and a sentence."""
    skipped: list[tuple[Path, str]] = field(default_factory=list)
    """The same about pictures that are not used."""

    @property
    def is_complete(self) -> bool:
        """Whether it names most of the pictures."""
        return len(self.rows) > _SHARE * (len(self.rows) + self.unnamed)


def added_up(tables: Sequence[Table], names: Sequence[str], lists: Sequence[Path] = ()) -> LabelTable:
    """What tables say together.

    Args:
        tables: those that are about pictures here.
        names: of all files that may be pictures.
        lists: files that may say what numbers stand for.
    """
    table = LabelTable()
    labelled = [each for each in tables if each.labels]
    sure = [each for each in labelled if not each.is_guess]
    agreeing = _agreeing(sure or labelled, table)
    labels, several = _labels(agreeing, table)
    if not labels:
        return table
    _name_numbers(labels, lists, agreeing[0].file, table)
    labels |= _in_folders_of_classes(names, labels, several)
    splits = splits_of(tables, labels, several) or by_folder(labels)
    labels = {name: label for name, label in labels.items() if name not in several}
    group_by(tables, labels, table)
    table.notes += [(each.file, words) for each in agreeing for words in notes_about(each)]
    unnamed = {name for name in names if is_picture(name)} - labels.keys() - several
    unsaid = labels.keys() - splits.keys() if splits else ()
    first = agreeing[0].file
    for those, words, kept in (
        (several, "With several labels or splits, so skipped", table.skipped),
        (unnamed, "In no table, so of no known class", table.skipped),
        (unsaid, "In no split, so used for training", table.notes),
    ):
        if those:
            kept.append((first, f"{words}: {counted(len(those), 'picture')}."))
    table.rows = tuple(
        Row(name, label, splits.get(name, "train") if splits else None) for name, label in labels.items()
    )
    table.has_splits, table.unnamed = bool(splits), len(unnamed)
    return table


def _agreeing(tables: Iterable[Table], said_of: LabelTable) -> list[Table]:
    """The largest table and all that do not say something else throughout, such as in another language."""
    kept, said = list[Table](), dict[str, str]()
    for table in sorted(tables, key=lambda each: (-len(each.labels), _in_numbers(each))):
        both = [name for name in table.labels if name in said]
        if sum(said[name] != table.labels[name] for name in both) > _SHARE * len(both):
            if words := _words_for_numbers(both, said, table.labels):
                for each in kept:
                    each.labels = {name: words.get(label, label) for name, label in each.labels.items()}
                said = {name: words.get(label, label) for name, label in said.items()}
            else:
                first = kept[0].file.name
                same = _is_translation(both, said, table.labels)
                difference = f"{table.file.name} gives most pictures other labels than {first}."
                other = f"{table.file.name} gives the same classes other names than {first}, whose names are used."
                said_of.notes.append((table.file, other if same else difference))
        else:
            kept.append(table)
            said |= {name: label for name, label in table.labels.items() if name not in said}
    return kept


def _in_numbers(table: Table) -> bool:
    return Values(Counter(table.labels.values())).are_numbers


def _words_for_numbers(both: Sequence[str], said: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, str]:
    """What the numbers that were said stand for, where another table says the same in words."""
    numbers, words = Counter(said.values()), Values(Counter(labels.values()))
    if not Values(numbers).are_numbers or words.are_numbers or not _is_translation(both, said, labels):
        return {}
    found = {said[name]: labels[name] for name in both}
    return found if found.keys() == numbers.keys() else {}


def _is_translation(both: Sequence[str], said: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    pairs = {(said[name], labels[name]) for name in both}
    same = len(pairs) == len({first for first, _ in pairs}) == len({second for _, second in pairs})
    return same and len(pairs) > 1 and any(first != second for first, second in pairs)


def _labels(tables: Sequence[Table], said_of: LabelTable) -> tuple[dict[str, str], set[str]]:
    """What the tables say together, and of which pictures they say several things."""
    several = set[str]().union(*(table.several for table in tables))
    said: dict[str, str] = {}
    for table in tables:
        several |= {name for name, label in table.labels.items() if said.setdefault(name, label) != label}
    return said, several


def _name_numbers(labels: dict[str, str], lists: Sequence[Path], table: Path, said_of: LabelTable) -> None:
    """Put words for numbers where a list says them."""
    numbers = set(labels.values())
    if not Values(Counter(numbers)).are_whole:
        return
    nearest = sorted(lists, key=lambda file: (file.parent != table.parent, len(file.parts), file.name))
    words, said_of.names_of_classes = names_for(numbers, nearest)
    if words := words or words_in_names(labels):
        labels.update({name: words[label] for name, label in labels.items()})


def level_of(labels: Mapping[str, str]) -> int | None:
    """How far down the folders are that have a label of their own each, 0 for the first; None where there are none."""
    deepest = min((name.count("/") for name in labels), default=0)
    for level in range(deepest):
        pairs = {(name.split("/")[level], label) for name, label in labels.items()}
        if 1 < len(pairs) <= len(labels) / 2 and len(pairs) == len({place for place, _ in pairs}) == len(
            {label for _, label in pairs}
        ):
            return level
    return None


def says_more(labels: Mapping[str, str], level: int) -> bool:
    """Whether the folders' names say more than the labels: not, where only the labels are words."""
    folders = Counter(name.split("/")[level] for name in labels)
    return Values(Counter(labels.values())).are_numbers or not Values(folders).are_numbers


def _in_folders_of_classes(names: Sequence[str], labels: Mapping[str, str], several: set[str]) -> dict[str, str]:
    """Pictures that no line names, but that lie in a folder called like a class."""
    level = level_of(labels)
    classes = {label: label for label in labels.values()}
    if level is not None:
        classes |= {name.split("/")[level]: label for name, label in labels.items()}
    found: dict[str, str] = {}
    for name in names:
        if name not in labels and name not in several and "/" in name:
            own = {classes[folder] for folder in name.split("/")[:-1] if folder in classes}
            if len(own) == 1:
                found[name] = own.pop()
    return found


def splits_of(tables: Sequence[Table], labels: Mapping[str, str], several: set[str]) -> dict[str, Split]:
    """Which pictures are for what: as columns say, or the names of tables."""
    named: dict[str, Split] = {}
    for table in tables:
        named |= {name: split for name, said in table.splits.items() if (split := split_in(said))}
    if named:
        return {name: split for name, split in named.items() if name in labels}
    own = {id(table): split_in(table.file.stem) or split_in(table.file.parent.name) for table in tables}
    torn = set[str]()
    for table in tables:
        if split := own[id(table)]:
            torn |= {name for name in table.listed if named.get(name, split) != split}
            named |= dict.fromkeys(table.listed, split)
    named = {name: split for name, split in named.items() if name in labels}
    if len(set(named.values())) < 2 or len(torn) > _SHARE * len(named):  # lists of several divisions
        return {}
    several |= torn
    return named


def by_folder(names: Iterable[str]) -> dict[str, Split]:
    """The splits that folders called train, test and so on say, where all pictures lie in such folders."""
    places: dict[str, Split | None] = {}
    found: dict[str, Split] = {}
    for name in names:
        folder = name.rpartition("/")[0]
        if folder not in places:
            places[folder] = next((split for part in folder.split("/") if (split := split_in(part))), None)
        split = places[folder]
        if split is None:
            return {}
        found[name] = split
    return found if len(set(found.values())) > 1 else {}


def group_by(tables: Sequence[Table], labels: Mapping[str, str], table: LabelTable) -> None:
    """What pictures have in common, where keeping it together leaves enough groups to split each class."""
    for each in tables:
        groups = {name: group for name, group in each.groups.items() if name in labels}
        sizes = Counter(groups.values())
        pairs = {(labels[name], group) for name, group in groups.items()}
        of_class = Counter(label for label, _ in pairs)
        if len(sizes) < 2 or len(sizes) == len(groups) or len(pairs) == len(sizes) == len(of_class):
            continue  # nothing in common, or the classes themselves
        if min(of_class.values()) < _LEAST_GROUPS:
            words = (
                f"{each.file.name} has a column {each.group_column}, but with too few values in some class, so "
                f"pictures with the same {each.group_column} may be on both sides of the split."
            )
            table.notes.append((each.file, words))
        elif not table.groups:
            table.groups, table.group_column = groups, each.group_column
