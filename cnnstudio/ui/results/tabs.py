"""The tabs of Results: a widget each, and a row here. The page asks this table."""

from collections.abc import Callable
from dataclasses import dataclass

from cnnstudio.ui.results.how_sure.tab import HowSureTab
from cnnstudio.ui.results.mistakes import Mistakes
from cnnstudio.ui.results.overview import Overview
from cnnstudio.ui.results.picture_map.tab import MapTab
from cnnstudio.ui.results.stress import StressTab
from cnnstudio.ui.results.tab import ResultsTab
from cnnstudio.ui.state import Studio


@dataclass(frozen=True, slots=True)
class Row:
    """One tab."""

    name: str
    """For scripts, and to remember it by."""
    title: str
    make: Callable[[Studio], ResultsTab]
    scrolls: bool = True
    """Whether it may be higher than the page; else it gets the room that there is."""


TABS = (
    Row("overview", "Overview", Overview),
    Row("mistakes", "Mistakes", Mistakes),
    Row("sure", "How sure", HowSureTab),
    Row("map", "Map", MapTab, scrolls=False),
    Row("stress", "Stress test", StressTab),
)
