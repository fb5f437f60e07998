"""Settings: how it looks, what it says, how much of the computer it takes, new versions, and where its files are."""

from collections.abc import Callable
from dataclasses import replace

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import usable_cores
from cnnstudio.ui.frame.cache_card import CacheCard
from cnnstudio.ui.frame.desktop_switch import DesktopSwitch
from cnnstudio.ui.frame.folders_card import FoldersCard
from cnnstudio.ui.frame.menus import SCHEMES
from cnnstudio.ui.frame.updates import UpdatesCard
from cnnstudio.ui.look import motion, theme
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Card, button, combo, label, number
from cnnstudio.ui.widgets.dialog_frame import give_room


class SettingsDialog(QtWidgets.QDialog):
    """What is changed holds at once, but for the cores; nothing has to be confirmed."""

    def __init__(
        self, studio: Studio, set_scheme: Callable[[theme.Scheme], object], parent: QtWidgets.QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("settings_dialog")
        self.setWindowTitle("Settings")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        give_room(self, 640, 620)
        self._studio = studio
        content = QtWidgets.QWidget()
        content.setProperty("kind", "column")
        column = QtWidgets.QVBoxLayout(content)
        column.setContentsMargins(0, 0, theme.S, 0)
        column.setSpacing(theme.M)
        column.addWidget(self._window_card(set_scheme))
        column.addWidget(self._computer_card())
        self.updates = UpdatesCard(studio)
        column.addWidget(self.updates)
        self.cache = CacheCard(studio)
        column.addWidget(self.cache)
        self.folders = FoldersCard(studio)
        column.addWidget(self.folders)
        column.addStretch(1)
        area = QtWidgets.QScrollArea()
        area.setObjectName("settings_area")
        area.setAccessibleName("Settings")
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        area.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)
        outer = QtWidgets.QVBoxLayout(self)
        outer.setContentsMargins(theme.L, theme.L, theme.M, theme.M)
        outer.addWidget(area, 1)
        close = button("Close", "settings_close", self.close, kind="primary")
        outer.addWidget(close, 0, QtCore.Qt.AlignmentFlag.AlignRight)
        self.scheme.setFocus()

    def _window_card(self, set_scheme: Callable[[theme.Scheme], object]) -> Card:
        card = Card("Window")
        self.scheme = combo("settings_scheme", "Theme", [(title, scheme) for scheme, title in SCHEMES])
        self.scheme.setCurrentIndex(self.scheme.findData(theme.scheme()))
        self.scheme.activated.connect(lambda _: set_scheme(self.scheme.currentData()))
        card.body.addLayout(_row("Theme", self.scheme))
        self.contrast = QtWidgets.QCheckBox("High contrast, also where the system does not ask for it")
        self.contrast.setObjectName("settings_contrast")
        self.contrast.setChecked(self._studio.preferences.contrast)
        self.contrast.toggled.connect(self._set_contrast)
        card.body.addWidget(self.contrast)
        self.still = QtWidgets.QCheckBox("Keep still: nothing moves by itself, also where the system allows it")
        self.still.setObjectName("settings_still")
        self.still.setChecked(self._studio.preferences.still)
        self.still.toggled.connect(self._keep_still)
        card.body.addWidget(self.still)
        self.notify = QtWidgets.QCheckBox("Show a message of the system when a long job has ended")
        self.notify.setObjectName("settings_notify")
        self.notify.setChecked(self._studio.preferences.notify)
        self.notify.toggled.connect(
            lambda wanted: self._studio.remember(replace(self._studio.preferences, notify=wanted))
        )
        card.body.addWidget(self.notify)
        self.desktop = DesktopSwitch(self._studio)
        card.body.addWidget(self.desktop)
        return card

    def _set_contrast(self, high: bool) -> None:
        theme.set_contrast(high=high)
        self._studio.remember(replace(self._studio.preferences, contrast=high))

    def _keep_still(self, wanted: bool) -> None:
        motion.keep_still(wanted=wanted)
        self._studio.remember(replace(self._studio.preferences, still=wanted))

    def _computer_card(self) -> Card:
        card = Card("This computer")
        most = max(usable_cores(), self._studio.preferences.cores)
        self.cores = number("settings_cores", "Processor cores to use", 0, most, self._studio.preferences.cores)
        self.cores.setSpecialValueText("All")
        self.cores.setFixedWidth(theme.scaled(110))
        self.cores.valueChanged.connect(
            lambda cores: self._studio.remember(replace(self._studio.preferences, cores=cores))
        )
        card.body.addLayout(_row("Processor cores to use", self.cores))
        text = "Fewer leave some for other programs, and everything takes longer. It holds from the next start on."
        card.body.addWidget(label(text, "caption", kind="muted", wrap=True))
        return card


def _row(text: str, field: QtWidgets.QWidget) -> QtWidgets.QHBoxLayout:
    row = QtWidgets.QHBoxLayout()
    row.addWidget(label(text))
    row.addWidget(field)
    row.addStretch(1)
    return row
