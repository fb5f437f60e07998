"""Choose what predicts: the run that is shown, another one, or a network with ImageNet weights."""

from pathlib import Path

from PySide6 import QtCore

from cnnstudio.networks import ModelRef
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets.controls import combo
from cnnstudio.ui.widgets.model_offers import Offer, offers


class ModelPicker(QtCore.QObject):
    """Follows the run that is shown elsewhere, unless a person has chosen something else since."""

    changed = QtCore.Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio
        self._shown_run: Path | None = None
        self.box = combo("model_picker", "Network that predicts", width=190)
        self.box.currentIndexChanged.connect(lambda _: self.changed.emit())
        for signal in (studio.run_changed, studio.runs_changed, studio.catalogue_changed, studio.network_changed):
            signal.connect(lambda *_: self.fill())
        studio.model_opened.connect(lambda place: self.fill(ModelRef(source=str(place))))

    @property
    def model(self) -> ModelRef | None:
        """What is chosen; None where there is nothing to choose."""
        offer = self.box.currentData()
        return offer.ref if isinstance(offer, Offer) else None

    def fill(self, opened: ModelRef | None = None) -> None:
        """Offer what there is now, and choose what was opened."""
        chosen, run = self.model, self._studio.run
        available = offers(self._studio)
        is_other = run is not None and run.folder != self._shown_run
        wanted = opened or (self._studio.model_ref(run) if run is not None and is_other else chosen)
        self._shown_run = run.folder if run is not None else None
        with QtCore.QSignalBlocker(self.box):
            self.box.clear()
            for offer in available:
                self.box.addItem(offer.title, offer)
            index = next((i for i, offer in enumerate(available) if wanted and offer.ref.is_of(wanted)), 0)
            self.box.setCurrentIndex(index if available else -1)
        self.box.setVisible(bool(available))
        if self.model != chosen:
            self.changed.emit()
