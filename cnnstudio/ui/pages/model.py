"""The model browser: every network, chosen by its figures, with weights from here, a file, a folder or a download."""

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTableView,
)

from cnnstudio.core.errors import Problem
from cnnstudio.jobs import specs
from cnnstudio.networks.catalogue import Catalogue, NetworkEntry
from cnnstudio.networks.recommend import recommended
from cnnstudio.networks.weights_report import WeightsReport
from cnnstudio.ui import theme
from cnnstudio.ui.item_models.network_table import (
    COLUMNS,
    ENTRY_ROLE,
    NetworkFilter,
    NetworkTable,
    is_local,
    shown_weights,
)
from cnnstudio.ui.job_monitor import JobMonitor
from cnnstudio.ui.studio import Studio
from cnnstudio.ui.widgets.buttons import button
from cnnstudio.ui.widgets.card import Card
from cnnstudio.ui.widgets.page import Page
from cnnstudio.ui.widgets.progress_strip import ProgressStrip
from cnnstudio.ui.widgets.text import label, set_kind

_FILES = "Weights (*.pth *.pt *.safetensors)"


class ModelPage(Page):
    """Third step: which network, and which weights it starts from."""

    def __init__(self, studio: Studio) -> None:
        subtitle = "A pretrained network already knows edges, textures and shapes. Reading the list of networks …"
        super().__init__("model_page", "Model", subtitle, scrolls=False)
        self._studio = studio
        self.next = button("Train", "model_next", self._go_on, kind="primary", icon_name="chevron-right")
        self.next.setEnabled(False)
        self.tools.addWidget(self.next)
        self.column.addLayout(self._filters())
        row = QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self._table(), 1)
        row.addWidget(self._details())
        self.column.addLayout(row, 1)
        studio.catalogue_changed.connect(self._show_catalogue)
        studio.network_changed.connect(self._show_network)

    def select(self, network: str, weights: str | Path | None = None) -> JobMonitor | None:
        """Choose a network by its builder name, and a weights file or folder for it; the same as the clicks do.

        Returns:
            The monitor of the check of the weights file, if one was given.
        """
        self._studio.choose_network(network)
        return self._check(network, Path(weights)) if weights is not None else None

    # Layout ---------------------------------------------------------------------------------------------------

    def _filters(self) -> QHBoxLayout:
        self.search = QLineEdit()
        self.search.setObjectName("network_search")
        self.search.setAccessibleName("Search networks")
        self.search.setPlaceholderText("Search, such as resnet or mobile")
        self.search.setClearButtonEnabled(True)
        self.family = QComboBox()
        self.family.setObjectName("network_family")
        self.family.setAccessibleName("Family")
        self.family.addItem("All families", "")
        self.only_local = QCheckBox("Only on this computer")
        self.only_local.setObjectName("only_local")
        self.only_local.setAccessibleName("Only networks whose weights are on this computer")
        self.count = label("", "caption", kind="muted", name="network_count")
        self.search.textChanged.connect(self._narrow)
        self.family.currentIndexChanged.connect(self._narrow)
        self.only_local.toggled.connect(self._narrow)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.search, 1)
        row.addWidget(self.family)
        row.addWidget(self.only_local)
        row.addWidget(self.count)
        return row

    def _table(self) -> QTableView:
        self.model = NetworkTable()
        self.filter = NetworkFilter()
        self.filter.setSourceModel(self.model)
        self.table = QTableView()
        self.table.setObjectName("network_table")
        self.table.setAccessibleName("Networks")
        self.table.setModel(self.filter)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setAlternatingRowColors(True)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(34)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for section, column in enumerate(COLUMNS):
            header.resizeSection(section, column.width)
        header.setStretchLastSection(True)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header.setHighlightSections(False)
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        return self.table

    def _details(self) -> Card:
        card = Card("Selected")
        card.setFixedWidth(292)
        self.badge = label("Recommended", "caption", kind="badge", name="recommended")
        card.head.addWidget(self.badge)
        self.name = label("", "title", wrap=True, name="network_name")
        self.figures = label("", kind="muted", wrap=True, name="network_figures")
        self.reason = label("", "caption", kind="muted", wrap=True, name="recommendation")
        self.licence = label("", "caption", kind="bad", wrap=True, name="licence")
        self.weights_state = label("", wrap=True, name="weights_state")
        self.progress = ProgressStrip("download_progress")
        self.download = button("Download weights", "download_weights", self._start_download, icon_name="download")
        self.own_file = button("Use my own weights file…", "own_weights", self._choose_file, icon_name="open-folder")
        self.folder = button("Use a folder of weights…", "weights_folder", self._choose_folder, icon_name="open-folder")
        self.forget = button("Back to the standard weights", "standard_weights", self._forget_file, kind="ghost")
        for widget in (self.name, self.figures, self.reason, self.licence):
            card.body.addWidget(widget)
        card.body.addSpacing(theme.M)
        card.body.addWidget(label("Starting weights", "heading"))
        for part in (self.weights_state, self.progress, self.download, self.own_file, self.folder, self.forget):
            card.body.addWidget(part)
        card.body.addStretch(1)
        return card

    # State ----------------------------------------------------------------------------------------------------

    def _show_catalogue(self, catalogue: Catalogue) -> None:
        self.subtitle.setText(
            "A pretrained network already knows edges, textures and shapes; it only has to learn your classes. "
            f"{len(catalogue.networks)} networks of torchvision {catalogue.torchvision}."
        )
        self.model.show_catalogue(catalogue)
        chosen = self.family.currentData()
        self.family.blockSignals(True)
        self.family.clear()
        self.family.addItem("All families", "")
        for family in sorted({network.family for network in catalogue.networks}, key=str.lower):
            self.family.addItem(family, family)
        self.family.setCurrentIndex(max(0, self.family.findData(chosen)))
        self.family.blockSignals(False)
        self._narrow()

    def _show_network(self, network: NetworkEntry | None) -> None:
        self.next.setEnabled(network is not None)
        if network is None:
            return
        entry = shown_weights(network)
        self.name.setText(network.title)
        self.figures.setText(
            f"{entry.acc1 or 0:.1f} % on ImageNet · {network.parameters / 1e6:.1f} million weights · "
            f"{entry.gflops:.2f} GFLOPS per picture · sees {entry.input_size} × {entry.input_size} px"
        )
        best = self._is_recommended(network)
        self.badge.setVisible(best)
        self.reason.setText(self._studio.recommendation if best else "")
        self.reason.setVisible(best)
        limited = all(item.licence for item in network.weights)
        self.licence.setVisible(limited)
        self.licence.setText(f"These weights may not be used commercially: {entry.licence}" if limited else "")
        self._show_weights(network)
        self._mark_row(network)

    def _show_weights(self, network: NetworkEntry) -> None:
        own = self._studio.weights
        self.forget.setVisible(own is not None)
        local = is_local(network)
        self.download.setVisible(own is None and not local)
        self.download.setText(f"Download weights ({shown_weights(network).file_size_mb:,.0f} MB)")
        if own is not None:
            self._say(f"Your file: {own.name}", "good")
        elif local:
            self._say("On this computer. Ready, also without internet.", "good")
        else:
            self._say("Not on this computer yet. Training downloads them, or you choose a file.", "muted")

    def _say(self, text: str, kind: str) -> None:
        self.weights_state.setText(text)
        set_kind(self.weights_state, kind)

    def _is_recommended(self, network: NetworkEntry) -> bool:
        catalogue = self._studio.catalogue
        return catalogue is not None and recommended(catalogue).network == network.name

    def _mark_row(self, network: NetworkEntry) -> None:
        for row in range(self.filter.rowCount()):
            if self.filter.index(row, 0).data(ENTRY_ROLE).name == network.name:
                if self.table.currentIndex().row() != row:
                    self.table.blockSignals(True)
                    self.table.selectRow(row)
                    self.table.blockSignals(False)
                self.table.scrollTo(self.filter.index(row, 0))
                return
        self.table.clearSelection()

    # Actions --------------------------------------------------------------------------------------------------

    def _narrow(self) -> None:
        self.filter.narrow(self.search.text(), self.family.currentData() or "", only_local=self.only_local.isChecked())
        self.count.setText(f"{self.filter.rowCount()} of {self.model.rowCount()}")
        if self._studio.network is not None:
            self._mark_row(self._studio.network)

    def _row_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        network = current.data(ENTRY_ROLE) if current.isValid() else None
        if network is not None and (self._studio.network is None or network.name != self._studio.network.name):
            self._studio.choose_network(network.name)

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Weights file", "", _FILES)
        if path and self._studio.network is not None:
            self._check(self._studio.network.name, Path(path))

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of weights files")
        if folder:
            self._studio.add_weights_folder(Path(folder))

    def _forget_file(self) -> None:
        if self._studio.network is not None:
            self._studio.choose_network(self._studio.network.name)

    def _check(self, network: str, file: Path) -> JobMonitor:
        self.notice.hide()
        self._say(f"Looking into {file.name} …", "muted")
        monitor = self._studio.submit(specs.CheckWeights(network=network, file=file), "chores")
        monitor.finished.connect(self._take_file)
        monitor.failed.connect(self._refuse_file)
        return monitor

    def _take_file(self, report: WeightsReport) -> None:
        self._studio.choose_network(report.network, report.file)
        self._say(report.note, "good")

    def _refuse_file(self, problem: Problem) -> None:
        self.notice.show_problem(problem)
        if self._studio.network is not None:
            self._show_weights(self._studio.network)

    def _start_download(self) -> None:
        network = self._studio.network
        if network is None:
            return
        self.notice.hide()
        entry = shown_weights(network)
        monitor = self._studio.submit(specs.DownloadWeights(network=network.name, entry=entry.name), "chores")
        self.progress.follow(monitor)
        self.progress.text.setText("Connecting")
        self.download.setEnabled(False)
        monitor.finished.connect(lambda _: self._studio.refresh_catalogue())
        monitor.failed.connect(self.notice.show_problem)
        monitor.ended.connect(lambda: self.download.setEnabled(True))

    def _go_on(self) -> None:
        self._studio.navigate.emit("train")
