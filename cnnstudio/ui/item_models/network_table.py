"""The catalogue as a table that can be sorted and filtered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt

from cnnstudio.networks.catalogue import Catalogue, NetworkEntry, WeightsEntry

Index = QModelIndex | QPersistentModelIndex
SORT_ROLE = int(Qt.ItemDataRole.UserRole) + 1
ENTRY_ROLE = int(Qt.ItemDataRole.UserRole) + 2


@dataclass(frozen=True, slots=True)
class Column:
    """One column: heading, what it shows, what it sorts by, and a plain explanation."""

    title: str
    text: Callable[[NetworkEntry, WeightsEntry], str]
    key: Callable[[NetworkEntry, WeightsEntry], Any]
    help: str
    width: int
    """In pixels, at 100 %."""


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} %"


COLUMNS = (
    Column("Network", lambda n, w: n.title, lambda n, w: n.title.lower(), "Name of the network.", 138),
    Column("Family", lambda n, w: n.family, lambda n, w: n.family.lower(), "Networks built on the same idea.", 98),
    Column(
        "Accuracy",
        lambda n, w: _percent(w.acc1),
        lambda n, w: w.acc1 or 0.0,
        "First answer right on ImageNet (top-1).",
        78,
    ),
    Column(
        "Top 5", lambda n, w: _percent(w.acc5), lambda n, w: w.acc5 or 0.0, "Right answer among the first five.", 58
    ),
    Column(
        "Weights", lambda n, w: f"{n.parameters / 1e6:,.1f} M", lambda n, w: n.parameters, "Numbers it has learned.", 66
    ),
    Column("GFLOPS", lambda n, w: f"{w.gflops:.2f}", lambda n, w: w.gflops, "Work per picture: less is quicker.", 62),
    Column(
        "File", lambda n, w: f"{w.file_size_mb:,.0f} MB", lambda n, w: w.file_size_mb, "Size of the weights file.", 60
    ),
    Column("Input", lambda n, w: f"{w.input_size} px", lambda n, w: w.input_size, "Side of the picture it sees.", 52),
    Column("Here", lambda n, w: "✓" if is_local(n) else "", lambda n, w: is_local(n), "Weights on this computer.", 38),
)


def is_local(network: NetworkEntry) -> bool:
    """Whether any weights of it are on this computer."""
    return any(entry.local for entry in network.weights)


def shown_weights(network: NetworkEntry) -> WeightsEntry:
    """The weights whose figures stand for the network: local ones first, then the best free ones."""
    local = next((entry for entry in network.weights if entry.local and entry.acc1 is not None), None)
    return local or network.default_weights or network.weights[0]


class NetworkTable(QAbstractTableModel):
    """One row per network."""

    def __init__(self) -> None:
        super().__init__()
        self.networks: tuple[NetworkEntry, ...] = ()

    def show_catalogue(self, catalogue: Catalogue) -> None:
        """Replace the rows."""
        self.beginResetModel()
        self.networks = catalogue.networks
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of networks."""
        return 0 if parent.isValid() else len(self.networks)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, sort key or the entry itself."""
        if not index.isValid():
            return None
        network, column = self.networks[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(network, shown_weights(network))
        if role == SORT_ROLE:
            return column.key(network, shown_weights(network))
        if role == ENTRY_ROLE:
            return network
        if role == Qt.ItemDataRole.TextAlignmentRole and 2 <= index.column() < 8:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title}: {column.text(network, shown_weights(network)) or 'no'}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Headings and their explanations."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].title
        if role == Qt.ItemDataRole.ToolTipRole:
            return COLUMNS[section].help
        return None


class NetworkFilter(QSortFilterProxyModel):
    """Words, family, and only what is on this computer."""

    def __init__(self) -> None:
        super().__init__()
        self.setSortRole(SORT_ROLE)
        self._words: list[str] = []
        self._family = ""
        self._only_local = False

    def narrow(self, words: str, family: str, *, only_local: bool) -> None:
        """Show only rows with all the words, of the family (empty: all), on this computer."""
        self._words, self._family, self._only_local = words.lower().split(), family, only_local
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        """Whether a network is shown."""
        model = self.sourceModel()
        assert isinstance(model, NetworkTable)
        network = model.networks[source_row]
        text = f"{network.name} {network.title} {network.family}".lower()
        return (
            all(word in text for word in self._words)
            and self._family in ("", network.family)
            and (not self._only_local or is_local(network))
        )
