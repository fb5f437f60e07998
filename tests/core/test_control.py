import threading

import pytest

from cnnstudio.core import Control, JobFinished, Progressed, RunPaused, StepDone, StopRequested, Watch
from cnnstudio.jobs.runner import EventBuffer


def step(number):
    return StepDone(epoch=1, step=number, steps=9, epochs=1, loss=1.0, learning_rate=0.1, images_per_second=1.0)


def test_a_stop_wakes_a_paused_worker():
    control = Control()
    control.request_pause()
    woken = threading.Event()

    def work():
        control.wait_while_paused()
        woken.set()

    worker = threading.Thread(target=work)
    worker.start()
    assert not woken.wait(0.05)
    control.request_stop()
    assert woken.wait(5)
    worker.join()
    with pytest.raises(StopRequested):
        control.check()


def test_a_stop_is_not_swallowed_by_except_exception():
    control = Control()
    control.request_stop()

    def careless():
        try:
            control.check()
        except Exception:  # noqa: BLE001
            pytest.fail("swallowed")

    with pytest.raises(StopRequested):
        careless()


def test_steps_are_bounded_and_everything_else_is_kept():
    buffer = EventBuffer(max_steps=3)
    for number in range(10):
        buffer.put(step(number))
        buffer.put(RunPaused())
    events = buffer.drain()
    assert [event.step for event in events if isinstance(event, StepDone)] == [0, 1, 2]
    assert events.count(RunPaused()) == 10
    buffer.put(step(11))
    assert len(buffer.drain()) == 1


def test_only_the_newest_of_a_row_of_progress_is_kept():
    buffer = EventBuffer()
    for done in range(1000):
        buffer.put(Progressed(done=done, total=1000, text="x"))
    buffer.put(JobFinished(result=None))
    assert buffer.drain() == [Progressed(done=999, total=1000, text="x"), JobFinished(result=None)]


def test_progress_says_what_is_counted():
    seen = []
    watch = Watch(emit=seen.append)
    watch.progress(1, 2, "Looking at pictures")
    watch.progress(3, 4, "Downloading", "download")
    assert [event.kind for event in seen] == ["work", "download"]
