"""What happens inside the network while it learns: each block's silent units, values and gradients, step by step."""

from collections.abc import Iterable

import numpy as np
import pyqtgraph as pg
from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import BlockSeen, InsideSeen, counted
from cnnstudio.runs.inside_words import name_of, noticed, silent_share, silent_words
from cnnstudio.ui.look import theme
from cnnstudio.ui.train.panel import Panel
from cnnstudio.ui.widgets import label, plain, table

_COLUMNS = (
    ("Block", "From picture to answer. Select one to see how it changed."),
    ("Silent", "Units (channels behind a ReLU) that gave 0 for every picture of the last four looks: dead ReLU."),
    ("Gradient", "Length of the gradient of the block's weights: how strongly this batch pulls at them."),
    ("Mean", "Of the values that the block gives, and their standard deviation."),
)
_STEP = "Step"
_ROWS = 48
"""Of the picture of all histograms."""


class InsidePanel(QtWidgets.QWidget):
    """Hidden while nobody looked inside."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("inside_panel")
        self._looks: dict[int, InsideSeen] = {}
        self._chosen = ""
        self.title = label("Inside the network", "heading")
        self.sentence = label("", "caption", kind="muted", wrap=True, name="inside_sentence")
        self.notes = label("", wrap=True, name="inside_notes")
        self.blocks = QtWidgets.QTableWidget(0, len(_COLUMNS))
        table(self.blocks, "inside_blocks", "Blocks of the network, and what happens in them", 26)
        for number, (title, text) in enumerate(_COLUMNS):
            head = QtWidgets.QTableWidgetItem(title)
            head.setToolTip(text)
            head.setTextAlignment(_side(number))
            self.blocks.setHorizontalHeaderItem(number, head)
        self.blocks.setEditTriggers(QtWidgets.QTableWidget.EditTrigger.NoEditTriggers)
        self.blocks.setSelectionMode(QtWidgets.QTableWidget.SelectionMode.SingleSelection)
        self.blocks.horizontalHeader().setSectionResizeMode(0, QtWidgets.QHeaderView.ResizeMode.Stretch)
        self.blocks.setMinimumHeight(theme.scaled(190))
        self.blocks.setMinimumWidth(theme.scaled(330))
        self.blocks.currentCellChanged.connect(lambda row, *_: self._choose(row))
        self.gradient = Panel("inside_gradient", "Gradient", "log₁₀", bottom=_STEP)
        self.gradient_curve = self.gradient.line("", 0, symbol="o")
        self.silent = Panel("inside_silent", "Silent units", "%", bottom=_STEP)
        self.silent.setLimits(yMin=-2, yMax=102, minYRange=20)
        self.silent_curve = self.silent.line("", 1, symbol="s")
        self.values = _Values()
        plots = QtWidgets.QHBoxLayout()
        plots.setSpacing(theme.S)
        for panel in (self.values, self.gradient, self.silent):
            plots.addWidget(panel, 1)
        self.about = label("", "caption", kind="muted", wrap=True, name="inside_about")
        right = QtWidgets.QVBoxLayout()
        right.addWidget(self.about)
        right.addLayout(plots, 1)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self.blocks, 2)
        row.addLayout(right, 3)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, theme.S, 0, 0)
        column.setSpacing(theme.S)
        for part in (self.title, self.sentence, self.notes):
            column.addWidget(part)
        column.addLayout(row, 1)
        self.hide()

    def clear(self) -> None:
        """Nothing was seen."""
        self._looks, self._chosen = {}, ""
        self.hide()

    def add(self, looks: Iterable[InsideSeen]) -> None:
        """Show more looks, in whatever order they come; one at a step that was seen takes its place."""
        self._looks |= {look.step: look for look in looks if look.blocks}
        if not self._looks:
            return
        self._looks = dict(sorted(self._looks.items()))
        last = self._last
        silent = silent_words(last)
        batch = counted(last.batch, "training picture")
        self.sentence.setText(
            f"Step {last.step:,}, in epoch {last.epoch}: {silent}. Values and gradients are those of {batch}."
        )
        found = list(noticed(last))
        self.notes.setText("\n".join(f"{each.sentence} {each.advice}" for each in found))
        self.notes.setVisible(bool(found))
        self._fill(last)
        self._draw()
        self.show()

    @property
    def _last(self) -> InsideSeen:
        return next(reversed(self._looks.values()))

    def _fill(self, look: InsideSeen) -> None:
        with QtCore.QSignalBlocker(self.blocks):
            self.blocks.setRowCount(len(look.blocks))
            for row, block in enumerate(look.blocks):
                for column, text in enumerate(_texts(block)):
                    item = self.blocks.item(row, column) or QtWidgets.QTableWidgetItem()
                    item.setText(text)
                    item.setToolTip(plain(f"{name_of(block)}: {block.kind}"))
                    if column:
                        item.setTextAlignment(QtCore.Qt.AlignmentFlag.AlignRight | QtCore.Qt.AlignmentFlag.AlignVCenter)
                    if self.blocks.item(row, column) is None:
                        self.blocks.setItem(row, column, item)
            names = [block.name for block in look.blocks]
            if self._chosen not in names:
                self._chosen = max(look.blocks, key=lambda block: (silent_share(block), block.units > 0)).name
            self.blocks.selectRow(names.index(self._chosen))
            for column in range(1, len(_COLUMNS)):
                self.blocks.resizeColumnToContents(column)

    def _choose(self, row: int) -> None:
        if self._looks and 0 <= row < len(self._last.blocks):
            self._chosen = self._last.blocks[row].name
            self._draw()

    def _draw(self) -> None:
        seen = [
            (step, block) for step, look in self._looks.items() for block in look.blocks if block.name == self._chosen
        ]
        block = seen[-1][1]
        can = f", {counted(block.units, 'unit')} that can fall silent" if block.units else ""
        looks = counted(len(seen), "look")
        self.about.setText(f"{name_of(block)} ({block.kind}{can}), in {looks}.")
        for curve, points in (
            (self.gradient_curve, [(s, float(np.log10(b.gradient))) for s, b in seen if 0 < b.gradient < np.inf]),
            (self.silent_curve, [(s, 100 * b.silent / b.units) for s, b in seen if b.units]),
        ):
            curve.clear()
            curve.extend(points)
        self.gradient.setVisible(block.weights > 0)
        self.silent.setVisible(block.units > 0)
        self.values.show_blocks(seen)


class _Values(Panel):
    """All histograms of a block side by side: a column for each look, darker where more values lie."""

    def __init__(self) -> None:
        super().__init__("inside_values", "Values", bottom=_STEP)
        self._image = pg.ImageItem()
        self._seen: list[tuple[int, BlockSeen]] = []
        self.addItem(self._image)
        theme.on_change(self, self._tint)
        self._tint()

    def show_blocks(self, seen: list[tuple[int, BlockSeen]]) -> None:
        """Draw these looks at one block, by their steps."""
        low, high = min(block.low for _, block in seen), max(block.high for _, block in seen)
        edges = np.linspace(low, high if high > low else low + 1, _ROWS + 1)
        columns = np.stack([_shares(block, edges) for _, block in seen])
        steps = [step for step, _ in seen]
        width = (steps[-1] - steps[0]) / max(1, len(steps) - 1) or 1
        self._image.setImage(columns, autoLevels=False, levels=(0.0, _brightest(columns)))
        self._image.setRect(
            QtCore.QRectF(steps[0] - width / 2, edges[0], width * len(steps), float(edges[-1] - edges[0]))
        )
        self.show_all()

    def _tint(self) -> None:
        colours = theme.current()
        shades = [QtGui.QColor(colours.surface), QtGui.QColor(colours.series[0])]
        self._image.setLookupTable(pg.ColorMap([0.0, 1.0], shades).getLookupTable(nPts=64))


def _brightest(columns: np.ndarray) -> float:
    """Behind a ReLU half of the values are 0, which would leave the others as faint as the ground."""
    return float(max(0.05, np.quantile(columns, 0.97)))


def _shares(block: BlockSeen, edges: np.ndarray) -> np.ndarray:
    """Which share of a block's values lies between these edges; roots, so that few are seen, too."""
    counts = np.asarray(block.counts, float)
    if block.high <= block.low:
        shares = np.histogram([block.low], edges)[0].astype(float)
    else:
        own = np.linspace(block.low, block.high, len(counts) + 1)
        below = np.interp(edges, own, np.concatenate([[0.0], counts.cumsum()]))
        shares = np.diff(below) / max(1.0, counts.sum())
    roots: np.ndarray = np.sqrt(shares)
    return roots


def _side(column: int) -> QtCore.Qt.AlignmentFlag:
    flags = QtCore.Qt.AlignmentFlag
    return flags.AlignVCenter | (flags.AlignRight if column else flags.AlignLeft)


def _texts(block: BlockSeen) -> tuple[str, str, str, str]:
    silent = f"{block.silent:,} of {block.units:,}" if block.units else "–"
    gradient = f"{block.gradient:.2g}" if block.weights else "–"
    return f"{name_of(block)}  {block.kind}", silent, gradient, f"{block.mean:.2f} ± {block.deviation:.2f}"
