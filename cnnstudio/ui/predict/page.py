"""The predict page: drop pictures, get answers, look inside."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import counted
from cnnstudio.data.collect import UNSAID
from cnnstudio.data.reading import SUFFIXES, is_picture
from cnnstudio.inference.results import Prediction
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.models import Found
from cnnstudio.networks import ModelRef
from cnnstudio.ui.look import theme
from cnnstudio.ui.predict.answer_card import AnswerCard
from cnnstudio.ui.predict.maps_panel import MapsPanel
from cnnstudio.ui.predict.mirror_switch import MirrorSwitch
from cnnstudio.ui.predict.model_offers import Offer, offers
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import EmptyState, Page, Picture, PictureList, ProgressStrip, button, combo
from cnnstudio.ui.widgets.drops import DropFilter, clipboard, local_paths
from cnnstudio.ui.widgets.thumbnails import Thumbnails, pixels_of

_THUMBNAIL, _VIEW = 88, 420


class PredictPage(Page):
    """Sixth step."""

    takes_folders = True

    def __init__(self, studio: Studio) -> None:
        super().__init__("predict_page", "Predict", "Drop pictures anywhere on this page.", scrolls=False)
        self._studio = studio
        self._paths: list[Path] = []
        self._places: list[Path] = []
        """Opened, too, but only a look at the disk can tell whether it is a folder of pictures."""
        self._skipped: dict[Path, str] = {}
        """What else was in the folders, with the reason."""
        self._rows: dict[Path, int] = {}
        self._predictions: dict[Path, Prediction] = {}
        self._job: JobMonitor[tuple[Prediction, ...]] | None = None
        DropFilter(self, self.open_images)
        self.model_picker = combo("model_picker", "Network that predicts", width=190)
        self.model_picker.currentIndexChanged.connect(lambda _: self._model_chosen())
        self.open_button = button(
            "Open pictures…", "open_pictures", self.choose_images, kind="primary", icon_name="image"
        )
        self.paste_button = button("Paste", "paste_picture", self.paste, icon_name="paste")
        self.save_button = button("Save as CSV…", "save_csv", self._save, icon_name="download")
        for widget in (self.model_picker, self.paste_button, self.save_button, self.open_button):
            self.tools.addWidget(widget)
        self.mirror = MirrorSwitch(studio)
        self.mirror.toggled.connect(self._model_chosen)
        self.progress = ProgressStrip("predict_progress")
        self.column.addWidget(self.progress)
        self.stack = QtWidgets.QStackedWidget()
        self.stack.addWidget(
            EmptyState(
                "predict",
                "Drop pictures here",
                "Or open them, or paste one from the clipboard. The network answers with a class.",
                "Open pictures…",
                self.choose_images,
            )
        )
        self.stack.addWidget(self._content())
        self.column.addWidget(self.stack, 1)
        studio.predict_wanted.connect(self.open_images)
        studio.run_changed.connect(lambda _: self._fill_models())
        studio.runs_changed.connect(self._fill_models)
        studio.catalogue_changed.connect(lambda _: self._fill_models())
        studio.network_changed.connect(lambda _: self._fill_models())
        self._fill_models()

    def open_images(self, paths: Sequence[str | Path]) -> JobMonitor[tuple[Prediction, ...]] | None:
        """Predict pictures; folders give the pictures inside. The same as dropping them."""
        opened = list(map(Path, paths))
        pictures = [path for path in opened if is_picture(path.name)]
        self._places = [path for path in opened if not is_picture(path.name)]
        if pictures:
            self._add(pictures)
        if not opened:
            self._say_nothing_found()
            return None
        return self._predict()

    def choose_images(self) -> None:
        """Ask for pictures."""
        patterns = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        files, _ = QtWidgets.QFileDialog.getOpenFileNames(
            self, "Open pictures", "", f"Pictures ({patterns});;All files (*)"
        )
        if files:
            self.open_images(files)

    def paste(self) -> None:
        """Predict what is on the clipboard: copied files, or a copied picture."""
        mime = clipboard()
        paths = local_paths(mime)
        if paths:
            self.open_images(paths)
        elif mime.hasImage():
            job = specs.KeepPasted(pixels=pixels_of(QtGui.QGuiApplication.clipboard().image()))
            self._studio.submit(job, done=lambda path: self.open_images([path]), failed=self.notice.show_problem)
        else:
            self.notice.show_text(
                "There is no picture on the clipboard.", "Copy one first, then paste it here.", "info"
            )

    def release(self) -> None:
        """Wait for pictures being read."""
        self.thumbnails.close()

    def model(self) -> ModelRef | None:
        """The chosen model."""
        offer = self.model_picker.currentData()
        return replace(offer.ref, mirror=self.mirror.on) if isinstance(offer, Offer) else None

    # Layout ---------------------------------------------------------------------------------------------------

    def _content(self) -> QtWidgets.QWidget:
        self.thumbnails = Thumbnails(2 * _THUMBNAIL, self, large=2 * _VIEW)
        self.thumbnails.ready.connect(lambda _: self._show_view())
        self.pictures = PictureList(self.thumbnails)
        self.list = QtWidgets.QListView()
        self.list.setObjectName("picture_list")
        self.list.setAccessibleName("Pictures")
        self.list.setModel(self.pictures)
        self.list.setIconSize(QtCore.QSize(_THUMBNAIL, _THUMBNAIL))
        self.list.setUniformItemSizes(True)
        self.list.setSpacing(2)
        self.list.setMinimumWidth(190)
        self.list.selectionModel().currentChanged.connect(lambda *_: self._show_current())
        self.answer = AnswerCard()
        self.answer.add_below(self.mirror)
        self.maps = MapsPanel(self._studio)
        column = QtWidgets.QWidget()
        column.setProperty("kind", "column")
        stacked = QtWidgets.QVBoxLayout(column)
        stacked.setContentsMargins(theme.S, 0, 0, 0)
        stacked.setSpacing(theme.M)
        stacked.addWidget(self.answer)
        stacked.addWidget(self.maps)
        stacked.addStretch(1)
        area = QtWidgets.QScrollArea()
        area.setWidget(column)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        splitter = QtWidgets.QSplitter(QtCore.Qt.Orientation.Horizontal)
        splitter.addWidget(self.list)
        splitter.addWidget(area)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([220, 800])
        splitter.setChildrenCollapsible(False)
        return splitter

    # State ----------------------------------------------------------------------------------------------------

    def _fill_models(self) -> None:
        chosen = self.model()
        run = self._studio.run
        available = offers(self._studio)
        wanted = self._studio.model_ref(run) if run is not None and run != getattr(self, "_last_run", None) else chosen
        self._last_run = run
        with QtCore.QSignalBlocker(self.model_picker):
            self.model_picker.clear()
            for offer in available:
                self.model_picker.addItem(offer.title, offer)
            index = next((i for i, offer in enumerate(available) if wanted and offer.ref.is_of(wanted)), 0)
            self.model_picker.setCurrentIndex(index if available else -1)
        self.model_picker.setVisible(bool(available))
        self.subtitle.setVisible(not available)  # a small window has room for one of them
        if self.model() != chosen:
            self._model_chosen()

    def _model_chosen(self) -> None:
        self._predictions.clear()
        self.mirror.show_model(self.model())
        self.maps.show_model(self.model() if self._paths else None)
        if self._paths:
            self._show_paths()
            self._predict()

    def _add(self, pictures: Sequence[Path]) -> None:
        self._paths = list(dict.fromkeys([*pictures, *self._paths]))
        self._show_paths()
        self.list.setCurrentIndex(self.pictures.index(0))

    def _say_nothing_found(self) -> None:
        self.notice.show_text("There are no pictures in what you dropped.", "", "warn")

    def _show_paths(self) -> None:
        row = max(0, self.list.currentIndex().row())
        self._rows = {path: row for row, path in enumerate(self._paths)}
        self.pictures.show_pictures([Picture(path, self._caption(path)) for path in self._paths])
        self.stack.setCurrentIndex(1)
        if self.maps.layer.count() == 0 and self.model() is not None:
            self.maps.show_model(self.model())
        self.list.setCurrentIndex(self.pictures.index(min(row, len(self._paths) - 1)))

    def _caption(self, path: Path) -> str:
        prediction = self._predictions.get(path)
        if prediction is None:
            return path.name
        if prediction.error:
            return f"{path.name}\ncannot be read"
        best = prediction.top[0]
        return f"{best.label}\n{100 * best.probability:.0f} %"

    def _predict(self) -> JobMonitor[tuple[Prediction, ...]] | None:
        model = self.model()
        missing = (*self._places, *(path for path in self._paths if path not in self._predictions))
        if model is None:
            self.notice.show_text(
                "There is no trained network yet.",
                "Train one, or choose one with weights on the Network page.", "info",
                "Go to Network", lambda: self._studio.navigate.emit("model"),
            )  # fmt: skip
            return None
        if not missing:
            self._show_current()
            return None
        self.notice.hide()
        if self._job is not None:
            self._job.stop()  # what it did not come to is among the missing
        monitor = self._studio.submit(
            specs.Predict(model=model, images=missing),
            part=lambda part: self._find(part) if isinstance(part, Found) else self._take(model, part),
            failed=self.notice.show_problem,
        )
        self.progress.follow(monitor)
        self.progress.text.setText("Predicting")
        self._job = monitor
        return monitor

    def _find(self, found: Found) -> None:
        """What was in the folders."""
        if not self._places:
            return
        self._places = []
        named = [problem for problem in found.skipped if problem.kind not in UNSAID]
        self._skipped |= {problem.path: problem.detail for problem in named}
        if found.pictures:
            self._add(found.pictures)
        else:
            self._say_nothing_found()
        if found.pictures and named:
            title = f"{counted(len(named), 'file')} in the folder cannot be predicted."
            self.notice.show_text(title, named[0].detail if len(named) == 1 else "", "info")
        self.notice.show_details("\n".join(f"{problem.path}: {problem.detail}" for problem in named))

    def _take(self, model: ModelRef, prediction: Prediction) -> None:
        """An answer, as soon as it is there."""
        if model != self.model():
            return
        if prediction.path in self._places:  # it was no folder
            self._places.remove(prediction.path)
            self._add([prediction.path])
        if prediction.path not in self._rows:
            return
        self._predictions[prediction.path] = prediction
        self.pictures.set_caption(self._rows[prediction.path], self._caption(prediction.path))
        if prediction.path == self._current_path():
            self._show_current()

    def _current_path(self) -> Path | None:
        row = self.list.currentIndex().row()
        return self._paths[row] if 0 <= row < len(self._paths) else None

    def _show_current(self) -> None:
        path = self._current_path()
        if path is None:
            return
        prediction = self._predictions.get(path)
        self.answer.show_answer(path, prediction)
        self._show_view()
        self.maps.show_picture(path if prediction is None or prediction.error is None else None)

    def _show_view(self) -> None:
        path = self._current_path()
        self.answer.show_picture(self.thumbnails.get_large(path) if path is not None else None)

    def _save(self) -> None:
        file, _ = QtWidgets.QFileDialog.getSaveFileName(self, "Save answers", "predictions.csv", "Tables (*.csv)")
        if file:
            self.save_csv(Path(file))

    def save_csv(self, file: Path) -> None:
        """Write every answer as a table."""
        answered = (self._predictions[path] for path in self._paths if path in self._predictions)
        others = (Prediction(path=path, top=(), error=reason) for path, reason in self._skipped.items())
        answers = (*answered, *others)
        self._studio.submit(
            specs.SaveAnswers(file=file, answers=answers),
            done=lambda file: self.notice.show_text(f"Saved: {file.name}", str(file.parent), "good"),
            failed=self.notice.show_problem,
        )
