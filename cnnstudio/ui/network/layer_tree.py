"""The layers of a network as a tree with their figures."""

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.networks.anatomy.layers import Anatomy, Layer
from cnnstudio.ui.look import theme

_NAME = QtCore.Qt.ItemDataRole.UserRole
_COLUMNS = (
    ("Layer", 210, "Its name in the network."), ("Kind", 150, "What it does."),
    ("Output", 96, "Channels × height × width."),
    ("Weights", 92, "Numbers it learns (parameters)."), ("MMACs", 76, "Million multiply-adds per picture."),
    ("Sees", 150, "Receptive field: how much of the picture one value of its output depends on."),
    ("Part", 110, "The backbone computes features; the head turns them into classes and is replaced for yours."),
)  # fmt: skip


_FEW = 8
"""Rows on the first level; with fewer, the second one is shown as well."""


class LayerTree(QtWidgets.QTreeWidget):
    """Every module of a network."""

    layer_chosen = QtCore.Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("layer_tree")
        self.setAccessibleName("Layers of the network")
        self.setColumnCount(len(_COLUMNS))
        self.setHeaderLabels([title for title, _, _ in _COLUMNS])
        self.setAlternatingRowColors(True)
        self.setUniformRowHeights(True)
        header = self.headerItem()
        for number, (_, width, help_text) in enumerate(_COLUMNS):
            self.setColumnWidth(number, theme.scaled(width))
            header.setToolTip(number, help_text)
            if number in (2, 3, 4):
                header.setTextAlignment(
                    number, QtCore.Qt.AlignmentFlag.AlignRight | QtCore.Qt.AlignmentFlag.AlignVCenter
                )
        self._rows: dict[str, QtWidgets.QTreeWidgetItem] = {}
        self.currentItemChanged.connect(self._chosen)
        theme.notifier().changed.connect(self._tint)

    def show_anatomy(self, anatomy: Anatomy) -> None:
        """Replace the rows."""
        with QtCore.QSignalBlocker(self):
            self._fill(anatomy)

    def _fill(self, anatomy: Anatomy) -> None:
        self.clear()
        self._rows = {}
        for layer in anatomy.layers:
            parent = self._rows.get(layer.name.rpartition(".")[0])
            row = QtWidgets.QTreeWidgetItem(_texts(layer))
            row.setData(0, _NAME, layer.name)
            row.setData(1, _NAME, layer.in_head)
            for column in (2, 3, 4):
                row.setTextAlignment(column, QtCore.Qt.AlignmentFlag.AlignRight | QtCore.Qt.AlignmentFlag.AlignVCenter)
            if parent is None:
                self.addTopLevelItem(row)
            else:
                parent.addChild(row)
            self._rows[layer.name] = row
        for layer in anatomy.layers:
            if layer.in_head:
                self._say_both(layer.name)
        if self.topLevelItemCount() < _FEW:
            self.expandToDepth(0)
        self._tint()

    def _say_both(self, name: str) -> None:
        """Groups that hold a part of the backbone and the head."""
        while name := name.rpartition(".")[0]:
            if not self._rows[name].data(1, _NAME):
                self._rows[name].setText(6, "backbone, head")

    def select(self, name: str) -> None:
        """Show a layer."""
        row = self._rows.get(name)
        if row is not None and row is not self.currentItem():
            with QtCore.QSignalBlocker(self):
                self.setCurrentItem(row)
                self.scrollToItem(row)

    def _chosen(self, row: QtWidgets.QTreeWidgetItem | None) -> None:
        if row is not None:
            self.layer_chosen.emit(row.data(0, _NAME))

    def _tint(self) -> None:
        """The head in its colour, as in the diagram."""
        colours = theme.current()
        for row in self._rows.values():
            row.setForeground(6, QtGui.QColor(colours.series_text[1 if row.data(1, _NAME) else 0]))


def _texts(layer: Layer) -> list[str]:
    return [
        layer.name.rpartition(".")[2],
        f"{layer.kind}  {layer.detail}".strip(),
        "×".join(map(str, layer.output)) or "training only",
        f"{layer.parameters:,}" if layer.parameters else "",
        f"{layer.multiplications / 1e6:,.1f}" if layer.multiplications else "",
        layer.reach.in_words() if layer.reach else "",
        "head" if layer.in_head else "backbone",
    ]
