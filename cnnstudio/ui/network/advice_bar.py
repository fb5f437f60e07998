"""Which network to take, in one sentence, with a button that takes it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout

from cnnstudio.networks import Catalogue
from cnnstudio.networks.catalogue.recommend import Advice
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets.controls import button, label


class AdviceBar(QFrame):
    """Hidden until there is advice."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("advice_bar")
        self.setProperty("kind", "notice")
        self.setProperty("level", "good")
        self._names = ["", ""]
        self._selected = ""
        self.titles = [label("", "heading", name=name) for name in ("advice_title", "better_title")]
        self.reasons = [label("", kind="muted", wrap=True, name=name) for name in ("advice_reason", "better_reason")]
        self.takes = [
            button("Choose", "take_advice", lambda: self.chosen.emit(self._names[0])),
            button("Choose", "take_better", lambda: self.chosen.emit(self._names[1])),
        ]
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        grid.setHorizontalSpacing(theme.M)
        grid.setVerticalSpacing(theme.XS)
        grid.setColumnStretch(1, 1)
        for row in (0, 1):
            for column, part in enumerate((self.titles[row], self.reasons[row], self.takes[row])):
                grid.addWidget(part, row, column)
        self.hide()

    def show_advice(self, advice: Advice, catalogue: Catalogue, *, for_folder: bool) -> None:
        """Show what suits, and what would be better still."""
        self._names = [advice.network, advice.better]
        found = [catalogue.find(name) for name in self._names]
        first = "★ Recommended for your pictures: {}" if for_folder else "★ Recommended: {}"
        rows = zip((first, "Worth a try: {}"), found, (advice.reason, advice.better_reason), strict=True)
        for row, (title, network, reason) in enumerate(rows):
            self.titles[row].setText(title.format(network.title) if network else "")
            self.reasons[row].setText(reason)
            for part in (self.titles[row], self.reasons[row], self.takes[row]):
                part.setVisible(network is not None)
        self.mark(self._selected)
        self.setVisible(found[0] is not None)

    def mark(self, selected: str) -> None:
        """What is chosen already needs no button."""
        self._selected = selected
        for name, take in zip(self._names, self.takes, strict=True):
            take.setEnabled(name != selected)
            take.setText("Chosen" if name == selected else "Choose")
