"""The inside of the chosen network: a diagram above, every layer below."""

from PySide6 import QtCore, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, counted
from cnnstudio.jobs import specs
from cnnstudio.networks import NetworkEntry
from cnnstudio.networks.anatomy.layers import Anatomy
from cnnstudio.ui.look import theme
from cnnstudio.ui.network.layer_tree import LayerTree
from cnnstudio.ui.network.network_table import work_in_words
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import button, label, number, set_kind
from cnnstudio.ui.widgets.diagram import Diagram


class AnatomyView(QtWidgets.QWidget):
    """Asks for the anatomy when it is seen, and again for another network or picture size."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setObjectName("anatomy_view")
        self._studio = studio
        self._network: NetworkEntry | None = None
        self._monitor: JobMonitor[Anatomy] | None = None
        self.anatomy: Anatomy | None = None
        self.summary = label("", kind="muted", wrap=True, name="anatomy_summary")
        self.pixels = number("anatomy_size", "Side of the picture in pixels", 16, 1024, suffix=" px")
        self.pixels.setKeyboardTracking(False)
        self.pixels.setMinimumWidth(theme.scaled(104))
        self.pixels.valueChanged.connect(self._ask)
        self.diagram = Diagram()
        self.tree = LayerTree()
        tools = QtWidgets.QHBoxLayout()
        tools.setSpacing(theme.S)
        tools.addWidget(self.summary, 1)
        tools.addWidget(label("Picture", "caption", kind="muted"))
        tools.addWidget(self.pixels)
        for text, name, act in (
            ("Smaller", "diagram_out", lambda: self.diagram.zoom(1 / 1.3)),
            ("Larger", "diagram_in", lambda: self.diagram.zoom(1.3)),
        ):
            entry = button("", name, act, icon_name="zoom-in" if text == "Larger" else "zoom-out")
            entry.setAccessibleName(text)
            entry.setToolTip(text)
            tools.addWidget(entry)
        tools.addWidget(button("Whole network", "diagram_fit", self.diagram.close_all))
        splitter = QtWidgets.QSplitter(QtCore.Qt.Orientation.Vertical)
        splitter.setObjectName("anatomy_splitter")
        splitter.addWidget(self.diagram)
        splitter.addWidget(self.tree)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 4)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(tools)
        column.addWidget(splitter, 1)
        self.diagram.layer_chosen.connect(self._choose)
        self.tree.layer_chosen.connect(self.diagram.select)

    def show_network(self, network: NetworkEntry) -> None:
        """Look into another network, at the size it was made for."""
        if self._network is not None and self._network.name == network.name:
            return
        self._network, self.anatomy = network, None
        with QtCore.QSignalBlocker(self.pixels):
            self.pixels.setMinimum(network.min_size)
            self.pixels.setValue(network.input_size)
        self._ask()

    @override
    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        if self.anatomy is None:
            self._ask()

    def _ask(self) -> None:
        if self._network is None or not self.isVisible():
            return
        self._say("Reading the layers of the network…", "muted")
        job = specs.DissectNetwork(
            network=self._network.name, classes=10 if self._network.classic else 1000, input_size=self.pixels.value()
        )
        monitor: JobMonitor[Anatomy] = self._studio.submit(
            job,
            done=lambda anatomy: self._show(monitor, anatomy),
            failed=lambda problem: self._refuse(monitor, problem),
        )
        self._monitor = monitor

    def _show(self, monitor: JobMonitor[Anatomy], anatomy: Anatomy) -> None:
        if monitor is not self._monitor:
            return
        self.anatomy = anatomy
        head = sum(layer.parameters for layer in anatomy.layers if layer.in_head and layer.is_leaf)
        title = self._network.title if self._network else ""
        self._say(
            f"{title}: {anatomy.parameters:,} weights, {head:,} of them in the head for "
            f"{counted(anatomy.classes, 'class', 'classes')}; "
            f"{work_in_words(anatomy.multiplications / 1e9)} per picture.",
            "muted",
        )
        self.diagram.show_anatomy(anatomy)
        self.tree.show_anatomy(anatomy)

    def _refuse(self, monitor: JobMonitor[Anatomy], problem: Problem) -> None:
        if monitor is self._monitor:
            self._say(problem.sentence(), "bad")

    def _choose(self, name: str) -> None:
        self.tree.select(name)
        self.diagram.select(name)

    def _say(self, text: str, kind: str) -> None:
        self.summary.setText(text)
        set_kind(self.summary, kind)
