"""What is in front of the camera, and what the network says of it, again and again."""

from collections.abc import Callable
from importlib.util import find_spec

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem, isolated
from cnnstudio.inference.results import Prediction
from cnnstudio.jobs.specs import ExplainFrame, KeepPasted, PredictFrame
from cnnstudio.networks import ModelRef
from cnnstudio.networks.refusal import Verdict
from cnnstudio.ui.look import theme
from cnnstudio.ui.predict.verdict_face import VerdictFace
from cnnstudio.ui.state import Curator, JobMonitor, Studio
from cnnstudio.ui.widgets import Card, NoticeBar, Thumbnails, button, combo, image_of, label, pixels_of
from cnnstudio.ui.widgets.camera import Camera, Frames
from cnnstudio.ui.widgets.class_chooser import ClassChooser
from cnnstudio.ui.widgets.part_dialog import CameraPartDialog
from cnnstudio.ui.widgets.picture_canvas import PictureCanvas
from cnnstudio.ui.widgets.prediction_bars import PredictionBars
from cnnstudio.understanding.why.drawing import overlay
from cnnstudio.understanding.why.values import Explanation
from cnnstudio.understanding.words import NEAR_MISSES

_LOWEST, _HIGHEST, _JUDGED = 180, 420, 180
_TOP = 5
_NO_FOLDER = "Open the folder of pictures first that it is to be added to"
_INTO = "Say which class it is: it goes into your folder, for the next training"
_WHY = "Orange places speak for the answer, blue ones against it"


def has_camera_support() -> bool:
    """Whether the optional part for cameras is installed."""
    return find_spec("PySide6.QtMultimedia") is not None


class LiveCard(Card):
    """Hidden until it is started; it lets the camera go when it is closed or another page is shown."""

    kept = QtCore.Signal(list)
    """The file of a picture that was kept, to be predicted like any other."""
    opened = QtCore.Signal()
    closed = QtCore.Signal()

    def __init__(
        self, studio: Studio, notice: NoticeBar, thumbnails: Thumbnails, model: Callable[[], ModelRef | None]
    ) -> None:
        """``thumbnails`` reads the training pictures that are shown as a proof."""
        super().__init__("Camera")
        self.setObjectName("live_card")
        self._studio, self._notice, self._thumbnails, self._model = studio, notice, thumbnails, model
        self._curator = Curator(studio)
        self._verdict: Verdict | None = None
        self._camera: Frames | None = None
        self._last = QtGui.QImage()
        self._said: Prediction | None = None
        self._held = False
        """The picture stands still while a class is chosen for it."""
        self._asked: JobMonitor[Prediction] | None = None
        self._explained: JobMonitor[Explanation] | None = None
        self.view = PictureCanvas("live_picture", "What the camera sees")
        self.view.setMinimumHeight(theme.scaled(_LOWEST))
        self.view.setMaximumHeight(theme.scaled(_HIGHEST))
        self.bars = PredictionBars(low=True)
        self.face = VerdictFace("live_verdict", small=True)
        thumbnails.ready.connect(lambda _: self.face.show_proof(thumbnails))
        self.device = combo("live_device", "Camera", width=140)
        self.device.activated.connect(self._start_device)
        self.why = button("Why", "live_why", kind="tab", icon_name="inside")
        self.why.setCheckable(True)
        self.why.setToolTip(_WHY)
        self.why.toggled.connect(self._why_wanted)
        self.keep = button("Keep picture", "live_keep", self._keep, icon_name="camera")
        self.into = button("Keep in class…", "live_into_class", self._choose_class, icon_name="add")
        self.close_button = button("Close", "live_close", self.hide, kind="ghost")
        self.close_button.setAccessibleName("Close the camera")
        for entry in (self.device, self.why, self.into, self.keep, self.close_button):
            self.head.addWidget(entry)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self.view, 4)
        row.addWidget(self.bars, 4, QtCore.Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._beside_bars(), 3)
        self.body.addLayout(row)
        studio.dataset_changed.connect(lambda _: self._enable())
        self.hide()

    @property
    def is_asking(self) -> bool:
        """Whether an answer is on its way."""
        return self._asked is not None and self._asked.active

    def start(self, camera: Frames | None = None) -> None:
        """Show the first camera there is; ``camera`` is the computer's own unless given."""
        if self._camera is not None:
            return
        try:
            camera = camera or Camera(self)
        except ImportError:
            CameraPartDialog(self._studio, self.start, self.window()).show()
            return
        names = camera.names()
        if not names:
            text = "Connect one, close other programs that use it, and try again."
            self._notice.show_text("No camera was found.", text, "warn")
            return
        self._camera = camera
        self.device.clear()
        self.device.addItems(names)
        self.device.setVisible(len(names) > 1)
        self.title.setVisible(len(names) == 1)  # the list says it, and its names may be long
        self._last = QtGui.QImage()
        self._enable()
        camera.frame.connect(self._take)
        camera.failed.connect(self._fail)
        self.show()
        self.opened.emit()
        camera.start(0)

    @override
    def hideEvent(self, event: QtGui.QHideEvent) -> None:
        """Nobody looks: neither the camera nor the processor has to work."""
        super().hideEvent(event)
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.frame.disconnect(self._take)
            camera.failed.disconnect(self._fail)
            camera.stop()
        self.view.show_picture(None)
        self._show(None)
        self.hide()  # where the page went, so that it does not come back without a camera
        if camera is not None:
            self.closed.emit()

    def _beside_bars(self) -> QtWidgets.QWidget:
        """The verdict, or what to think of answers without one, in a place that keeps its size."""
        self.note = label(NEAR_MISSES, "caption", kind="muted", wrap=True, name="live_note")
        self._judged = QtWidgets.QWidget()
        self._judged.setMinimumWidth(theme.scaled(_JUDGED))
        column = QtWidgets.QVBoxLayout(self._judged)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.face)
        column.addWidget(self.note)
        column.addStretch(1)
        self._judged.hide()
        return self._judged

    def _start_device(self, index: int) -> None:
        if self._camera is not None:
            self._camera.start(index)

    def _enable(self) -> None:
        seen, open_ = not self._last.isNull(), self._studio.dataset is not None
        self.keep.setEnabled(seen)
        self.into.setEnabled(seen and open_)
        self.into.setToolTip(_INTO if open_ else _NO_FOLDER)

    def _take(self, image: QtGui.QImage) -> None:
        """Show every picture, and ask about the newest one whenever the last answer is there."""
        if self._held:
            return
        is_first, self._last = self._last.isNull(), image
        if is_first:
            self._enable()
        if not self.why.isChecked():
            self.view.show_picture(QtGui.QPixmap.fromImage(image))
        model = self._model()
        if model is None:
            return
        if not self.is_asking:
            job = PredictFrame(model=model, pixels=pixels_of(image)[:, :, :3], top=_TOP)
            self._asked = self._studio.submit(job, done=self._answer, failed=self._notice.show_problem)
        if self.why.isChecked() and (self._explained is None or not self._explained.active):
            self._explained = self._studio.submit(
                ExplainFrame(model=model, pixels=pixels_of(image)[:, :, :3]),
                done=self._paint_why, failed=self._refuse_why,
            )  # fmt: skip

    def _answer(self, prediction: Prediction) -> None:
        if self._camera is not None:
            self._show(prediction)

    def _show(self, prediction: Prediction | None) -> None:
        """The bars at once; a verdict when it was given twice in a row, since single frames would make it flicker."""
        self._said = prediction
        self.bars.show_prediction(prediction)
        verdict = prediction.verdict if prediction is not None else None
        if prediction is None or verdict == self._verdict:
            self.face.show_prediction(prediction)
            self.face.show_proof(self._thumbnails)
            self.note.setVisible(self.face.isHidden())
        self._judged.setVisible(verdict is not None)
        self._verdict = verdict

    # Why ------------------------------------------------------------------------------------------------------

    def _why_wanted(self, wanted: bool) -> None:
        self.view.setAccessibleName("What speaks for the answer and against it" if wanted else "What the camera sees")
        if not self._last.isNull():
            self.view.show_picture(QtGui.QPixmap.fromImage(self._last))

    def _paint_why(self, found: Explanation) -> None:
        """The part that the network sees, with the reasons for the answer."""
        if self._camera is not None and self.why.isChecked() and not self._held:
            shown = overlay(found.pixels, found.evidence.maps[0], found.evidence.largest)
            self.view.setAccessibleName(f"What speaks for {isolated(found.names[0])} and against it")
            self.view.show_picture(QtGui.QPixmap.fromImage(image_of(shown)))

    def _refuse_why(self, problem: Problem) -> None:
        """This network cannot tell."""
        self.why.setChecked(False)
        self._notice.show_problem(problem)

    # Keeping --------------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        job = KeepPasted(pixels=pixels_of(self._last))
        self._studio.submit(job, done=lambda path: self.kept.emit([path]), failed=self._notice.show_problem)

    def _choose_class(self) -> None:
        """The picture of this moment, which stands still meanwhile."""
        dataset = self._studio.dataset
        if dataset is None or self._last.isNull():
            return
        self._held, image = True, self._last
        self.view.show_picture(QtGui.QPixmap.fromImage(image))
        likely = tuple(score.label for score in self._said.top) if self._said is not None else ()
        chooser = ClassChooser(dataset.classes, likely, self, may_be_new=True)
        chooser.chosen.connect(lambda name: self._keep_into(image, name))
        chooser.destroyed.connect(self._let_go)
        chooser.open_below(self.into)

    def _let_go(self) -> None:
        self._held = False

    def _keep_into(self, image: QtGui.QImage, name: str) -> None:
        job = KeepPasted(pixels=pixels_of(image))
        self._studio.submit(job, done=lambda path: self._curator.add([path], name), failed=self._notice.show_problem)

    def _fail(self, text: str) -> None:
        self._notice.show_text(
            "The camera cannot be used.",
            f"Another program may be using it, or this one may not be allowed to. {text}",
            "error",
        )
        self.hide()
