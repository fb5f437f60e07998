"""What it looks for: edges, textures, parts, as seen in one's own pictures; and the first filters themselves."""

from functools import partial
from pathlib import Path

from PySide6 import QtCore, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, counted
from cnnstudio.jobs import specs
from cnnstudio.networks import ModelRef
from cnnstudio.ui.inside.filters import FilterSheet
from cnnstudio.ui.inside.layer_row import LayerRow
from cnnstudio.ui.inside.tab import InsideTab
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, Foot, ProgressStrip, button, combo, label
from cnnstudio.understanding.inside.values import By, Excited, FirstFilters, Ranking

_TITLES = ("Early: edges and colours", "In the middle: textures", "Late: parts")
_BY: tuple[tuple[str, By], ...] = (
    ("Places that excite it most", "activation"), ("Places where it is of most use", "contribution"),
)  # fmt: skip
_START: dict[By, str] = {
    "activation": "Every picture of the run but the test pictures goes through the network once; then each channel "
    "shows the places that excite it most, beside places taken by chance.",
    "contribution": "Up to 500 pictures of the run, none of them for testing, go through the network and back; then "
    "each channel shows the places where it added most to the answer, beside places taken by chance.",
}
_ABOUT: dict[By, str] = {
    "activation": "What makes a channel most active, whether or not the answer depends on it.",
    "contribution": "What the network uses a channel for: where it added most to the answer that a picture got.",
}
_NO_PICTURES = "Only a network that was trained here knows your pictures. Choose one at the top."


class Looks(InsideTab):
    """The pass over all pictures starts when it is asked for; then it is remembered."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("inside_looks")
        self._studio = studio
        self._filters_of: ModelRef | None = None
        self._known: dict[By, Excited] = {}
        self._known_of: Path | None = None
        self._ranked: tuple[ModelRef, Path | None] | None = None
        self.filters = FilterSheet("first_filters", "Filters of the first layer")
        self.filters_about = label("", "caption", kind="muted", wrap=True, name="filters_about")
        self.start = button(
            "Look through my pictures", "find_exciting", self.look_through, kind="primary", icon_name="search"
        )
        self.start_about = label("", "caption", kind="muted", wrap=True, name="looks_about")
        self.progress = ProgressStrip("looks_progress", stop_text="Stop")
        self.by = combo("looks_by", "Which places are shown", _BY, width=260)
        self.by.activated.connect(lambda _: self.by.setFocus())  # else, again, to the rail
        self.by.activated.connect(lambda _: self._choose())
        self.by_about = label("", "caption", kind="muted", wrap=True, name="looks_by_about")
        self.choice = QtWidgets.QWidget()
        chosen = QtWidgets.QHBoxLayout(self.choice)
        chosen.setContentsMargins(0, 0, 0, 0)
        chosen.setSpacing(theme.M)
        chosen.addWidget(self.by)
        chosen.addWidget(self.by_about, 1)
        self.rows = [LayerRow(place, title) for place, title in enumerate(_TITLES)]
        for row in self.rows:
            row.wanted.connect(partial(self._show, row))
        self.stack = QtWidgets.QWidget()
        stacked = QtWidgets.QVBoxLayout(self.stack)
        stacked.setContentsMargins(0, 0, 0, 0)
        stacked.setSpacing(theme.M)
        for row in self.rows:
            stacked.addWidget(row)
        self.foot = Foot(studio, "what_it_looks_for", shown=self.stack)
        first = Card("The first layer's filters")
        first.body.addWidget(self.filters)
        first.body.addWidget(self.filters_about)
        begin = self.begin = Card("What the channels look for in your pictures")
        begin.body.addWidget(self.start_about)
        begin.body.addWidget(self.start, 0, QtCore.Qt.AlignmentFlag.AlignLeft)
        begin.body.addWidget(self.progress)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        for part in (self.choice, begin, self.stack, self.foot, first):
            column.addWidget(part)
        column.addStretch(1)
        self._show_found(None)

    def look_through(self) -> None:
        """One pass over the pictures of the run."""
        run, by = self.run, self._by
        if run is None:
            return
        self.start.hide()
        monitor = self._studio.submit(
            specs.FindExciting(run=run, by=by),
            done=lambda found: self._take(run, found),
            failed=lambda problem: self._fail(run, problem),
        )
        monitor.stopped.connect(lambda _: self.start.setVisible(self.run is not None))
        self.progress.follow(monitor)
        self.progress.text.setText("Preparing the network")
        self.progress.stop.setFocus()  # else Qt gives it to the rail

    @override
    def model_changed(self) -> None:
        if self._known_of != self.run:
            self._known, self._known_of = {}, self.run
            self._choose()

    @override
    def ask(self) -> None:
        model = self.model
        if model is None:
            return
        if self._filters_of != model:
            self._filters_of = model
            self._studio.submit(
                specs.ShowFilters(model=model),
                done=lambda found: self._show_filters(found) if self._filters_of == model else None,
                failed=lambda problem: self.filters_about.setText(problem.sentence()),
            )
        if self._excited is not None:
            self._rank()

    @property
    def _by(self) -> By:
        chosen: By = self.by.currentData()
        return chosen

    @property
    def _excited(self) -> Excited | None:
        """What is shown; None where it was not looked for yet."""
        return self._known.get(self._by)

    def _choose(self) -> None:
        """Show what is known, or offer to look for it; what is looked for in place of it is not wanted any more."""
        if self.progress.followed is not None:
            self.progress.followed.stop()
        self._ranked = None
        self._show_found(self._excited)
        if self._excited is not None:
            self._rank()

    def _show_filters(self, found: FirstFilters) -> None:
        self.filters.show_pictures(found.pictures)
        size = " × ".join(map(str, found.pictures.shape[1:3]))
        self.filters_about.setText(
            f"The {counted(len(found.pictures), 'filter')} of {found.layer}, {size} pixels each, on one scale: grey is "
            "nothing. Only the first layer's weights are pictures; what deeper ones look for shows in crops alone."
        )

    def _take(self, run: Path, found: Excited) -> None:
        if run == self.run:
            self._known[found.by] = found
            if found.by != self._by:
                return
            self._ranked = None
            self._show_found(found)
            self.rows[0].after.setFocus()
            self._rank()

    def _fail(self, run: Path, problem: Problem) -> None:
        if run == self.run:
            self.start.show()
            self.start_about.setText(problem.sentence())

    def _show_found(self, found: Excited | None) -> None:
        self.begin.setVisible(found is None)
        self.start.setVisible(self.run is not None)
        self.choice.setVisible(self.run is not None)
        self.start_about.setText(_START[self._by] if self.run is not None else _NO_PICTURES)
        self.by_about.setText(_ABOUT[self._by] if found is not None else "")
        self.stack.setVisible(found is not None)
        self.foot.setVisible(found is not None)
        if found is not None:
            some = f"{found.pictures:,} of " if found.pictures < found.of else ""
            pictures = counted(max(found.pictures, found.of), "training or validation picture")
            self.foot.say(
                f"On {some}{pictures}; copies and series are shown once.",
                "It cannot tell why: several channels share one idea, and one channel may stand for several.",
            )

    def _rank(self) -> None:
        """The channels that made the answer to the picture come first."""
        found, model, picture = self._excited, self.model, self.picture
        if found is None or model is None or self._ranked == (model, picture):
            return
        self._ranked = (model, picture)
        for row in self.rows:
            row.setVisible(self.rows.index(row) < len(found.layers))
        for row, layer in zip(self.rows, found.layers, strict=False):
            if picture is None:
                self._order(row, layer, None)
                continue
            self._studio.submit(
                specs.RankBeside(model=model, image=picture, layer=layer, most=1),
                done=partial(self._order, row, layer),
                failed=partial(self._by_number, row, layer),
            )

    def _order(self, row: LayerRow, layer: str, ranking: Ranking | None) -> None:
        found = self._excited
        if found is None:
            return
        channels = range(len(found.crops[layer]))
        order = ranking.order if ranking is not None else tuple(channels)
        row.show_layer(layer, order, len(found.silent[layer]), found.by)

    def _by_number(self, row: LayerRow, layer: str, _problem: Problem) -> None:
        """Where the picture cannot be read."""
        self._order(row, layer, None)

    def _show(self, row: LayerRow, channels: tuple[int, ...]) -> None:
        if self._excited is not None and self.model is not None:
            job = specs.ShowCrops(model=self.model, excited=self._excited, layer=row.layer, channels=channels)
            self._studio.submit(job, done=row.show_crops)
