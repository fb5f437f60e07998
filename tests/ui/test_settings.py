"""The settings, with real clicks."""

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QPushButton

from cnnstudio.core import JobStopped, data_folder
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.computer import CachePart
from cnnstudio.training.recipe import Recipe
from cnnstudio.ui.frame.settings_dialog import SettingsDialog
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import load_preferences
from tests.ui.conftest import carry_out

pytestmark = pytest.mark.pages("home")

PARTS = (CachePart(name="features", bytes=3_400_000_000), CachePart(name="thumbnails", bytes=0))


@pytest.fixture
def dialog(window, runner, qtbot):
    runner.answers |= {
        specs.MeasureCache: PARTS, specs.TrimCache: PARTS,
        specs.ClearCache: lambda job: tuple(CachePart(name=part.name, bytes=0) for part in PARTS),
    }  # fmt: skip
    window.findChild(QAction, "action_settings").trigger()
    made = window.findChild(SettingsDialog)
    qtbot.waitUntil(lambda: made.cache.total.text() == "3.4 GB in all")
    yield made
    if shiboken6.isValid(made):
        made.close()


def choose(qtbot, box, text):
    """With the keyboard, as a person may."""
    box.setFocus()
    while box.currentText() != text:
        before = box.currentIndex()
        qtbot.keyClick(box, Qt.Key.Key_Down)
        assert box.currentIndex() > before, f"{text} is not offered"


def saved(qtbot, **values):
    qtbot.waitUntil(lambda: all(getattr(load_preferences(), name) == value for name, value in values.items()))


def test_the_theme_changes_at_once_and_the_menu_follows(window, dialog, qtbot):
    choose(qtbot, dialog.scheme, "Dark theme")
    assert theme.current().dark
    assert window.findChild(QAction, "action_dark").isChecked()
    saved(qtbot, scheme="dark")


def test_messages_cores_and_the_limit_of_the_cache_are_remembered(dialog, runner, qtbot):
    qtbot.mouseClick(dialog.notify, Qt.MouseButton.LeftButton, pos=dialog.notify.rect().center() * 0.2)
    assert dialog.cores.text() == "All"
    dialog.cores.setFocus()
    qtbot.keyClick(dialog.cores, Qt.Key.Key_Up)
    choose(qtbot, dialog.cache.limit, "at most 2 GB, what was used last")
    saved(qtbot, notify=False, cores=1, cache_gb=2)
    assert runner.of(specs.TrimCache)[-1].limit == 2_000_000_000


def test_a_part_of_the_cache_is_cleared_with_one_click_but_not_during_a_training(dialog, studio, runner, qtbot):
    features, thumbnails = dialog.cache.clear["features"], dialog.cache.clear["thumbnails"]
    assert features.isEnabled()
    assert not thumbnails.isEnabled(), "there is nothing"
    training = studio.start_training(Recipe(dataset="x", network="y"))
    assert not features.isEnabled()
    assert dialog.cache.busy.isVisible()
    training.handle.control.request_stop()
    runner.end(training.handle, JobStopped())
    qtbot.waitUntil(features.isEnabled)
    qtbot.mouseClick(features, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.cache.total.text() == "empty")
    assert runner.of(specs.ClearCache)[-1].parts == ("features",)


def test_every_control_has_a_name_to_read(dialog):
    for kind in (QPushButton, QComboBox):
        for control in dialog.findChildren(kind):
            assert control.accessibleName() or not control.isVisibleTo(dialog), control.objectName()


def test_a_second_wish_shows_the_same_settings(window, dialog):
    window.findChild(QAction, "action_settings").trigger()
    assert len(window.findChildren(SettingsDialog)) == 1


def test_what_is_kept_is_moved_to_where_a_person_wants_it(window, dialog, runner, studio, qtbot, tmp_path, monkeypatch):  # noqa: PLR0913
    runner.answers[specs.KeepIn] = carry_out
    (data_folder() / "weights").mkdir(parents=True)
    inside = data_folder() / "practice" / "hats"
    studio.preferences = studio.preferences.with_recent(inside)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "disk"))
    qtbot.mouseClick(dialog.findChild(QPushButton, "move_data"), Qt.MouseButton.LeftButton)
    shown = dialog.findChild(QLabel, "folder_data")
    qtbot.waitUntil(lambda: shown.text() == str(tmp_path / "disk"))
    assert dialog.findChild(QLabel, "folder_runs").text() == str(tmp_path / "disk" / "runs")
    assert data_folder() == tmp_path / "disk"
    assert studio.preferences.recent[0] == str(tmp_path / "disk" / "practice" / "hats")
    assert dialog.folders.notice.isVisible()


def test_nothing_is_moved_under_a_training(dialog, runner, studio, qtbot, tmp_path):
    runner.answers[specs.FineTune] = ...
    monitor = studio.start_training(Recipe(dataset="/x", network="gamma"))
    assert dialog.folders.keep_in("data", tmp_path / "disk") is None
    assert "at work" in dialog.folders.notice.title.text()
    assert not runner.of(specs.KeepIn)
    monitor.handle.events.put(JobStopped())
    qtbot.waitUntil(lambda: not studio.training_active)


def close(dialog):
    """As a person does: it is gone."""
    dialog.close()
    QCoreApplication.sendPostedEvents(dialog, QEvent.Type.DeferredDelete.value)
    assert not shiboken6.isValid(dialog)


def test_closed_settings_hear_of_no_training(dialog, runner, studio, qtbot):
    close(dialog)
    runner.answers[specs.FineTune] = ...
    monitor = studio.start_training(Recipe(dataset="/x", network="gamma"))
    monitor.handle.events.put(JobStopped())
    qtbot.waitUntil(lambda: not studio.training_active)  # what a slot raises fails the test


def test_what_is_moved_is_followed_although_the_settings_were_closed(dialog, runner, studio, qtbot, tmp_path):
    runner.answers[specs.KeepIn] = ...
    studio.preferences = studio.preferences.with_recent(data_folder() / "practice" / "hats")
    dialog.folders.keep_in("data", tmp_path / "disk")
    handle = next(each for each in runner.handles if isinstance(each.job, specs.KeepIn))
    close(dialog)
    runner.end(handle, tmp_path / "disk")
    qtbot.waitUntil(lambda: studio.preferences.recent[0] == str(tmp_path / "disk" / "practice" / "hats"))
