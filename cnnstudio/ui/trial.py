"""Open the window, walk through its pages and close it, for a self-test: no hands, and nothing of a person's opened."""

import os
import pkgutil
import sys
import time

import psutil
from PySide6 import QtCore, QtWidgets

import cnnstudio.ui
from cnnstudio.ui.look import theme
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.pages import PAGES

_PAGE_MS = 250
_LONGEST_S = 90


def try_window() -> None:
    """Ends the process with 1 where a page or a module of the window does not work; prints when it was first painted.

    With the screen that there is, or with none.
    """
    for found in pkgutil.walk_packages(cnnstudio.ui.__path__, "cnnstudio.ui."):
        pkgutil.resolve_name(found.name)
    failed: list[BaseException] = []

    def note(kind: type[BaseException], error: BaseException, trace: object) -> None:
        failed.append(error)
        sys.__excepthook__(kind, error, trace)  # type: ignore[arg-type]

    sys.excepthook = note
    app = QtWidgets.QApplication(sys.argv[:1])
    theme.apply(app)
    window = MainWindow()
    window.studio.problem.connect(lambda problem: failed.append(RuntimeError(problem.sentence())))
    window.show()
    QtCore.QTimer.singleShot(0, window, lambda: _tell(app.platformName()))  # after what showing it asked for
    for number, row in enumerate(PAGES, 1):
        QtCore.QTimer.singleShot(number * _PAGE_MS, window, lambda name=row.name: window.show_page(name))
    QtCore.QTimer.singleShot((len(PAGES) + 1) * _PAGE_MS, window, window.end)
    QtCore.QTimer.singleShot(_LONGEST_S * 1000, app, lambda: os._exit(1))
    app.exec()
    os._exit(1 if failed else 0)  # what still waits for a disk or another process is none of this test's


def _tell(platform: str) -> None:
    since = time.time() - psutil.Process().create_time()
    sys.stdout.write(f"{platform}: first painted after {since:.2f} s\n")
    sys.stdout.flush()
