"""What a long job shows of itself outside of its page: the title, and a notification at its end."""

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from cnnstudio.core import JobFinished, JobStopped, Problem, Progressed, RunPaused, RunResumed, RunStarted, StepDone
from cnnstudio.core.events import JobFailed
from cnnstudio.jobs import specs
from cnnstudio.training.recipe import Recipe
from cnnstudio.ui.frame import attention

pytestmark = pytest.mark.pages("home")

TRAINING = specs.FineTune(recipe=Recipe(dataset="x", network="y"), in_project=True)


def step(number, steps=200):
    return StepDone(epoch=1, step=number, steps=steps, epochs=10, loss=1.0, learning_rate=0.1, images_per_second=9.0)


def started(repeat=0, repeats=0):
    return RunStarted(
        run="x", network="y", mode="all", device="cpu", precision="fp32", epochs=10, first_epoch=1, train_images=1,
        validation_images=1, repeat=repeat, repeats=repeats,
    )  # fmt: skip


@pytest.fixture
def events(studio, window):
    """Puts events into the buffer of a training and lets them be heard."""
    monitor = studio.submit(TRAINING)

    def put(*some):
        for event in some:
            monitor.handle.events.put(event)
        monitor.drain()

    yield put
    if monitor.active:
        put(JobStopped())


@pytest.fixture
def away(window, qtbot):
    """Another window is in front, and every job counts as long."""
    window.attention.long_s = 0.0
    other = QWidget()
    qtbot.addWidget(other)
    with qtbot.waitActive(other):
        other.show()
        other.activateWindow()
    alerted = []
    window.attention.asked.connect(lambda *said: alerted.append(said))
    return alerted


def test_the_title_tells_how_far_a_training_is(window, events):
    assert window.windowTitle() == "CNN Studio"
    events(started(), Progressed(done=3, total=10, text="Preparing the pictures"))
    assert window.windowTitle() == "30 % – CNN Studio"
    events(step(124))
    assert window.windowTitle() == "62 % – CNN Studio"
    events(Progressed(done=1, total=100, text="Scoring the validation pictures"))
    assert window.windowTitle() == "62 % – CNN Studio", "what is scored between epochs is a part of it"
    events(RunPaused())
    assert window.windowTitle() == "Paused at 62 % – CNN Studio"
    events(RunResumed(), step(200))
    assert window.windowTitle() == "99 % – CNN Studio", "it has not ended"
    events(JobFinished(result=None))
    assert window.windowTitle() == "CNN Studio"


def test_of_five_trainings_the_title_tells_the_whole(window, events):
    events(started(2, 5))
    events(step(100))
    assert window.windowTitle() == "30 % – CNN Studio"


def test_the_training_comes_before_what_else_goes_on(window, studio, events):
    scan = studio.submit(specs.ScanFolder(folder="x"))
    events(step(100))
    scan.handle.events.put(Progressed(done=1, total=10, text="Checking"))
    scan.drain()
    assert window.windowTitle() == "50 % – CNN Studio"
    events(JobFinished(result=None))
    assert window.windowTitle() == "10 % – CNN Studio"
    scan.handle.events.put(JobStopped())
    scan.drain()
    assert window.windowTitle() == "CNN Studio"


def test_the_end_of_a_long_training_asks_for_attention(window, events, away):
    events(JobFinished(result=None))
    assert [title for title, _ in away] == ["Training has finished"]


def test_so_does_its_failure_but_not_what_a_person_stopped(window, studio, events, away):
    events(JobFailed(problem=Problem(kind="memory", title="There was not enough memory.", remedy="Choose less.")))
    assert away == [("There was not enough memory.", "Choose less.")]
    other = studio.submit(TRAINING)
    other.handle.events.put(JobStopped())
    other.drain()
    assert len(away) == 1


def test_nobody_is_called_who_looks_at_the_window_or_for_what_was_short(window, events, away, qtbot):
    window.attention.long_s = 1000.0
    events(JobFinished(result=None))
    assert away == []


def test_nobody_is_called_who_looks_at_the_window(window, studio, qtbot):
    window.attention.long_s = 0.0
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    asked = []
    window.attention.asked.connect(lambda *said: asked.append(said))
    monitor = studio.submit(TRAINING)
    monitor.handle.events.put(JobFinished(result=None))
    monitor.drain()
    assert asked == []


@pytest.mark.parametrize("there_is_one", [True, False])
def test_a_system_without_notifications_is_no_error(window, events, away, monkeypatch, there_is_one):
    shown = []
    tray = "PySide6.QtWidgets.QSystemTrayIcon."
    monkeypatch.setattr(tray + "isSystemTrayAvailable", lambda: there_is_one)
    monkeypatch.setattr(tray + "supportsMessages", lambda: True)
    monkeypatch.setattr(tray + "show", lambda _: None)
    monkeypatch.setattr(tray + "showMessage", lambda _, *words: shown.append(words[0]))
    events(JobFinished(result=None))
    assert shown == (["Training has finished"] if there_is_one else [])
    assert len(away) == 1, "the task bar is told anyway"


def test_what_is_announced_are_jobs_that_there_are():
    assert set(attention.WORDS) <= set(specs.__all__)
    assert set(attention.TRAINING) <= set(attention.WORDS)
