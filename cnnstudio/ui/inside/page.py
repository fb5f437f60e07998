"""The inside page: which channels made an answer, what excites them, and what training made of them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6 import QtGui
from typing_extensions import override

from cnnstudio.core import isolated
from cnnstudio.inference.results import ModelInfo
from cnnstudio.jobs import specs
from cnnstudio.networks import ModelRef
from cnnstudio.ui.inside.all_layers import AllLayers
from cnnstudio.ui.inside.before import Before
from cnnstudio.ui.inside.decided import Decided
from cnnstudio.ui.inside.looks import Looks
from cnnstudio.ui.inside.tab import InsideTab
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import EmptyState, OneOf, Page, TabRow, Tabs, button
from cnnstudio.ui.widgets.file_dialogs import ask_file
from cnnstudio.ui.widgets.model_picker import ModelPicker

_TABS: tuple[tuple[str, str, Callable[[Studio], InsideTab]], ...] = (
    ("decided", "What decided", Decided),
    ("looks", "What it looks for", Looks),
    ("before", "Before and after", Before),
    ("layers", "All layers", AllLayers),
)
_KINDS = "Pictures (*.jpg *.jpeg *.png *.bmp *.webp *.tif *.tiff *.gif *.heic *.heif *.avif);;All files (*)"


class InsidePage(Page):
    """Looks at the picture that Predict shows, or at one that is chosen here; at first, at a validation picture."""

    keys = (
        ("Ctrl+Page up, Ctrl+Page down", "Tabs of Inside"),
        ("Space", "On a channel: switch it off, and on again"),
        ("+, −, Return", "Feature maps: larger, smaller, choose one"),
    )

    def __init__(self, studio: Studio) -> None:
        super().__init__("inside_page", "Inside", scrolls=False)
        self.subtitle.hide()
        self._studio = studio
        self._picture: Path | None = None
        self._chosen = False
        self._info: tuple[ModelRef, ModelInfo] | None = None
        self._picker = ModelPicker(studio)
        self._picker.box.setObjectName("inside_model")
        self._picker.changed.connect(self._model_chosen)
        self.picture_button = button("Picture…", "inside_picture", self._choose_picture, icon_name="image")
        self.tools.addWidget(self.picture_button)
        self.tools.addWidget(self._picker.box)
        rows = [TabRow(name, title, partial(self._make, kind), name != "decided") for name, title, kind in _TABS]
        self.tabs: Tabs[InsideTab] = Tabs("inside_tabs", rows)
        self.tabs.open("decided")
        self.empty = EmptyState(
            "inside",
            "Nothing to see inside yet",
            "Train a network first, or choose one with weights; then its channels can be seen at work.",
            "Go to training",
            lambda: studio.navigate.emit("train"),
        )
        self.without_maps = EmptyState(
            "inside",
            "This network has no channels that look at places",
            "It lays the picture out as one vector before its first layer with weights. What speaks for an answer and "
            "against it is seen under Why, on Predict.",
            "Go to Predict",
            lambda: studio.navigate.emit("predict"),
        )
        self.parts = OneOf(self.empty, self.without_maps, self.tabs)
        self.column.addWidget(self.parts, 1)
        studio.picture_looked_at.connect(self.show_picture)
        studio.dataset_changed.connect(lambda _: self._forget_picture())
        self._picker.fill()
        self._model_chosen()

    def show_picture(self, picture: Path | None) -> None:
        """Look at this picture from now on."""
        self._chosen = picture is not None
        self._put_picture(picture)

    @override
    def release(self) -> None:
        for tab in self.tabs.made:
            tab.release()

    def _make(self, kind: Callable[[Studio], InsideTab]) -> InsideTab:
        tab = kind(self._studio)
        self._tell(tab)
        tab.show_picture(self._picture)
        return tab

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        super().showEvent(event)
        self._model_chosen()

    def _model_chosen(self) -> None:
        """Nothing is loaded before somebody looks."""
        model = self._picker.model
        self._arrange()
        self.picture_button.setVisible(model is not None)
        if model is not None and self.isVisible() and (self._info is None or self._info[0] != model):
            self._info = None
            self._studio.submit(
                specs.DescribeModel(model=model),
                done=lambda info: self._describe(model, info),
                failed=self.notice.show_problem,
            )
        if not self._chosen:
            self._put_picture(self._first_picture())
        for tab in self.tabs.made:
            self._tell(tab)

    def _describe(self, model: ModelRef, info: ModelInfo) -> None:
        if model == self._picker.model:
            self._info = (model, info)
            self._arrange()
            for tab in self.tabs.made:
                self._tell(tab)

    def _arrange(self) -> None:
        model = self._picker.model
        known = self._info is not None and self._info[0] == model
        flat = known and self._info is not None and not self._info[1].layers
        self.parts.show_part(self.empty if model is None else self.without_maps if flat else self.tabs)

    def _tell(self, tab: InsideTab) -> None:
        model = self._picker.model
        info = self._info[1] if self._info is not None and self._info[0] == model else None
        run = next((each.folder for each in self._studio.runs if model and str(each.folder) == model.source), None)
        tab.show_model(model, info, run)

    def _put_picture(self, picture: Path | None) -> None:
        self._picture = picture
        self.picture_button.setText(isolated(_short(picture.name)) if picture else "Picture…")
        self.picture_button.setToolTip("Choose another picture to look at")
        for tab in self.tabs.made:
            tab.show_picture(picture)

    def _first_picture(self) -> Path | None:
        """One that chose, so that nobody has to open a picture first."""
        dataset = self._studio.dataset
        samples = (dataset.split("validation") or dataset.samples) if dataset else ()
        return samples[0].path if samples else None

    def _forget_picture(self) -> None:
        self._chosen = False
        self._put_picture(self._first_picture())

    def _choose_picture(self) -> None:
        start = str(self._picture.parent) if self._picture else ""
        chosen = ask_file(self, "Look at a picture", _KINDS, "pictures", start)
        if chosen is not None:
            self.show_picture(chosen)


def _short(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:11]}…{name[-12:]}"
