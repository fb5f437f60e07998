"""Which values are black and white in a folder's pictures of more than 8 bits: one scale for all of them."""

import numpy as np

from cnnstudio.data.decoding import LEVELS, Levels

_BITS = (8, 10, 12, 14, 16)
"""That cameras, scanners and microscopes use, mostly in files of 16."""
_NARROW = 1 / 8
"""Values that use less of the range up to their bits are spread from the lowest to the highest."""


def levels_of(table: np.ndarray) -> Levels:
    """The levels that fit pictures of dtype ROW; the usual ones where there is none of more than 8 bits."""
    return Levels(whole=_of(table[table["deep"] == 1], LEVELS.whole), real=_of(table[table["deep"] == 2], LEVELS.real))


def shown_spread(table: np.ndarray, levels: Levels) -> np.ndarray:
    """Standard deviation of the grey values, of 255, as the network sees them with these levels."""
    spread = table["spread"].astype(np.float64)
    for deep, (black, white) in ((1, levels.whole), (2, levels.real)):
        own = table["high"] - table["low"]
        spread = np.where(table["deep"] == deep, spread * own / (white - black), spread)
    return spread


def in_words(levels: Levels) -> str:
    """A sentence about levels that are not the usual ones."""
    own = (f"from {_value(a)} (black) to {_value(b)} (white)" for a, b in _unusual(levels))
    bits = next((bits for bits in _BITS if levels.whole == (0, 2**bits - 1)), 0)
    if bits and levels.real == LEVELS.real:
        return f"They use {bits} of 16 bits, so {_value(levels.whole[1])} is read as white."
    return f"They are read {' and '.join(own)}."


def _of(table: np.ndarray, usual: tuple[float, float]) -> tuple[float, float]:
    if not len(table):
        return usual
    low, high = float(table["low"].min()), float(table["high"].max())
    steps = [usual[1], *(float(2**bits - 1) for bits in _BITS)]
    white = next((step for step in sorted(steps) if high <= step), high)
    if low >= 0 and high - low >= _NARROW * white:
        return 0.0, white
    return (low, high) if low < high else usual


def _unusual(levels: Levels) -> list[tuple[float, float]]:
    return [own for own, usual in ((levels.whole, LEVELS.whole), (levels.real, LEVELS.real)) if own != usual]


def _value(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.4g}"
