"""What these tests leave behind: a failed one must not hang the run, and none may fill the memory."""

import gc
import weakref

import pytest
from PySide6.QtCore import QCoreApplication

from cnnstudio.jobs import specs
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.state import Studio
from tests.ui.conftest import ScriptedRunner, let_go, make_window

pytestmark = pytest.mark.pages("train")


def test_a_training_that_is_still_open_asks_nobody_at_the_end(opened, runner, monkeypatch):
    asked = []
    monkeypatch.setattr(MainWindow, "may_close", asked.append)
    runner.answers[specs.FineTune] = ...
    opened.train_page.start()
    assert opened.studio.training_active
    let_go(opened)
    assert not opened.isVisible()
    assert asked == []


def test_nothing_keeps_a_window_that_is_gone(qtbot, monkeypatch):
    studio = Studio(ScriptedRunner())
    window = make_window(qtbot, monkeypatch, studio)
    qtbot.waitUntil(lambda: studio.catalogue is not None and bool(studio.devices))
    let_go(window)
    kept = weakref.ref(window)
    window.deleteLater()
    studio.deleteLater()
    del window
    QCoreApplication.sendPostedEvents(None, 52)  # DeferredDelete

    def is_gone():  # once what still waited for a turn of its own was passed over
        gc.collect()
        return kept() is None

    qtbot.waitUntil(is_gone)
