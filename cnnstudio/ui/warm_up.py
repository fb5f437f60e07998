"""After the first paint: load the engine, visibly, so that the first click does not wait for it."""

from PySide6.QtCore import QTimer

from cnnstudio.jobs import specs
from cnnstudio.ui.main_window import MainWindow

_AFTER_FIRST_PAINT_MS = 150


def warm_up_later(window: MainWindow) -> None:
    """Import torch in the worker, then read the networks and find the devices."""
    QTimer.singleShot(_AFTER_FIRST_PAINT_MS, window, lambda: _warm_up(window))


def _warm_up(window: MainWindow) -> None:
    studio = window.studio
    window.engine_label.setText("Starting the engine …")
    monitor = studio.submit(specs.WarmUp(), "chores")
    monitor.ended.connect(lambda: window.engine_label.setText(""))
    monitor.failed.connect(studio.problem)
    studio.refresh_catalogue()
    studio.find_devices()
