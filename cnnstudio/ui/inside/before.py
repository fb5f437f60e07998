"""Before and after: one layer and the first filters, as published and as trained on one's own pictures."""

from pathlib import Path

from PySide6 import QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem
from cnnstudio.inference.results import FeatureMaps
from cnnstudio.jobs import specs
from cnnstudio.networks import ModelRef
from cnnstudio.ui.inside.filters import FilterSheet
from cnnstudio.ui.inside.layer_box import layer_box, offer_stages
from cnnstudio.ui.inside.map_grid import MapGrid
from cnnstudio.ui.inside.tab import InsideTab
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, Foot, label
from cnnstudio.understanding.inside.values import BeforeAfter, FirstFilters


class ChangedGrid(MapGrid):
    """Maps with how much the weights behind them changed."""

    def __init__(self, name: str, accessible: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self._changes: tuple[float, ...] = ()

    def show_changed(self, maps: FeatureMaps | None, changes: tuple[float, ...]) -> None:
        """Replace the maps."""
        self._changes = changes
        self.show_maps(maps)

    @override
    def caption(self, index: int) -> str:
        return f"{super().caption(index)}, weights moved by {100 * self._changes[index]:.1f} %"

    @override
    def below(self, index: int) -> str:
        return f"{super().below(index)}   {100 * self._changes[index]:.1f} %"


class Before(InsideTab):
    """What did not change is said in words."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("inside_before")
        self._studio = studio
        self._asked: tuple[ModelRef, Path, str] | None = None
        self._filters_of: ModelRef | None = None
        self.layer = layer_box("before_layer")
        self.layer.activated.connect(lambda _: self.ask())
        self.about = label("", wrap=True, name="before_about")
        self.old, self.new = (
            ChangedGrid("maps_before", "Feature maps before"), ChangedGrid("maps_after", "Feature maps after"),
        )  # fmt: skip
        self.pair = QtWidgets.QWidget()
        beside = QtWidgets.QHBoxLayout(self.pair)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(theme.L)
        for title, grid in (("before", self.old), ("after", self.new)):
            column = QtWidgets.QVBoxLayout()
            column.addWidget(label(title, "heading"))
            column.addWidget(grid)
            column.addStretch(1)
            beside.addLayout(column, 1)
        self.foot = Foot(studio, "before_and_after", shown=self.pair, above=self.about)
        self.foot.say(
            "On this picture alone; below each map, how far its weights moved.",
            "A weight that moved little may have changed an answer, and one that moved far may not.",
        )
        maps = Card("The same layer of the same picture")
        maps.head.addWidget(self.layer)
        for part in (self.about, self.pair, self.foot):
            maps.body.addWidget(part)
        self.filters_before = FilterSheet("filters_before", "First filters before")
        self.filters_after = FilterSheet("filters_after", "First filters after")
        self.filters_about = label("", "caption", kind="muted", wrap=True, name="before_filters_about")
        self.filters = filters = Card("The first layer's filters")
        filters.body.addWidget(self.filters_about)
        self._titles = [label(title, "caption", kind="muted") for title in ("before", "after")]
        for words, sheet in zip(self._titles, (self.filters_before, self.filters_after), strict=True):
            filters.body.addWidget(words)
            filters.body.addWidget(sheet)
        filters.hide()
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(maps)
        column.addWidget(filters)
        column.addStretch(1)
        self._show(None)

    @override
    def model_changed(self) -> None:
        offer_stages(self.layer, self.info)
        self._asked = self._filters_of = None
        self.filters.hide()
        self._show(None)

    @override
    def ask(self) -> None:
        model, layer = self.model, self.layer.currentData()
        if model is None or self.picture is None or not layer:
            return
        if self.run is None:
            self.about.setText("This network was not trained here: there is no before and after.")
            return
        if self._filters_of != model:
            self._filters_of = model
            self._studio.submit(
                specs.ShowFilters(model=model),
                done=lambda found: self._show_filters(found) if self._filters_of == model else None,
            )
        asked = (model, self.picture, layer)
        if asked != self._asked:
            self._asked = asked
            self._studio.submit(
                specs.CompareBefore(model=model, image=self.picture, layer=layer),
                done=lambda found: self._show(found) if asked == self._asked else None,
                failed=lambda problem: self._fail(problem) if asked == self._asked else None,
            )

    def _show(self, found: BeforeAfter | None) -> None:
        self.pair.setVisible(found is not None)
        self.foot.setVisible(found is not None)
        self.old.show_changed(found.before if found else None, found.changes if found else ())
        self.new.show_changed(found.after if found else None, found.changes if found else ())
        if found is None:
            self.about.setText("")
        elif found.untouched:
            self.about.setText(
                f"Up to this layer nothing was trained: its maps are exactly those of {found.origin}. "
                "Only layers behind it learned from your pictures."
            )
        else:
            self.about.setText(f"Left as {found.origin} has it, right as it is now; the most changed channels first.")

    def _show_filters(self, found: FirstFilters) -> None:
        before = found.before if found.before is not None else found.pictures[:0]
        self.filters_after.show_pictures(found.pictures)
        self.filters_before.show_pictures(before)
        for part in (*self._titles, self.filters_before):
            part.setVisible(found.before is not None)
        self.filters.show()
        if found.before is None:
            self.filters_about.setText("What they were before the training is not known on this computer.")
        elif (found.before == found.pictures).all():
            self.filters_about.setText("They are as they were: the training did not change them.")
        else:
            self.filters_about.setText("On one scale; grey is nothing.")

    def _fail(self, problem: Problem) -> None:
        self._show(None)
        self.about.setText(problem.sentence())
