"""Which network suits: measured and asked for in the background."""

from PySide6 import QtCore

from cnnstudio.jobs import specs
from cnnstudio.networks import Speeds, load_speeds
from cnnstudio.networks.catalogue.recommend import Advice
from cnnstudio.ui.state import JobMonitor, Studio


class Advisor(QtCore.QObject):
    """Measures once, and asks for new advice whenever the folder, the catalogue or the speeds change."""

    speeds_changed = QtCore.Signal(Speeds)
    advice_changed = QtCore.Signal(Advice)
    measuring = QtCore.Signal(JobMonitor)
    wait_changed = QtCore.Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio
        self.speeds: Speeds | None = load_speeds()
        self.advice: Advice | None = None
        self._measurement: JobMonitor[Speeds] | None = None
        studio.catalogue_changed.connect(lambda _: self._ask())
        studio.dataset_changed.connect(lambda _: self._ask())
        studio.training_started.connect(lambda _: self._leave_the_machine())
        studio.training_ended.connect(self.wait_changed)

    @property
    def is_measuring(self) -> bool:
        """Whether a measurement is under way."""
        return self._measurement is not None and self._measurement.active

    @property
    def wait(self) -> str:
        """Why no times of this computer are known, in words; empty where they are."""
        if self.speeds is not None:
            return ""
        if self._studio.training_active:
            return "Its time here is measured after the training"
        return "Its time here is being measured…" if self.is_measuring else "Its time here is not measured yet"

    def measure(self, *, anew: bool = False) -> JobMonitor[Speeds] | None:
        """Measure this computer, unless that is under way, or a training would disturb it; None then."""
        if self.is_measuring or self._studio.training_active:
            return None
        job = specs.MeasureSpeeds(anew=anew)
        self._measurement = monitor = self._studio.submit(job, done=self._take_speeds, failed=self._studio.problem.emit)
        self.measuring.emit(monitor)
        self.wait_changed.emit()
        monitor.ended.connect(self.wait_changed)
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
        self.wait_changed.emit()
