"""Sentences about what was found, for window and terminal alike. No torch."""

from cnnstudio.core import counted
from cnnstudio.understanding.auditions import Standing
from cnnstudio.understanding.outcomes import FEWEST, Growth, Unsaid

WHY_NOT: dict[Unsaid, str] = {
    "": "",
    "few": f"no forecast below {counted(FEWEST, 'picture')}",
    "rises": "more pictures have not helped so far",
    "perfect": "all of them are recognised",
}
"""In place of a forecast."""
NEAR_MISSES = (
    "A new kind of thing usually looks like a known one: of such pictures 1 in 8 to 1 in 3 were noticed where we tried "
    "it."
)
"""What refusing does not do; see ``benchmarks/trust.py``."""


def overall_sentence(found: Growth) -> str:
    """Such as: Now 84.1 % of 3,409 pictures are correct; with twice as many perhaps 85.4 to 88.3 %."""
    overall = found.overall
    now = f"Now {100 * overall.now:.1f} % of {counted(overall.pictures, 'picture')} are correct"
    if overall.forecast is None:
        return f"{now}; {WHY_NOT[overall.why]}."
    low, high = (100 * end for end in overall.forecast)
    return f"{now}; with twice as many perhaps {low:.1f} to {high:.1f} %."


STANDINGS: dict[Standing, str] = {"best": "the best", "close": "too close to call", "behind": "clearly behind"}
"""How a network stands to the best one."""
