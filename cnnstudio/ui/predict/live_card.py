"""What is in front of the camera, and what the network says of it, again and again."""

from collections.abc import Callable
from importlib.util import find_spec

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.inference.results import Prediction
from cnnstudio.jobs.specs import KeepPasted, PredictFrame
from cnnstudio.networks import ModelRef
from cnnstudio.networks.refusal import Verdict
from cnnstudio.ui.look import theme
from cnnstudio.ui.predict.verdict_face import VerdictFace
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Card, NoticeBar, Thumbnails, button, combo, label, pixels_of
from cnnstudio.ui.widgets.camera import Camera, Frames
from cnnstudio.ui.widgets.part_dialog import CameraPartDialog
from cnnstudio.ui.widgets.picture_canvas import PictureCanvas
from cnnstudio.ui.widgets.prediction_bars import PredictionBars
from cnnstudio.understanding.words import NEAR_MISSES

_LOWEST, _HIGHEST = 110, 240
_TOP = 3


def has_camera_support() -> bool:
    """Whether the optional part for cameras is installed."""
    return find_spec("PySide6.QtMultimedia") is not None


class LiveCard(Card):
    """Hidden until it is started; it lets the camera go when it is closed or another page is shown."""

    kept = QtCore.Signal(list)
    """The file of a picture that was kept, to be predicted like any other."""

    def __init__(
        self, studio: Studio, notice: NoticeBar, thumbnails: Thumbnails, model: Callable[[], ModelRef | None]
    ) -> None:
        """``thumbnails`` reads the training pictures that are shown as a proof."""
        super().__init__("Camera")
        self.setObjectName("live_card")
        self._studio, self._notice, self._thumbnails, self._model = studio, notice, thumbnails, model
        self._verdict: Verdict | None = None
        self._camera: Frames | None = None
        self._last = QtGui.QImage()
        self._asked: JobMonitor[Prediction] | None = None
        self.view = PictureCanvas("live_picture", "What the camera sees")
        self.view.setMinimumHeight(_LOWEST)
        self.view.setMaximumHeight(_HIGHEST)
        self.bars = PredictionBars()
        self.face = VerdictFace("live_verdict", small=True)
        thumbnails.ready.connect(lambda _: self.face.show_proof(thumbnails))
        self.device = combo("live_device", "Camera", width=160)
        self.device.activated.connect(self._start_device)
        self.keep = button("Keep this picture", "live_keep", self._keep, icon_name="camera")
        self.close_button = button("Close camera", "live_close", self.hide, kind="ghost")
        for entry in (self.device, self.keep, self.close_button):
            self.head.addWidget(entry)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.M)
        row.addWidget(self.view, 1)
        said = QtWidgets.QVBoxLayout()
        said.setSpacing(theme.S)
        said.addWidget(self.bars)
        said.addWidget(self._below_bars())
        said.addStretch(1)
        row.addLayout(said, 1)
        self.body.addLayout(row)
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
        self.keep.setEnabled(False)
        camera.frame.connect(self._take)
        camera.failed.connect(self._fail)
        camera.start(0)
        self.show()

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

    def _below_bars(self) -> QtWidgets.QWidget:
        """The verdict, or what to think of answers without one, in a place that keeps its size."""
        self.note = label(NEAR_MISSES, "caption", kind="muted", wrap=True, name="live_note")
        self.note.hide()
        place = QtWidgets.QWidget()
        self.face.ensurePolished()  # with the border that it will have
        place.setMinimumHeight(self.face.sizeHint().height())
        column = QtWidgets.QVBoxLayout(place)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.face)
        column.addWidget(self.note)
        column.addStretch(1)
        return place

    def _start_device(self, index: int) -> None:
        if self._camera is not None:
            self._camera.start(index)

    def _take(self, image: QtGui.QImage) -> None:
        """Show every picture, and ask about the newest one whenever the last answer is there."""
        self._last = image
        self.keep.setEnabled(True)
        self.view.show_picture(QtGui.QPixmap.fromImage(image))
        model = self._model()
        if model is None or self.is_asking:
            return
        job = PredictFrame(model=model, pixels=pixels_of(image)[:, :, :3], top=_TOP)
        self._asked = self._studio.submit(job, done=self._answer, failed=self._notice.show_problem)

    def _answer(self, prediction: Prediction) -> None:
        if self._camera is not None:
            self._show(prediction)

    def _show(self, prediction: Prediction | None) -> None:
        """The bars at once; a verdict when it was given twice in a row, since single frames would make it flicker."""
        self.bars.show_prediction(prediction)
        verdict = prediction.verdict if prediction is not None else None
        if prediction is None or verdict == self._verdict:
            self.face.show_prediction(prediction)
            self.face.show_proof(self._thumbnails)
            self.note.setVisible(self.face.isHidden() and verdict is not None)
        self._verdict = verdict

    def _keep(self) -> None:
        job = KeepPasted(pixels=pixels_of(self._last))
        self._studio.submit(job, done=lambda path: self.kept.emit([path]), failed=self._notice.show_problem)

    def _fail(self, text: str) -> None:
        self._notice.show_text(
            "The camera cannot be used.",
            f"Another program may be using it, or this one may not be allowed to. {text}",
            "error",
        )
        self.hide()
