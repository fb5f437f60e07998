"""Numbers on the command line, checked while it is read, so that a wrong one is wrong usage."""

import argparse
from collections.abc import Callable

from cnnstudio.training.rules import RANGES


def number(name: str, kind: type[int] | type[float]) -> Callable[[str], float]:
    """Reads a number for a field of the recipe; one that cannot be is wrong usage.

    Zero stands for the default in a recipe. A person who writes it means something else.
    """
    return between(*RANGES[name], kind)


def between(low: float, high: float, kind: type[int] | type[float] = int) -> Callable[[str], float]:
    """Reads a number within limits, both included; any other is wrong usage."""

    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            words = "a whole number" if kind is int else "a number"
            raise argparse.ArgumentTypeError(f"{text[:20]!r} is not {words}") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"it must lie between {low:,.10g} and {high:,.10g}, not {text[:20]}")
        return value

    return read
