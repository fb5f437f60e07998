"""Try the networks that are on this computer on one's own pictures."""

from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, counted
from cnnstudio.data import Dataset
from cnnstudio.jobs.specs import AuditionNetworks
from cnnstudio.jobs.specs.kept import Rows
from cnnstudio.ui.look import theme
from cnnstudio.ui.network.audition_plot import AuditionPlot
from cnnstudio.ui.network.audition_rows import AuditionRows
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Foot, ProgressStrip, button, label, mnemonic_free, set_kind
from cnnstudio.understanding.auditions import Audition, Auditions
from cnnstudio.understanding.words import STANDINGS

_INTRODUCTION = (
    "Every network whose weights are on this computer looks at some of your pictures, the fastest first, and learns "
    "their classes. Nothing is downloaded, and the one that you take trains at once."
)


class AuditionPanel(QtWidgets.QWidget):
    """One table, one plot, one button."""

    left = QtCore.Signal()
    taken = QtCore.Signal(str)
    """Name of a network to train."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setObjectName("audition_panel")
        self._studio = studio
        self._root: Path | None = None
        self._monitor: JobMonitor[Auditions] | None = None
        self.found = Auditions(results=())
        self.back = button("Back to the suggestions", "audition_back", self.leave, icon_name="back")
        self.start = button("Try them", "audition_start", self.begin, kind="primary")
        self.progress = ProgressStrip("audition_progress", stop_text="Stop")
        self.sentence = label(_INTRODUCTION, wrap=True, name="audition_sentence")
        self.rows, self.plot = AuditionRows(), AuditionPlot()
        self.take = button("Take this one", "audition_take", self._take_chosen, kind="primary")
        self.foot = Foot(studio, "networks_tried", shown=self.plot, above=self.sentence, table=self._table)
        self.rows.currentItemChanged.connect(lambda *_: self._mark())
        self.rows.itemActivated.connect(lambda *_: self._take_chosen())
        self.plot.chosen.connect(self.rows.choose)
        head = QtWidgets.QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(self.back)
        head.addWidget(label("Try on my pictures", "heading"))
        head.addWidget(self.start)
        head.addStretch(1)
        head.addWidget(self.take)
        self.content = QtWidgets.QWidget()
        inner = QtWidgets.QVBoxLayout(self.content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.S)
        inner.addWidget(self.rows, 2)
        inner.addWidget(self.plot, 3)
        inner.addWidget(self.foot)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(head)
        column.addWidget(self.progress)
        column.addWidget(self.sentence)
        column.addWidget(self.content, 1)
        column.addStretch(0)
        self._show()
        studio.dataset_changed.connect(self._follow)

    def open(self) -> None:
        """Begin where nothing was tried yet."""
        self.back.setFocus()
        if not self.found.results and not self._is_trying:
            self.begin()

    def begin(self) -> None:
        """Try every network."""
        dataset = self._studio.dataset
        if dataset is None or self._is_trying:
            return
        self._root = dataset.root
        self.found = Auditions(results=())
        self._show()
        job = AuditionNetworks(folder=dataset.root, dataset=dataset)
        self._monitor = monitor = self._studio.submit(job, part=self._take, done=self._end, failed=self._fail)
        monitor.stopped.connect(lambda _: self._show())
        self.progress.follow(monitor)
        self.progress.text.setText("Preparing the pictures")
        self._show()

    def leave(self) -> None:
        """Back; what is being tried goes on."""
        self.left.emit()

    @property
    def _is_trying(self) -> bool:
        return self._monitor is not None and self._monitor.active

    def _take(self, result: Audition) -> None:
        self.found = self.found.with_(result)
        self._show()

    def _end(self, found: Auditions) -> None:
        self.found = found
        self._show()

    def _fail(self, problem: Problem) -> None:
        self._show()
        self._studio.problem.emit(problem)

    def _follow(self, dataset: Dataset | None) -> None:
        """Other pictures have to be tried anew."""
        if dataset is not None and dataset.root != self._root and self.found.results:
            if self._monitor is not None and self._monitor.active:
                self._monitor.stop()
            self.found = Auditions(results=())
            self._show()

    def _show(self) -> None:
        results = self.found.results
        self.start.setVisible(not self._is_trying)
        self.start.setText("Try them again" if results else "Try them")
        set_kind(self.start, "secondary" if results else "primary")
        self.content.setVisible(bool(results))
        self.take.setVisible(bool(results))
        self.sentence.setText(self.found.sentence if results else _INTRODUCTION)
        if not results:
            return
        self.rows.show_auditions(self.found)
        self._mark()
        pictures = counted(max(len(each.right) for each in results), "training picture")
        self.foot.say(
            f"On {pictures}, each answered by a last layer that did not learn from it.",
            "It cannot tell how much each would gain if more of its layers were trained.",
        )

    def _mark(self) -> None:
        chosen = self.rows.network()
        self.plot.show_results(self.found.results, chosen)
        title = next((each.title for each in self.found.results if each.network == chosen), "")
        self.take.setEnabled(bool(title))
        self.take.setAccessibleName(f"Take {title}" if title else "Take this one")
        self.take.setToolTip(mnemonic_free(f"Train {title} next") if title else "")

    def _take_chosen(self) -> None:
        if network := self.rows.network():
            self.taken.emit(network)

    def _table(self) -> Rows:
        yield "network", "pictures", "correct", "from", "to", "seconds per picture", "compared with the best"
        for each in self.found.results:
            standing = STANDINGS[self.found.standings[each.network]]
            low, high = each.interval
            figures = (len(each.right), f"{each.accuracy:.4f}", f"{low:.4f}", f"{high:.4f}", f"{each.seconds:.5f}")
            yield each.title, *figures, standing

    @override
    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        if event.key() == QtCore.Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)
