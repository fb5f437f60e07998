"""What a tab of Inside is."""

from pathlib import Path

from PySide6 import QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.inference.results import ModelInfo
from cnnstudio.networks import ModelRef


class InsideTab(QtWidgets.QWidget):
    """Hears of network and picture at any time, and asks only while somebody looks."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.model: ModelRef | None = None
        self.info: ModelInfo | None = None
        self.picture: Path | None = None
        self.run: Path | None = None
        """Folder of the run that the network is from; None for others, which know no pictures."""

    def show_model(self, model: ModelRef | None, info: ModelInfo | None, run: Path | None) -> None:
        """Another network; ``info`` comes a moment later."""
        self.model, self.info, self.run = model, info, run
        self.model_changed()
        self._look()

    def show_picture(self, picture: Path | None) -> None:
        """Another picture."""
        self.picture = picture
        self._look()

    def model_changed(self) -> None:
        """Offer the layers and classes of the network there is now."""

    def ask(self) -> None:
        """Ask for what is shown of this network and picture; called while somebody looks."""
        raise NotImplementedError

    def release(self) -> None:
        """The window closes: wait for what reads in the background."""

    @override
    def showEvent(self, event: QtGui.QShowEvent) -> None:
        super().showEvent(event)
        self._look()

    def _look(self) -> None:
        if self.isVisible():
            self.ask()
