"""All examples in one gallery: what works offline first."""

from collections.abc import Sequence
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.data.practice.sets import SETS
from cnnstudio.ui.home.example_card import ExampleCard, PracticeCard, SampleCard
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import Studio

_LEAST_WIDTH = 330


class Examples(QtWidgets.QWidget):
    """Cards in as many columns as there is room for. Downloads go on when another page is shown."""

    opened = QtCore.Signal(Path)
    """A folder to open."""
    title = "Try an example"
    subtitle = (
        "Datasets are downloaded from their makers, checked, and unpacked as folders. Then they work offline, too."
    )
    tools: Sequence[QtWidgets.QWidget] = ()

    def __init__(self, studio: Studio, back: QtWidgets.QPushButton) -> None:
        """``back`` leads to where one came from."""
        super().__init__()
        self.setObjectName("examples")
        self.sample = SampleCard(studio)
        self._studio = studio
        self.rows: dict[str, PracticeCard] = {}
        self.cards: list[ExampleCard] = []
        self.only_offline = QtWidgets.QCheckBox("Only what works offline")
        self.only_offline.setObjectName("examples_offline")
        self.only_offline.setAccessibleName("Only what works offline")
        self.only_offline.toggled.connect(lambda _: self._place())
        content = QtWidgets.QWidget()
        content.setProperty("kind", "column")
        self._content = content
        self._grid = QtWidgets.QGridLayout(content)
        self._grid.setContentsMargins(0, 0, theme.S, 0)
        self._grid.setSpacing(theme.S)
        self._columns = 0
        self._placed: list[ExampleCard] = []
        area = QtWidgets.QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = QtWidgets.QHBoxLayout()
        head.setSpacing(theme.S)
        head.addWidget(back)
        head.addStretch(1)
        head.addWidget(self.only_offline)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(head)
        column.addWidget(area, 1)
        self._add(self.sample)
        QtCore.QTimer.singleShot(0, self, self._add_next)

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.width() // _LEAST_WIDTH != self._columns:
            self._place()

    def _place(self) -> None:
        before, self._columns = self._columns, max(1, self.width() // _LEAST_WIDTH)
        shown = [card for card in self.cards if card.works_offline or not self.only_offline.isChecked()]
        for card in self.cards:
            card.setVisible(card in shown)
        if before == self._columns and self._placed == shown[: len(self._placed)]:
            self._put(shown[len(self._placed) :], len(self._placed))
        else:
            for card in self._placed:
                self._grid.removeWidget(card)
            self._put(shown, 0)
        self._placed = shown
        for column in range(max(before, self._columns)):
            self._grid.setColumnStretch(column, 1 if column < self._columns else 0)
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, 0)
        self._grid.setRowStretch(len(shown) // self._columns + 1, 1)

    def _put(self, cards: Sequence[ExampleCard], first: int) -> None:
        for number, card in enumerate(cards, first):
            self._grid.addWidget(card, *divmod(number, self._columns))

    def _add(self, card: ExampleCard) -> None:
        card.setParent(self._content)
        self.cards.append(card)

    def _add_next(self) -> None:
        """One dataset at a time: all at once would hold up the window."""
        wanted = SETS[len(self.rows)]
        row = self.rows[wanted.name] = PracticeCard(wanted, self._studio)
        row.opened.connect(self.opened)
        self._add(row)
        self._place()
        if len(self.rows) < len(SETS):
            QtCore.QTimer.singleShot(0, self, self._add_next)
