"""What speaks for the answer and what for the runner-up, painted on what the network saw."""

from functools import partial

from PySide6 import QtGui, QtWidgets

from cnnstudio.core import Problem, isolated
from cnnstudio.jobs import specs
from cnnstudio.networks import ModelRef
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, Choices, ProgressStrip, button, image_of, label, slider
from cnnstudio.ui.widgets.elided_label import ElidedLabel
from cnnstudio.ui.widgets.picture_canvas import PictureCanvas
from cnnstudio.understanding.why.drawing import AGAINST, FOR, overlay
from cnnstudio.understanding.why.values import Explanation, Occlusion

_HEIGHT = 240
_FULL = 100
_REASONS, _COVERING = "reasons", "covering"
_TEXTS = {
    _REASONS: "Orange places speak for the class, blue ones against it; both pictures have one scale.",
    _COVERING: "Where a covered square lowered the class it is orange, where it raised it, blue: 49 answers in all.",
}


class WhyMaps(Card):
    """Two pictures on one scale, a slider for how strongly they are painted, and the plain reference beside them."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("What speaks for it, and what against")
        self.setObjectName("why_maps")
        self._studio = studio
        self._model: ModelRef | None = None
        self._found: Explanation | None = None
        self._squares: Occlusion | None = None
        self._kind = _REASONS
        self.kinds = {
            name: button(title, f"why_{name}", partial(self._choose, name), kind="tab")
            for name, title in ((_REASONS, "Reasons"), (_COVERING, "Cover 49 squares"))
        }
        group, kinds = Choices(self), QtWidgets.QHBoxLayout()
        for entry in self.kinds.values():
            entry.setCheckable(True)
            group.addButton(entry)
            kinds.addWidget(entry)
        kinds.addStretch(1)
        self.body.addLayout(kinds)
        self.kinds[_REASONS].setChecked(True)
        self.strength = slider("why_strength", "How strongly the colours are painted", 0, _FULL, _FULL)
        self.strength.valueChanged.connect(lambda _: self._paint())
        self.views = [PictureCanvas(f"why_map_{number}", "") for number in range(2)]
        self.titles = [ElidedLabel("body", f"why_title_{number}") for number in range(2)]
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        for view, title in zip(self.views, self.titles, strict=True):
            view.setFixedHeight(theme.scaled(_HEIGHT))
            view.setMinimumWidth(theme.scaled(120))
            column = QtWidgets.QVBoxLayout()
            column.addWidget(title)
            column.addWidget(view)
            row.addLayout(column, 1)
        self.body.addLayout(row)
        self.progress = ProgressStrip("why_squares", stop_text="Stop")
        self.body.addWidget(self.progress)
        legend = QtWidgets.QHBoxLayout()
        self.legend = _Legend()
        self.legend.setAccessibleName("Orange for, blue against")
        legend.addWidget(self.legend)
        legend.addStretch(1)
        legend.addWidget(label("Colours", "caption", kind="muted"))
        legend.addWidget(self.strength)
        self.body.addLayout(legend)
        self.about = label("", "caption", kind="muted", wrap=True, name="why_about")
        self.body.addWidget(self.about)

    def show_explanation(self, model: ModelRef | None, found: Explanation | None) -> None:
        """Another answer."""
        self._model, self._found, self._squares = model, found, None
        if self.progress.followed is not None:
            self.progress.followed.stop()
        self._choose(_REASONS)

    def show_problem(self, problem: Problem) -> None:
        """Why there is nothing to see."""
        self.show_explanation(self._model, None)
        self.about.setText(problem.sentence())

    def _choose(self, kind: str) -> None:
        self._kind = kind
        self.kinds[kind].setChecked(True)
        if kind == _COVERING and self._squares is None and self._found is not None and self._model is not None:
            found = self._found
            monitor = self._studio.submit(
                specs.CoverSquares(model=self._model, image=found.path),
                done=lambda squares: self._take(found, squares),
                failed=self.show_problem,
            )
            monitor.stopped.connect(lambda _: self._choose(_REASONS))
            self.progress.follow(monitor)
            self.progress.text.setText("Covering one part after the other")
        self._paint()

    def _take(self, found: Explanation, squares: Occlusion) -> None:
        if found is self._found:
            self._squares = squares
            self._paint()

    def _paint(self) -> None:
        found = self._found
        for view, title in zip(self.views, self.titles, strict=True):
            view.show_picture(None)
            title.show_text("", "")
        if found is None:
            self.about.setText("")
            return
        maps, largest = found.evidence.maps, found.evidence.largest
        if self._kind == _COVERING:
            squares = self._squares
            maps, largest = (squares.falls, float(abs(squares.falls).max())) if squares else (0 * maps, 1.0)
        strength = self.strength.value() / _FULL
        for view, title, name, each in zip(self.views, self.titles, found.names, maps, strict=False):
            shown = overlay(found.pixels, each, largest, strength)
            view.setAccessibleName(f"What speaks for {isolated(name)} and against it")
            view.show_picture(QtGui.QPixmap.fromImage(image_of(shown)))
            share = found.evidence.probabilities[found.labels.index(name)]
            said = f"for {isolated(name)}, {100 * share:.1f} %"
            title.show_text(said, said)
        self.about.setText(f"{_TEXTS[self._kind]} {self._kind_of_map(found)}")

    def _kind_of_map(self, found: Explanation) -> str:
        if self._kind == _COVERING:
            return "What lies under a square may matter only together with something elsewhere."
        if found.evidence.exact:
            return (
                "In this network the places add up to the score exactly. Each of them has seen a wider part of the "
                "picture than it lies on, so covering squares may tell otherwise."
            )
        return "In this network the places add up to the score only roughly; covering squares is the plainer way."


class _Legend(QtWidgets.QWidget):
    """Two samples with their words."""

    def __init__(self) -> None:
        super().__init__()
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for colour, words in ((FOR, "for"), (AGAINST, "against")):
            patch = QtWidgets.QLabel()
            pixmap = QtGui.QPixmap(12, 12)
            pixmap.fill(QtGui.QColor(*colour))
            patch.setPixmap(pixmap)
            row.addWidget(patch)
            row.addWidget(label(words, "caption", kind="muted"))
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Fixed, QtWidgets.QSizePolicy.Policy.Fixed)
