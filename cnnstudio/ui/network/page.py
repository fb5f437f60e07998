"""The model browser: three suggestions or every network; its weights from here, a file, a folder or a download."""

from dataclasses import replace
from pathlib import Path

from PySide6 import QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, counted
from cnnstudio.data import Dataset
from cnnstudio.jobs import specs
from cnnstudio.networks import (
    WEIGHTS_SUFFIXES,
    Catalogue,
    NetworkEntry,
    Speeds,
    WeightsEntry,
    WeightsReport,
    is_download,
)  # fmt: skip
from cnnstudio.ui.look import theme
from cnnstudio.ui.network.advisor import Advisor
from cnnstudio.ui.network.all_networks import AllNetworks
from cnnstudio.ui.network.audition_panel import AuditionPanel
from cnnstudio.ui.network.downloads import Downloads
from cnnstudio.ui.network.downloads_card import DownloadsCard
from cnnstudio.ui.network.memory import NetworkMemory
from cnnstudio.ui.network.suggestions import Suggestions
from cnnstudio.ui.network.way_card import WayCard
from cnnstudio.ui.network.weights_bar import WeightsBar
from cnnstudio.ui.network.weights_dialog import WeightsDialog
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Page, ProgressStrip, button
from cnnstudio.ui.widgets.file_dialogs import ask_file
from cnnstudio.ui.widgets.page import scrolling

_FILES = f"Weights ({' '.join('*' + suffix for suffix in WEIGHTS_SUFFIXES)});;All files (*)"


class ModelPage(Page):
    """Third step: which network, and which weights it starts from."""

    keys = (
        ("Left, Right", "In the plot: the network beside"),
        ("+, −, 0", "Inside a network: larger, smaller, all of it"),
    )

    def __init__(self, studio: Studio) -> None:
        subtitle = "A pretrained network already knows edges, textures and shapes. Reading the list of networks…"
        super().__init__("model_page", "Network", subtitle, scrolls=False)
        self._studio = studio
        self.advisor = Advisor(studio)
        NetworkMemory(studio)
        self.downloads = Downloads(studio)
        self.weights_dialog: WeightsDialog | None = None
        self.next = button("Train", "model_next", lambda: studio.navigate.emit("train"), kind="primary",
                           icon_name="chevron-right")  # fmt: skip
        self.next.setEnabled(False)
        self.next.setToolTip("The list of networks is being read.")
        self.try_all = button("Try on my pictures", "model_try", self.show_audition)
        self.try_all.setEnabled(False)
        self.try_all.setToolTip("Open a folder of pictures first.")
        self.tools.addWidget(self.try_all)
        self.tools.addWidget(self.next)
        self.suggestions = Suggestions()
        self.all = every = AllNetworks(studio, self.advisor)
        self.filters, self.details, self.weights_state = every.filters, every.details, every.details.weights_state
        self.search, self.family, self.only_local = self.filters.search, self.filters.family, self.filters.only_local
        self.plot_panel, self.plot, self.model, self.filter = every.plot_panel, every.plot, every.model, every.filter
        self.table, self.cards, self.anatomy, self.views = every.table, every.cards, every.anatomy, every.views
        self.view_buttons = every.view_buttons
        self.bar, self.audition = WeightsBar(self.details), AuditionPanel(studio)
        self.way = WayCard(studio)
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
        """Show all networks as a plot, a table or cards, or the inside of the chosen one."""
        self.all.show_view(name)
        self.levels.setCurrentWidget(self.all)
        if name != "inside":
            self._remember_view(name)

    def show_suggestions(self) -> None:
        """Show the few networks that suit."""
        self.levels.setCurrentIndex(0)
        self._remember_view("")

    def show_audition(self) -> None:
        """Show how the networks that are here do on the open pictures."""
        self.levels.setCurrentWidget(self.audition)
        self.audition.open()

    def _remember_view(self, name: str) -> None:
        if name != self._studio.preferences.network_view:
            self._studio.remember(replace(self._studio.preferences, network_view=name))

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        """The first look measures this computer; it takes half a minute and is remembered."""
        super().showEvent(event)
        self._measure()

    @override
    def release(self) -> None:
        self.way.thumbnails.close()

    # Layout ---------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.column.setSpacing(theme.S + 4)
        first = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(first)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(self.suggestions)
        column.addWidget(self.bar)
        column.addWidget(self.way)
        column.addStretch(1)
        first.setProperty("kind", "column")
        self.levels = QtWidgets.QStackedWidget()
        self.levels.addWidget(scrolling(first))
        self.levels.addWidget(self.all)
        self.levels.addWidget(self.audition)
        for part in (self.bar, self.way):
            part.hide()  # until there is a network to speak of
        self.column.addWidget(self.progress)
        self.column.addWidget(self.levels, 1)
        self.column.addWidget(DownloadsCard(self.downloads))

    def _connect(self) -> None:
        studio, details = self._studio, self.details
        for part in (self.suggestions, self.all):
            part.chosen.connect(studio.choose_network)
        self.all.left.connect(self.show_suggestions)
        self.all.viewed.connect(self.show_view)
        self.bar.all.clicked.connect(lambda: self.show_view("plot"))
        self.bar.inside.clicked.connect(lambda: self.show_view("inside"))
        self.advisor.advice_changed.connect(lambda _: self._show_network(studio.network))
        self.advisor.speeds_changed.connect(self._show_speeds)
        self.advisor.wait_changed.connect(self._suggest)
        studio.training_ended.connect(self._measure)
        self.downloads.changed.connect(lambda _: self._show_weights())
        details.download_requested.connect(self._download)
        details.delete_requested.connect(lambda entry: self._delete(entry.file_name))
        details.entry_chosen.connect(self._use_entry)
        details.import_file.clicked.connect(lambda: self._choose_file())
        details.manage.clicked.connect(lambda: self.manage_weights())
        details.forget.clicked.connect(lambda: self._forget_file())
        studio.weights_wanted.connect(self.import_weights)
        studio.catalogue_changed.connect(self._show_catalogue)
        studio.network_changed.connect(self._show_network)
        studio.dataset_changed.connect(self._show_pictures)
        self.audition.left.connect(self.show_suggestions)
        self.audition.taken.connect(self._take_tried)

    def _measure(self) -> None:
        if self.advisor.speeds is None and self.isVisible():
            self.advisor.measure()

    def _show_pictures(self, dataset: Dataset) -> None:
        self.all.show_pictures(len(dataset.samples))
        self.try_all.setEnabled(True)
        self.try_all.setToolTip("Accuracy and time of every network that is on this computer")

    def _take_tried(self, network: str) -> None:
        self._studio.choose_network(network)
        self.show_suggestions()

    # State ----------------------------------------------------------------------------------------------------

    def _show_catalogue(self, catalogue: Catalogue) -> None:
        classics = sum(network.classic for network in catalogue.networks)
        self.subtitle.setText(
            f"{len(catalogue.networks) - classics} pretrained networks"
            + (f", and {counted(classics, 'small one', 'small ones')} to learn from scratch." if classics else ".")
        )
        first = self.model.rowCount() == 0
        self.all.show_catalogue(catalogue)
        if first and (view := self._studio.preferences.network_view):
            self.show_view(view)
        self.bar.count(len(catalogue.networks))

    def _show_network(self, network: NetworkEntry | None) -> None:
        self.next.setEnabled(network is not None)
        self.next.setToolTip("" if network is not None else "Choose a network first.")
        if network is None:
            return
        best = self.advisor.advice.network if self.advisor.advice else ""
        self.details.show_network(network, self.advisor.speeds, recommended=best == network.name)
        self._show_weights()
        self.all.mark(network.name, best)
        self._suggest()
        self.anatomy.show_network(network)

    def _suggest(self) -> None:
        advice, catalogue, dataset = self.advisor.advice, self._studio.catalogue, self._studio.dataset
        network = self._studio.network
        if advice is not None and catalogue is not None and network is not None:
            count = len(dataset.samples) if dataset is not None else 0
            speeds, wait = self.advisor.speeds, self.advisor.wait
            self.suggestions.show_advice(advice, catalogue, network.name, pictures=count, speeds=speeds, wait=wait)
            self.bar.show()
            self.way.show()

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
        self.bar.show_network(network.title)

    def _say_of_weights(self, text: str, kind: str) -> None:
        self.details.say(text, kind)
        if self._studio.network is not None:
            self.bar.show_network(self._studio.network.title)

    def _show_speeds(self, speeds: Speeds) -> None:
        self.all.show_speeds(speeds)
        self._show_network(self._studio.network)

    # Actions --------------------------------------------------------------------------------------------------

    def _choose_file(self) -> None:
        path = ask_file(self, "Weights file", _FILES)
        if path is not None:
            self.import_weights(path)

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
        self._say_of_weights(f"Checking {file.name}…", "muted")
        if self._checking is not None:
            self._checking.stop()
        job = specs.CheckWeights(network=network, file=file)
        self._checking = monitor = self._studio.submit(job, done=self._take_file, failed=self._refuse_file)
        monitor.stopped.connect(lambda _: self._show_weights() if self._checking is monitor else None)
        self.progress.follow(monitor)
        return monitor

    def _take_file(self, report: WeightsReport) -> None:
        self._studio.choose_network(report.network, report.file)
        self._say_of_weights(report.note, "good")

    def _refuse_file(self, problem: Problem) -> None:
        self.notice.show_problem(problem)
        self._show_weights()

    def _download(self, entry: WeightsEntry) -> None:
        if self._studio.network is not None:
            self.downloads.start(self._studio.network, entry)

    def _delete(self, file_name: str) -> JobMonitor[bool]:
        job, again = specs.DeleteWeights(file_name=file_name), self._studio.refresh_catalogue
        return self._studio.submit(job, done=lambda _: again(), failed=self.notice.show_problem)

    def manage_weights(self) -> None:
        """Open the dialog about folders, mirror and disk space."""
        if self.weights_dialog is None:
            self.weights_dialog = dialog = WeightsDialog(self._studio, self)
            dialog.changed.connect(self._studio.refresh_catalogue)
            dialog.delete_requested.connect(lambda name: self._delete(name).ended.connect(dialog.refresh))
        self.weights_dialog.refresh()
        self.weights_dialog.exec()
