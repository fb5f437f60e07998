"""The pages: a folder each, and a row here. Rail, menu, keys and the window's attributes come from this table.

Their modules are imported when a page is made: together with pyqtgraph they take longer than all else before the
first paint.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets.page import Page

Make = Callable[[Studio], Page]


def _home() -> Make:
    from cnnstudio.ui.home.page import HomePage

    return HomePage


def _data() -> Make:
    from cnnstudio.ui.data.page import DataPage

    return DataPage


def _model() -> Make:
    from cnnstudio.ui.network.page import ModelPage

    return ModelPage


def _train() -> Make:
    from cnnstudio.ui.train.page import TrainPage

    return TrainPage


def _results() -> Make:
    from cnnstudio.ui.results.page import ResultsPage

    return ResultsPage


def _predict() -> Make:
    from cnnstudio.ui.predict.page import PredictPage

    return PredictPage


def _inside() -> Make:
    from cnnstudio.ui.inside.page import InsidePage

    return InsidePage


def _export() -> Make:
    from cnnstudio.ui.export.page import ExportPage

    return ExportPage


def _lab() -> Make:
    from cnnstudio.ui.lab.page import LabPage

    return LabPage


@dataclass(frozen=True, slots=True)
class Row:
    """One page."""

    name: str
    """To navigate to; ``MainWindow.NAME_page`` is the page."""
    title: str
    icon: str
    load: Callable[[], Make]
    """Imports what makes the page."""


PAGES = (
    Row("home", "Home", "home", _home),
    Row("data", "Data", "data", _data),
    Row("model", "Network", "model", _model),
    Row("train", "Train", "train", _train),
    Row("results", "Results", "results", _results),
    Row("predict", "Predict", "predict", _predict),
    Row("inside", "Inside", "inside", _inside),
    Row("export", "Export", "export", _export),
    Row("lab", "Lab", "lab", _lab),
)
