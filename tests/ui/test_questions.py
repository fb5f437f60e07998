"""What the home page asks once, and what comes of the answers, with real clicks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from cnnstudio.core import DownloadError, StorageError
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.desktop import DesktopState
from cnnstudio.jobs.specs.updates import Update, UpdatePolicy
from cnnstudio.ui.frame.settings_dialog import SettingsDialog
from cnnstudio.ui.frame.updates import Updates
from cnnstudio.ui.home.page import HomePage
from cnnstudio.ui.state import load_preferences
from cnnstudio.ui.widgets import NoticeBar

pytestmark = pytest.mark.pages("home")
LEFT = Qt.MouseButton.LeftButton


def days_ago(number):
    return (datetime.now(UTC).date() - timedelta(days=number)).isoformat()


@pytest.fixture
def home(qtbot, studio, runner, tmp_path):
    """Of somebody who has a project."""
    runner.answers |= {
        specs.LookAtDesktop: DesktopState(),
        specs.LookAtUpdatePolicy: UpdatePolicy(address="http://school.example/newest"),
        specs.ListProjects: (),
    }
    studio.preferences = replace(studio.preferences, recent=(str(tmp_path),), sessions=5)
    page = HomePage(studio)
    qtbot.addWidget(page)
    page.resize(824, 616)
    page.show()
    qtbot.waitExposed(page)
    return page


def asked(runner, kind):
    return [job for job in runner.specs if isinstance(job, kind)]


def test_the_menu_is_asked_about_once_and_what_was_added_can_be_undone(home, studio, runner, qtbot):
    runner.answers |= {
        specs.AddToDesktop: DesktopState(added=True, whole=True),
        specs.RemoveFromDesktop: DesktopState(),
    }
    card, said = home.questions, []
    studio.said.connect(lambda *told: said.append(told))
    assert card.isHidden()
    studio.settled.emit()
    qtbot.waitUntil(card.isVisible)
    assert "menu of programs" in card.text.text()
    qtbot.mouseClick(card.yes, LEFT)
    assert card.isHidden()
    qtbot.waitUntil(lambda: len(said) == 1)
    text, action, undo = said[0]
    assert (text, action) == ("CNN Studio is in the menu of programs.", "Undo")
    undo()
    qtbot.waitUntil(lambda: len(said) == 2)
    assert asked(runner, specs.RemoveFromDesktop)
    qtbot.waitUntil(lambda: load_preferences().asked == ("desktop",))


@pytest.mark.parametrize("state", [DesktopState(added=True), DesktopState(why_not="The system brought it.")])
def test_nothing_is_asked_where_it_is_in_the_menu(home, studio, runner, qtbot, state):
    runner.answers[specs.LookAtDesktop] = state
    studio.settled.emit()
    qtbot.waitUntil(lambda: studio.preferences.asked == ("desktop",))
    assert home.questions.isHidden()


def test_whoever_has_no_project_yet_is_asked_nothing(home, studio, runner):
    studio.preferences = replace(studio.preferences, recent=())
    runner.specs.clear()
    studio.settled.emit()
    assert runner.specs == []


@pytest.mark.parametrize("agrees", [True, False])
def test_new_versions_are_asked_about_in_a_later_session_once(home, studio, runner, qtbot, agrees):
    studio.preferences = replace(studio.preferences, asked=("desktop",), sessions=1)
    studio.settled.emit()
    assert not asked(runner, specs.LookAtUpdatePolicy)
    studio.preferences = replace(studio.preferences, sessions=2)
    studio.settled.emit()
    qtbot.waitUntil(home.questions.isVisible)
    assert "nothing about you or your pictures is sent" in home.questions.text.text()
    qtbot.mouseClick(home.questions.yes if agrees else home.questions.no, LEFT)
    qtbot.waitUntil(lambda: load_preferences().asked == ("desktop", "updates"))
    assert load_preferences().updates == agrees
    assert not asked(runner, specs.LookForUpdate), "agreeing asks nobody yet"
    studio.settled.emit()
    assert home.questions.isHidden()


@pytest.mark.parametrize("policy", [UpdatePolicy(why_not="switched off"), UpdatePolicy()])
def test_nobody_is_asked_about_versions_in_vain(home, studio, runner, qtbot, policy):
    runner.answers[specs.LookAtUpdatePolicy] = policy
    studio.preferences = replace(studio.preferences, asked=("desktop",))
    studio.settled.emit()
    qtbot.waitUntil(
        lambda: asked(runner, specs.LookAtUpdatePolicy) and not studio.is_under_way(specs.LookAtUpdatePolicy)
    )
    assert home.questions.isHidden()


# Looking ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def notice(qtbot):
    notice = NoticeBar("window_notice")
    qtbot.addWidget(notice)
    return notice


@pytest.mark.parametrize(
    ("known", "asks"),
    [
        ({"updates": False, "sessions": 5}, 0), ({"updates": True, "sessions": 0}, 0),
        ({"updates": True, "sessions": 1}, 0), ({"updates": True, "sessions": 2}, 1),
        ({"updates": True, "sessions": 2, "looked": "nonsense"}, 1),
        ({"updates": True, "sessions": 2, "looked": days_ago(3)}, 0),
        ({"updates": True, "sessions": 2, "looked": days_ago(7)}, 1),
        ({"updates": True, "sessions": 2, "looked": days_ago(-30)}, 1),
    ],
)  # fmt: skip
def test_it_is_looked_once_a_week_where_a_person_agreed(studio, runner, notice, known, asks):
    updates = Updates(studio, notice)
    studio.preferences = replace(studio.preferences, **known)
    updates.begin()
    assert len(asked(runner, specs.LookForUpdate)) == asks
    counted = known["sessions"] + 1 if known["sessions"] < 2 else known["sessions"]
    assert studio.preferences.sessions == counted


def test_a_newer_version_is_one_line_with_the_line_that_brings_it(studio, runner, notice, qtbot):
    runner.answers[specs.LookForUpdate] = Update(version="99.1", how="uv tool upgrade cnnstudio")
    updates = Updates(studio, notice)
    studio.preferences = replace(studio.preferences, updates=True, sessions=2)
    updates.begin()
    qtbot.waitUntil(notice.isVisible)
    assert notice.title.text().startswith("CNN Studio 99.1 is there; this is ")
    assert notice.text.text() == "uv tool upgrade cnnstudio"
    qtbot.mouseClick(notice.action, LEFT)
    assert QGuiApplication.clipboard().text() == "uv tool upgrade cnnstudio"
    assert studio.preferences.looked == days_ago(0)
    updates.begin()
    assert len(asked(runner, specs.LookForUpdate)) == 1


@pytest.mark.parametrize("answer", [None, DownloadError("broken")])
def test_no_news_is_not_said(studio, runner, notice, qtbot, answer):
    runner.answers[specs.LookForUpdate] = answer
    updates = Updates(studio, notice)
    studio.preferences = replace(studio.preferences, updates=True, sessions=2)
    updates.begin()
    qtbot.waitUntil(lambda: not studio.is_under_way(specs.LookForUpdate))
    assert notice.isHidden()


def test_the_settings_have_the_switch_and_a_look_at_once(window, runner, qtbot):
    runner.answers |= {
        specs.MeasureCache: (), specs.LookAtUpdatePolicy: UpdatePolicy(address="http://school.example"),
        specs.LookForUpdate: Update(version="99.1", how="pipx upgrade cnnstudio"),
    }  # fmt: skip
    window.show_settings()
    dialog = window.findChild(SettingsDialog)
    card = dialog.updates
    qtbot.waitUntil(card.isVisible)
    assert card.wanted.isEnabled()
    assert not card.wanted.isChecked()
    card.wanted.setFocus()
    qtbot.keyClick(card.wanted, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: load_preferences().updates)
    qtbot.mouseClick(card.look, LEFT)
    qtbot.waitUntil(lambda: "99.1" in card.said.text() and card.look.isEnabled())
    assert "pipx upgrade cnnstudio" in card.said.text()
    dialog.close()


def test_the_settings_put_it_into_the_menu_and_take_it_out(window, runner, qtbot):
    added = DesktopState(added=True, whole=True)
    runner.answers |= {
        specs.MeasureCache: (), specs.LookAtDesktop: DesktopState(), specs.AddToDesktop: added,
        specs.RemoveFromDesktop: StorageError("The disk is full."),
    }  # fmt: skip
    window.show_settings()
    dialog = window.findChild(SettingsDialog)
    switch = dialog.desktop
    qtbot.waitUntil(switch.wanted.isEnabled)
    switch.wanted.setFocus()
    qtbot.keyClick(switch.wanted, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: switch.wanted.isEnabled() and switch.wanted.isChecked())
    qtbot.keyClick(switch.wanted, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: switch.said.text() == "The disk is full.")
    assert switch.wanted.isChecked(), "it is still there"
    dialog.close()


def test_the_settings_say_who_switched_it_off(window, runner, qtbot):
    runner.answers |= {specs.MeasureCache: (), specs.LookAtUpdatePolicy: UpdatePolicy(why_not="Your school did.")}
    window.show_settings()
    dialog = window.findChild(SettingsDialog)
    qtbot.waitUntil(lambda: dialog.updates.said.text() == "Your school did.")
    assert not dialog.updates.wanted.isEnabled()
    assert not dialog.updates.look.isEnabled()
    assert dialog.updates.isVisible()
    dialog.close()


def test_the_settings_have_no_switch_where_there_is_nobody_to_ask(window, runner, qtbot):
    runner.answers |= {specs.MeasureCache: (), specs.LookAtUpdatePolicy: UpdatePolicy()}
    window.show_settings()
    dialog = window.findChild(SettingsDialog)
    qtbot.waitUntil(lambda: not window.studio.is_under_way(specs.LookAtUpdatePolicy))
    assert dialog.updates.isHidden()
    dialog.close()
