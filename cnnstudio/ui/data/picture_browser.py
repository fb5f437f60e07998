"""The pictures of what is chosen on the left, narrowed by name and split, in the size that a person likes."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted
from cnnstudio.data import SPLITS, Dataset, Sample
from cnnstudio.ui.data.class_list import Row
from cnnstudio.ui.data.grid_view import GridView
from cnnstudio.ui.data.picture_grid import LARGEST, SIDE, SMALLEST
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Curator
from cnnstudio.ui.widgets import DropFilter, EmptyState, Items, Thumbnails, combo, label, plain, slider

_ALL = Row("all", "All pictures")


class PictureBrowser(QtWidgets.QWidget):
    """A heading, filters, and the grid; ``dropped`` has paths, or URIs of many, that are for what is shown."""

    dropped = QtCore.Signal(list, bytes)
    pictures_wanted = QtCore.Signal()
    """Files are to be chosen for the class that is shown and has none."""

    def __init__(self, sizes: tuple[Thumbnails, Thumbnails], curator: Curator) -> None:
        super().__init__()
        self.setObjectName("picture_browser")
        self._dataset: Dataset | None = None
        self._row = _ALL
        self._stale = False
        self._reveal: tuple[Path, ...] = ()
        self.title = Title()
        self.count = label("", "caption", kind="muted", name="picture_count")
        self.zoom = slider("picture_size", "Size of the pictures", SMALLEST, LARGEST, SIDE)
        self.search = QtWidgets.QLineEdit()
        self.search.setObjectName("picture_search")
        self.search.setAccessibleName("Search by file name")
        self.search.setPlaceholderText("Search file names")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(theme.scaled(110))
        self.of_split = _combo("picture_split", "Split", [("All splits", ""), *((split, split) for split in SPLITS)])
        orders = (("By class", "class"), ("By file name", "name"), ("By split", "split"))
        self.order = _combo("picture_order", "Order", orders)
        self.view = GridView("picture_grid", sizes, curator)
        self.stack = QtWidgets.QStackedWidget()
        self.stack.addWidget(self.view)
        empty = self._empty_class()
        self.stack.addWidget(empty)
        self.stack.addWidget(self._no_match())
        for part in (self.view, empty):
            DropFilter(part, lambda paths: self.dropped.emit(paths, b""), on_many=partial(self.dropped.emit, []))
        above = QtWidgets.QHBoxLayout()
        above.setSpacing(theme.S)
        above.addWidget(self.title, 1)
        above.addWidget(self.count)
        above.addSpacing(theme.S)
        above.addWidget(self.zoom)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.search, 1)
        for box in (self.of_split, self.order):
            row.addWidget(box)
            box.currentIndexChanged.connect(lambda _: self._narrow_anew())
        self.search.textChanged.connect(lambda _: self._narrow_anew())
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(above)
        column.addLayout(row)
        column.addWidget(self.stack, 1)
        self.zoom.valueChanged.connect(self.view.set_side)
        self.view.side_wanted.connect(self.zoom.setValue)

    def use_keys(self, keys: Callable[[], list[str]]) -> None:
        """Which classes the digits give."""
        self.view.keys = keys

    def show_dataset(self, dataset: Dataset) -> None:
        """Take another folder, or the same one after a decision, which keeps filters and place."""
        if self._dataset is None or self._dataset.root != dataset.root:
            with QtCore.QSignalBlocker(self.search), QtCore.QSignalBlocker(self.of_split):
                self.search.clear()
                self.of_split.setCurrentIndex(0)
            self._row = _ALL
            self.view.go_to_top()
        self._dataset = dataset

    def show_row(self, row: Row) -> None:
        """Show a class, all pictures, or those that were skipped; comes after every ``show_dataset``."""
        is_other = (row.kind, row.name) != (self._row.kind, self._row.name)
        self._row = row
        if is_other:
            self.view.go_to_top()
        self._stale = not self.isVisible()
        if not self._stale:
            self._narrow()

    def reveal(self, paths: Sequence[Path]) -> None:
        """Select these as soon as they are shown: what one has just added is what one sees."""
        self._reveal = tuple(paths)

    def reveal_among_all(self, paths: Sequence[Path]) -> None:
        """As ``reveal``; no search and no split hides them."""
        with QtCore.QSignalBlocker(self.search), QtCore.QSignalBlocker(self.of_split):
            self.search.clear()
            self.of_split.setCurrentIndex(0)
        self.reveal(paths)

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        """Catch up with what changed while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self._narrow()

    def _narrow_anew(self) -> None:
        self.view.go_to_top()
        self._narrow()

    def _narrow(self) -> None:
        dataset = self._dataset
        if dataset is None:
            return
        of_row = _samples_of(self._row, dataset)
        wanted = self._wanted(of_row)
        self.view.show_samples(wanted, dataset)
        self.title.show_text(self._row.name)
        self.count.setText(_count(len(wanted), of_row, dataset))
        self.stack.setCurrentIndex(0 if wanted else 2 if of_row else 1)
        if self._reveal and self.view.reveal(self._reveal):
            self._reveal = ()

    def _wanted(self, samples: list[Sample]) -> list[Sample]:
        text, split = self.search.text().strip().casefold(), self.of_split.currentData()
        if split:
            samples = [sample for sample in samples if sample.split == split]
        if text:
            samples = [sample for sample in samples if text in sample.path.name.casefold()]
        key = self.order.currentData()
        if key == "name":
            samples.sort(key=lambda sample: sample.path.name)
        elif key == "split":
            samples.sort(key=lambda sample: SPLITS.index(sample.split))
        return samples

    def _show_all(self) -> None:
        self.search.clear()
        self.of_split.setCurrentIndex(0)
        self.view.setFocus()

    def _empty_class(self) -> QtWidgets.QWidget:
        return EmptyState(
            "image",
            "No pictures yet",
            "Drop pictures here or onto the name of the class. They are copied into a folder of their own beside your "
            "other classes.",
            "Choose pictures…",
            self.pictures_wanted.emit,
        )

    def _no_match(self) -> QtWidgets.QWidget:
        return EmptyState(
            "search", "No picture matches", "Other file names, or another split.", "Show all of them", self._show_all
        )


def _count(shown: int, of_row: Sequence[Sample], dataset: Dataset) -> str:
    if shown < len(of_row):
        return f"{shown:,} of {counted(len(of_row), 'picture')}"
    skipped = len(frozenset(dataset.left_out).intersection(of_row)) if dataset.left_out else 0
    used = counted(shown - skipped, "picture")
    return f"{used}, {skipped:,} skipped" if 0 < skipped < shown else counted(shown, "picture")


def _samples_of(row: Row, dataset: Dataset) -> list[Sample]:
    if row.kind == "all":
        return [*dataset.samples, *dataset.left_out]
    if row.kind == "skipped":
        return list(dataset.left_out)
    if row.name not in dataset.classes:
        return []
    label_of = dataset.classes.index(row.name)
    return [sample for sample in (*dataset.samples, *dataset.left_out) if sample.label == label_of]


class Title(QtWidgets.QLabel):
    """A heading that gives way in its middle."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("picture_title")
        self.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        self.setFont(theme.font("heading"))
        self.setMinimumWidth(theme.scaled(60))
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Preferred)
        self._whole = ""

    def show_text(self, text: str) -> None:
        """Show a name."""
        self._whole = text
        self.setAccessibleName(text)
        self._fit()

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, QtCore.Qt.TextElideMode.ElideMiddle, max(60, self.width()))
        self.setText(shown)
        self.setToolTip(plain(self._whole) if shown != self._whole else "")


def _combo(name: str, accessible: str, items: Items = ()) -> QtWidgets.QComboBox:
    box = combo(name, accessible, items)
    box.setMinimumContentsLength(8)
    box.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return box
