"""Nothing of ours moves by itself where the system, or a person, asks for stillness."""

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from cnnstudio.jobs import specs
from cnnstudio.ui.frame.settings_dialog import SettingsDialog
from cnnstudio.ui.look import motion
from cnnstudio.ui.results.picture_map.walk import Walk
from cnnstudio.ui.widgets import Skeleton

MENUS = Qt.UIEffect.UI_AnimateMenu


@pytest.fixture(autouse=True)
def free(qapp):
    """As it was afterwards."""
    before = QApplication.isEffectEnabled(MENUS)
    yield
    for by in ("system", "person"):
        motion.keep_still(wanted=False, by=by)
    QApplication.setEffectEnabled(MENUS, before)


@pytest.mark.parametrize("by", ["system", "person"])
def test_points_are_at_their_end_at_once(qapp, by):
    walk, seen = Walk(qapp), []
    walk.moved.connect(lambda places, is_last: seen.append((places.tolist(), is_last)))
    motion.keep_still(wanted=True, by=by)
    walk.begin(np.zeros((1, 2), np.float32), np.ones((1, 2), np.float32))
    assert seen == [([[1.0, 1.0]], True)]
    assert not walk.is_under_way
    assert not QApplication.isEffectEnabled(MENUS)
    motion.keep_still(wanted=False, by=by)
    walk.begin(np.zeros((1, 2), np.float32), np.ones((1, 2), np.float32))
    assert walk.is_under_way
    walk.stop()


def test_what_loads_is_grey_without_a_pulse(qtbot, monkeypatch):
    motion.keep_still(wanted=True)
    skeleton = Skeleton("Reading", count=1)
    qtbot.addWidget(skeleton)
    skeleton.resize(200, 30)
    times = iter((1000, 1300, 1700))
    with qtbot.waitExposed(skeleton):
        skeleton.show()
    skeleton.clock.stop()
    clock = SimpleNamespace(elapsed=lambda: next(times), start=lambda: None)
    monkeypatch.setattr(skeleton, "_since", clock)
    drawn = {skeleton.grab().toImage().pixel(5, 5) for _ in range(3)}
    assert len(drawn) == 1


@pytest.mark.pages("home")
def test_the_system_is_asked_once_the_window_is_there_and_settings_of_ours_hold_too(window, runner, studio, qtbot):
    assert runner.of(specs.LookAtMotion)
    window.show_settings()
    dialog = window.findChild(SettingsDialog)
    dialog.still.click()
    assert not motion.may_move()
    assert studio.preferences.still
    dialog.still.click()
    assert motion.may_move()
    dialog.contrast.click()
    try:
        assert studio.preferences.contrast
    finally:
        dialog.contrast.click()
    dialog.close()
