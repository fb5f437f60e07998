"""Choose a layer: ends of stages first, then every one, found by typing a part of its name."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.inference.results import ModelInfo
from cnnstudio.ui.widgets import combo, make_editable


def layer_box(name: str) -> QtWidgets.QComboBox:
    """An editable list that takes only what is in it."""
    box = combo(name, "Layer", width=180)
    make_editable(box)
    box.setInsertPolicy(QtWidgets.QComboBox.InsertPolicy.NoInsert)
    completer = QtWidgets.QCompleter(box.model(), box)
    completer.setFilterMode(QtCore.Qt.MatchFlag.MatchContains)
    completer.setCaseSensitivity(QtCore.Qt.CaseSensitivity.CaseInsensitive)
    box.setCompleter(completer)
    return box


def offer_stages(box: QtWidgets.QComboBox, info: ModelInfo | None) -> None:
    """The ends of stages, the last one first, since the answer is made of it; then all layers."""
    box.clear()
    layers = info.layers if info is not None else ()
    stages = [layer for layer in layers if layer.is_stage and layer.shape[1] > 1]
    for layer in (*reversed(stages), *layers):
        shape = " × ".join(map(str, layer.shape))
        text = f"{layer.name}   stage, {shape}" if layer in stages and box.count() < len(stages) else ""
        box.addItem(text or f"{layer.name}   {layer.kind}   {shape}", layer.name)
    if stages:
        box.insertSeparator(len(stages))
    box.setCurrentIndex(0 if layers else -1)
