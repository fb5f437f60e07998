"""The last line of the Data page: what there is, how it is split, and how it is varied."""

from collections.abc import Callable

from PySide6 import QtWidgets

from cnnstudio.core import pictures_in_classes
from cnnstudio.data import Dataset
from cnnstudio.data.layouts.reading import BY_HAND
from cnnstudio.ui.data.split_line import SplitLine
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import button, label


class PageFoot(QtWidgets.QWidget):
    """Says how many pictures in how many classes; beside it the split, and ways to choose again."""

    def __init__(self, studio: Studio, on_other_classes: Callable[[], None], on_augment: Callable[[], None]) -> None:
        super().__init__()
        self.summary = label("", "caption", name="data_summary")
        self.reread = button("Other classes…", "data_reread", on_other_classes, kind="ghost")
        self.reread.setToolTip("Choose again what the classes of this folder are")
        self.split = SplitLine(studio)
        self.augment = button("Augmentation…", "data_changes", on_augment, kind="ghost")
        self.augment.setToolTip("How pictures are varied while training")
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(self.summary)
        row.addWidget(self.reread)
        row.addStretch(1)
        row.addWidget(self.split)
        row.addWidget(self.augment)
        for entry in (self.reread, self.augment):
            entry.setProperty("density", "small")

    def show_dataset(self, dataset: Dataset, counts: dict[str, dict[str, int]]) -> None:
        """Tell it of a folder."""
        used = pictures_in_classes(len(dataset.samples), len(dataset.classes))
        skipped = len(dataset.left_out)
        self.summary.setText(f"{used}, {skipped:,} skipped by you" if skipped else used)
        self.reread.setVisible(bool(dataset.classes_from))
        self.reread.setText("Continue sorting" if dataset.classes_from == BY_HAND else "Other classes…")
        self.split.show_dataset(dataset, counts)
