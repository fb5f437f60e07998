"""What a first training makes possible for the pictures, in one line above them."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import counted
from cnnstudio.data import Dataset
from cnnstudio.jobs.specs import CountDoubtful
from cnnstudio.runs import Run
from cnnstudio.ui.data.growth_panel import GrowthPanel
from cnnstudio.ui.data.second_look.panel import SecondLookPanel
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import pixmap
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import button, label


class AfterTraining(QtWidgets.QFrame):
    """Such as *43 pictures are worth a second look · Look at them*; hidden before there is a run."""

    opened = QtCore.Signal(QtWidgets.QWidget)
    """A panel, in place of the pictures."""
    left = QtCore.Signal()
    """Back to the pictures."""
    collect_wanted = QtCore.Signal(str)
    """A class to add pictures to."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setObjectName("after_training")
        self.setProperty("kind", "notice")
        self.setProperty("level", "info")
        self._studio = studio
        self._icon = QtWidgets.QLabel()
        self.text = label("", name="after_training_text", wrap=True)
        self.look = button("Second look", "data_second_look", self._open_look, kind="ghost")
        self.second_look = SecondLookPanel(studio)
        self.second_look.left.connect(self.left)
        self.second_look.known.connect(self._show_count)
        self.enough = button("Enough pictures?", "data_enough", self._open_growth, kind="ghost")
        self.growth = GrowthPanel(studio)
        self.growth.left.connect(self.left)
        self.growth.collect_wanted.connect(self.collect_wanted)
        self.panels: tuple[QtWidgets.QWidget, ...] = (self.second_look, self.growth)
        self._row = QtWidgets.QHBoxLayout(self)
        self._row.setContentsMargins(theme.S + 4, 2, theme.S, 2)
        self._row.setSpacing(theme.S)
        self._row.addWidget(self._icon)
        self._row.addWidget(self.text, 1)
        self._row.addWidget(self.look)
        self._row.addWidget(self.enough)
        theme.notifier().changed.connect(self._tint)
        studio.run_changed.connect(self._count)
        studio.second_look_wanted.connect(self._open_look)
        studio.forecast_wanted.connect(self._open_growth)
        self._tint()
        self.hide()

    @property
    def run(self) -> Run | None:
        """By which the pictures can be judged."""
        run, dataset = self._studio.run, self._studio.dataset
        ours = run is not None and dataset is not None and run.can_predict
        return run if ours else None

    def release(self) -> None:
        """Wait for pictures being read."""
        self.second_look.release()

    def _open_look(self) -> None:
        run, dataset = self.run, self._studio.dataset
        if run is not None and dataset is not None:
            self.opened.emit(self.second_look)
            self.second_look.open(run, dataset)

    def _open_growth(self) -> None:
        run, dataset = self.run, self._studio.dataset
        if run is not None and dataset is not None:
            self.opened.emit(self.growth)
            self.growth.open(run, dataset)

    def _show_count(self, count: int) -> None:
        """As it was found out."""
        worth = counted(count, "picture is worth a second look", "pictures are worth a second look")
        self.text.setText(f"{worth}." if count else "No picture needs a second look.")

    def _show_least(self, count: int) -> None:
        """By the answers that the run kept, of which each tells its most likely class alone."""
        worth = counted(count, "picture or more is worth a second look", "pictures or more are worth a second look")
        self.text.setText(f"{worth}." if count else "Some pictures may be worth a second look.")

    def _count(self, _run: Run | None) -> None:
        run, dataset = self.run, self._studio.dataset
        self.setVisible(run is not None)
        if run is not None and dataset is not None:
            self._show_least(0)
            job = CountDoubtful(run=run.folder, dataset=dataset)
            self._studio.submit(job, done=lambda count: self._take(run, dataset, count))

    def _take(self, run: Run, dataset: Dataset, count: int) -> None:
        if run is self.run and dataset is self._studio.dataset:
            self._show_least(count)

    def _tint(self) -> None:
        self._icon.setPixmap(pixmap("search", 18, theme.current().accent, self.devicePixelRatioF()))
