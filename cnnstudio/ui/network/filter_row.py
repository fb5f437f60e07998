"""What narrows the list of networks: words, family, time, place, licence."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import counted
from cnnstudio.jobs.specs import LookAtWeights
from cnnstudio.jobs.specs.networks import WeightsOnDisk
from cnnstudio.ui.look import theme
from cnnstudio.ui.network.network_table import Wanted
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import combo, fill, label

_TIMES = ((0, "Any time"), (10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"))
_ASSUMED = 1000
"""Pictures, where no folder is open."""


class FilterRow(QtWidgets.QWidget):
    """Tells when anything changed; ``wanted`` is the outcome."""

    changed = QtCore.Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._pictures = 0
        self._free = 0
        """Bytes of the disk, as it was when that was last asked for."""
        self.search = QtWidgets.QLineEdit()
        self.search.setObjectName("network_search")
        self.search.setAccessibleName("Search networks")
        self.search.setPlaceholderText("Search")
        self.search.setToolTip("Words of a name or a description, such as resnet or phone")
        self.search.setClearButtonEnabled(True)
        self.family = combo("network_family", "Family", [("All families", "")])
        self.time = combo("network_time", "Time for all pictures")
        self.only_local = _check("only_local", "On this computer", "Only networks whose weights need no download")
        self.fits_disk = _check("fits_disk", "Small enough", "Only weights that take at most half of the free space")
        self.only_free = _check("only_free", "Commercial use", "Without weights whose licence forbids commercial use")
        self.count = label("", "caption", kind="muted", name="network_count")
        self.search.textChanged.connect(lambda _: self.changed.emit())
        for box in (self.family, self.time):
            box.currentIndexChanged.connect(lambda _: self.changed.emit())
        for check in (self.only_local, self.only_free):
            check.toggled.connect(lambda _: self.changed.emit())
        self.fits_disk.toggled.connect(self._look_at_disk)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(self.search, 1)
        for part in (self.family, self.time, self.only_local, self.fits_disk, self.only_free, self.count):
            row.addWidget(part)
        self.show_pictures(0)
        self.offer_times(known=False)

    def show_families(self, families: list[str]) -> None:
        """Offer these; the choice stays."""
        fill(self.family, [("All families", ""), *((family, family) for family in families)])

    def show_pictures(self, count: int) -> None:
        """The times are for so many pictures; 0 is no folder."""
        self._pictures = count or _ASSUMED
        fill(self.time, [(f"All in {words}" if seconds else words, seconds) for seconds, words in _TIMES])
        self.offer_times(known=self.time.isEnabled())

    def offer_times(self, *, known: bool) -> None:
        """Whether this computer has been measured."""
        self.time.setEnabled(known)
        self.time.setToolTip(
            f"How long the network takes for {counted(self._pictures, 'picture')} once, without reading the files."
            if known
            else "The speed of this computer has not been measured yet: see the plot."
        )

    def wanted(self) -> Wanted:
        """What the row says."""
        seconds = float(self.time.currentData() or 0)
        return Wanted(
            words=tuple(self.search.text().lower().split()),
            family=self.family.currentData() or "",
            only_local=self.only_local.isChecked(),
            only_free=self.only_free.isChecked(),
            max_seconds=seconds / self._pictures,
            max_megabytes=self._free / 2e6 if self.fits_disk.isChecked() else 0.0,
        )

    def _look_at_disk(self) -> None:
        if self.fits_disk.isChecked():
            self._studio.submit(LookAtWeights(), done=self._take_room, failed=self._studio.problem.emit)
        else:
            self.changed.emit()

    def _take_room(self, disk: WeightsOnDisk) -> None:
        self._free = disk.free
        self.changed.emit()


def _check(name: str, text: str, help_text: str) -> QtWidgets.QCheckBox:
    made = QtWidgets.QCheckBox(text)
    made.setObjectName(name)
    made.setAccessibleName(help_text)
    made.setToolTip(help_text)
    return made
