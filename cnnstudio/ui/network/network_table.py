"""The catalogue as a table that can be sorted and filtered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6 import QtCore, QtWidgets
from typing_extensions import override

from cnnstudio.networks import FAMILIES, Catalogue, NetworkEntry, Speeds
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import table

Index = QtCore.QModelIndex | QtCore.QPersistentModelIndex
SORT_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 1
ENTRY_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 2
SECONDS_ROLE = int(QtCore.Qt.ItemDataRole.UserRole) + 3
_ROW_HEIGHT = 34


@dataclass(frozen=True, slots=True)
class Column:
    """One column: heading, what it shows, what it sorts by, and a plain explanation."""

    title: str
    text: Callable[[NetworkEntry, str], str]
    """From the network and its time in words."""
    key: Callable[[NetworkEntry, float], Any]
    help: str
    width: int
    """In pixels, at 100 %."""
    number: bool = True


def accuracy_of(network: NetworkEntry) -> float | None:
    """Top-1 on ImageNet in per cent, of the weights that stand for the network."""
    entry = network.shown_weights
    return entry.acc1 if entry else None


def in_words(network: NetworkEntry, speeds: Speeds | None) -> str:
    """Time per picture here, such as ``4.3 ms``; with ``≈`` where it is estimated from others."""
    seconds = speeds.seconds.get(network.name) if speeds else None
    if speeds is None or seconds is None:
        return "–"
    return ("≈ " if speeds.is_estimate(network.name) else "") + f"{1000 * seconds:,.{1 if seconds < 0.1 else 0}f} ms"


def work_in_words(gflops: float) -> str:
    """Such as ``4.09 GFLOPS``."""
    return f"{gflops:.2f} GMACs" if gflops >= 0.01 else f"{1000 * gflops:.1f} MMACs"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} %"


def _top5(network: NetworkEntry) -> float | None:
    entry = network.shown_weights
    return entry.acc5 if entry else None


def _file_size(network: NetworkEntry) -> float:
    entry = network.shown_weights
    return entry.file_size_mb if entry else 0.0


def _note(network: NetworkEntry) -> str:
    if network.is_local:
        return "✓ on this computer"
    return "from scratch" if network.classic else "non-commercial" if network.restricted else ""


COLUMNS = (
    Column("Network", lambda n, _: n.title, lambda n, _: n.title.lower(), "Name of the network.", 168, number=False),
    Column("Weights", lambda n, _: _note(n), lambda n, _: (n.is_local, not n.classic, not n.restricted),
           "Whether its weights are on this computer, and what limits them.", 142, number=False),
    Column("Accuracy", lambda n, _: _percent(accuracy_of(n)), lambda n, _: accuracy_of(n) or 0.0,
           "Share of ImageNet's 50,000 validation pictures whose first answer is correct (top-1), as "
               "published.", 106),
    Column("Time here", lambda _, time: time, lambda _, seconds: seconds,
           "Per picture on this computer, without reading the file. ≈ is estimated from the networks that were "
           "measured.", 86),
    Column("Size", lambda n, _: f"{n.parameters / 1e6:,.1f} M", lambda n, _: n.parameters,
           "Millions of weights (parameters): the numbers it has learned.", 72),
    Column("GMACs", lambda n, _: f"{n.gflops:.2f}" if n.gflops >= 0.01 else "< 0.01", lambda n, _: n.gflops,
           "Billion multiply-adds per picture: how much work it is.", 68),
    Column("File", lambda n, _: f"{_file_size(n):,.0f} MB" if n.weights else "–", lambda n, _: _file_size(n),
           "Size of the weights file.", 78),
    Column("Input", lambda n, _: f"{n.input_size} px", lambda n, _: n.input_size, "Side of its pictures.", 58),
    Column("Top 5", lambda n, _: _percent(_top5(n)), lambda n, _: _top5(n) or 0.0,
           "Share of ImageNet's validation pictures whose correct answer is among the first five (top-5).", 64),
    Column("Year", lambda n, _: str(FAMILIES[n.family].year) if n.family in FAMILIES else "–",
           lambda n, _: FAMILIES[n.family].year if n.family in FAMILIES else 0, "Year of its paper.", 52),
)  # fmt: skip


class NetworkTable(QtCore.QAbstractTableModel):
    """One row per network."""

    def __init__(self) -> None:
        super().__init__()
        self.networks: tuple[NetworkEntry, ...] = ()
        self.speeds: Speeds | None = None

    def show_catalogue(self, catalogue: Catalogue) -> None:
        """Replace the rows."""
        self.beginResetModel()
        self.networks = catalogue.networks
        self.endResetModel()

    def show_speeds(self, speeds: Speeds) -> None:
        """Fill in the times."""
        self.speeds = speeds
        if self.networks:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.networks) - 1, len(COLUMNS) - 1))

    def seconds(self, network: NetworkEntry) -> float:
        """Per picture on this computer; 0 when unknown."""
        return self.speeds.seconds.get(network.name, 0.0) if self.speeds else 0.0

    @override
    def rowCount(self, parent: Index = QtCore.QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.networks)

    @override
    def columnCount(self, parent: Index = QtCore.QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(COLUMNS)

    @override
    def data(self, index: Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        network, column = self.networks[index.row()], COLUMNS[index.column()]
        if role == ENTRY_ROLE:
            return network
        if role == SECONDS_ROLE:
            return self.seconds(network)
        if role == SORT_ROLE:
            return column.key(network, self.seconds(network))
        if role == QtCore.Qt.ItemDataRole.TextAlignmentRole and column.number:
            return int(QtCore.Qt.AlignmentFlag.AlignRight | QtCore.Qt.AlignmentFlag.AlignVCenter)
        text = column.text(network, in_words(network, self.speeds))
        if role == QtCore.Qt.ItemDataRole.DisplayRole:
            return text
        if role == QtCore.Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title}: {text}"
        if role == QtCore.Qt.ItemDataRole.ToolTipRole and network.family in FAMILIES:
            return FAMILIES[network.family].idea
        return None

    @override
    def headerData(
        self, section: int, orientation: QtCore.Qt.Orientation, role: int = QtCore.Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != QtCore.Qt.Orientation.Horizontal:
            return None
        if role == QtCore.Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].title
        if role == QtCore.Qt.ItemDataRole.ToolTipRole:
            return COLUMNS[section].help
        if role == QtCore.Qt.ItemDataRole.TextAlignmentRole:
            side = QtCore.Qt.AlignmentFlag.AlignRight if COLUMNS[section].number else QtCore.Qt.AlignmentFlag.AlignLeft
            return int(side | QtCore.Qt.AlignmentFlag.AlignVCenter)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the filter lets through."""

    words: tuple[str, ...] = ()
    """All of them, in name, title, family or idea; lower case."""
    family: str = ""
    """Empty: all."""
    only_local: bool = False
    only_free: bool = False
    """Not those whose weights are all restricted."""
    only_pretrained: bool = False
    max_seconds: float = 0.0
    """Per picture; 0: any."""
    max_megabytes: float = 0.0
    """Of the weights file, unless it is here; 0: any."""

    def allows(self, network: NetworkEntry, seconds: float) -> bool:
        """Whether a network is shown."""
        idea = FAMILIES[network.family].idea if network.family in FAMILIES else ""
        text = f"{network.name} {network.title} {network.family} {idea}".lower()
        return (
            all(word in text for word in self.words)
            and self.family in ("", network.family)
            and (network.is_local or not self.only_local)
            and not (self.only_free and network.restricted)
            and not (self.only_pretrained and network.classic)
            and not (self.max_seconds and (seconds > self.max_seconds or not seconds))
            and not (self.max_megabytes and not network.is_local and _file_size(network) > self.max_megabytes)
        )


class NetworkFilter(QtCore.QSortFilterProxyModel):
    """Shows what is wanted."""

    def __init__(self) -> None:
        super().__init__()
        self.setSortRole(SORT_ROLE)
        self.wanted = Wanted()

    def narrow(self, wanted: Wanted) -> None:
        """Show only what ``wanted`` allows."""
        self.wanted = wanted
        self.invalidate()

    def networks(self) -> list[NetworkEntry]:
        """What is shown, in the order of the table."""
        return [self.index(row, 0).data(ENTRY_ROLE) for row in range(self.rowCount())]

    @override
    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        model = self.sourceModel()
        assert isinstance(model, NetworkTable)
        network = model.networks[source_row]
        return self.wanted.allows(network, model.seconds(network))


class NetworkTableView(QtWidgets.QTableView):
    """One row per network, the most accurate first."""

    def __init__(self, networks: NetworkFilter) -> None:
        super().__init__()
        table(self, "network_table", "Networks", _ROW_HEIGHT)
        self.setModel(networks)
        self.setSortingEnabled(True)
        self.sortByColumn(2, QtCore.Qt.SortOrder.DescendingOrder)
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.SingleSelection)
        self.setWordWrap(False)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.Interactive)
        for section, column in enumerate(COLUMNS):
            header.resizeSection(section, theme.scaled(column.width))
        header.setStretchLastSection(True)
        self.setHorizontalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
