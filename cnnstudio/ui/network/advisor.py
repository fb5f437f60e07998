"""Which network suits: measured and asked for in the background, shown in a bar."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.jobs import specs
from cnnstudio.networks import Catalogue, Speeds, load_speeds
from cnnstudio.networks.catalogue.recommend import Advice
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import button, label


class AdviceBar(QtWidgets.QFrame):
    """Hidden until there is advice."""

    chosen = QtCore.Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("advice_bar")
        self.setProperty("kind", "notice")
        self.setProperty("level", "good")
        self._names = ["", ""]
        self._selected = ""
        self.titles = [label("", "heading", name=name) for name in ("advice_title", "better_title")]
        self.reasons = [label("", kind="muted", wrap=True, name=name) for name in ("advice_reason", "better_reason")]
        self.takes = [
            button("Choose", "take_advice", lambda: self.chosen.emit(self._names[0])),
            button("Choose", "take_better", lambda: self.chosen.emit(self._names[1])),
        ]
        grid = QtWidgets.QGridLayout(self)
        grid.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        grid.setHorizontalSpacing(theme.M)
        grid.setVerticalSpacing(theme.XS)
        grid.setColumnStretch(0, 1)
        for row in (0, 1):
            grid.addWidget(self.titles[row], 2 * row, 0)
            grid.addWidget(self.reasons[row], 2 * row + 1, 0)
            grid.addWidget(self.takes[row], 2 * row, 1, 2, 1)
        self.hide()

    def show_advice(self, advice: Advice, catalogue: Catalogue, *, for_folder: bool) -> None:
        """Show what suits, and what would be better still."""
        self._names = [advice.network, advice.better]
        found = [catalogue.find(name) for name in self._names]
        first = "★ Recommended for your pictures: {}" if for_folder else "★ Recommended: {}"
        rows = zip((first, "Worth a try: {}"), found, (advice.reason, advice.better_reason), strict=True)
        for row, (title, network, reason) in enumerate(rows):
            self.titles[row].setText(title.format(network.title) if network else "")
            self.reasons[row].setText(reason)
            for part in (self.titles[row], self.reasons[row], self.takes[row]):
                part.setVisible(network is not None)
        self.mark(self._selected)
        self.setVisible(found[0] is not None)

    def mark(self, selected: str) -> None:
        """What is chosen already needs no button."""
        self._selected = selected
        for name, take in zip(self._names, self.takes, strict=True):
            take.setEnabled(name != selected)
            take.setText("Chosen" if name == selected else "Choose")


class Advisor(QtCore.QObject):
    """Measures once, and asks for new advice whenever the folder, the catalogue or the speeds change."""

    speeds_changed = QtCore.Signal(Speeds)
    advice_changed = QtCore.Signal(Advice)
    measuring = QtCore.Signal(JobMonitor)

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio
        self.speeds: Speeds | None = load_speeds()
        self.advice: Advice | None = None
        self._measurement: JobMonitor[Speeds] | None = None
        studio.catalogue_changed.connect(lambda _: self._ask())
        studio.dataset_changed.connect(lambda _: self._ask())
        studio.training_started.connect(lambda _: self._leave_the_machine())

    @property
    def is_measuring(self) -> bool:
        """Whether a measurement is under way."""
        return self._measurement is not None and self._measurement.active

    def measure(self, *, anew: bool = False) -> JobMonitor[Speeds] | None:
        """Measure this computer, unless that is under way, or a training would disturb it; None then."""
        if self.is_measuring or self._studio.training_active:
            return None
        job = specs.MeasureSpeeds(anew=anew)
        self._measurement = monitor = self._studio.submit(job, done=self._take_speeds, failed=self._studio.problem.emit)
        self.measuring.emit(monitor)
        return monitor

    def _ask(self) -> None:
        if self._studio.catalogue is None:
            return
        job = specs.RecommendNetwork(catalogue=self._studio.catalogue, dataset=self._studio.dataset, speeds=self.speeds)
        self._studio.submit(job, done=self._take_advice)

    def _take_speeds(self, speeds: Speeds) -> None:
        self.speeds = speeds
        self.speeds_changed.emit(speeds)
        self._ask()

    def _take_advice(self, advice: Advice) -> None:
        self.advice = advice
        self._studio.suggest_network(advice.network)
        self.advice_changed.emit(advice)

    def _leave_the_machine(self) -> None:
        """A training needs the machine for itself, and would falsify the measurement."""
        if self._measurement is not None and self._measurement.active:
            self._measurement.stop()
