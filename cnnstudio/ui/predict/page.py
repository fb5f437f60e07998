"""The predict page: drop pictures, get answers, correct them, see why."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cnnstudio.core import counted
from cnnstudio.data.collect import UNSAID
from cnnstudio.data.films import is_film_name
from cnnstudio.data.reading import is_picture
from cnnstudio.inference.results import Prediction
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.models import Found
from cnnstudio.networks import ModelRef
from cnnstudio.ui.predict.answers_view import AnswersView
from cnnstudio.ui.predict.drop_zone import DropZone
from cnnstudio.ui.predict.film_dialog import open_film
from cnnstudio.ui.predict.live_card import LiveCard
from cnnstudio.ui.predict.many.more_ways import MoreWays
from cnnstudio.ui.predict.mirror_switch import MirrorSwitch
from cnnstudio.ui.predict.notices import say_no_network, say_nothing_found, say_skipped, say_stopped
from cnnstudio.ui.state import JobMonitor, Step, Studio
from cnnstudio.ui.widgets import Page, ProgressStrip
from cnnstudio.ui.widgets.drops import DropFilter
from cnnstudio.ui.widgets.model_picker import ModelPicker

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
        self.content = view = AnswersView(studio, self.mirror)
        self.pictures, self.panel, self.list, self.thumbnails = view.pictures, view.panel, view.list, view.thumbnails
        self.answer, self.correction, self.why = view.answer, view.correction, view.why
        self.tabs, self.area = view.tabs, view.area
        self.panel.cleared.connect(self.clear)
        self.panel.save_wanted.connect(lambda file: self.save_csv(Path(file)))
        self.content.hide()
        self.live = LiveCard(studio, self.notice, self.thumbnails, self.model)
        self.live.kept.connect(self.open_images)
        self.live.opened.connect(self._make_room)
        self.live.closed.connect(self._make_room)
        self.zone.camera_wanted.connect(self.live.start)
        self.zone.film_wanted.connect(lambda file: open_film(self, studio, self.model, file))
        self.paste_button = self.zone.paste_button
        self.ways = MoreWays(studio, self, self.zone, self.model)
        self.ways.answered.connect(self._take_watched)
        self.ways.table_changed.connect(self._table_changed)
        self.ways.unsure_wanted.connect(self._show_only)
        self.tools.addWidget(self.ways.button)
        DropFilter(self, self.open_images, hot=(self.zone,), on_many=self._open_many)
        self.progress = ProgressStrip("predict_progress")
        self.progress.stop.clicked.connect(self._cancelled)
        parts = ((self.zone, 0), (self.live, 0), (self.progress, 0), (self.ways, 0), (self.content, 1))
        for part, stretch in parts:
            self.column.addWidget(part, stretch)
        studio.predict_wanted.connect(self.open_images)
        self._picker.fill()

    def open_images(self, paths: Sequence[str | Path]) -> Answering | None:
        """Predict pictures; folders give the pictures inside. The same as dropping them."""
        if len(paths) == 1 and is_film_name(str(paths[0])):
            open_film(self, self._studio, self.model, Path(paths[0]))
            return None
        opened = self._studio.take_bundles(list(map(Path, paths)))
        if not paths:
            say_nothing_found(self.notice)
        if not opened:
            return None
        aside = self.ways.put_aside()
        if aside and self.pictures.missing():
            self.clear()  # the table has the answers to these
        self._begin()
        few = len(opened) <= _FEW
        pictures = [path for path in opened if is_picture(path.name)] if few else []
        self._opened += [path for path in opened if not is_picture(path.name)] if few else opened
        if pictures:
            self._add(pictures)
        monitor = self._predict()
        if aside:
            self.ways.offer_table()
        return monitor

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
        self.content.release()

    def model(self) -> ModelRef | None:
        """The chosen model."""
        model = self._picker.model
        return replace(model, mirror=self.mirror.on) if model is not None else None

    def _model_chosen(self) -> None:
        model = self.model()
        self.subtitle.setVisible(model is None)  # a small window has room for this or for the choice
        self.mirror.show_model(model)
        self.why.show_model(model)
        self.ways.show_model(model)
        if len(self.pictures):
            path = self.content.current
            self.pictures.forget_answers()
            self.content.choose(path)
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
        self._make_room()
        if self._to_show:
            self._to_show = False
            self.content.choose(pictures[0])
            self.area.verticalScrollBar().setValue(0)

    def _show_content(self, content: object) -> None:
        self.pictures.put(content)
        self._make_room()
        self._opened, self._dropped, self._skipped = [], b"", {}
        self.content.choose(None)
        if not len(self.pictures):
            self.why.show_picture(None)

    def _make_room(self) -> None:
        """For a table, else for the pictures, else for what is dropped."""
        has_table, has_pictures = self.ways.has_table, bool(len(self.pictures))
        self.content.setVisible(has_pictures and not has_table)
        self.zone.set_large(large=not (has_pictures or has_table or not self.live.isHidden()))

    def _table_changed(self) -> None:
        """It has the answers to all pictures; these here can be continued when it is closed."""
        self._make_room()
        if self._job is not None and self.ways.has_table:
            self._job.stop()
            self.progress.hide()
        if not self.ways.has_table:
            self._cancelled()

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
        self.content.choose(None)
        if self.pictures.answered < len(self.pictures):
            self._predict()

    # Answers --------------------------------------------------------------------------------------------------

    def _predict(self) -> Answering | None:
        model = self.model()
        missing, opened, dropped = tuple(self.pictures.missing()), tuple(self._opened), self._dropped
        if model is None:
            say_no_network(self.notice, self._studio)
            return None
        if not (missing or opened or dropped):
            self.content.show_current()
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
            say_stopped(self.notice, self.pictures.answered, len(self.pictures), self._predict)

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
            say_nothing_found(self.notice)
        named = [problem for problem in found.skipped if problem.kind not in UNSAID]
        self._skipped |= {problem.path: problem.detail for problem in named}
        if len(self.pictures) and named:
            say_skipped(self.notice, named)
        self.ways.offer(self.pictures.paths if job.dropped else job.opened, len(self.pictures))
        if named:
            self.notice.show_details("\n".join(f"{problem.path}: {problem.detail}" for problem in named))

    def _take(self, model: ModelRef, prediction: Prediction) -> None:
        """An answer, as soon as it is there."""
        if model == self.model() and self.pictures.take(prediction) and prediction.path == self.content.current:
            self.content.show_current()

    def _take_watched(self, prediction: Prediction) -> None:
        """A picture that came into a watched folder: at the top, while the one that is looked at stays."""
        self.pictures.begin()
        self._to_show = not len(self.pictures)
        self._add([prediction.path])
        self.pictures.take(prediction)
        if prediction.path == self.content.current:
            self.content.show_current()

    def _show_only(self, pictures: list[Path]) -> None:
        """These, in place of what was here, which comes back with Undo; and a way back to their table."""
        self.ways.put_aside()
        self.clear()
        self.open_images(pictures)
        self.ways.offer_table(f"{counted(len(pictures), 'picture')} of the table, the least sure first.")

    def save_csv(self, file: Path) -> None:
        """Write every answer as a table."""
        others = (Prediction(path=path, top=(), error=reason) for path, reason in self._skipped.items())
        answers = (*self.pictures.answers(), *others)
        self._studio.submit(
            specs.SaveAnswers(file=file, answers=answers),
            done=lambda file: self.notice.show_text(f"Saved: {file.name}", str(file.parent), "good"),
            failed=self.notice.show_problem,
        )
