"""All pictures of the folder, narrowed by class, split and trouble."""

from PySide6 import QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.data import SPLITS, Dataset, Sample
from cnnstudio.data.checks.finding_words import WORDS
from cnnstudio.ui.data.curator import Curator
from cnnstudio.ui.data.grid_view import GridView
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Items, Thumbnails, combo, fill, label

_LEFT_OUT = "left-out"


class PictureBrowser(QtWidgets.QWidget):
    """Filters above a grid."""

    def __init__(self, thumbnails: Thumbnails, curator: Curator) -> None:
        super().__init__()
        self.setObjectName("picture_browser")
        self._dataset: Dataset | None = None
        self._stale = False
        self.search = QtWidgets.QLineEdit()
        self.search.setObjectName("picture_search")
        self.search.setAccessibleName("File name")
        self.search.setPlaceholderText("File name")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(110)
        self.of_class = _combo("picture_class", "Class")
        self.of_split = _combo("picture_split", "Split")
        self.of_trouble = _combo("picture_trouble", "Problem")
        orders = (("By class", "class"), ("By name", "name"), ("By split", "split"))
        self.order = _combo("picture_order", "Order", orders)
        self.count = label("", "caption", kind="muted", name="picture_count")
        self.view = GridView("picture_grid", thumbnails, curator)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.search, 1)
        for box in (self.of_class, self.of_split, self.of_trouble, self.order):
            row.addWidget(box)
            box.currentIndexChanged.connect(lambda _: self._narrow())
        row.addWidget(self.count)
        self.search.textChanged.connect(lambda _: self._narrow())
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(row)
        column.addWidget(self.view, 1)

    def show_dataset(self, dataset: Dataset) -> None:
        """Show another folder, or the same one after a decision; the filters stay."""
        self._dataset = dataset
        fill(self.of_class, [("All classes", ""), *((name, name) for name in dataset.classes)])
        fill(self.of_split, [("All splits", ""), *((split, split) for split in SPLITS)])
        problems: list[tuple[str, str]] = [(WORDS[f.kind].title, f.kind) for f in dataset.findings if f.groups]
        if dataset.left_out:
            problems.append((f"Skipped by you ({len(dataset.left_out):,})", _LEFT_OUT))
        fill(self.of_trouble, [("All pictures", ""), *problems])
        self._stale = not self.isVisible()
        if not self._stale:
            self._narrow()

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        """Catch up with what changed while nobody looked."""
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self._narrow()

    def only_class(self, name: str) -> None:
        """Show one class."""
        self.of_class.setCurrentIndex(max(0, self.of_class.findData(name)))

    def _narrow(self) -> None:
        dataset = self._dataset
        if dataset is None:
            return
        wanted = self._wanted(dataset)
        self.view.show_samples(wanted, dataset)
        everything = len(dataset.samples) + len(dataset.left_out)
        self.count.setText(f"{len(wanted):,} of {everything:,}")

    def _wanted(self, dataset: Dataset) -> list[Sample]:
        text, name = self.search.text().lower(), self.of_class.currentData()
        split, trouble = self.of_split.currentData(), self.of_trouble.currentData()
        samples = [*dataset.samples, *dataset.left_out]
        if trouble == _LEFT_OUT:
            samples = list(dataset.left_out)
        elif trouble:
            samples = [sample for f in dataset.findings if f.kind == trouble for sample in dataset.samples_of(f)]
        if name:
            label_of = dataset.classes.index(name)
            samples = [sample for sample in samples if sample.label == label_of]
        if split:
            samples = [sample for sample in samples if sample.split == split]
        if text:
            samples = [sample for sample in samples if text in sample.path.name.lower()]
        if not trouble:
            key = self.order.currentData()
            if key == "name":
                samples.sort(key=lambda sample: sample.path.name)
            elif key == "split":
                samples.sort(key=lambda sample: SPLITS.index(sample.split))
        return samples


def _combo(name: str, accessible: str, items: Items = ()) -> QtWidgets.QComboBox:
    box = combo(name, accessible, items)
    box.setMinimumContentsLength(8)
    box.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return box
