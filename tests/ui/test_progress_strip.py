import pytest

from cnnstudio.core import Progressed
from cnnstudio.ui.widgets import progress_strip
from cnnstudio.ui.widgets.progress_strip import ProgressStrip, seconds_in_words


@pytest.fixture
def clock(monkeypatch):
    """Seconds that only the test lets pass."""
    now = [100.0]
    monkeypatch.setattr(progress_strip.time, "monotonic", lambda: now[0])

    def wait(seconds):
        now[0] += seconds

    return wait


@pytest.fixture
def strip(qtbot, clock):
    strip = ProgressStrip("strip")
    qtbot.addWidget(strip)
    strip.begin("Reading")
    return strip


def test_the_time_left_is_told_once_it_can_be(strip, clock):
    strip.advance("Reading", 1, 100)
    assert strip.left.text() == "1 of 100"
    clock(10)
    strip.advance("Reading", 50, 100)
    assert strip.left.text() == "50 of 100 · 10 s left"


@pytest.mark.parametrize(("done", "total"), [(1, 40), (1, 100)])
def test_another_task_is_told_by_its_counts_whatever_its_text(strip, clock, done, total):
    """A new total, or counting from the beginning again; the time before it says nothing about it."""
    strip.advance("Reading", 1, 100)
    clock(60)
    strip.advance("Reading", 90, 100)
    strip.advance("Reading", done, total)
    clock(10)
    strip.advance("Reading", 10, total)
    assert strip.left.text() == f"10 of {total} · {seconds_in_words(total - 10)} left"


def test_a_text_that_changes_within_one_task_does_not_start_it_anew(strip, clock):
    strip.advance("Epoch 1", 1, 100)
    clock(50)
    strip.advance("Epoch 2", 50, 100)
    assert strip.left.text() == "50 of 100 · 50 s left"


def test_what_has_no_known_size_shows_no_figures(strip):
    strip.show_progress(Progressed(done=3, total=0, text="Looking"))
    assert (strip.text.text(), strip.bar.maximum()) == ("Looking", 0)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (89.4, "89 s"), (90, "2 min"), (5400, "1 h 30 min"), (7260, "2 h 1 min")]
)
def test_times_in_words(seconds, words):
    assert seconds_in_words(seconds) == words
