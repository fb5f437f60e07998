"""Play, step and speed of the kernel that slides."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.ui.lab.operation.player import SPEEDS, START, Player
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import button, combo, slider, tint


class PlayBar(QtWidgets.QWidget):
    """Below the sum; P and the full stop do the same from everywhere in the room."""

    def __init__(self, player: Player) -> None:
        super().__init__()
        self._player = player
        self.play = button("Play", "lab_play", player.toggle, icon_name="play")
        self.play.setToolTip("Let the kernel slide over the picture (P)")
        self.step = button("Step", "lab_step", player.step, icon_name="chevron-right")
        self.step.setText("")  # its icon says it, where there is little room
        self.step.setToolTip("Make the next pixel, product by product (.)")
        self.speed = slider("lab_speed", "Speed", 0, len(SPEEDS) - 1, START)
        self.speed.setSingleStep(1)
        self.speed.setPageStep(1)
        self.speed.setFixedWidth(theme.scaled(72))
        self.speed.setToolTip("Speed")
        self.speed.valueChanged.connect(player.set_speed)
        self.channel = combo("lab_sum_of", "Channel of the result whose sum is shown")
        self.part = combo("lab_sum_part", "Channel of the picture whose products are shown")
        for box in (self.channel, self.part):
            box.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.hide()
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(self.play)
        row.addWidget(self.step)
        row.addWidget(self.speed)
        player.switched.connect(self._switched)

    def _switched(self) -> None:
        plays = self._player.plays
        self.play.setText("Pause" if plays else "Play")
        self.play.setAccessibleName(self.play.text())
        tint(self.play, "pause" if plays else "play")

    def offer_channels(self, outputs: list[str], inputs: list[str]) -> None:
        """What can be chosen; hidden where there is one."""
        for box, names in ((self.channel, outputs), (self.part, inputs)):
            if [box.itemText(place) for place in range(box.count())] != names:
                before = max(0, box.currentIndex())
                with QtCore.QSignalBlocker(box):
                    box.clear()
                    for place, name in enumerate(names):
                        box.addItem(name, place)
                    box.setCurrentIndex(min(before, len(names) - 1))
            box.setVisible(len(names) > 1)
