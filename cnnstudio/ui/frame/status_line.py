"""The line at the foot of the window: what the engine does, and what computes."""

from PySide6 import QtWidgets

from cnnstudio.runs import Run
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import label


class StatusLine:
    """Two labels of the status bar, which follow trainings and devices."""

    def __init__(self, bar: QtWidgets.QStatusBar, studio: Studio) -> None:
        self.device = label("", "caption", kind="muted", name="device_label")
        self.engine = label("", "caption", kind="muted", name="engine_label")
        self.engine.setContentsMargins(theme.S, 0, 0, 0)  # below the rail's words
        bar.addWidget(self.engine)
        bar.addPermanentWidget(self.device)
        studio.devices_changed.connect(self._show_devices)
        studio.training_started.connect(self._follow_training)
        studio.training_ended.connect(lambda: self.engine.setText(""))

    def _show_devices(self, devices: tuple[object, ...]) -> None:
        titles = [getattr(device, "title", "") for device in devices if not getattr(device, "note", "")]
        self.device.setText(titles[0] if titles else "")

    def _follow_training(self, monitor: JobMonitor[Run]) -> None:
        self.engine.setText("Training…")
        monitor.paused.connect(lambda: self.engine.setText("Paused"))
        monitor.resumed.connect(lambda: self.engine.setText("Training…"))
