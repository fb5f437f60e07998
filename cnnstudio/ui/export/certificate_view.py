"""What was proven of an export: a sentence, four figures, and all the rest behind *Details*."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import counted, isolated, size_in_words
from cnnstudio.export.certificate import Certificate, Checked
from cnnstudio.export.certificate_words import details, rows
from cnnstudio.ui.export.proof_words import (
    accuracy_in_words,
    difference_in_words,
    headline,
    speed_in_words,
)
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import pixmap
from cnnstudio.ui.widgets import button, label, set_kind, table

_ICON, _ROW = 22, 28


class CertificateView(QtWidgets.QWidget):
    """Readable at a glance."""

    picture_wanted = QtCore.Signal(str)
    """Name of the picture that differs most."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("certificate")
        self._certificate: Certificate | None = None
        self._seal = QtWidgets.QLabel()
        self.headline = label("", "heading", wrap=True, name="certificate_headline")
        self.more = button("Details", "certificate_more", self._toggle, kind="ghost")
        self.more.setCheckable(True)
        top = QtWidgets.QHBoxLayout()
        top.setSpacing(theme.S)
        top.addWidget(self._seal, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.headline, 1)
        top.addWidget(self.more, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        self.tiles = {
            name: _Tile(name, title)
            for name, title in (
                ("difference", "Largest difference"), ("accuracy", "Accuracy"), ("size", "Size"),
                ("speed", "One picture"),
            )
        }  # fmt: skip
        tiles = QtWidgets.QHBoxLayout()
        tiles.setSpacing(theme.M)
        for tile in self.tiles.values():
            tiles.addWidget(tile, 1)
        self.worst = button("Show the picture", "certificate_worst", self._show_worst, kind="ghost")
        self.tiles["difference"].add(self.worst)
        self.notes = label("", "caption", kind="muted", wrap=True, name="certificate_notes")
        self.table = QtWidgets.QTableWidget(0, 3)
        table(self.table, "certificate_table", "What was compared, there and here", _ROW)
        self.table.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
        left = QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter
        for place, text in enumerate(("", "Export", "CNN Studio")):
            head = QtWidgets.QTableWidgetItem(text)
            head.setTextAlignment(left)
            self.table.setHorizontalHeaderItem(place, head)
        modes = QtWidgets.QHeaderView.ResizeMode
        for number, mode in enumerate((modes.Stretch, modes.ResizeToContents, modes.ResizeToContents)):
            self.table.horizontalHeader().setSectionResizeMode(number, mode)
        self.table.hide()
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(top)
        column.addLayout(tiles)
        column.addWidget(self.table)
        column.addWidget(self.notes)
        theme.notifier().changed.connect(self._tint)

    def show_certificate(self, certificate: Certificate, files: int) -> None:
        """Another export's, of so many files."""
        self._certificate = certificate
        found = certificate.checked
        self.headline.setText(f"{headline(certificate)}.")
        set_kind(self.headline, "good" if certificate.verdict == "pass" and not certificate.drawn else "")
        self.tiles["size"].say(size_in_words(certificate.bytes), counted(files, "file"))
        for name in ("difference", "accuracy", "speed"):
            self.tiles[name].setVisible(found is not None)
        self.worst.setVisible(found is not None and bool(found.worst) and not certificate.drawn)
        if found is not None:
            self._show_found(found)
        self.notes.setText(" ".join(part for part in (certificate.unverified, *details(certificate)) if part))
        self.notes.setVisible(self.more.isChecked() or found is None)
        self._fill(certificate)
        self._tint()

    def _show_found(self, found: Checked) -> None:
        self.tiles["difference"].say(difference_in_words(found.max_dp), "of any probability")
        self.worst.setToolTip(isolated(found.worst))
        accuracy = found.accuracy
        self.tiles["accuracy"].setVisible(accuracy is not None)
        if accuracy is not None:
            self.tiles["accuracy"].say(*accuracy_in_words(accuracy))
        here = f"here {speed_in_words(found.app_speed)}"
        self.tiles["speed"].say(
            speed_in_words(found.speed), f"{here}; uncertain, other programs ran" if found.busy else here
        )

    def _fill(self, certificate: Certificate) -> None:
        told = rows(certificate)
        self.table.setRowCount(len(told))
        for row, cells in enumerate(told):
            for column, text in enumerate(cells):
                self.table.setItem(row, column, QtWidgets.QTableWidgetItem(text))
        height = self.table.horizontalHeader().sizeHint().height() + len(told) * _ROW
        self.table.setFixedHeight(height + 4)

    def _toggle(self) -> None:
        shown = self.more.isChecked()
        self.table.setVisible(shown)
        self.notes.setVisible(shown or (self._certificate is not None and self._certificate.checked is None))

    def _show_worst(self) -> None:
        if self._certificate is not None and self._certificate.checked is not None:
            self.picture_wanted.emit(self._certificate.checked.worst)

    def _tint(self) -> None:
        found, colours = self._certificate, theme.current()
        proven = found is not None and found.verdict == "pass"
        name, colour = ("check", colours.good) if proven else ("warning", colours.warn)
        self._seal.setPixmap(pixmap(name, _ICON, colour, self.devicePixelRatioF()))


class _Tile(QtWidgets.QWidget):
    """A figure, what it is above it, and what it is to be compared with below."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.figure = label("", "heading", name=f"certificate_{name}")
        self.beside = label("", "caption", kind="muted", wrap=True, name=f"certificate_{name}_beside")
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(label(title, "caption", kind="muted"))
        column.addWidget(self.figure)
        column.addWidget(self.beside)
        self._below = column.count()
        column.addStretch(1)
        self._column = column

    def add(self, widget: QtWidgets.QWidget) -> None:
        """Below its words."""
        self._column.insertWidget(self._below, widget, 0, QtCore.Qt.AlignmentFlag.AlignLeft)

    def say(self, figure: str, beside: str) -> None:
        self.figure.setText(figure)
        self.beside.setText(beside)
