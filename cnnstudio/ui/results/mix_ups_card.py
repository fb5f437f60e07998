"""What is mixed up: a matrix with names and numbers; of many classes a list, and the matrix to zoom into."""

from functools import partial

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import counted, isolated
from cnnstudio.jobs.specs.scores import Figures
from cnnstudio.ui.look import theme
from cnnstudio.ui.results.confusion_view import ConfusionView
from cnnstudio.ui.results.mix_up_list import MixUpList
from cnnstudio.ui.widgets import Card, Choices, button, label

_WORST = 5
_LIST, _OVERVIEW = range(2)
_LIST_HEIGHT = 420


class MixUpsCard(Card):
    """Chooses a cell, by the matrix or by the list."""

    chosen = QtCore.Signal(int, int)
    """Actual class, predicted class."""

    def __init__(self) -> None:
        super().__init__("Mix-ups")
        self.matrix = ConfusionView()
        self.matrix.cell_chosen.connect(self.chosen)
        self.matrix.zoomed.connect(self._enable)
        self.list = MixUpList()
        self.list.setMinimumHeight(theme.scaled(_LIST_HEIGHT))
        self.list.mix_up_chosen.connect(self.chosen)
        self.confusions = label("", wrap=True, name="confusions")
        self.search = QtWidgets.QLineEdit()
        self.search.setObjectName("mix_up_search")
        self.search.setAccessibleName("Find mix-ups of a class")
        self.search.setPlaceholderText("Find a class")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.list.rows.narrow)
        self.tabs = [self._tab(_LIST, "The worst"), self._tab(_OVERVIEW, "Overview")]
        self.zoom_out = button("", "matrix_zoom_out", lambda: self.matrix.zoom(closer=False), icon_name="zoom-out")
        self.zoom_in = button("", "matrix_zoom_in", lambda: self.matrix.zoom(closer=True), icon_name="zoom-in")
        self.zoom_out.setAccessibleName("Show more of the matrix")
        self.zoom_in.setAccessibleName("Show less of the matrix, larger")
        self.all = button("All", "matrix_all", self.matrix.show_all)
        self.all.setToolTip("Show all classes (double click, or 0)")
        group = Choices(self)
        for entry in self.tabs:
            group.addButton(entry)
            self.head.addWidget(entry)
        zoom = QtWidgets.QHBoxLayout()
        zoom.setSpacing(theme.XS)
        for entry in (self.zoom_out, self.zoom_in, self.all):
            zoom.addWidget(entry)
        zoom.addWidget(label("Ctrl and the wheel zoom, dragging moves.", "caption", kind="muted", wrap=True), 1)
        self.zoom_row = QtWidgets.QWidget()
        self.zoom_row.setLayout(zoom)
        zoom.setContentsMargins(0, 0, 0, 0)
        for widget in (self.search, self.list, self.zoom_row, self.matrix, self.confusions):
            self.body.addWidget(widget)
        self.body.addStretch(1)

    def show_figures(self, figures: Figures) -> None:
        """Replace what is shown."""
        self.matrix.show_figures(figures)
        self.list.rows.show_figures(figures)
        classes = [isolated(name) for name in figures.classes]
        self.confusions.setText(
            "\n".join(
                f"{classes[each.true]} → {classes[each.predicted]}, {counted(each.count, 'time')}"
                for each in figures.mix_ups[:_WORST]
            )
        )
        if self.matrix.zooms and figures.mix_up_kinds > len(figures.mix_ups):
            most = f"The {len(figures.mix_ups):,} most frequent of {counted(figures.mix_up_kinds, 'mix-up')}."
            self.confusions.setText(most)
        elif self.matrix.zooms:
            self.confusions.setText("")
        self._show(_LIST)
        self._enable()

    def _tab(self, index: int, title: str) -> QtWidgets.QPushButton:
        entry = button(title, f"mix_ups_{index}", partial(self._show, index), kind="tab")
        entry.setCheckable(True)
        return entry

    def _show(self, index: int) -> None:
        many = self.matrix.zooms
        self.tabs[index].setChecked(True)
        for entry in self.tabs:
            entry.setVisible(many)
        for widget in (self.list, self.search):
            widget.setVisible(many and index == _LIST)
        self.matrix.setVisible(not many or index == _OVERVIEW)
        self.zoom_row.setVisible(many and index == _OVERVIEW)
        self.confusions.setVisible(bool(self.confusions.text()) and (not many or index == _LIST))

    def _enable(self) -> None:
        for entry in (self.zoom_out, self.all):
            entry.setEnabled(self.matrix.is_zoomed)
