"""The map of all pictures: what is alike lies together, and what lies wrong can be seen and mended at once."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, counted, isolated
from cnnstudio.jobs.specs import LayOutPictures
from cnnstudio.jobs.specs.kept import Rows
from cnnstudio.runs import Answer, Run
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.picture_map.chosen import ChosenPictures
from cnnstudio.ui.results.picture_map.colouring import BY_CLASS, BY_MISTAKE, BY_SPLIT, Colouring, coloured
from cnnstudio.ui.results.picture_map.hint import PointHint
from cnnstudio.ui.results.picture_map.legend import MapLegend
from cnnstudio.ui.results.picture_map.plot import MapPlot
from cnnstudio.ui.results.picture_map.points import HIDDEN
from cnnstudio.ui.results.picture_map.walk import Walk
from cnnstudio.ui.results.tab import ResultsTab
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Foot, ProgressStrip, button, combo, label
from cnnstudio.understanding.outcomes import PictureMap

_BESIDE = 326
_COLOURS = (("By class", BY_CLASS), ("By mistake", BY_MISTAKE), ("By split", BY_SPLIT))
_NOW, _BEFORE = "now", "before"
_WHEN = (("After", _NOW), ("Before", _BEFORE))
_WHEN_MEANING = "Where the pictures are after this training, and where they were for the network that it began with"
_LIMITS = "Near means alike to the network; how far islands lie from each other means nothing."


class MapTab(ResultsTab):
    """Points on the left; their legend and the pictures of those that are selected on the right."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._run: Run | None = None
        self._map: PictureMap | None = None
        self._colouring: Colouring | None = None
        self._monitor: JobMonitor[PictureMap] | None = None
        self.plot, self.legend, self.chosen = MapPlot(), MapLegend(), ChosenPictures(studio)
        self.hint = PointHint(self.plot, self.chosen.thumbnails)
        self.progress = ProgressStrip("map_progress")
        self.again = button("Lay out the pictures", "map_again", self._begin, kind="primary")
        self.again.hide()
        self.problem = label("", kind="muted", wrap=True, name="map_problem")
        self.problem.hide()
        self.colours = combo("map_colours", "Colours of the points", _COLOURS)
        self.when = combo("map_when", "Which network's map", _WHEN)
        self.when.setToolTip(_WHEN_MEANING)
        self.when.hide()
        self._walk = Walk(self)
        self._walk.moved.connect(lambda places, is_last: self.plot.show_points(places, self._kinds(), fit=is_last))
        self.foot = Foot(studio, "map", shown=(self.plot, self.legend), table=self._rows)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        tools = QtWidgets.QHBoxLayout()
        tools.setSpacing(theme.XS)
        tools.addWidget(self.colours, 1)
        tools.addWidget(self.when)
        tools.addStretch(0)
        looks = (
            ("Zoom in", "map_zoom_in", "zoom-in", lambda: self.plot.zoom(1.5)),
            ("Zoom out", "map_zoom_out", "zoom-out", lambda: self.plot.zoom(1 / 1.5)),
        )
        for text, name, icon, act in looks:
            entry = button(text, name, act, kind="ghost", icon_name=icon)
            entry.setText("")
            entry.setToolTip(text)
            tools.addWidget(entry)
        tools.addWidget(button("Show all", "map_all", self.plot.show_all, kind="ghost"))
        left = QtWidgets.QVBoxLayout()
        left.setSpacing(theme.XS)
        left.addLayout(tools)
        left.addWidget(self.progress)
        left.addWidget(self.problem)
        left.addWidget(self.again, 0, QtCore.Qt.AlignmentFlag.AlignLeft)
        left.addWidget(self.plot, 1)
        right = QtWidgets.QWidget()
        right.setFixedWidth(theme.scaled(_BESIDE))
        beside = QtWidgets.QVBoxLayout(right)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(theme.S)
        beside.addWidget(self.legend, 2)
        beside.addWidget(self.chosen, 3)
        beside.addStretch(0)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        row.addLayout(left, 1)
        row.addWidget(right)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(row, 1)
        column.addWidget(self.foot)

    def _connect(self) -> None:
        self.colours.currentIndexChanged.connect(lambda _: self._change_colours())
        self.when.activated.connect(lambda _: self._change_time())
        self.legend.toggled.connect(self._hide)
        self.plot.selected.connect(self._show_chosen)
        self.plot.hovered.connect(self._hover)
        self.plot.opened.connect(self._open)
        theme.notifier().changed.connect(self._tint)

    # A run ------------------------------------------------------------------------------------------------------

    @override
    def show_run(self, run: Run | None) -> None:
        self._stop()
        self._walk.stop()
        self._run, self._map = run, None
        self.when.setCurrentIndex(0)
        self.when.hide()
        self.plot.show_points(np.zeros((0, 2), np.float32), np.zeros(0, np.int64), fit=False)
        self.legend.clear()
        self.legend.hide()
        self._show_chosen(np.zeros(0, np.int64))
        self.foot.hide()
        self.problem.hide()
        self.again.hide()
        if run is not None:
            self._begin()

    @override
    def release(self) -> None:
        self._stop()
        self._walk.stop()
        self.chosen.release()

    def _begin(self) -> None:
        run = self._run
        if run is None:
            return
        self.again.hide()
        self.problem.hide()
        job = LayOutPictures(run=run.folder)
        self._monitor = monitor = self._studio.submit(
            job, part=partial(self._take, run), done=partial(self._take, run), failed=self._fail
        )
        self.progress.follow(monitor)
        self.progress.text.setText("Preparing the pictures")
        monitor.stopped.connect(lambda _: self._stopped(run))

    def _stop(self) -> None:
        if self._monitor is not None and self._monitor.active:
            self._monitor.stop()

    def _stopped(self, run: Run) -> None:
        if run is self._run:
            self.again.show()

    def _fail(self, problem: Problem) -> None:
        self.problem.setText(problem.sentence())
        self.problem.show()
        self.again.show()

    def _take(self, run: Run, found: PictureMap) -> None:
        """The points move where they are the same ones as before."""
        if run is not self._run:
            return
        is_first = self._map is None
        self._map = found
        if is_first:
            self.when.setVisible(found.before is not None)
            self._colour(keep=False)
            self._tell_pictures()
            self.legend.show()
            self.foot.show()
        if not self._walk.is_under_way:
            self.plot.show_points(self._places(), self._kinds(), fit=True)

    # Before and after -------------------------------------------------------------------------------------------

    @property
    def _shown(self) -> PictureMap | None:
        """The map, or that of the network which this one began with."""
        found = self._map
        return found.before if found is not None and self.when.currentData() == _BEFORE else found

    def _places(self) -> np.ndarray:
        """Of the points that are shown; what was not there lies in the middle, and is hidden."""
        assert self._shown is not None
        places = self._shown.places
        missing = np.isnan(places[:, 0])
        return np.where(missing[:, None], np.zeros(2, np.float32), places) if missing.any() else places

    def _change_time(self) -> None:
        """The points walk to where they are, or were."""
        if self._map is None:
            return
        self._colour(keep=True)
        self._tell_pictures()
        self._show_chosen(self.plot.selection)
        self._walk.begin(self.plot.points.places, self._places())

    def _tell_pictures(self) -> None:
        shown = self._shown
        if shown is None:
            return
        pictures = counted(int(np.isfinite(shown.places[:, 0]).sum()), "picture")
        mistakes = counted(int(shown.mistakes.sum()), "mistake")
        who = (
            "by what the last layer sees" if shown is self._map else "as the network saw them that this one began with"
        )
        ringed = ", ringed" if shown.mistakes.any() and self.colours.currentData() == BY_CLASS else ""
        self.foot.say(f"On {pictures} of every split, {who}; {mistakes}{ringed}.", _LIMITS)

    # Looks ------------------------------------------------------------------------------------------------------

    def _colour(self, *, keep: bool) -> None:
        if self._shown is not None:
            self._colouring = coloured(self._shown, self.colours.currentData())
            self.legend.show_colouring(self._colouring, keep=keep)
            self._hide()

    def _change_colours(self) -> None:
        self._colour(keep=False)
        self._tell_pictures()

    def _tint(self) -> None:
        self._colour(keep=True)

    def _hide(self) -> None:
        if self._colouring is not None:
            self.plot.show_marks(self._colouring.marks, self._kinds())

    def _kinds(self) -> np.ndarray:
        """Of each point the number of its mark, or that it is hidden."""
        assert self._colouring is not None
        assert self._shown is not None
        shown = self.legend.shown()[self._colouring.rows] & np.isfinite(self._shown.places[:, 0])
        return np.where(shown, self._colouring.kinds, HIDDEN)

    def _hover(self, point: int, place: QtCore.QPoint) -> None:
        if self._map is None or point < 0 or QtGui.QGuiApplication.mouseButtons():
            self.hint.hide()
            return
        answer = self._answers([point])[0]
        words = isolated(answer.true)
        if answer.true != answer.predicted:
            words = f"{words} → {isolated(answer.predicted)}"
        self.hint.tell(self._map.root / answer.path, words, place)

    # What is selected -------------------------------------------------------------------------------------------

    def _answers(self, points: Sequence[int] | np.ndarray) -> tuple[Answer, ...]:
        found = self._shown
        if found is None:
            return ()
        classes, rows = found.classes, np.asarray(points, np.int64)
        return tuple(
            map(
                Answer,
                [found.names[row] for row in rows.tolist()],
                found.splits[rows].tolist(),
                [classes[label] for label in found.labels[rows].tolist()],
                [classes[label] for label in found.answers[rows].tolist()],
                found.sure[rows].tolist(),
            )
        )

    def _show_chosen(self, points: np.ndarray) -> None:
        shown = self._shown
        if shown is not None:
            wrong_first = points[np.argsort(~shown.mistakes[points], kind="stable")]
            self.chosen.show_answers(self._answers(wrong_first), shown.root)
        else:
            self.chosen.show_answers((), self.chosen.root)

    def _open(self, point: int) -> None:
        if self._map is not None:
            self.plot.select(np.array([point]))
            self.chosen.open_picture(self._answers([point]), 0, self._map.root)

    def _rows(self) -> Rows | Callable[[], Rows]:
        return self._shown.rows if self._shown is not None else ()
