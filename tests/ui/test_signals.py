"""Ctrl-C, TERM and HUP on the window: it ends at once, idle or at work, and asks nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6 import QtCore, QtWidgets

from cnnstudio.core import JobStopped
from cnnstudio.jobs import specs
from cnnstudio.ui.main_window import MainWindow

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")
ROOT = Path(__file__).parents[2]
WINDOW = """
import sys
from PySide6 import QtCore
from cnnstudio.ui import app
from cnnstudio.ui.main_window import MainWindow
MainWindow._warm_up = lambda self: print("idle", flush=True)
{more}
sys.exit(app.run())
"""
BUSY = """
import threading, time
from cnnstudio.jobs import Job
from dataclasses import dataclass
@dataclass(frozen=True)
class Deaf(Job):
    def handle(self, watch):
        print("idle", flush=True)
        time.sleep(60)
from cnnstudio.ui import main_window
main_window._CLOSE_TIMEOUT_S = 0.3
MainWindow._warm_up = lambda self: self.studio.submit(Deaf())
"""


def start(tmp_path, more=""):
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "QT_QPA_PLATFORM": "offscreen",
        "CNNSTUDIO_HOME": str(tmp_path),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", WINDOW.format(more=more)], env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "idle\n"
    return process


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_idle_window_ends(tmp_path, number):
    process = start(tmp_path)
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    assert said == ""


@pytest.mark.slow
def test_work_that_hears_nothing_does_not_keep_the_process(tmp_path):
    process = start(tmp_path, BUSY)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert time.monotonic() - begun < 20
    assert process.returncode == 130
    assert said == ""


def test_nothing_is_asked_while_a_training_goes_on(opened, runner, studio, qtbot, monkeypatch):
    monkeypatch.setattr(MainWindow, "may_close", lambda _: pytest.fail("nobody is there to answer"))
    runner.answers[specs.FineTune] = ...
    opened.train_page.start()
    training = next(handle for handle in runner.handles if isinstance(handle.job, specs.FineTune))
    question = QtWidgets.QDialog(opened)
    QtCore.QTimer.singleShot(0, opened.end)
    question.exec()
    assert training.control.stop_requested
    assert opened.isVisible(), "until the best epoch is saved"
    runner.end(training, [JobStopped()])
    qtbot.waitUntil(lambda: not opened.isVisible())
    question.deleteLater()
