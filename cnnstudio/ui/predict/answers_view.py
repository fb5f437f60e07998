"""The list of pictures, and beside it the one that is chosen: its answer, and why."""

from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.ui.predict.answer_card import AnswerCard, in_column
from cnnstudio.ui.predict.answer_list import PATH_ROLE, AnswerList
from cnnstudio.ui.predict.answer_rows import SIDE, AnswersPanel
from cnnstudio.ui.predict.correction import Correction
from cnnstudio.ui.predict.why_panel import WhyPanel
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import TabRow, Tabs
from cnnstudio.ui.widgets.thumbnails import Thumbnails

_VIEW = 420


class AnswersView(QtWidgets.QSplitter):
    """Shows what is in ``pictures``."""

    def __init__(self, studio: Studio, mirror: QtWidgets.QWidget) -> None:
        """``mirror`` stands below the answer."""
        super().__init__(QtCore.Qt.Orientation.Horizontal)
        self.setObjectName("predict_splitter")
        self._studio = studio
        self.thumbnails = Thumbnails(2 * SIDE, self, large=2 * _VIEW)
        self.thumbnails.ready.connect(lambda _: self._show_view())
        self.pictures = AnswerList()
        self.panel = AnswersPanel(self.pictures, self.thumbnails)
        self.list = self.panel.view
        self.list.selectionModel().currentChanged.connect(lambda *_: self.show_current())
        self.answer = AnswerCard()
        self.correction = Correction(studio, self.answer)
        self.answer.add_below(mirror)
        self.why = WhyPanel(studio)
        self.area = in_column(self.answer)
        self.tabs: Tabs[QtWidgets.QWidget] = Tabs(
            "predict_tabs",
            (TabRow("answer", "Answer", lambda: self.area, scrolls=False), TabRow("why", "Why", lambda: self.why)),
        )
        self.tabs.open("answer")
        for part in (self.panel, self.tabs):
            self.addWidget(part)
        self.setStretchFactor(1, 1)
        self.setSizes([270, 800])
        self.setChildrenCollapsible(False)

    @property
    def current(self) -> Path | None:
        """The picture that is chosen."""
        path = self.list.currentIndex().data(PATH_ROLE)
        return path if isinstance(path, Path) else None

    def choose(self, path: Path | None) -> None:
        """Choose a picture; the first one where it is not shown."""
        self.list.choose(max(0, self.pictures.row_of(path)) if path is not None else 0)

    def show_current(self) -> None:
        """What is known of the picture that is chosen."""
        path = self.current
        if path is None:
            return
        prediction = self.pictures.answer(path)
        self.answer.show_answer(path, prediction)
        self.correction.show_answer(path, prediction)
        self._show_view()
        self._studio.picture_looked_at.emit(path)
        self.why.show_picture(path if prediction is None or prediction.error is None else None)

    def release(self) -> None:
        """Wait for pictures being read."""
        self.thumbnails.close()
        self.why.release()

    def _show_view(self) -> None:
        path = self.current
        self.answer.show_picture(self.thumbnails.get_large(path) if path is not None else None)
        self.answer.face.show_proof(self.thumbnails)
