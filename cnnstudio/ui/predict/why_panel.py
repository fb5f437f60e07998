"""Why this answer: the nearest training pictures, then the reasons in the picture, then a cover to try by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem
from cnnstudio.jobs import specs
from cnnstudio.networks import ModelRef
from cnnstudio.ui.look import theme
from cnnstudio.ui.predict.alike_card import AlikeCard
from cnnstudio.ui.predict.cover_card import CoverCard
from cnnstudio.ui.predict.why_maps import WhyMaps
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Foot, button, label
from cnnstudio.understanding.why.values import Explanation


class WhyPanel(QtWidgets.QWidget):
    """Asks only while it is looked at."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setObjectName("why_panel")
        self._studio = studio
        self._model: ModelRef | None = None
        self._picture: Path | None = None
        self._asked: tuple[ModelRef, Path] | None = None
        self._found: Explanation | None = None
        self.alike, self.maps, self.cover = AlikeCard(studio), WhyMaps(studio), CoverCard(studio)
        self.nothing = label("Choose a picture to see why it is answered as it is.", kind="muted", name="why_nothing")
        self.foot = Foot(studio, "why", shown=self.maps, table=self._rows)
        self.foot.say(
            "On this picture alone.",
            "Where the network found reasons, not proof that they are good ones; nor are pictures that are alike.",
        )
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.S, 0, 0, 0)  # as the answer beside it
        column.setSpacing(theme.M)
        for part in (self.nothing, self.alike, self.maps, self.cover):
            column.addWidget(part)
        self.inside = button(
            "Which channels decided", "look_inside", lambda: studio.navigate.emit("inside"), kind="ghost",
            icon_name="inside",
        )  # fmt: skip
        column.addWidget(self.inside, 0, QtCore.Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.foot)
        column.addStretch(1)
        self._clear()

    def show_model(self, model: ModelRef | None) -> None:
        """Another network."""
        self._model = replace(model, mirror=False) if model is not None else None
        self._ask()

    def show_picture(self, picture: Path | None) -> None:
        """Another picture."""
        self._picture = picture
        self._ask()

    def release(self) -> None:
        """Wait for pictures being read."""
        self.alike.release()

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        super().showEvent(event)
        self._ask()

    def _ask(self) -> None:
        model, picture = self._model, self._picture
        if model is None or picture is None:
            self._asked = None
            self._clear()
            return
        asked = (model, picture)
        if not self.isVisible() or asked == self._asked:
            return
        self._asked = asked
        self.nothing.hide()
        self.alike.show_picture(self._run_of(model), picture)
        self._studio.submit(
            specs.ExplainAnswer(model=model, image=picture),
            done=lambda found: self._show(found) if asked == self._asked else None,
            failed=lambda problem: self._fail(problem) if asked == self._asked else None,
        )

    def _run_of(self, model: ModelRef) -> Path | None:
        """Its folder, where the model is a run of the open folder: only these know their training pictures."""
        return next((run.folder for run in self._studio.runs if str(run.folder) == model.source), None)

    def _show(self, found: Explanation) -> None:
        self._found = found
        for part in (self.maps, self.cover):
            part.show_explanation(self._model, found)
            part.show()
        self.foot.show()

    def _fail(self, problem: Problem) -> None:
        self._clear()
        self.nothing.hide()
        self.maps.show()
        self.maps.show_problem(problem)

    def _clear(self) -> None:
        self._found = None
        self.nothing.show()
        for part in (self.maps, self.cover):
            part.show_explanation(None, None)
            part.hide()
        self.alike.show_picture(None, None)
        self.foot.hide()

    def _rows(self) -> Iterator[Sequence[object]]:
        yield "class", "row", "column", "evidence"
        found = self._found
        if found is not None:
            for name, places in zip(found.names, found.evidence.maps, strict=True):
                for row, values in enumerate(places.tolist()):
                    yield from ((name, row, column, f"{value:.6g}") for column, value in enumerate(values))
