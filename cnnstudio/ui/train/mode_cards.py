"""The modes of training as cards to choose from, each with the time it takes for the open pictures."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.networks import MODES, Mode
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Choices, button, label


class ModeCards(QtWidgets.QWidget):
    """One of them is always chosen."""

    chosen = QtCore.Signal()
    """A person chose another one."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("mode_cards")
        self._offered = tuple(MODES.values())
        self._group = Choices(self)
        self.times: dict[str, QtWidgets.QLabel] = {}
        self.buttons: list[QtWidgets.QPushButton] = []
        grid = QtWidgets.QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.S)
        for index, mode in enumerate(self._offered):
            entry = self._card(mode)
            self._group.addButton(entry, index)
            self.buttons.append(entry)
            grid.addWidget(entry, 0, index)
            grid.setColumnStretch(index, 1)
        self._group.idClicked.connect(lambda _: self.chosen.emit())

    @property
    def mode(self) -> str:
        """What is chosen."""
        return self._offered[self._group.checkedId()].name

    @property
    def possible(self) -> list[str]:
        """What may be chosen."""
        return [mode.name for mode, entry in zip(self._offered, self.buttons, strict=True) if entry.isEnabled()]

    def choose(self, mode: str) -> None:
        """As a click does, but without a signal."""
        self.buttons[self._offered.index(MODES[mode])].setChecked(True)

    def allow(self, *, pretrained: bool, reason: str) -> None:
        """Whether modes that start from pretrained weights may be chosen, and why not."""
        for mode, entry in zip(self._offered, self.buttons, strict=True):
            entry.setEnabled(pretrained or not mode.pretrained)
            entry.setToolTip(reason if mode.pretrained else "")
            if not entry.isEnabled():
                self.show_time(mode.name, "")

    def show_time(self, name: str, words: str) -> None:
        """How long a mode takes, in words; empty where it is not known."""
        mode, shown = MODES[name], self.times[name]
        shown.setText(words)
        name = f"{mode.title} ({words})" if words else mode.title
        self.buttons[self._offered.index(mode)].setAccessibleName(f"{name}: {mode.text}")

    def _card(self, mode: Mode) -> QtWidgets.QPushButton:
        entry = button("", f"mode_{mode.name}", kind="choice")
        entry.setAccessibleName(f"{mode.title}: {mode.text}")
        entry.setCheckable(True)
        time = label("", kind="accent", name=f"mode_{mode.name}_time")
        self.times[mode.name] = time
        column = QtWidgets.QVBoxLayout(entry)
        column.setContentsMargins(theme.M, theme.S + 4, theme.M, theme.S + 4)
        column.setSpacing(theme.XS)
        column.addWidget(label(mode.title, "heading"))
        column.addWidget(time)
        column.addWidget(label(mode.text, "caption", kind="muted", wrap=True))
        column.addStretch(1)
        for part in entry.findChildren(QtWidgets.QLabel):
            part.setAttribute(QtCore.Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        return entry
