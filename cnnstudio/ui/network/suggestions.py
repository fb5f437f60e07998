"""Three networks for who does not want to compare a hundred: what works now, what is better, what is best here."""

from dataclasses import dataclass

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import counted, seconds_in_words
from cnnstudio.networks import Catalogue, NetworkEntry, Speeds
from cnnstudio.networks.catalogue.recommend import Advice
from cnnstudio.ui.look import theme
from cnnstudio.ui.network.network_table import accuracy_of
from cnnstudio.ui.widgets import Choices, Skeleton, label, set_kind, set_property

ASSUMED = 1000
"""Pictures, where no folder is open."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A place among the suggestions."""

    name: str
    title: str
    reason: str


_NOW = Kind("now", "Works now", "Ready at once, also without internet.")
_FIRST = Kind("now", "Recommended", "The most accurate of those that are quick on any laptop.")
_BETTER = Kind("better", "Better", "More accurate, and not much longer at work.")
_BEST = Kind("best", "Best for this computer", "The most accurate of those that take less than ten minutes.")
_OWN = Kind("own", "Your choice", "Chosen among all networks.")


class NetworkCard(QtWidgets.QPushButton):
    """A network with what it can, what it takes here, and what has to be downloaded."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName("Network")  # until it has one
        self.setProperty("kind", "choice")
        self.setCheckable(True)
        self.setCursor(QtCore.Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.MinimumExpanding)
        self.network = ""
        self.place = label("", "caption", kind="badge")
        self.title = label("", "heading", wrap=True)
        self.accuracy = label("", "display")
        self.source = label("", "caption", kind="muted", wrap=True)
        self.time = label("", wrap=True)
        self.weights = label("", wrap=True)
        self.reason = label("", "caption", kind="muted", wrap=True)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        column.setSpacing(theme.XS)
        column.addWidget(self.place, 0, QtCore.Qt.AlignmentFlag.AlignLeft)
        for part in (self.title, self.accuracy, self.source, self.time, self.weights, self.reason):
            column.addWidget(part)
        column.addStretch(1)
        self.toggled.connect(lambda on: set_property(self.place, "on", on))  # else it has the colour of the card
        for part in self.findChildren(QtWidgets.QLabel):
            part.setAttribute(QtCore.Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_network(self, kind: Kind, network: NetworkEntry, time: str, reason: str) -> None:
        """Fill it in."""
        self.network = network.name
        entry, accuracy = network.shown_weights, accuracy_of(network)
        self.place.setText(kind.title)
        self.title.setText(network.title)
        self.accuracy.setText(f"{accuracy:.1f} %" if accuracy is not None else "From scratch")
        self.source.setText(source_of(network) if accuracy is not None else "It learns everything from your pictures.")
        self.time.setText(time)
        if network.is_local:
            weights = "On this computer"
        elif entry is None:
            weights = "Nothing to download"
        elif entry.package:
            weights = f"Comes as a package of {entry.file_size_mb:,.0f} MB"
        else:
            weights = f"Download of {entry.file_size_mb:,.0f} MB"
        self.weights.setText(weights)
        set_kind(self.weights, "good" if network.is_local else "")
        self.reason.setText(reason)
        told = (kind.title, network.title, f"{self.accuracy.text()} {self.source.text()}", time, weights, reason)
        self.setAccessibleName(". ".join(told))
        self._grow()

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self._grow()

    def _grow(self) -> None:
        """As high as its words need, of which a button knows nothing."""
        self.setMinimumHeight(max(0, self.heightForWidth(self.width())))


class Suggestions(QtWidgets.QStackedWidget):
    """Grey shapes until there is advice; then one card is chosen, and stays so whatever is suggested later."""

    chosen = QtCore.Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("suggestions")
        self.skeleton = Skeleton("Reading the networks", "cards", 3)
        self._group = Choices(self)
        box = QtWidgets.QWidget()
        row = QtWidgets.QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        self.cards: dict[str, NetworkCard] = {}
        for kind in (_NOW, _BETTER, _BEST, _OWN):
            card = self.cards[kind.name] = NetworkCard(f"suggestion_{kind.name}")
            card.clicked.connect(lambda _, card=card: self.chosen.emit(card.network))
            self._group.addButton(card)
            row.addWidget(card, 1)
        self.addWidget(self.skeleton)
        self.addWidget(box)

    def show_advice(
        self,
        advice: Advice,
        catalogue: Catalogue,
        selected: str,
        *,
        pictures: int,
        speeds: Speeds | None,
        wait: str = "",
    ) -> None:
        """Show what suits, and what is selected where that is something else.

        Args:
            advice: for the open folder.
            catalogue: of all networks.
            selected: name of the selected network.
            pictures: in the open folder; 0 for none.
            speeds: of this computer; None while they are not known.
            wait: why they are not, in words.
        """
        names = {"now": advice.network, "better": advice.better, "best": advice.best}
        names["own"] = "" if selected in names.values() else selected
        found = {name: catalogue.find(network) for name, network in names.items() if network}
        now = found.get("now")
        kinds = {"now": _NOW if now is not None and now.is_local else _FIRST, "better": _BETTER, "best": _BEST}
        for name, card in self.cards.items():
            network = found.get(name)
            card.setVisible(network is not None)
            if network is not None:
                kind = kinds.get(name, _OWN)
                reason = advice.better_reason if name == "better" and network.classic else kind.reason
                card.show_network(kind, network, time_of(network, pictures, speeds) or wait, reason)
        self.mark(selected)
        self.setCurrentIndex(1)

    def mark(self, selected: str) -> None:
        """Which of them is selected."""
        for card in self.cards.values():
            if card.network == selected and not card.isHidden():
                card.setChecked(True)

    @property
    def is_loading(self) -> bool:
        """Whether there is nothing to choose from yet."""
        return self.currentIndex() == 0


def source_of(network: NetworkEntry) -> str:
    """Of what its accuracy is, and who says so."""
    entry = network.shown_weights
    who = "by its authors" if entry is not None and entry.package else "by torchvision"
    return f"of ImageNet correct (top-1), as published {who}"


def time_of(network: NetworkEntry, pictures: int, speeds: Speeds | None) -> str:
    """How long it takes for all pictures once, which is most of what a training of the last layer takes.

    Empty while no speeds are known.
    """
    if network.classic:
        return "Learns from scratch, which takes much longer"
    if speeds is None:
        return ""
    seconds = speeds.seconds.get(network.name)
    if seconds is None:
        return "Its time here is not known"
    count = pictures or ASSUMED
    what = f"your {counted(count, 'picture')}" if pictures else counted(count, "picture")
    return f"About {seconds_in_words(count * seconds)} for {what}"
