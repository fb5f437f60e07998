"""This is wrong: the picture becomes one to learn from, in the class that it belongs to."""

from pathlib import Path

from PySide6 import QtCore

from cnnstudio.inference.results import Prediction
from cnnstudio.ui.predict.answer_card import AnswerCard
from cnnstudio.ui.state import Curator, Studio
from cnnstudio.ui.widgets.class_chooser import ClassChooser

_NO_FOLDER = "Open the folder of pictures first that it is to be added to"
_ABOUT = "Say which class it is: a copy of the picture goes into your folder, for the next training"
_OURS = "Say which class it is, for the next training; the file stays where it is"


class Correction(QtCore.QObject):
    """Copies the picture into the class, or changes its class where it is one of the folder's own."""

    def __init__(self, studio: Studio, card: AnswerCard) -> None:
        super().__init__(card)
        self._studio, self._card, self._curator = studio, card, Curator(studio)
        self._path: Path | None = None
        self._likely: tuple[str, ...] = ()
        card.correct_wanted.connect(self._ask)
        studio.dataset_changed.connect(lambda _: self._enable())
        self._enable()

    def show_answer(self, path: Path, prediction: Prediction | None) -> None:
        """It is about this picture now."""
        self._path = path
        self._likely = tuple(score.label for score in prediction.top) if prediction is not None else ()
        self._card.wrong.setVisible(prediction is not None and prediction.error is None)
        self._enable()

    def correct(self, path: Path, name: str) -> None:
        """The picture is of this class."""
        if self._is_ours(path):
            self._curator.relabel([path], name)
        else:
            self._curator.add([path], name)

    def _ask(self) -> None:
        dataset, path = self._studio.dataset, self._path
        if dataset is None or path is None:
            return
        chooser = ClassChooser(dataset.classes, self._likely[1:], self._card)  # the first one is wrong
        chooser.chosen.connect(lambda name: self.correct(path, name))
        chooser.open_below(self._card.wrong)

    def _is_ours(self, path: Path) -> bool:
        dataset = self._studio.dataset
        return dataset is not None and path.is_relative_to(dataset.root)

    def _enable(self) -> None:
        open_ = self._studio.dataset is not None
        self._card.wrong.setEnabled(open_)
        ours = self._path is not None and self._is_ours(self._path)
        self._card.wrong.setToolTip((_OURS if ours else _ABOUT) if open_ else _NO_FOLDER)
