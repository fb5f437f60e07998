"""What a gallery is narrowed to, as chips: the actual class, and the predicted one."""

from collections.abc import Sequence

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import isolated
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import button, mnemonic_free, plain, set_property
from cnnstudio.ui.widgets.class_chooser import ClassChooser

_NAME_PX = 104
"""Of a class; longer names are cut in the middle, and whole in the tooltip."""


class FilterChip(QtWidgets.QFrame):
    """Such as *Actual: any*, or *Actual: shirt ×*; a click on the words chooses, one on the cross lets go."""

    changed = QtCore.Signal()

    def __init__(self, name: str, what: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("kind", "chip")
        self._what = what
        self._classes: tuple[str, ...] = ()
        self.value = ""
        """The class; empty for any."""
        self.words = button("", f"{name}_choose", self._ask, kind="ghost")
        self.clear = button("Any class", f"{name}_clear", lambda: self._choose(""), kind="ghost", icon_name="close")
        self.clear.setText("")
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.words)
        row.addWidget(self.clear)
        for entry in (self.words, self.clear):
            entry.setProperty("density", "small")
        self.show_value("")

    def offer(self, classes: Sequence[str]) -> None:
        """The classes that can be chosen."""
        self._classes = tuple(classes)

    def show_value(self, value: str) -> None:
        """Show what it is narrowed to, without a signal."""
        self.value = value
        metrics = self.words.fontMetrics()
        short = metrics.elidedText(value, QtCore.Qt.TextElideMode.ElideMiddle, _NAME_PX)
        self.words.setText(mnemonic_free(f"{self._what}: {isolated(short)}" if value else f"{self._what}: any"))
        self.words.setAccessibleName(f"{self._what}: {isolated(value)}" if value else f"{self._what}: any")
        self.words.setToolTip(plain(f"{self._what}: {isolated(value)}") if value else f"{self._what}: choose a class")
        self.clear.setVisible(bool(value))
        set_property(self, "narrows", bool(value))

    def _ask(self) -> None:
        chooser = ClassChooser(self._classes, (self.value,), self)
        chooser.chosen.connect(self._choose)
        chooser.open_below(self)

    def _choose(self, value: str) -> None:
        had_focus = self.clear.hasFocus()
        self.show_value(value)
        if had_focus:
            self.words.setFocus()
        self.changed.emit()


class FilterChips(QtWidgets.QWidget):
    """Both of them."""

    changed = QtCore.Signal()
    """A person chose otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.actual, self.predicted = FilterChip("filter_actual", "Actual"), FilterChip("filter_predicted", "Predicted")
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.XS)
        for chip in (self.actual, self.predicted):
            chip.changed.connect(self.changed)
            row.addWidget(chip)
        row.addStretch(1)

    def offer(self, classes: Sequence[str]) -> None:
        """The classes that can be chosen."""
        for chip in (self.actual, self.predicted):
            chip.offer(classes)

    def show_values(self, actual: str, predicted: str) -> None:
        """Show what the gallery is narrowed to, without a signal."""
        self.actual.show_value(actual)
        self.predicted.show_value(predicted)
