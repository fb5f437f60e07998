"""Every network, to be compared: a plot, a table, cards and a look inside, with the details of the chosen one."""

from functools import partial

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import counted
from cnnstudio.networks import Catalogue, Speeds
from cnnstudio.networks.family import OWN
from cnnstudio.ui.look import theme
from cnnstudio.ui.network.advisor import Advisor
from cnnstudio.ui.network.anatomy_view import AnatomyView
from cnnstudio.ui.network.card_list import CardList
from cnnstudio.ui.network.details import Details
from cnnstudio.ui.network.filter_row import FilterRow
from cnnstudio.ui.network.network_table import ENTRY_ROLE, NetworkFilter, NetworkTable, NetworkTableView
from cnnstudio.ui.network.plot_panel import PlotPanel
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Choices, button

_VIEWS = (("plot", "Plot"), ("table", "Table"), ("cards", "Cards"), ("inside", "Look inside"))


class AllNetworks(QtWidgets.QWidget):
    """Tells what is chosen in it, and shows what was chosen elsewhere."""

    chosen = QtCore.Signal(str)
    """Name of a network."""
    viewed = QtCore.Signal(str)
    """Which view a person wants to see."""
    left = QtCore.Signal()
    """Back to the suggestions."""

    def __init__(self, studio: Studio, advisor: Advisor) -> None:
        super().__init__()
        self.setObjectName("every_network")
        self._selected = self._recommended = ""
        self.filters = FilterRow(studio)
        self.details = Details()
        self.plot_panel = PlotPanel(advisor)
        self.plot = self.plot_panel.plot
        self.model = NetworkTable()
        if advisor.speeds is not None:
            self.model.show_speeds(advisor.speeds)
        self.filter = NetworkFilter()
        self.filter.setSourceModel(self.model)
        self.table = NetworkTableView(self.filter)
        self.cards = CardList(self.model)
        self.cards.setModel(self.filter)
        self.anatomy = AnatomyView(studio)
        self.back = button("Suggestions", "to_suggestions", self.left.emit, kind="ghost", icon_name="star")
        self._lay_out()
        self.filters.changed.connect(self.narrow)
        self.filters.offer_times(known=advisor.speeds is not None)
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        self.cards.selectionModel().currentChanged.connect(self._row_chosen)
        self.plot.chosen.connect(self.chosen)
        self.plot_panel.family_picked.connect(self._pick_family)
        self.details.lab.clicked.connect(lambda: studio.blocks_wanted.emit(self._selected))

    def show_view(self, name: str) -> None:
        """Show the plot, the table, the cards, or the inside of the chosen network."""
        names = [key for key, _ in _VIEWS]
        index = names.index(name) if name in names else 0  # as one of another version was remembered
        self.views.setCurrentIndex(index)
        self.view_buttons[index].setChecked(True)
        for part in (self.filters, self.filters.count, self.details):
            part.setVisible(name != "inside")

    def show_catalogue(self, catalogue: Catalogue) -> None:
        """Take other networks, or other weights on this computer."""
        self.plot_panel.show_catalogue(catalogue)
        self.model.show_catalogue(catalogue)
        self.filters.show_families(sorted({network.family for network in catalogue.networks}, key=_own_first))
        self.narrow()

    def show_speeds(self, speeds: Speeds) -> None:
        """This computer has been measured."""
        self.model.show_speeds(speeds)
        self.filters.offer_times(known=True)

    def show_pictures(self, count: int) -> None:
        """Times are for so many."""
        self.filters.show_pictures(count)
        if self.filters.wanted() != self.filter.wanted:  # a folder that is opened again changes nothing
            self.narrow()

    def mark(self, name: str, recommended: str) -> None:
        """Show which network is chosen; lists are scrolled to it when that is another one than before."""
        moved = name != self._selected and bool(self._selected)
        self._selected, self._recommended = name, recommended
        self.plot.mark(name, recommended)
        found = next((row for row, entry in enumerate(self.filter.networks()) if entry.name == name), None)
        for view in (self.table, self.cards):
            with QtCore.QSignalBlocker(view.selectionModel()):
                if found is None:
                    view.selectionModel().clear()
                elif view.currentIndex().row() != found:
                    place = self.filter.index(found, 0)
                    view.selectionModel().setCurrentIndex(
                        place,
                        QtCore.QItemSelectionModel.SelectionFlag.ClearAndSelect
                        | QtCore.QItemSelectionModel.SelectionFlag.Rows,
                    )
            view.viewport().update()
            if found is not None and moved and view.isVisible():
                view.scrollTo(self.filter.index(found, 0))

    def narrow(self) -> None:
        """Show what the filters let through."""
        wanted = self.filters.wanted()
        self.filter.narrow(wanted)
        self.filters.count.setText(f"{self.filter.rowCount()} of {counted(self.model.rowCount(), 'network')}")
        self.plot_panel.show_networks(self.filter.networks(), wanted.family)
        self.mark(self._selected, self._recommended)

    def _lay_out(self) -> None:
        self.views = QtWidgets.QStackedWidget()
        for view in (self.plot_panel, self.table, self.cards, self.anatomy):
            self.views.addWidget(view)
        switch = QtWidgets.QHBoxLayout()
        switch.setSpacing(theme.XS)
        switch.addWidget(self.back)
        group = Choices(self)
        self.view_buttons: list[QtWidgets.QPushButton] = []
        for name, title in _VIEWS:
            entry = button(title, f"view_{name}", partial(self.viewed.emit, name), kind="tab")
            entry.setCheckable(True)
            group.addButton(entry)
            switch.addWidget(entry)
            self.view_buttons.append(entry)
        switch.addStretch(1)
        switch.addWidget(self.filters.count)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self.views, 1)
        row.addWidget(self.details)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S + 4)
        column.addLayout(switch)
        column.addWidget(self.filters)
        column.addLayout(row, 1)
        self.show_view("plot")

    def _row_chosen(self, current: QtCore.QModelIndex, _previous: QtCore.QModelIndex) -> None:
        network = current.siblingAtColumn(0).data(ENTRY_ROLE) if current.isValid() else None
        if network is not None and network.name != self._selected:
            self.chosen.emit(network.name)

    def _pick_family(self, family: str) -> None:
        box = self.filters.family
        box.setCurrentIndex(max(0, box.findData(family)))


def _own_first(family: str) -> tuple[bool, str]:
    return family != OWN, family.lower()
