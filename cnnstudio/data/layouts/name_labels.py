"""Labels in file names, such as ``cat_001.jpg`` or ``dog (3).png``: a guess that a person has to confirm."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cnnstudio.core import isolated
from cnnstudio.data.layouts.folder_words import split_of
from cnnstudio.data.reading import is_picture, suffix_of

_PATTERNS = (
    re.compile(r"^(?P<label>[^\W\d_][\w\- ]*?)[\s._\-]*[(\[]?\d[\w\-.)\] ]*$"),  # cat_001, cat (3), cat-12b
    re.compile(r"^[\w]*\d[\s._\-]+(?P<label>[^\W\d_][\w\- ]*)$"),  # 0001_cat
    re.compile(r"^(?P<label>[^\W\d_]+)[._\-]"),  # cat.whatever
)
_LEAST_SHARE, _LEAST_SHARE_AGREED = 0.9, 0.3
"""Of the names must fit a pattern."""
_LEAST_EACH = 2
"""Pictures on average per class: else every name is a class of its own."""


@dataclass(frozen=True, slots=True)
class NameLabels:
    """A way to read labels from names, and what it found where it was tried."""

    pattern: re.Pattern[str]
    counts: Counter[str]
    """Pictures by class."""

    def of(self, name: str) -> str | None:
        """The class that a file's name says; None where it is none of those that were found."""
        label = _label(self.pattern, name)
        return label if label in self.counts and is_picture(name) else None


def classes_in_words(counts: Counter[str], most: int = 6) -> str:
    """Such as ``cat (12), dog (10) and 3 more``."""
    shown = ", ".join(f"{shorten(name)} ({count:,})" for name, count in counts.most_common(most))
    return shown + (f" and {len(counts) - most} more" if len(counts) > most else "")


def shorten(name: str, most: int = 40) -> str:
    """A name that fits into a sentence, by its start and its end: names beside each other often begin alike."""
    return isolated(name if len(name) <= most else f"{name[: most // 2]}…{name[-(most // 2 - 1) :]}")


def guess_labels(names: Sequence[str], *, agreed: bool = False) -> NameLabels | None:
    """How labels can be read from these names of pictures; None where no way gives at least two sensible classes.

    Args:
        names: of files.
        agreed: a person said that they are labels, so that some may be others.
    """
    share = _LEAST_SHARE_AGREED if agreed else _LEAST_SHARE
    for pattern in _PATTERNS:
        counts = Counter(label for name in names if (label := _label(pattern, name)))
        found = counts.total()
        says_splits = all(map(split_of, counts))  # train_1.jpg, test_1.jpg
        if found >= share * len(names) and 2 <= len(counts) <= found / _LEAST_EACH and not says_splits:
            return NameLabels(pattern, counts)
    return None


def _label(pattern: re.Pattern[str], name: str) -> str | None:
    match = pattern.match(name[: len(name) - len(suffix_of(name))])
    return match["label"].strip(" _-").lower() if match else None
