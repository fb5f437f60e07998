"""All layers: choose one, see its feature maps for the chosen picture."""

from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, counted
from cnnstudio.inference.results import FeatureMaps
from cnnstudio.jobs import specs
from cnnstudio.networks import ModelRef
from cnnstudio.ui.inside.layer_box import layer_box
from cnnstudio.ui.inside.map_grid import MapGrid, map_image
from cnnstudio.ui.inside.tab import InsideTab
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, Foot, button, image_of, label

_LARGE = 224


class AllLayers(InsideTab):
    """Asks for maps whenever the picture, the layer or the model changes; the latest question wins."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("maps_panel")
        self._studio = studio
        self._asked: tuple[ModelRef, Path, str] | None = None
        self.layer = layer_box("layer_picker")
        self.layer.activated.connect(lambda _: self.ask())
        self.zoom_out = button("", "zoom_out", lambda: self.grid.zoom_out(), kind="ghost", icon_name="zoom-out")
        self.zoom_in = button("", "zoom_in", lambda: self.grid.zoom_in(), kind="ghost", icon_name="zoom-in")
        self.zoom_out.setAccessibleName("Smaller maps")
        self.zoom_in.setAccessibleName("Larger maps")
        self.about = label("", "caption", kind="muted", wrap=True, name="maps_about")
        self.grid = MapGrid()
        self.grid.tile_chosen.connect(self._show_large)
        self.input_view, self.large_view = QtWidgets.QLabel(), QtWidgets.QLabel()
        self.input_view.setAccessibleName("What the network sees")
        self.large_view.setAccessibleName("Chosen feature map")
        self.large_text = label("", "caption", kind="muted", name="large_text")
        self.foot = Foot(studio, "feature_maps", shown=self.grid, above=self.about)
        self.foot.say("On this picture alone.", "Bright maps need not matter for the answer: see What decided.")
        card = Card("Feature maps")
        top = QtWidgets.QHBoxLayout()
        top.addWidget(label("Layer"))
        top.addWidget(self.layer, 1)
        top.addWidget(self.zoom_out)
        top.addWidget(self.zoom_in)
        card.body.addLayout(top)
        for part in (self.about, self._large(), self.grid, self.foot):
            card.body.addWidget(part)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
        column.addStretch(1)

    @override
    def model_changed(self) -> None:
        self.layer.clear()
        self._asked = None
        self._show_maps(None)
        for layer in self.info.layers if self.info else ():
            shape = " × ".join(map(str, layer.shape))
            self.layer.addItem(f"{layer.name}   {layer.kind}   {shape}", layer.name)
        if self.info is not None:
            self.layer.setCurrentIndex(max(0, self.layer.findData(self.info.suggested_layer)))

    @override
    def ask(self) -> None:
        layer = self.layer.currentData()
        if self.model is None or self.picture is None or not layer:
            self._asked = None
            self._show_maps(None)
            return
        if (asked := (self.model, self.picture, layer)) == self._asked:
            return
        self._asked = asked
        job = specs.ShowMaps(model=self.model, image=self.picture, layer=layer)
        self._studio.submit(job, done=self._show_maps, failed=self._show_problem)

    def _large(self) -> QtWidgets.QWidget:
        self.large = QtWidgets.QWidget()
        row = QtWidgets.QHBoxLayout(self.large)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        for view, text in (
            (self.input_view, label("what the network sees", "caption", kind="muted")),
            (self.large_view, self.large_text),
        ):
            column = QtWidgets.QVBoxLayout()
            column.addWidget(view)
            column.addWidget(text)
            row.addLayout(column)
        row.addStretch(1)
        self.large.hide()
        return self.large

    def _show_maps(self, maps: FeatureMaps | None) -> None:
        self.grid.show_maps(maps)
        self.large.setVisible(maps is not None)
        if maps is None:
            self.about.setText("Choose a picture to see what the layers compute from it.")
            return
        shape = " × ".join(map(str, maps.shape))
        count, total = len(maps.channels), maps.total_channels
        some = f"{count} of {counted(total, 'channel')}"
        shown = f"all of {counted(total, 'channel')}" if count == total else some
        self.about.setText(
            f"{shape} (channels × height × width), {shown}, strongest first. "
            "Bright means the channel found what it looks for."
        )
        self.input_view.setPixmap(_scaled(QtGui.QPixmap.fromImage(image_of(maps.input_image)), smooth=True))
        self._show_large(0)

    def _show_large(self, index: int) -> None:
        maps = self.grid.maps
        if maps is not None and len(maps.tiles):
            self.large_view.setPixmap(_scaled(QtGui.QPixmap.fromImage(map_image(maps.tiles[index])), smooth=False))
            self.large_text.setText(self.grid.caption(index))

    def _show_problem(self, problem: Problem) -> None:
        self._show_maps(None)
        self.about.setText(problem.sentence())


def _scaled(picture: QtGui.QPixmap, *, smooth: bool) -> QtGui.QPixmap:
    mode = (
        QtCore.Qt.TransformationMode.SmoothTransformation if smooth else QtCore.Qt.TransformationMode.FastTransformation
    )
    return picture.scaled(_LARGE, _LARGE, QtCore.Qt.AspectRatioMode.KeepAspectRatio, mode)
