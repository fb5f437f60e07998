"""Enough pictures? What more of each class would bring."""

from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, counted, isolated
from cnnstudio.data import Dataset
from cnnstudio.jobs.specs import ForecastGrowth
from cnnstudio.jobs.specs.kept import Rows
from cnnstudio.runs import Run
from cnnstudio.ui.data.growth_rows import GrowthRows
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Foot, ProgressStrip, button, label, mnemonic_free
from cnnstudio.understanding.outcomes import Growth
from cnnstudio.understanding.words import overall_sentence

_WAITING = (
    "A last layer learns from an eighth, a quarter, half and all of your pictures. How much each step helps tells what "
    "twice as many may bring, for every class."
)
_LIMITS = (
    "For one doubling, and for the last layer: training of more layers gains otherwise. It cannot tell whether other "
    "pictures than these, such as of another camera, would help more."
)


class GrowthPanel(QtWidgets.QWidget):
    """What to collect next, and a row per class."""

    left = QtCore.Signal()
    collect_wanted = QtCore.Signal(str)
    """A class to add pictures to."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setObjectName("growth_panel")
        self._studio = studio
        self._asked: tuple[Path, Dataset] | None = None
        self._monitor: JobMonitor[Growth] | None = None
        self.found: Growth | None = None
        self.back = button("Back to the pictures", "growth_back", self.leave, icon_name="image")
        self.progress = ProgressStrip("growth_progress")
        self.sentence = label("", "title", wrap=True, name="growth_sentence")
        self.overall = label("", kind="muted", wrap=True, name="growth_overall")
        self.collect = button("Add pictures…", "growth_collect", self._collect, kind="primary")
        self.rows = GrowthRows()
        self.rows.currentRowChanged.connect(lambda _: self._name_button())
        self.rows.itemActivated.connect(lambda _: self._collect())
        self.foot = Foot(studio, "more_pictures", shown=self.rows, above=self.sentence, table=self._table)
        self.waiting = label(_WAITING, kind="muted", wrap=True, name="growth_waiting")
        self.content = QtWidgets.QWidget()
        inner = QtWidgets.QVBoxLayout(self.content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.S)
        for part in (self.sentence, self.overall):
            inner.addWidget(part)
        inner.addWidget(self.collect, 0, QtCore.Qt.AlignmentFlag.AlignLeft)
        inner.addWidget(self.rows, 1)
        inner.addWidget(self.foot)
        head = QtWidgets.QHBoxLayout()
        head.setSpacing(theme.M)
        head.addWidget(self.back)
        head.addWidget(label("Enough pictures?", "heading"))
        head.addStretch(1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(head)
        column.addWidget(self.progress)
        column.addWidget(self.waiting)
        column.addWidget(self.content, 1)
        column.addStretch(0)

    def open(self, run: Run, dataset: Dataset) -> None:
        """Forecast for the pictures of a folder; the same ones are not computed again."""
        self.back.setFocus()
        if self._asked == (run.folder, dataset) and self.found is not None:
            return
        self._asked, self.found = (run.folder, dataset), None
        self.content.hide()
        self.waiting.show()
        job = ForecastGrowth(run=run.folder, dataset=dataset)
        self._monitor = monitor = self._studio.submit(job, done=self._take, failed=self._fail)
        self.progress.follow(monitor)
        self.progress.text.setText("Preparing the pictures")
        monitor.stopped.connect(lambda _: self._give_up(monitor))

    def leave(self) -> None:
        """Back to the pictures; what was not finished is stopped."""
        if self._monitor is not None and self._monitor.active:
            self._monitor.stop()
        self.left.emit()

    def _take(self, found: Growth) -> None:
        self.found = found
        self.sentence.setText(found.sentence)
        self.overall.setText(overall_sentence(found))
        self.rows.show_curves(found.by_gain)
        pictures = counted(found.overall.pictures, "training and validation picture")
        self.foot.say(f"On {pictures}, each answered by a last layer that did not learn from it.", _LIMITS)
        self._name_button()
        self.waiting.hide()
        self.content.show()
        self.rows.setFocus()

    def _fail(self, problem: Problem) -> None:
        self._give_up(self._monitor)
        self._studio.problem.emit(problem)

    def _give_up(self, monitor: JobMonitor[Growth] | None) -> None:
        if monitor is self._monitor and self.found is None:
            self._asked = None
            self.left.emit()

    def _name_button(self) -> None:
        curve = self.rows.current()
        self.collect.setVisible(curve is not None)
        if curve is not None:
            self.collect.setText(mnemonic_free(f"Add pictures of {isolated(curve.name)}…"))
            self.collect.setAccessibleName(f"Add pictures of {isolated(curve.name)}")

    def _collect(self) -> None:
        curve = self.rows.current()
        if curve is not None:
            self.collect_wanted.emit(curve.name)

    def _table(self) -> Rows:
        yield "class", "pictures", "recognised", "from", "to", "with twice as many from", "to"
        for each in self.found.by_gain if self.found is not None else ():
            ahead = each.forecast or ("", "")
            yield each.name, each.pictures, f"{each.now:.4f}", *(f"{end:.4f}" for end in each.interval), *ahead

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        if event.key() == QtCore.Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)
