"""What the tables in a folder say of its pictures, where they say more than the folders."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cnnstudio.core import counted
from cnnstudio.data.dataset import FileProblem, ProblemKind, Split
from cnnstudio.data.layouts.folder import Tree
from cnnstudio.data.layouts.tables.candidates import candidates
from cnnstudio.data.layouts.tables.found import NO_PICTURE, Found, read_tables
from cnnstudio.data.layouts.tables.naming import split_in
from cnnstudio.data.layouts.tables.together import LabelTable, added_up, group_by, level_of, says_more, splits_of

_LIST = "it only lists pictures, without saying what is on them"
_DIVISIONS = "it only lists pictures, and the lists here do not say together what is on them or how to split them"
_ANOTHER = "another table says what is on the pictures"
_NAMED = 5
"""Tables with the same to say that are named one by one."""
_SHARE, _LEAST = 0.5, 3
"""Of the pictures of a folder that a table names, with several labels: then the folder is no class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What tables say: which pictures of which classes there are, or only more about those in class folders.

    In columns with one entry for each picture. Names are relative to the folder, with forward slashes.
    """

    names: list[str] = field(default_factory=list)
    """Empty where the folders say more."""
    classes: list[str] = field(default_factory=list)
    splits: list[Split | None] = field(default_factory=list)
    has_splits: bool = False
    split_of: dict[str, Split] = field(default_factory=dict)
    """Of pictures whose classes the folders say."""
    groups: dict[str, str] = field(default_factory=dict)
    """What pictures have in common, such as a patient."""
    group_column: str = ""
    about: frozenset[Path | None] = frozenset()
    """Tables that are used, or of which is said why not."""
    problems: list[FileProblem] = field(default_factory=list)
    """About tables; where there are names, about everything else in the folder as well."""

    def sentences(self, most: int = 3) -> list[str]:
        """Why tables say nothing, for an error about a folder that says nothing either."""
        return [problem.detail for problem in self.problems if problem.kind == "table"][:most]


def told_by_tables(tree: Tree, *, little_will_do: bool) -> Told:
    """What tables of labels say, and a sentence about each that is not used.

    Args:
        tree: the folder that a person chose.
        little_will_do: the folders say nothing.
    """
    files = candidates(tree)
    if not (files.tables or files.answers or files.unreadable or files.about_one):
        return Told()
    problems: list[FileProblem] = []
    names = list(tree.names(problems))
    found = read_tables(files, tree.folder.path, names)
    table = added_up(found.tables, names, found.lists)
    used = {each.file for each in found.tables} | {table.names_of_classes}
    if table.rows and _decides(table, names, little_will_do=little_will_do):
        _say_unused(found, table, {row.name: row.split for row in table.rows if row.split})
        notes = [*_problems(found.notes()), *_problems(table.notes), *_problems(table.skipped, "outside-classes")]
        about = {note.path for note in notes} | used
        return Told(
            names=[row.name for row in table.rows],
            classes=_classes(table),
            splits=[row.split for row in table.rows],
            has_splits=table.has_splits,
            groups=table.groups,
            group_column=table.group_column,
            problems=[*(problem for problem in problems if problem.path not in about), *notes],
        )
    return replace(_told_beside_folders(found, table, names), about=frozenset(used))


def _told_beside_folders(found: Found, table: LabelTable, names: Sequence[str]) -> Told:
    """What is left for tables to say where folders give the classes: splits, groups, and why they are not used."""
    if table.rows:
        labels = {row.name: row.label for row in table.rows}
        splits = {row.name: row.split for row in table.rows if row.split} if table.has_splits else {}
        if not splits and not table.groups:
            named = {each.file for each in found.tables if each.labels}
            for file in sorted(named):
                found.skip(file, _why_folders(table, names))
    else:
        labels = {name: name.rpartition("/")[0] for name in names}
        several = set[str]()
        splits = splits_of(found.tables, labels, several)
        splits = {name: split for name, split in splits.items() if name not in several}
        group_by(found.tables, labels, table)
    _say_unused(found, table, splits)
    return Told(
        split_of=splits,
        groups=table.groups,
        group_column=table.group_column,
        problems=[*_problems(found.notes()), *_problems(table.notes)],
    )


def _say_unused(found: Found, table: LabelTable, splits: dict[str, Split]) -> None:
    """Of tables that are about pictures here, but say nothing that is used."""
    for file in found.about_none:
        if file != table.names_of_classes:
            found.skip(file, NO_PICTURE)
    sure = any(each.labels and not each.is_guess for each in found.tables)
    for each in found.tables:
        splitting = bool(splits) and bool(each.splits or split_in(each.file.stem))
        helps = splitting or bool(each.groups and table.groups)
        lists = sum(not other.reason and not other.labels for other in found.tables)
        if each.labels:
            reason = _ANOTHER if each.is_guess and sure else ""
        else:
            reason = each.reason or (_DIVISIONS if lists > 1 else _LIST)
        if each.gives_keys or each.file == table.names_of_classes:
            continue
        if reason and not (helps and (each.is_guess or not each.reason)):
            found.skip(each.file, reason)


def _decides(table: LabelTable, names: Sequence[str], *, little_will_do: bool) -> bool:
    """Whether a table says more than the folders."""
    level = level_of({row.name: row.label for row in table.rows})
    if little_will_do or level:  # classes further down are found by the table
        return True
    if level == 0:
        return False
    if table.is_complete:
        return True
    inside, labels = Counter[str](), defaultdict[str, set[str]](set)
    for row in table.rows:
        folder = row.name.rpartition("/")[0]
        inside[folder] += 1
        labels[folder].add(row.label)
    all_inside = Counter(name.rpartition("/")[0] for name in names)
    return any(
        count >= max(_LEAST, _SHARE * all_inside[folder]) and len(labels[folder]) > 1
        for folder, count in inside.items()
    )


def _why_folders(table: LabelTable, names: Sequence[str]) -> str:
    if level_of({row.name: row.label for row in table.rows}) is not None:
        return "it says the same as the folders"
    return f"it names {counted(len(table.rows), 'picture')} of {len(names):,}, so the folders decide the classes"


def _classes(table: LabelTable) -> list[str]:
    """The labels, or the names of the folders where each has a label of its own and numbers would say less."""
    labels = {row.name: row.label for row in table.rows}
    level = level_of(labels)
    if level is None or not says_more(labels, level):
        return list(labels.values())
    return [name.split("/")[level] for name in labels]


def _problems(notes: Iterable[tuple[Path, str]], kind: ProblemKind = "table") -> list[FileProblem]:
    """Sentences as problems; of many tables with the same to say, the others are counted."""
    alike: dict[str, list[tuple[Path, str]]] = defaultdict(list)
    for file, words in notes:
        alike[words.replace(file.name, "")].append((file, words))
    problems = []
    for same in alike.values():
        problems += [FileProblem(path=file, kind=kind, detail=words) for file, words in same[:_NAMED]]
        if len(same) > _NAMED:
            detail = f"The same is true of {len(same) - _NAMED:,} more, such as {same[_NAMED][0].name}."
            problems.append(FileProblem(path=same[_NAMED][0], kind=kind, detail=detail))
    return problems
