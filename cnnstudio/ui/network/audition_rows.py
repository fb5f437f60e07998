"""Networks that were tried, as a table: the best first."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.ui.look import theme
from cnnstudio.understanding.auditions import Auditions
from cnnstudio.understanding.words import STANDINGS

_NAME = int(QtCore.Qt.ItemDataRole.UserRole)
_COLUMNS = ("Network", "Correct", "Between (95 %)", "Per picture", "Compared with the best")


class AuditionRows(QtWidgets.QTreeWidget):
    """Return or a double click takes a network."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("audition_table")
        self.setAccessibleName("Networks that were tried")
        self.setHeaderLabels(_COLUMNS)
        self.setProperty("spaced", "true")
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        header = self.header()
        header.setSectionResizeMode(0, QtWidgets.QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        for column in range(1, len(_COLUMNS)):
            header.setSectionResizeMode(column, QtWidgets.QHeaderView.ResizeMode.ResizeToContents)
        self._picked = False
        """Whether a person has chosen one."""
        self.currentItemChanged.connect(lambda *_: setattr(self, "_picked", True))

    def show_auditions(self, found: Auditions) -> None:
        """Replace the rows; what a person chose stays chosen, until then the one to take is."""
        self._picked = self._picked and bool(found.results)
        before = self.network() if self._picked else ""
        wanted = before or (found.choice.network if found.choice else "")
        with QtCore.QSignalBlocker(self):
            self.clear()
            for each in sorted(found.results, key=lambda result: -result.accuracy):
                low, high = (100 * end for end in each.interval)
                standing = STANDINGS[found.standings[each.network]]
                texts = (
                    each.title, f"{100 * each.accuracy:.1f} %", f"{low:.1f} and {high:.1f} %",
                    f"{1000 * each.seconds:,.1f} ms", standing,
                )  # fmt: skip
                item = QtWidgets.QTreeWidgetItem(list(texts))
                item.setData(0, _NAME, each.network)
                self.addTopLevelItem(item)
                if each.network == wanted:
                    self.setCurrentItem(item)
        self.setMinimumHeight(4 * (theme.L + theme.S))

    def choose(self, network: str) -> None:
        """Make a network the chosen one."""
        for row in range(self.topLevelItemCount()):
            if (item := self.topLevelItem(row)) is not None and item.data(0, _NAME) == network:
                self.setCurrentItem(item)

    def network(self) -> str:
        """The one that is chosen; empty for none."""
        item = self.currentItem()
        return str(item.data(0, _NAME)) if item is not None else ""
