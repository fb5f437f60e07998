import threading

import pytest

from cnnstudio.core import Control, Partial, Progressed, RunPaused, RunResumed, StopRequested, Watch, rest_point


def test_a_watch_that_nobody_holds_reports_to_nobody_and_never_stops():
    watch = Watch()
    watch.progress(1, 2, "Working")
    watch.partial(7)
    watch.check()
    assert list(rest_point(watch.control)) == []


def test_two_watches_have_switches_of_their_own():
    first, second = Watch(), Watch()
    first.control.request_stop()
    second.check()
    with pytest.raises(StopRequested):
        first.check()


def test_what_it_is_told_becomes_events_in_their_order():
    events = []
    watch = Watch(emit=events.append)
    watch.progress(0, 0, "Looking")
    watch.partial(("a", 1))
    watch.progress(3, 9, "Looking")
    assert events == [
        Progressed(done=0, total=0, text="Looking"), Partial(result=("a", 1)),
        Progressed(done=3, total=9, text="Looking"),
    ]  # fmt: skip


def test_a_stop_ends_work_at_its_next_rest_point_and_not_before():
    control, done = Control(), []

    def work():
        for number in range(5):
            done.append(number)
            if number == 2:
                control.request_stop()
            yield from rest_point(control)

    with pytest.raises(StopRequested):
        list(work())
    assert done == [0, 1, 2]


def test_a_pause_waits_between_its_two_events():
    control = Control()
    control.request_pause()
    resting = rest_point(control)
    assert next(resting) == RunPaused()
    threading.Timer(0.02, control.resume).start()
    assert next(resting) == RunResumed()
    assert list(resting) == []
    assert list(rest_point(control)) == [], "it was resumed"


def test_a_stop_during_a_pause_is_a_stop():
    control = Control()
    control.request_pause()
    resting = rest_point(control)
    assert next(resting) == RunPaused()
    control.request_stop()
    assert next(resting) == RunResumed()
    with pytest.raises(StopRequested):
        next(resting)


def test_a_pause_after_a_stop_does_not_hold_it_up():
    control = Control()
    control.request_stop()
    control.request_pause()
    assert not control.pause_requested
    control.wait_while_paused()
    with pytest.raises(StopRequested):
        list(rest_point(control))


def test_who_leaves_during_a_pause_leaves_nothing_waiting():
    control = Control()
    control.request_pause()
    resting = rest_point(control)
    next(resting)
    resting.close()
    control.resume()
    control.wait_while_paused()


@pytest.mark.parametrize("others", [True, False])
@pytest.mark.parametrize("own", [True, False])
def test_several_processes_stop_together(own, others):
    control, asked = Control(), []
    if own:
        control.request_stop()

    def any_of_us(mine):
        asked.append(mine)
        return mine or others

    resting = rest_point(control, any_of_us)
    if own or others:
        with pytest.raises(StopRequested):
            list(resting)
    else:
        assert list(resting) == []
    assert asked == [own], "each process takes part in the question once per step, or the others would wait"


def test_every_worker_that_waits_is_woken():
    control, woken = Control(), []
    control.request_pause()
    workers = [threading.Thread(target=lambda: (control.wait_while_paused(), woken.append(1))) for _ in range(8)]
    for worker in workers:
        worker.start()
    assert woken == []
    control.resume()
    for worker in workers:
        worker.join(5)
    assert len(woken) == 8


def test_waiting_for_a_stop_ends_with_it():
    control = Control()
    assert not control.wait_for_stop(0.001)
    threading.Timer(0.02, control.request_stop).start()
    assert control.wait_for_stop(30)
    assert control.wait_for_stop(0), "it stays asked for"
