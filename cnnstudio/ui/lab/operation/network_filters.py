"""The filters of a network's first layer, to take one as kernel."""

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.jobs.specs import TakeFilters
from cnnstudio.jobs.specs.lab import NetworkFilters
from cnnstudio.lab import Convolution
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import NoticeBar, combo, fill, image_of, label
from cnnstudio.ui.widgets.dialog_frame import give_room
from cnnstudio.ui.widgets.model_offers import offers

_CELL = 56


class FiltersDialog(QtWidgets.QDialog):
    """A click on a filter, or Return, takes it; nothing is read before a network is chosen."""

    chosen = QtCore.Signal(Convolution)

    def __init__(self, studio: Studio, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("lab_filters")
        self.setWindowTitle("A filter of a network")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        give_room(self, 640, 460)
        self._studio = studio
        self._filters: tuple[Convolution, ...] = ()
        self.notice = NoticeBar("lab_filters_notice")
        self.network = combo("lab_filters_network", "Network")
        fill(self.network, [(offer.title, offer.ref) for offer in offers(studio)])
        self.network.currentIndexChanged.connect(lambda _: self._take())
        self.words = label("", kind="muted", wrap=True, name="lab_filters_words")
        self.view = QtWidgets.QListWidget()
        self.view.setObjectName("lab_filters_list")
        self.view.setAccessibleName("Filters of the first layer")
        self.view.setViewMode(QtWidgets.QListView.ViewMode.IconMode)
        self.view.setResizeMode(QtWidgets.QListView.ResizeMode.Adjust)
        self.view.setMovement(QtWidgets.QListView.Movement.Static)
        self.view.setIconSize(QtCore.QSize(_CELL, _CELL))
        self.view.setGridSize(QtCore.QSize(_CELL + 14, _CELL + 26))
        self.view.itemClicked.connect(lambda _: self._choose())
        self.view.itemActivated.connect(lambda _: self._choose())
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        column.setSpacing(theme.S)
        for part in (self.network, self.notice, self.words):
            column.addWidget(part)
        column.addWidget(self.view, 1)

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        super().showEvent(event)
        self._take()

    def _take(self) -> None:
        model = self.network.currentData()
        self.notice.hide()
        self.view.clear()
        if model is None:
            self.words.setText("There is no network with weights yet: train one, or choose one on the Network page.")
            return
        self.words.setText("Reading the weights…")
        self._studio.submit(TakeFilters(model=model), done=self._show, failed=self.notice.show_problem)

    def _show(self, found: NetworkFilters) -> None:
        self._filters = found.filters
        rows, columns = found.filters[0].side if found.filters else (0, 0)
        size = f"{rows} × {columns}"
        self.words.setText(f"{len(found.filters)} filters of {size}, layer {found.layer}. Take one with a click.")
        for number, picture in enumerate(found.pictures):
            image = image_of(picture).scaled(_CELL, _CELL)  # without smoothing: every weight stays a square
            item = QtWidgets.QListWidgetItem(QtGui.QIcon(QtGui.QPixmap.fromImage(image)), str(number))
            item.setData(QtCore.Qt.ItemDataRole.AccessibleTextRole, f"Filter {number}")
            self.view.addItem(item)

    def _choose(self) -> None:
        if 0 <= self.view.currentRow() < len(self._filters):
            self.chosen.emit(self._filters[self.view.currentRow()])
            self.accept()
