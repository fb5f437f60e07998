"""Record pictures of a class with a camera, which is an optional part."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

from cnnstudio.core import Problem
from cnnstudio.jobs.specs import KeepFrame
from cnnstudio.ui.data.preview import Canvas
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobDesk
from cnnstudio.ui.widgets import NoticeBar, button, combo, label, make_editable, number, pixels_of
from cnnstudio.ui.widgets.camera import Frames
from cnnstudio.ui.widgets.dialog_frame import body_and_foot, give_room

_A_SECOND = 4


class CameraDialog(QtWidgets.QDialog):
    """``recorded`` has the files that were written; ``kept`` tells when all are, also after the dialog is closed."""

    kept = QtCore.Signal()

    def __init__(
        self,
        desk: JobDesk,
        camera: Frames,
        classes: tuple[str, ...],
        folder_of: Callable[[str], Path],
        crop_share: float = 1.0,
        parent: QtWidgets.QWidget | None = None,
    ) -> None:
        """Nothing is recorded before the button is held.

        Args:
            desk: has the pictures written.
            camera: gives the pictures.
            classes: to choose from; a new one may be typed.
            folder_of: where pictures of a class go.
            crop_share: part of the shorter side that the network sees.
            parent: the window.
        """
        super().__init__(parent)
        self.setObjectName("camera_dialog")
        self.setWindowTitle("Record with the camera")
        self._desk, self._camera, self._folder_of = desk, camera, folder_of
        self.recorded: list[Path] = []
        self.being_kept = 0
        self._taken = 0
        self._counts: dict[str, int] = {}
        self._stem, self._folder, self._last = "", Path(), 0.0
        self.notice = NoticeBar("camera_notice")
        self.canvas = Canvas(crop_share)
        self.device = combo("camera_device", "Camera")
        self.name = combo("camera_class", "Class")
        make_editable(self.name)
        self.name.addItems(list(classes))
        self.name.setCurrentIndex(0 if classes else -1)
        self.name.setPlaceholderText("What is in front of the camera?")
        self.rate = number("camera_rate", "Pictures per second", 1, 15, _A_SECOND, suffix=" per second")
        self.rate.setFixedWidth(theme.scaled(130))
        self.record = button("Hold to record", "camera_record", kind="primary", icon_name="camera")
        self.record.setToolTip("Press and hold, or hold the space bar")
        self.record.pressed.connect(self._begin)
        self.record.released.connect(self._end)
        self.count = label("No pictures yet.", kind="muted", name="camera_count")
        form = QtWidgets.QFormLayout()
        form.setVerticalSpacing(theme.S)
        form.setFieldGrowthPolicy(QtWidgets.QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for box in (self.device, self.name):  # whose names may be long
            box.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(24)
            box.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        form.addRow("Camera", self.device)
        form.addRow("Class", self.name)
        form.addRow("Pictures", self.rate)
        tip = (
            "Move the object or the camera while you record, and change the background: pictures that look the "
            "same teach a network little. Record every class the same way."
        )
        column, foot = body_and_foot(self)
        column.setSpacing(theme.S)
        column.addWidget(self.notice)
        column.addWidget(self.canvas, 1)
        column.addLayout(form)
        column.addWidget(label(tip, "caption", kind="muted", wrap=True))
        foot.addWidget(self.count, 1)
        foot.addWidget(button("Done", "camera_done", self.accept))
        foot.addWidget(self.record)
        give_room(self, 640, 700)
        camera.frame.connect(self._take)
        camera.failed.connect(self._say_failed)
        self.name.currentTextChanged.connect(lambda _: self._enable())
        self.finished.connect(lambda _: self._camera.stop())
        self._find()
        self.record.setFocus()

    @override
    def closeEvent(self, event: QtGui.QCloseEvent) -> None:
        self._camera.stop()
        super().closeEvent(event)

    def _find(self) -> None:
        names = self._camera.names()
        self.device.addItems(names)
        self.device.setEnabled(len(names) > 1)
        if names:
            self.device.currentIndexChanged.connect(self._camera.start)
            self._camera.start(0)
        else:
            self.device.setPlaceholderText("None found")
            self.notice.show_text(
                "No camera was found.", "Connect one, close other programs that use it, and open this again.", "warn"
            )
        self._enable()

    def _enable(self) -> None:
        self.record.setEnabled(self.device.count() > 0 and bool(self.name.currentText().strip()))

    def _begin(self) -> None:
        self._stem = f"recording-{datetime.now(UTC):%Y%m%d%H%M%S%f}"
        self._folder, self._last = self._folder_of(self.name.currentText().strip()), 0.0
        self._taken = 0
        self.record.setText("Recording")

    def _end(self) -> None:
        self._stem = ""
        self.record.setText("Hold to record")

    def _take(self, image: QtGui.QImage) -> None:
        self.canvas.show_image(QtGui.QPixmap.fromImage(image))
        now = time.monotonic()
        if not self._stem or now - self._last < 1 / self.rate.value():
            return
        self._last = now
        name = self.name.currentText().strip()
        self._taken += 1
        self.being_kept += 1
        job = KeepFrame(pixels=pixels_of(image), folder=self._folder, stem=self._stem, number=self._taken)
        monitor = self._desk.submit(job, done=lambda file: self._count(name, file), failed=self._refuse)
        monitor.ended.connect(self._one_less)

    def _count(self, name: str, file: Path) -> None:
        self.recorded.append(file)
        self._counts[name] = self._counts.get(name, 0) + 1
        if self.name.findText(name, QtCore.Qt.MatchFlag.MatchExactly) < 0:
            self.name.addItem(name)
        self.count.setText(", ".join(f"{each}: {count}" for each, count in self._counts.items()))

    def _refuse(self, problem: Problem) -> None:
        self._end()
        self.notice.show_problem(problem)

    def _one_less(self) -> None:
        self.being_kept -= 1
        if not self.being_kept:
            self.kept.emit()

    def _say_failed(self, text: str) -> None:
        self.notice.show_text(
            "The camera cannot be used.",
            f"Another program may be using it, or this one may not be allowed to. {text}",
            "error",
        )
