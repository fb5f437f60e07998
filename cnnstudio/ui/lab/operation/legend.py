"""What black and white mean in the result: all of it where there is room, else in few words."""

from PySide6 import QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.lab import Applied, Drawn
from cnnstudio.ui.lab.operation.figures import figure
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import label


class Legend(QtWidgets.QWidget):
    """One line; the tooltip has all of it."""

    def __init__(self) -> None:
        super().__init__()
        self._all, self._few = "", ""
        self.words = label("", "caption", kind="muted", name="lab_legend")
        self.words.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(self.words)

    def show_result(self, applied: Applied | None, *, with_note: bool) -> None:
        """Tell of a result, with what has to be known to read it; nothing for None."""
        if applied is None:
            self._all, self._few = "", ""
        else:
            note = applied.note if with_note else ""
            self._all, self._few = f"{note} {applied.drawn.sentence}".strip(), _few(applied.drawn)
        self._fit()

    @override
    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        fits = self.words.fontMetrics().horizontalAdvance(self._all) <= self.width()
        wanted = self._all if fits else self._few
        if wanted != self.words.text():
            self.words.setText(wanted)
        self.words.setAccessibleDescription(self._all)
        if self.toolTip() != self._all:
            self.setToolTip(self._all)


def _few(drawn: Drawn) -> str:
    ends = f"black {figure(drawn.low, 6)}, white {figure(drawn.high, 6)}"
    return f"Grey is 0, {ends}." if drawn.signed else f"{ends[0].upper()}{ends[1:]}."
