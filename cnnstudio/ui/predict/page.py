"""The predict page: drop pictures, get answers, correct them, see why."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import counted
from cnnstudio.data.collect import UNSAID
from cnnstudio.data.reading import is_picture
from cnnstudio.inference.results import Prediction
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.models import Found
from cnnstudio.networks import ModelRef
from cnnstudio.ui.predict.answer_card import AnswerCard, in_column
from cnnstudio.ui.predict.answer_list import PATH_ROLE, AnswerList
from cnnstudio.ui.predict.answer_rows import SIDE, AnswersPanel
from cnnstudio.ui.predict.correction import Correction
from cnnstudio.ui.predict.drop_zone import DropZone
from cnnstudio.ui.predict.live_card import LiveCard
from cnnstudio.ui.predict.mirror_switch import MirrorSwitch
from cnnstudio.ui.predict.why_panel import WhyPanel
from cnnstudio.ui.state import JobMonitor, Step, Studio
from cnnstudio.ui.widgets import Page, ProgressStrip, TabRow, Tabs
from cnnstudio.ui.widgets.drops import DropFilter
from cnnstudio.ui.widgets.model_picker import ModelPicker
from cnnstudio.ui.widgets.thumbnails import Thumbnails

_VIEW = 420
_FEW = 500  # opened files that are looked at in the window's thread, by their names
Answering = JobMonitor[tuple[Prediction, ...]]


class PredictPage(Page):
    """Sixth step."""

    takes_folders = True
    keys = (("Arrow keys, +, −, Delete", "Cover a part: move the square, larger, smaller, take it away"),)

    def __init__(self, studio: Studio) -> None:
        super().__init__("predict_page", "Predict", "Train a network, or choose one with weights.", scrolls=False)
        self._studio = studio
        self._opened: list[Path] = []
        """What only a look at the disk can tell about: folders, and more files than can be looked at here."""
        self._dropped = b""
        self._to_show = False
        """The first picture that comes is to be shown."""
        self._skipped: dict[Path, str] = {}  # what else was in the folders, with the reason
        self._job: Answering | None = None
        self._picker = ModelPicker(studio)
        self._picker.changed.connect(self._model_chosen)
        self.model_picker = self._picker.box
        self.tools.addWidget(self.model_picker)
        self.mirror = MirrorSwitch(studio)
        self.mirror.toggled.connect(self._model_chosen)
        self.zone = DropZone(studio, self.notice)
        self.zone.opened.connect(self.open_images)
        self.content = self._content()
        self.content.hide()
        self.live = LiveCard(studio, self.notice, self.thumbnails, self.model)
        self.live.kept.connect(self.open_images)
        self.zone.camera_wanted.connect(self.live.start)
        self.paste_button = self.zone.paste_button
        DropFilter(self, self.open_images, hot=(self.zone,), on_many=self._open_many)
        self.progress = ProgressStrip("predict_progress")
        self.progress.stop.clicked.connect(self._cancelled)
        for part, stretch in ((self.zone, 0), (self.live, 0), (self.progress, 0), (self.content, 1)):
            self.column.addWidget(part, stretch)
        studio.predict_wanted.connect(self.open_images)
        self._picker.fill()

    def open_images(self, paths: Sequence[str | Path]) -> Answering | None:
        """Predict pictures; folders give the pictures inside. The same as dropping them."""
        opened = list(map(Path, paths))
        if not opened:
            self._say_nothing_found()
            return None
        self._begin()
        few = len(opened) <= _FEW
        pictures = [path for path in opened if is_picture(path.name)] if few else []
        self._opened += [path for path in opened if not is_picture(path.name)] if few else opened
        if pictures:
            self._add(pictures)
        return self._predict()

    def paste(self) -> None:
        """Predict copied files, or a copied picture."""
        self.zone.paste()

    def clear(self) -> None:
        """Show nothing any more; the files stay, and this can be taken back."""
        if not len(self.pictures):
            return
        if self._job is not None:
            self._job.stop()
        kept, model, pictures = self.pictures.content, self.model(), counted(len(self.pictures), "picture")
        step = Step(
            said=f"Cleared {pictures}.",
            text=f"clearing {pictures}",
            undo=lambda: self._bring_back(kept, model),
            redo=lambda: self._show_content(None),
        )
        self._show_content(None)
        self._studio.history.add(step)

    def release(self) -> None:
        """Wait for pictures being read."""
        self.thumbnails.close()
        self.why.release()

    def model(self) -> ModelRef | None:
        """The chosen model."""
        model = self._picker.model
        return replace(model, mirror=self.mirror.on) if model is not None else None

    # Layout ---------------------------------------------------------------------------------------------------

    def _content(self) -> QtWidgets.QWidget:
        self.thumbnails = Thumbnails(2 * SIDE, self, large=2 * _VIEW)
        self.thumbnails.ready.connect(lambda _: self._show_view())
        self.pictures = AnswerList()
        self.panel = AnswersPanel(self.pictures, self.thumbnails)
        self.panel.cleared.connect(self.clear)
        self.panel.save_wanted.connect(lambda file: self.save_csv(Path(file)))
        self.list = self.panel.view
        self.list.selectionModel().currentChanged.connect(lambda *_: self._show_current())
        self.answer = AnswerCard()
        self.correction = Correction(self._studio, self.answer)
        self.answer.add_below(self.mirror)
        self.why = WhyPanel(self._studio)
        self.area = in_column(self.answer)
        self.tabs: Tabs[QtWidgets.QWidget] = Tabs(
            "predict_tabs",
            (TabRow("answer", "Answer", lambda: self.area, scrolls=False), TabRow("why", "Why", lambda: self.why)),
        )
        self.tabs.open("answer")
        splitter = QtWidgets.QSplitter(QtCore.Qt.Orientation.Horizontal)
        splitter.setObjectName("predict_splitter")
        for part in (self.panel, self.tabs):
            splitter.addWidget(part)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([270, 800])
        splitter.setChildrenCollapsible(False)
        return splitter

    def _model_chosen(self) -> None:
        model = self.model()
        self.subtitle.setVisible(model is None)  # a small window has room for this or for the choice
        self.mirror.show_model(model)
        self.why.show_model(model)
        if len(self.pictures):
            path = self._current_path()
            self.pictures.forget_answers()
            self._choose(path)
            self._predict()

    # Pictures -------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """What comes now is what one sees: at the top, chosen, and not hidden by a filter."""
        self.pictures.begin()
        self._to_show = True

    def _open_many(self, uris: bytes) -> None:
        self._begin()
        self._dropped = b"\n".join((uris, self._dropped))
        self._predict()

    def _add(self, pictures: Sequence[Path]) -> None:
        if self._to_show:
            self.panel.show_all()
        self.pictures.add(pictures)
        self.content.show()
        self.zone.set_large(large=False)
        if self._to_show:
            self._to_show = False
            self._choose(pictures[0])
            self.area.verticalScrollBar().setValue(0)

    def _choose(self, path: Path | None) -> None:
        self.list.choose(max(0, self.pictures.row_of(path)) if path is not None else 0)

    def _show_content(self, content: object) -> None:
        self.pictures.put(content)
        self.content.setVisible(bool(len(self.pictures)))
        self.zone.set_large(large=not len(self.pictures))
        self._opened, self._dropped, self._skipped = [], b"", {}
        self._choose(None)
        if not len(self.pictures):
            self.why.show_picture(None)

    def _bring_back(self, content: object, model: ModelRef | None) -> None:
        """What was cleared, below what was opened since; predicted again where another network is asked now."""
        since = [*self.pictures.answers()], self.pictures.missing()
        self._show_content(content)
        if model != self.model():
            self.pictures.forget_answers()
        self.pictures.begin()
        self._add([*(answer.path for answer in since[0]), *since[1]])
        for answer in since[0]:
            self.pictures.take(answer)
        self._choose(None)
        if self.pictures.answered < len(self.pictures):
            self._predict()

    def _say_nothing_found(self) -> None:
        self.notice.show_text("There are no pictures in what you dropped.", "", "warn")

    # Answers --------------------------------------------------------------------------------------------------

    def _predict(self) -> Answering | None:
        model = self.model()
        missing, opened, dropped = tuple(self.pictures.missing()), tuple(self._opened), self._dropped
        if model is None:
            self.notice.show_text(
                "There is no trained network yet.",
                "Train one, or choose one with weights on the Network page.", "info",
                "Go to Network", lambda: self._studio.navigate.emit("model"),
            )  # fmt: skip
            return None
        if not (missing or opened or dropped):
            self._show_current()
            return None
        self.notice.hide()
        if self._job is not None:
            self._job.stop()  # what it did not come to is among the missing
        job = specs.Predict(model=model, images=missing, opened=opened, dropped=dropped)
        monitor = self._studio.submit(
            job,
            part=lambda part: self._find(job, part) if isinstance(part, Found) else self._take(model, part),
            failed=self.notice.show_problem,
        )
        self.progress.follow(monitor)
        self.progress.text.setText("Predicting")
        self._job = monitor
        return monitor

    def _cancelled(self) -> None:
        """What is done stays, and the rest can be asked for."""
        self._to_show = False
        left = len(self.pictures) - self.pictures.answered
        if left or self._opened or self._dropped:
            title = f"Stopped: {self.pictures.answered:,} of {counted(len(self.pictures), 'picture')} predicted."
            self.notice.show_text(title, "The answers so far are kept.", "info", "Continue", self._predict)

    def _find(self, job: specs.Predict, found: Found) -> None:
        """What was in the folders."""
        if found.pictures:
            self._add(found.pictures)
        if not found.complete:
            return
        self._opened = [path for path in self._opened if path not in job.opened]
        if self._dropped == job.dropped:
            self._dropped = b""
        if self._to_show:
            self._to_show = False
            self._say_nothing_found()
        named = [problem for problem in found.skipped if problem.kind not in UNSAID]
        self._skipped |= {problem.path: problem.detail for problem in named}
        if len(self.pictures) and named:
            title = f"{counted(len(named), 'file')} in the folder cannot be predicted."
            self.notice.show_text(title, named[0].detail if len(named) == 1 else "", "info")
        if named:
            self.notice.show_details("\n".join(f"{problem.path}: {problem.detail}" for problem in named))

    def _take(self, model: ModelRef, prediction: Prediction) -> None:
        """An answer, as soon as it is there."""
        if model == self.model() and self.pictures.take(prediction) and prediction.path == self._current_path():
            self._show_current()

    def _current_path(self) -> Path | None:
        path = self.list.currentIndex().data(PATH_ROLE)
        return path if isinstance(path, Path) else None

    def _show_current(self) -> None:
        path = self._current_path()
        if path is None:
            return
        prediction = self.pictures.answer(path)
        self.answer.show_answer(path, prediction)
        self.correction.show_answer(path, prediction)
        self._show_view()
        self._studio.picture_looked_at.emit(path)
        self.why.show_picture(path if prediction is None or prediction.error is None else None)

    def _show_view(self) -> None:
        path = self._current_path()
        self.answer.show_picture(self.thumbnails.get_large(path) if path is not None else None)
        self.answer.face.show_proof(self.thumbnails)

    def save_csv(self, file: Path) -> None:
        """Write every answer as a table."""
        others = (Prediction(path=path, top=(), error=reason) for path, reason in self._skipped.items())
        answers = (*self.pictures.answers(), *others)
        self._studio.submit(
            specs.SaveAnswers(file=file, answers=answers),
            done=lambda file: self.notice.show_text(f"Saved: {file.name}", str(file.parent), "good"),
            failed=self.notice.show_problem,
        )
