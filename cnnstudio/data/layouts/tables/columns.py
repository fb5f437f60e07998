"""Which column says what: recognised by what it holds first, by what it is called second."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from cnnstudio.data.layouts.folder_words import split_of
from cnnstudio.data.layouts.tables.header import has_boxes, is_answer, is_called, rank
from cnnstudio.data.layouts.tables.values import LISTED, Values, is_yes, unquoted

_MARKED_ONCE = 0.95
"""Of the pictures have exactly one yes among columns that stand for a class each."""
_SEVERAL = 0.05
"""Of the pictures with several labels make it a table of several labels each."""
_SEVERAL_EACH = "it gives several classes to one picture, and a network here learns one for each"
_SHARES = "it gives each picture a share of several classes, and a network here learns one for each"
_ONE_CLASS_ONLY = frozenset({"-1", "0", "1"})
"""Whether one class is on a picture, in lists that have a file for each class."""
_JOINTS = (LISTED, "|", ";", ",")
_MOST_NUMBERS = 20
"""Different fractions that may still be classes, such as grades of 0, 0.5 and 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What the columns of a table are for; None where there is none for it."""

    label: int | None = None
    one_hot: tuple[int, ...] = ()
    """Columns that stand for a class each."""
    split: int | None = None
    training: int | None = None
    """A column that says yes for training."""
    group: int | None = None
    is_guess: bool = False
    """Whether no column is called like a label, so that only contents spoke for one, or against all."""
    boxes: bool = False
    """Whether it also marks objects with boxes or outlines."""
    said: tuple[str, ...] = ()
    """Sentences about a choice that was made."""
    reason: str = ""
    """Why there is no label, as the end of a sentence."""


@dataclass(frozen=True)
class Columns:
    """The columns of a table, without the one that holds the files."""

    header: Sequence[str]
    """Empty where there is none."""
    rows: Sequence[Sequence[str]]
    """One for each picture that is here, perhaps several."""
    file: int
    width: int
    found: dict[int, Values] = field(default_factory=dict)

    @cached_property
    def others(self) -> tuple[int, ...]:
        """Every column but the one of the files."""
        return tuple(column for column in range(self.width) if column != self.file)

    def cells(self, column: int) -> list[str]:
        """The cells of one column."""
        return [unquoted(row[column]) if column < len(row) else "" for row in self.rows]

    def values(self, column: int) -> Values:
        """What a column holds."""
        if column not in self.found:
            self.found[column] = Values.of(self.cells(column))
        return self.found[column]

    def name(self, column: int) -> str:
        """How people find a column."""
        given = self.header[column].strip() if column < len(self.header) else ""
        return given or f"column {column + 1}"

    def agree(self, one: int, other: int) -> bool:
        """Whether two columns say the same in other words."""
        pairs = set(zip(self.cells(one), self.cells(other), strict=True))
        return len(pairs) == len({first for first, _ in pairs}) == len({second for _, second in pairs})


def roles_of(columns: Columns) -> Roles:
    """What each column is for."""
    others = columns.others
    answers = next((columns.name(each) for each in others if columns.header and is_answer(columns.name(each))), "")
    if answers:
        return Roles(reason=f"its column {answers} says that it holds answers of a network")
    split, training = _split(columns)
    rest = [column for column in others if column not in (split, training) and columns.values(column).filled]
    boxes = bool(columns.header) and has_boxes([columns.name(column) for column in others])
    boxes = boxes or (not columns.header and _look_like_corners(columns, rest))
    roles = Roles(split=split, training=training, boxes=boxes)
    roles = _labelled(columns, roles, rest)
    return replace(roles, group=_group(columns, roles, rest))


def _labelled(columns: Columns, roles: Roles, rest: Sequence[int]) -> Roles:
    """With a label by its name, else by its content; a name whose content refuses it is not made up for by others."""
    known = [column for column in rest if is_called(columns.name(column), "label")]
    known.sort(key=lambda column: (not columns.values(column).repeat, rank(columns.name(column), "label")))
    reasons = {column: _against(columns, column) for column in known}
    good = [column for column in known if not reasons[column]]
    if good:
        return _named_label(columns, roles, good)
    if known:
        return replace(roles, reason=reasons[known[0]])
    return _unnamed_label(columns, roles, rest)


def _against(columns: Columns, column: int) -> str:
    """Why a column that is called like a label gives no classes; empty where it does."""
    values, name = columns.values(column), columns.name(column)
    if _several_in_one(values):
        return _SEVERAL_EACH
    if values.are_numbers and not values.are_whole and values.different > _MOST_NUMBERS:
        return f"{name} holds numbers to estimate, and a network here learns classes"
    if values.tell_all_apart:
        return f"nearly every picture has another {name}, so it gives no classes"
    if values.are_texts and values.different > 1:
        return f"{name} holds dates or descriptions, and no classes"
    return ""


def _several_in_one(values: Values) -> int:
    """Pictures whose cell lists several labels that others have alone; 0 where these are rare."""
    for joint in _JOINTS:
        listed = {value: [part.strip() for part in value.split(joint)] for value in values.counts if joint in value}
        known = [
            value
            for value, parts in listed.items()
            if len(set(parts)) > 1 and (joint == LISTED or set(parts) <= values.counts.keys())
        ]
        count = sum(values.counts[value] for value in known)
        if count > _SEVERAL * values.filled:
            return count
    return 0


def _named_label(columns: Columns, roles: Roles, good: Sequence[int]) -> Roles:
    """With the first of these labels, or with a column that says the same in words."""
    chosen = good[0]
    if columns.values(chosen).are_numbers:
        words = [other for other in columns.others if not columns.values(other).are_numbers]
        named = [other for other in words if columns.values(other).repeat and columns.agree(chosen, other)]
        chosen = min(named, key=lambda other: (not is_called(columns.name(other), "label"), other), default=chosen)
    rivals = [other for other in good if columns.values(other).repeat and not columns.agree(other, chosen)]
    return replace(roles, label=chosen, said=_choice(columns, chosen, rivals))


def _choice(columns: Columns, chosen: int, rivals: Sequence[int]) -> tuple[str, ...]:
    """What was chosen, where there was something else."""
    if not rivals:
        return ()
    others = " and ".join(columns.name(other) for other in rivals[:3])
    words = (
        f"could give the classes by {columns.name(chosen)} or by {others}; {columns.name(chosen)} is used. To use "
        "another column, call it “label” in the table"
    )
    return (words,)


def _unnamed_label(columns: Columns, roles: Roles, rest: Sequence[int]) -> Roles:
    """A label by its content alone, or why there is none."""
    marks = tuple(column for column in rest if columns.values(column).are_marks)
    if len(marks) > 1 and len(columns.header) >= columns.width:
        once, several = _marked(columns, marks)
        if once >= _MARKED_ONCE:
            return replace(roles, one_hot=marks)
        if several > _SEVERAL or len(marks) > 2:
            return replace(roles, reason=_SEVERAL_EACH)
    shares = [column for column in rest if columns.values(column).are_shares]
    if len(shares) > 2 and len(shares) + len(marks) > len(rest) / 2:
        return replace(roles, reason=_SHARES)
    if not columns.header and any(_says_whether(columns.values(column)) for column in rest):
        return replace(roles, reason="it says of one class only on which pictures it is")
    likely = [column for column in rest if _is_likely(columns, column)]
    words = [column for column in likely if not columns.values(column).are_numbers]
    plain_ones = [column for column in words if not _is_something_else(columns, column)]
    if columns.header:
        likely = plain_ones or words or [c for c in likely if not _is_something_else(columns, c)] or likely
    if not likely:
        return replace(roles, reason=_no_label(columns, rest), is_guess=True)
    chosen = likely[0]
    if columns.values(chosen).are_numbers:
        chosen = next((other for other in words if columns.agree(chosen, other)), chosen)
    rivals = [other for other in likely if not columns.agree(chosen, other)]
    said = _choice(columns, chosen, rivals)
    if not rivals and _is_something_else(columns, chosen):
        said = (f"gives the classes by {columns.name(chosen)}, the only column that can",)
    return replace(roles, label=chosen, said=said, is_guess=bool(columns.header))


def _says_whether(values: Values) -> bool:
    return "-1" in values.counts and values.counts.keys() <= _ONE_CLASS_ONLY


def _is_likely(columns: Columns, column: int) -> bool:
    values = columns.values(column)
    if not values.repeat or values.are_texts or values.are_splits or _several_in_one(values):
        return False
    if not values.are_numbers:
        return True
    first = not columns.header and column == columns.others[0]
    few = values.different <= _MOST_NUMBERS or (values.are_whole and first)
    return few and (first or not is_called(columns.name(column), "measure"))


def _is_something_else(columns: Columns, column: int) -> bool:
    """Whether its name says that it is about the picture, or whom it shows, rather than a class."""
    name = columns.name(column)
    return is_called(name, "measure") or is_called(name, "group")


def _no_label(columns: Columns, rest: Sequence[int]) -> str:
    measures = [
        columns.name(column) for column in rest
        if columns.values(column).are_numbers and columns.values(column).different > 2
    ]  # fmt: skip
    if len(measures) == 1:
        holds = f"{measures[0]} holds numbers to estimate, and a network here learns classes"
        few = all(columns.values(c).repeat for c in rest if columns.name(c) == measures[0])
        return f"{holds}; if its values are classes, call it “label” in the table" if few else holds
    apart = [columns.name(column) for column in rest if columns.values(column).tell_all_apart]
    if len(apart) == 1:
        return f"nearly every picture has another {apart[0]}, so it gives no classes"
    return "none of its columns says what is on the pictures"


def _marked(columns: Columns, marks: Sequence[int]) -> tuple[float, float]:
    """The shares of pictures with exactly one yes and with several, of those with any; nothing where few have one."""
    counts = [sum(is_yes(row[column]) for column in marks if column < len(row)) for row in columns.rows]
    marked = sum(count > 0 for count in counts)
    if marked < len(counts) / 2:
        return 0, 0
    return sum(count == 1 for count in counts) / marked, sum(count > 1 for count in counts) / marked


def _split(columns: Columns) -> tuple[int | None, int | None]:
    """The column of splits, and one that says yes for training."""
    split = [column for column in columns.others if _may_be_split(columns, column)]
    split.sort(key=lambda column: not columns.values(column).are_splits)
    training = [
        column for column in columns.others
        if columns.header and is_called(columns.name(column), "training") and columns.values(column).are_marks
    ]  # fmt: skip
    return next(iter(split), None), None if split else next(iter(training), None)


def _may_be_split(columns: Columns, column: int) -> bool:
    name = columns.name(column)
    if is_called(name, "split"):
        return any(map(split_of, columns.values(column).counts))
    return columns.values(column).are_splits and not is_called(name, "label")


def _look_like_corners(columns: Columns, rest: Sequence[int]) -> bool:
    """Whether four or more columns hold numbers of many values, as boxes without a header have them."""
    return sum(columns.values(c).are_numbers and columns.values(c).different > 1 for c in rest) >= 4


def _group(columns: Columns, roles: Roles, rest: Sequence[int]) -> int | None:
    """The column whose pictures belong together, such as a patient's: by its name, and because values come again."""
    taken = {roles.label, *roles.one_hot}
    named = sorted(
        (place, column) for column in rest
        if column not in taken and (place := rank(columns.name(column), "group")) is not None
        and 1 < columns.values(column).different < columns.values(column).filled
    )  # fmt: skip
    return named[0][1] if named else None
