"""The pages: a folder each, and a row here. Rail, menu, keys and the window's attributes come from this table."""

from collections.abc import Callable
from dataclasses import dataclass

from cnnstudio.ui.data.page import DataPage
from cnnstudio.ui.export.page import ExportPage
from cnnstudio.ui.home.page import HomePage
from cnnstudio.ui.inside.page import InsidePage
from cnnstudio.ui.lab.page import LabPage
from cnnstudio.ui.network.page import ModelPage
from cnnstudio.ui.predict.page import PredictPage
from cnnstudio.ui.results.page import ResultsPage
from cnnstudio.ui.state import Studio
from cnnstudio.ui.train.page import TrainPage
from cnnstudio.ui.widgets import Page


@dataclass(frozen=True, slots=True)
class Row:
    """One page."""

    name: str
    """To navigate to; ``MainWindow.NAME_page`` is the page."""
    title: str
    icon: str
    make: Callable[[Studio], Page]


PAGES = (
    Row("home", "Home", "home", HomePage),
    Row("data", "Data", "data", DataPage),
    Row("model", "Network", "model", ModelPage),
    Row("train", "Train", "train", TrainPage),
    Row("results", "Results", "results", ResultsPage),
    Row("predict", "Predict", "predict", PredictPage),
    Row("inside", "Inside", "inside", InsidePage),
    Row("export", "Export", "export", ExportPage),
    Row("lab", "Lab", "lab", LabPage),
)
