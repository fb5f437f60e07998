"""Labels in file names, such as ``cat_001.jpg`` or ``dog (3).png``: a guess that a person has to confirm."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

_PATTERNS = (
    re.compile(r"^(?P<label>[^\W\d_][\w\- ]*?)[\s._\-]*[(\[]?\d[\w\-.)\] ]*$"),  # cat_001, cat (3), cat-12b
    re.compile(r"^[\w]*\d[\s._\-]+(?P<label>[^\W\d_][\w\- ]*)$"),  # 0001_cat
    re.compile(r"^(?P<label>[^\W\d_]+)[._\-]"),  # cat.whatever
)
_LEAST_SHARE = 0.9
"""Of the names must fit a pattern."""
_LEAST_EACH = 2
"""Pictures on average per class: else every name is a class of its own."""


def guess_labels(files: Sequence[Path]) -> dict[Path, str] | None:
    """A label for every file that has one in its name; None where no pattern gives at least two sensible classes."""
    for pattern in _PATTERNS:
        found = {file: match["label"].strip(" _-").lower() for file in files if (match := pattern.match(file.stem))}
        classes = Counter(found.values())
        if len(found) >= _LEAST_SHARE * len(files) and 2 <= len(classes) <= len(found) / _LEAST_EACH:
            return found
    return None


def in_words(labels: dict[Path, str], most: int = 6) -> str:
    """Such as ``cat (12), dog (10) and 3 more``."""
    classes = Counter(labels.values()).most_common()
    shown = ", ".join(f"{name} ({count})" for name, count in classes[:most])
    return shown + (f" and {len(classes) - most} more" if len(classes) > most else "")
