"""The model browser: every network, chosen by seeing; its weights from here, a file, a folder or a download."""

from functools import partial
from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import Problem, counted
from cnnstudio.jobs import specs
from cnnstudio.networks import WEIGHTS_SUFFIXES, Catalogue, NetworkEntry, WeightsEntry, WeightsReport, is_download
from cnnstudio.networks.catalogue.recommend import Advice
from cnnstudio.ui.look import theme
from cnnstudio.ui.network.advisor import AdviceBar, Advisor
from cnnstudio.ui.network.anatomy_view import AnatomyView
from cnnstudio.ui.network.card_list import CardList
from cnnstudio.ui.network.details import Details
from cnnstudio.ui.network.downloads import Downloads
from cnnstudio.ui.network.downloads_card import DownloadsCard
from cnnstudio.ui.network.filter_row import FilterRow
from cnnstudio.ui.network.network_table import ENTRY_ROLE, NetworkFilter, NetworkTable, NetworkTableView
from cnnstudio.ui.network.plot_panel import PlotPanel
from cnnstudio.ui.network.weights_dialog import WeightsDialog
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Page, ProgressStrip, button

_FILES = f"Weights ({' '.join('*' + suffix for suffix in WEIGHTS_SUFFIXES)});;All files (*)"
_VIEWS = (("plot", "Plot"), ("table", "Table"), ("cards", "Cards"), ("inside", "Look inside"))


class ModelPage(Page):
    """Third step: which network, and which weights it starts from."""

    def __init__(self, studio: Studio) -> None:
        subtitle = "A pretrained network already knows edges, textures and shapes. Reading the list of networks…"
        super().__init__("model_page", "Network", subtitle, scrolls=False)
        self._studio = studio
        self.advisor = Advisor(studio)
        self.downloads = Downloads(studio)
        self.weights_dialog: WeightsDialog | None = None
        self.next = button("Train", "model_next", self._go_on, kind="primary", icon_name="chevron-right")
        self.next.setEnabled(False)
        self.tools.addWidget(self.next)
        self.advice = AdviceBar()
        self.filters = FilterRow(studio)
        self.search, self.family, self.only_local = self.filters.search, self.filters.family, self.filters.only_local
        self.details = Details()
        self.weights_state = self.details.weights_state
        self.plot_panel = PlotPanel(self.advisor)
        self.plot = self.plot_panel.plot
        self.model = NetworkTable()
        if self.advisor.speeds is not None:
            self.model.show_speeds(self.advisor.speeds)
        self.filter = NetworkFilter()
        self.filter.setSourceModel(self.model)
        self.table = NetworkTableView(self.filter)
        self.cards = CardList(self.model)
        self.cards.setModel(self.filter)
        self.anatomy = AnatomyView(studio)
        self.progress = ProgressStrip("weights_progress")
        self._checking: JobMonitor[WeightsReport] | None = None
        self._lay_out()
        self._connect()

    def select(self, network: str, weights: str | Path | None = None) -> JobMonitor[WeightsReport] | None:
        """Choose a network by its name, and a weights file or folder for it; the same as the clicks do.

        Returns:
            The monitor of the check of the weights file, if one was given.
        """
        self._studio.choose_network(network)
        return self._check(Path(weights), network) if weights is not None else None

    def import_weights(self, file: Path) -> JobMonitor[WeightsReport]:
        """Take a weights file of the user's, for whatever network it was made."""
        network = self._studio.network
        return self._check(file, network.name if network is not None and network.classic else "")

    def show_view(self, name: str) -> None:
        """Show the plot, the table, the cards, or the inside of the chosen network."""
        index = [key for key, _ in _VIEWS].index(name)
        self.views.setCurrentIndex(index)
        self.view_buttons[index].setChecked(True)
        self.filters.setVisible(name != "inside")
        self.filters.count.setVisible(name != "inside")
        self.details.setVisible(name != "inside")
        QtCore.QTimer.singleShot(0, self, self._show_selection)  # a list can only scroll once it has its size

    # Layout ---------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.column.setSpacing(theme.S + 4)
        self.column.addWidget(self.advice)
        self.column.addWidget(self.progress)
        self.column.addWidget(self.filters)
        self.views = QtWidgets.QStackedWidget()
        for view in (self.plot_panel, self.table, self.cards, self.anatomy):
            self.views.addWidget(view)
        switch = QtWidgets.QHBoxLayout()
        switch.setSpacing(theme.XS)
        group = QtWidgets.QButtonGroup(self)
        self.view_buttons: list[QtWidgets.QPushButton] = []
        for name, title in _VIEWS:
            entry = button(title, f"view_{name}", partial(self.show_view, name), kind="tab")
            entry.setCheckable(True)
            group.addButton(entry)
            switch.addWidget(entry)
            self.view_buttons.append(entry)
        switch.addStretch(1)
        switch.addWidget(self.filters.count)
        self.column.addLayout(switch)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self.views, 1)
        row.addWidget(self.details)
        self.column.addLayout(row, 1)
        self.column.addWidget(DownloadsCard(self.downloads))
        self.show_view("plot")

    def _connect(self) -> None:
        self.filters.changed.connect(self._narrow)
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        self.cards.selectionModel().currentChanged.connect(self._row_chosen)
        self.plot.chosen.connect(self._studio.choose_network)
        self.plot_panel.family_picked.connect(self._pick_family)
        self.advice.chosen.connect(self._studio.choose_network)
        self.advisor.advice_changed.connect(self._show_advice)
        self.advisor.speeds_changed.connect(lambda _: self._show_speeds())
        self.downloads.changed.connect(lambda _: self._show_weights())
        self.details.download_requested.connect(self._download)
        self.details.delete_requested.connect(lambda entry: self._delete(entry.file_name))
        self.details.entry_chosen.connect(self._use_entry)
        self.details.import_file.clicked.connect(lambda: self._choose_file())
        self.details.manage.clicked.connect(lambda: self.manage_weights())
        self.details.forget.clicked.connect(lambda: self._forget_file())
        self._studio.weights_wanted.connect(self.import_weights)
        self._studio.catalogue_changed.connect(self._show_catalogue)
        self._studio.network_changed.connect(self._show_network)
        self._studio.dataset_changed.connect(lambda dataset: self._show_pictures(len(dataset.samples)))
        self.filters.offer_times(known=self.advisor.speeds is not None)

    # State ----------------------------------------------------------------------------------------------------

    def _show_catalogue(self, catalogue: Catalogue) -> None:
        classics = sum(network.classic for network in catalogue.networks)
        self.subtitle.setText(
            f"{len(catalogue.networks) - classics} pretrained networks"
            + (f", and {classics} small ones that learn from scratch." if classics else ".")
        )
        self.plot_panel.show_catalogue(catalogue)
        self.model.show_catalogue(catalogue)
        self.filters.show_families(sorted({network.family for network in catalogue.networks}, key=str.lower))
        self._narrow()

    def _show_network(self, network: NetworkEntry | None) -> None:
        self.next.setEnabled(network is not None)
        if network is None:
            return
        advice = self.advisor.advice
        best = advice.network if advice else ""
        self.details.show_network(network, self.advisor.speeds, recommended=best == network.name)
        self._show_weights()
        self._mark(network.name)
        self.anatomy.show_network(network)

    def _show_weights(self) -> None:
        network, entry, own = self._studio.network, self.details.entry, self._studio.weights
        if network is None:
            return
        official = own is not None and any(item.local == str(own) for item in network.weights)
        known = self.downloads.all.get(entry.file_name) if entry else None
        self.details.show_weights(
            "" if own is None or official else own.name,
            downloading=known is not None and known.active,
            deletable=entry is not None and entry.local is not None and is_download(Path(entry.local)),
        )

    def _show_advice(self, advice: Advice) -> None:
        catalogue = self._studio.catalogue
        if catalogue is not None:
            self.advice.show_advice(advice, catalogue, for_folder=self._studio.dataset is not None)
        self._show_network(self._studio.network)

    def _show_speeds(self) -> None:
        if self.advisor.speeds is not None:
            self.model.show_speeds(self.advisor.speeds)
        self.filters.offer_times(known=True)
        self._show_network(self._studio.network)

    def _show_pictures(self, count: int) -> None:
        self.filters.show_pictures(count)
        self._narrow()

    def _mark(self, name: str) -> None:
        advice = self.advisor.advice
        self.plot.mark(name, advice.network if advice else "")
        self.advice.mark(name)
        for view in (self.table, self.cards):
            with QtCore.QSignalBlocker(view.selectionModel()):
                found = next((row for row, entry in enumerate(self.filter.networks()) if entry.name == name), None)
                if found is None:
                    view.selectionModel().clear()
                elif view.currentIndex().row() != found:
                    view.setCurrentIndex(self.filter.index(found, 0))
            view.viewport().update()
            if found is not None:
                view.scrollTo(self.filter.index(found, 0))

    def _show_selection(self) -> None:
        if self._studio.network is not None:
            self._mark(self._studio.network.name)

    def _narrow(self) -> None:
        wanted = self.filters.wanted()
        self.filter.narrow(wanted)
        self.filters.count.setText(f"{self.filter.rowCount()} of {counted(self.model.rowCount(), 'network')}")
        self.plot_panel.show_networks(self.filter.networks(), wanted.family)
        self._show_selection()

    # Actions --------------------------------------------------------------------------------------------------

    def _row_chosen(self, current: QtCore.QModelIndex, _previous: QtCore.QModelIndex) -> None:
        network = current.siblingAtColumn(0).data(ENTRY_ROLE) if current.isValid() else None
        if network is not None and (self._studio.network is None or network.name != self._studio.network.name):
            self._studio.choose_network(network.name)

    def _pick_family(self, family: str) -> None:
        self.family.setCurrentIndex(max(0, self.family.findData(family)))

    def _choose_file(self) -> None:
        path, _ = QtWidgets.QFileDialog.getOpenFileName(self, "Weights file", "", _FILES)
        if path:
            self.import_weights(Path(path))

    def _forget_file(self) -> None:
        if self._studio.network is not None:
            self._studio.choose_network(self._studio.network.name)

    def _use_entry(self, entry: WeightsEntry) -> None:
        """Start from other weights than the usual ones, when they are here; else the download is offered."""
        network = self._studio.network
        if network is not None:
            usual = network.shown_weights
            other = Path(entry.local) if entry.local and entry is not usual else None
            self._studio.choose_network(network.name, other)

    def _check(self, file: Path, network: str) -> JobMonitor[WeightsReport]:
        self.notice.hide()
        self.details.say(f"Checking {file.name}…", "muted")
        if self._checking is not None:
            self._checking.stop()
        job = specs.CheckWeights(network=network, file=file)
        self._checking = monitor = self._studio.submit(job, done=self._take_file, failed=self._refuse_file)
        monitor.stopped.connect(lambda _: self._show_weights() if self._checking is monitor else None)
        self.progress.follow(monitor)
        return monitor

    def _take_file(self, report: WeightsReport) -> None:
        self._studio.choose_network(report.network, report.file)
        self.details.say(report.note, "good")

    def _refuse_file(self, problem: Problem) -> None:
        self.notice.show_problem(problem)
        self._show_weights()

    def _download(self, entry: WeightsEntry) -> None:
        if self._studio.network is not None:
            self.downloads.start(self._studio.network, entry)

    def _delete(self, file_name: str) -> JobMonitor[bool]:
        return self._studio.submit(
            specs.DeleteWeights(file_name=file_name),
            done=lambda _: self._studio.refresh_catalogue(),
            failed=self.notice.show_problem,
        )

    def manage_weights(self) -> None:
        """Open the dialog about folders, mirror and disk space."""
        if self.weights_dialog is None:
            self.weights_dialog = dialog = WeightsDialog(self._studio, self)
            dialog.changed.connect(self._studio.refresh_catalogue)
            dialog.delete_requested.connect(lambda name: self._delete(name).ended.connect(dialog.refresh))
        self.weights_dialog.refresh()
        self.weights_dialog.exec()

    def _go_on(self) -> None:
        self._studio.navigate.emit("train")
