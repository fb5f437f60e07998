"""Below the suggestions: what the chosen network starts from, and the way to all others."""

from PySide6 import QtWidgets

from cnnstudio.core import counted
from cnnstudio.ui.look import theme
from cnnstudio.ui.network.details import Details
from cnnstudio.ui.widgets import Card, button, label, set_kind


class WeightsBar(Card):
    """Says of the weights what the details say of them."""

    def __init__(self, details: Details) -> None:
        super().__init__()
        self.setObjectName("weights_bar")
        self._details = details
        self.title = label("", "heading", wrap=True, name="chosen_network")
        self.state = label("", wrap=True, name="chosen_weights")
        self.download = button("Download now", "download_chosen", details.download.click, icon_name="download")
        self.import_file = button("Import my own weights…", "import_chosen", details.import_file.click)
        self.inside = button("Look inside", "look_inside", icon_name="layers")
        self.all = button("All networks", "all_networks", icon_name="chevron-right")
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(theme.XS)
        words.addWidget(self.title)
        words.addWidget(self.state)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        for entry in (self.download, self.import_file, self.inside):
            row.addWidget(entry)
        row.addStretch(1)
        row.addWidget(self.all)
        self.body.addLayout(words)
        self.body.addLayout(row)

    def show_network(self, title: str) -> None:
        """Say what the details say by now."""
        state, download = self._details.weights_state, self._details.download
        self.title.setText(f"{title} starts from")
        self.state.setText(state.text())
        set_kind(self.state, state.property("kind") or "")
        self.download.setVisible(not download.isHidden())
        self.download.setEnabled(download.isEnabled())
        self.download.setText(download.text())
        self.download.setAccessibleName(download.text())

    def count(self, networks: int) -> None:
        """How many there are in all."""
        self.all.setText(f"All {counted(networks, 'network')}")
        self.all.setAccessibleName(self.all.text())
