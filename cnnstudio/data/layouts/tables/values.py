"""What kind of values a column holds: words, numbers, dates, marks of yes and no."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from cnnstudio.data.layouts.folder_words import split_of

_DATE = re.compile(r"\d{4}[-/.:]\d{1,2}[-/.:]\d{1,2}.*|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.*|\d{1,2}:\d{2}(:\d{2})?.*")
_YES_NO = frozenset({"0", "1", "0.0", "1.0", "true", "false", "-1", ""})
LISTED = "\x1f"
"""Stands between the entries of a list in a cell, as no program writes it."""
_YES = frozenset({"1", "1.0", "true"})
_LONG = 60
"""Letters on average, over which a text is a description."""
_MOST_SHARE = 0.34
"""Different values for each picture, over which a column tells pictures apart rather than classes."""
_FEW = 9
"""Pictures with fewer than this may each be of another class."""


@dataclass(frozen=True)
class Values:
    """The values of one column over the pictures that are here."""

    counts: Counter[str]
    """Of what is not empty."""

    @classmethod
    def of(cls, cells: Iterable[str]) -> "Values":
        """Count cells; blanks around them do not matter."""
        counts = Counter(cells)
        tidy: Counter[str] = Counter()
        for cell, count in counts.items():
            if text := unquoted(cell):
                tidy[text] += count
        return cls(tidy)

    @cached_property
    def filled(self) -> int:
        """Pictures with a value."""
        return self.counts.total()

    @property
    def different(self) -> int:
        """How many values there are."""
        return len(self.counts)

    @cached_property
    def are_numbers(self) -> bool:
        """Whether all are numbers."""
        return bool(self.counts) and all(number_of(value) is not None for value in self.counts)

    @cached_property
    def are_whole(self) -> bool:
        """Whether all are whole numbers."""
        return self.are_numbers and all((number_of(value) or 0) % 1 == 0 for value in self.counts)

    @cached_property
    def are_marks(self) -> bool:
        """Whether all are yes or no, as one of several columns for classes has them."""
        return bool(self.counts) and all(value.lower() in _YES_NO for value in self.counts)

    @cached_property
    def are_shares(self) -> bool:
        """Whether all are numbers from 0 to 1, some of them between."""
        numbers = [number_of(value) for value in self.counts] if self.are_numbers else []
        return bool(numbers) and all(0 <= (number or 0) <= 1 for number in numbers) and not self.are_whole

    @cached_property
    def are_splits(self) -> bool:
        """Whether all are names of splits."""
        return bool(self.counts) and all(map(split_of, self.counts))

    @cached_property
    def are_texts(self) -> bool:
        """Whether they are dates, or descriptions, so that none of them is a class."""
        letters = sum(len(value) * count for value, count in self.counts.items())
        return all(map(_DATE.fullmatch, self.counts)) or letters > _LONG * self.filled

    @property
    def tell_all_apart(self) -> bool:
        """Whether nearly every picture has a value of its own."""
        return self.filled > _FEW and self.different > self.filled / 2

    @property
    def repeat(self) -> bool:
        """Whether there are several values that come again and again, as classes do."""
        most = _MOST_SHARE * self.filled if self.filled > _FEW else self.filled - 1
        return 2 <= self.different <= most


def is_yes(cell: str) -> bool:
    """Whether a mark says yes."""
    return cell.strip().lower() in _YES


def number_of(text: str) -> float | None:
    """A number with a point or a comma; None for anything else."""
    try:
        return float(text.replace(",", ".", 1)) if text.count(",") <= 1 else None
    except ValueError:
        return None


def unquoted(cell: str) -> str:
    """Without blanks, single quotes and the brackets of a list around it; entries of a list with ``LISTED`` between."""
    text = cell.strip()
    if len(text) > 2 and text[0] == "[" and text[-1] == "]":
        return LISTED.join(part.strip(" '\"") for part in text[1:-1].split(","))
    return text[1:-1].strip() if len(text) > 2 and text[0] == text[-1] == "'" else text
