"""Start the window: logging, a net for exceptions in slots, the theme, and the engine after the first paint."""

import ctypes
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import StorageError, config_folder, limit_cores, objects_that_stay
from cnnstudio.core.log import start_logging, watch_for_crashes
from cnnstudio.jobs import explain
from cnnstudio.ui.look import motion, theme
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.signals import Signals, is_busy
from cnnstudio.ui.state import load_preferences

log = logging.getLogger(__name__)


def run(paths: Sequence[Path] = (), gave_up: Callable[[Sequence[str]], None] = log.critical) -> int:
    """Show the window, on files and folders if there are any, and return when it is closed.

    Args:
        paths: what to open, as if it had been dropped: folders of pictures, archives, pictures, weights, bundles.
        gave_up: is told Qt's messages where it can show no window; then the process ends with 1.
    """
    last_crash = _start_log()
    QtCore.QCoreApplication.setOrganizationName("CNN Studio")
    QtCore.QCoreApplication.setApplicationName("CNN Studio")
    QtGui.QGuiApplication.setDesktopFileName("cnnstudio")  # so that Wayland shows the icon
    if sys.platform == "win32":  # so that the taskbar shows one program, and not Python
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID("CNNStudio.CNNStudio")
    ini = QtCore.QSettings.Format.IniFormat
    QtCore.QSettings.setDefaultFormat(ini)
    QtCore.QSettings.setPath(ini, QtCore.QSettings.Scope.UserScope, str(config_folder()))  # with CNNSTUDIO_HOME, too
    preferences = load_preferences()
    limit_cores(preferences.cores)
    app = _application(gave_up)
    scheme = preferences.scheme
    theme.set_scheme(scheme if scheme in ("light", "dark") else "system")  # type: ignore[arg-type]
    theme.set_contrast(high=preferences.contrast)
    theme.apply(app)
    motion.keep_still(wanted=preferences.still)
    with objects_that_stay():
        window = MainWindow()
    _catch_exceptions(window)
    window.show()
    if last_crash:
        window.notice.show_text("CNN Studio ended unexpectedly the last time. Finished epochs were kept.", "", "warn")
        window.notice.show_details(last_crash)
    if paths:
        window.open_paths(paths)
    elif not last_crash:  # which may have been the folder's fault
        window.pages.when_complete(window.places.open_last)
    signals = Signals(window.end)
    code = app.exec()
    if is_busy(window):  # a picture or a server that answers late holds up nobody; what matters is written by now
        logging.shutdown()
        os._exit(signals.code or code)
    return signals.code or code


def _application(gave_up: Callable[[Sequence[str]], None]) -> QtWidgets.QApplication:
    """Qt's application. Without a window system Qt would abort the process, after a few words to programmers."""
    said: list[str] = []

    def hear(kind: QtCore.QtMsgType, _context: QtCore.QMessageLogContext, text: str) -> None:
        said.append(text)
        if kind == QtCore.QtMsgType.QtFatalMsg:
            gave_up(said)
            os._exit(1)

    before = QtCore.qInstallMessageHandler(hear)
    try:
        app = QtWidgets.QApplication.instance() or QtWidgets.QApplication(["cnnstudio"])  # as the menu entry has it
    finally:
        QtCore.qInstallMessageHandler(before)
    for text in said:
        log.info("Qt: %s", text)
    assert isinstance(app, QtWidgets.QApplication)
    return app


def _start_log() -> str:
    """A place that may not be written to costs the log, not the work."""
    try:
        start_logging()
        return watch_for_crashes()
    except (OSError, StorageError):
        return ""


def _catch_exceptions(window: MainWindow) -> None:
    """An exception in a slot goes to the log and a quiet panel; the window lives on."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QtCore.QCoreApplication.quit()
            return
        log.error("exception in the window", exc_info=(kind, error, trace))
        window.show_problem(explain(error))

    sys.excepthook = hook
