"""What one table says of the pictures that are here: labels, splits, groups, and why it says nothing."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cnnstudio.core import counted
from cnnstudio.data.layouts.tables.columns import Columns, Roles, roles_of
from cnnstudio.data.layouts.tables.reading import Lines
from cnnstudio.data.layouts.tables.values import LISTED, Values, is_yes, unquoted

_SHARE = 0.5
"""Of the lines must be about pictures that are here, or of the pictures of a folder a table must name."""
_LEAST = 3
"""Pictures of a folder."""
_OF_SEVERAL_CLASSES = 0.05
"""Of the pictures with boxes of several classes make it a table for detection only."""
DETECTION = (
    "it marks objects with boxes or outlines (object detection or segmentation), and a network here learns one class "
    "for the whole picture"
)


@dataclass(slots=True, kw_only=True)
class Table:
    """What one file says, by name of the picture."""

    file: Path
    labels: dict[str, str] = field(default_factory=dict)
    splits: dict[str, str] = field(default_factory=dict)
    """As the table calls them."""
    groups: dict[str, str] = field(default_factory=dict)
    group_column: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    """Pictures by the number or code that other tables may call them."""
    gives_keys: bool = False
    """Whether other tables call pictures by its keys."""
    listed: set[str] = field(default_factory=set)
    """Every picture that it names."""
    several: set[str] = field(default_factory=set)
    """Pictures with more than one label or split."""
    missing: int = 0
    unlabelled: int = 0
    is_guess: bool = False
    """Whether nothing but their values says that these are labels, or that there are none."""
    said: tuple[str, ...] = ()
    """How columns were chosen, each as the rest of a sentence about it."""
    reason: str = ""
    """Why it gives no labels, as the end of a sentence."""


def meaning_of(file: Path, lines: Lines) -> Table:
    """What a table says, from its lines about pictures that are here."""
    columns = Columns(lines.header, lines.rows, lines.file, lines.width)
    roles = roles_of(columns)
    table = Table(file=file, missing=lines.missing, said=roles.said, reason=roles.reason)
    table.listed, table.is_guess = set(lines.names), roles.is_guess
    if not columns.others:
        table.reason = ""
    label_of, split_of = _label_of(columns, roles), _split_of(roles)
    labelled = roles.label is not None or bool(roles.one_hot)
    for name, row in zip(lines.names, lines.rows, strict=True):
        several, label = label_of(row) if labelled else (False, "")
        split = split_of(row)
        if several:
            table.several.add(name)
        elif labelled and not label:
            table.unlabelled += 1
            continue
        if label and table.labels.setdefault(name, label) != label:
            table.several.add(name)
        if split and table.splits.setdefault(name, split) != split:
            table.several.add(name)
    if roles.boxes:
        _mind_boxes(table, sure=not roles.one_hot and not (roles.is_guess and _in_numbers(table)))
    if roles.group is not None:
        table.group_column = columns.name(roles.group)
        groups = zip(lines.names, columns.cells(roles.group), strict=True)
        table.groups = {name: group for name, group in groups if group}
    table.keys = _keys(columns, lines.names)
    return table


def _in_numbers(table: Table) -> bool:
    return Values(Counter(table.labels.values())).are_numbers


def _mind_boxes(table: Table, *, sure: bool) -> None:
    if not table.labels or not sure or len(table.several) > _OF_SEVERAL_CLASSES * len(table.listed):
        table.labels, table.reason = {}, DETECTION
    else:
        table.said += ("also marks objects with boxes; these are not used, only the class of each picture",)


def _label_of(columns: Columns, roles: Roles) -> Callable[[list[str]], tuple[bool, str]]:
    """Whether a line gives several labels, and the one that it gives."""
    if not roles.one_hot:
        label = roles.label or 0

        def listed(row: list[str]) -> tuple[bool, str]:
            text = unquoted(row[label]) if label < len(row) else ""
            return LISTED in text, text

        return listed
    names = {column: columns.name(column) for column in roles.one_hot}

    def marked(row: list[str]) -> tuple[bool, str]:
        yes = [name for column, name in names.items() if column < len(row) and is_yes(row[column])]
        return len(yes) > 1, yes[0] if len(yes) == 1 else ""

    return marked


def _split_of(roles: Roles) -> Callable[[list[str]], str]:
    split, training = roles.split, roles.training
    if split is not None:
        return lambda row: unquoted(row[split]) if split < len(row) else ""
    if training is not None:
        return lambda row: ("train" if is_yes(row[training]) else "test") if training < len(row) else ""
    return lambda row: ""


def _keys(columns: Columns, names: list[str]) -> dict[str, str]:
    for column in columns.others:
        cells = columns.cells(column)
        if all(cells) and len(set(cells)) == len(cells) == len(set(names)):
            return dict(zip(cells, names, strict=True))
    return {}


def is_about_these(table: Table, names: Counter[str]) -> bool:
    """Whether enough of what a table names is here: half of its lines, of all pictures, or of those in one folder.

    Args:
        table: what it says.
        names: pictures in each folder.
    """
    told = len(table.listed)
    if told >= _SHARE * (told + table.missing) or told > _SHARE * names.total():
        return True
    inside = Counter(name.rpartition("/")[0] for name in table.listed)
    return any(count >= max(_LEAST, _SHARE * names[folder]) and folder for folder, count in inside.items())


def notes_about(table: Table) -> Iterator[str]:
    """Sentences about a table that is used."""
    name = table.file.name
    if table.missing:
        yield f"{name} has {counted(table.missing, 'line')} whose file cannot be found or is not unique."
    if table.unlabelled:
        yield f"{name} has {counted(table.unlabelled, 'line')} without a label."
    yield from (f"{name} {words}." for words in table.said)
