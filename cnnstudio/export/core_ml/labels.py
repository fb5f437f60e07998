"""What the classes are called where no two may have the same name."""

from collections import Counter
from collections.abc import Sequence

from cnnstudio.core import one_spelling


def distinct(classes: Sequence[str]) -> tuple[str, ...]:
    """The names; those that occur several times with the number of the network's output behind them."""
    names = [one_spelling(name) for name in classes]
    count = Counter(names)
    return tuple(name if count[name] == 1 else f"{name} ({index})" for index, name in enumerate(names))
