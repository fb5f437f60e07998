import threading

import pytest

from cnnstudio.core.control import StopRequested
from cnnstudio.core.errors import DatasetError
from cnnstudio.core.events import TERMINAL, JobFailed, JobFinished, JobStopped, Progressed
from cnnstudio.jobs import execute as execute_module
from cnnstudio.jobs.explain import explain
from cnnstudio.jobs.runner import ThreadRunner
from cnnstudio.jobs.specs import MakeSample, ScanFolder, WarmUp


class Handler:
    """Stands in for a handler module."""

    def __init__(self, run):
        self.run = run


@pytest.fixture
def handle(monkeypatch):
    """Make every job run a function."""

    def use(run):
        monkeypatch.setattr(execute_module, "import_module", lambda _: Handler(run))

    return use


@pytest.fixture
def runner():
    runner = ThreadRunner()
    yield runner
    assert runner.close(5)


def ending(handle):
    assert handle.events.wait_for_end(10)
    events = handle.events.drain()
    assert sum(isinstance(event, TERMINAL) for event in events) == 1
    return events


def raises(error):
    def run(*_):
        raise error

    return run


def test_a_result_is_the_last_event(handle, runner):
    handle(lambda spec, control, emit: emit(Progressed(done=1, total=1, text="x")) or 42)
    assert ending(runner.submit(WarmUp(), "chores")) == [Progressed(done=1, total=1, text="x"), JobFinished(result=42)]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (DatasetError("No pictures."), "dataset"), (MemoryError(), "memory"), (RuntimeError("CUDA error: x"), "device"),
        (OSError(28, "No space left"), "file"), (FileNotFoundError(2, "x", "/a"), "file"), (KeyError("x"), "failed"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "memory"), (SystemExit(3), "failed"),
    ],
)  # fmt: skip
def test_every_error_is_one_problem_in_plain_words(handle, runner, error, kind):
    handle(raises(error))
    (event,) = ending(runner.submit(WarmUp(), "chores"))
    assert isinstance(event, JobFailed)
    assert event.problem.kind == kind
    assert "Traceback" not in event.problem.sentence()
    assert event.problem == explain(error) or event.problem.details


def test_a_stop_is_no_failure(handle, runner):
    handle(raises(StopRequested()))
    assert ending(runner.submit(WarmUp(), "chores")) == [JobStopped(result=None)]


def test_of_waiting_views_the_latest_wins(handle, runner):
    gate, begun = threading.Event(), threading.Event()

    def run(spec, *_):
        begun.set()
        gate.wait(10)
        return spec

    handle(run)
    first = runner.submit(WarmUp(), "viewing")
    begun.wait(10)
    second, third = runner.submit(WarmUp(), "viewing"), runner.submit(WarmUp(), "viewing")
    other = runner.submit(MakeSample(), "viewing")
    assert ending(second) == [JobStopped(result=None)]
    gate.set()
    for job in (first, third, other):
        assert ending(job) == [JobFinished(result=job.spec)]


def test_lanes_do_not_wait_for_each_other(handle, runner, tmp_path):
    gate = threading.Event()
    handle(lambda spec, *_: gate.wait(10) if isinstance(spec, WarmUp) else "done")
    slow = runner.submit(WarmUp(), "training")
    assert ending(runner.submit(ScanFolder(folder=tmp_path), "viewing")) == [JobFinished(result="done")]
    gate.set()
    ending(slow)


def test_closing_stops_what_runs_and_what_waits(handle):
    runner = ThreadRunner()
    begun = threading.Event()

    def run(_spec, control, _emit):
        begun.set()
        control.request_pause()
        control.wait_while_paused()
        control.check()

    handle(run)
    running, waiting = runner.submit(WarmUp(), "training"), runner.submit(WarmUp(), "training")
    begun.wait(10)
    assert runner.close(5)
    assert ending(running) == ending(waiting) == [JobStopped(result=None)]
    assert ending(runner.submit(WarmUp(), "training")) == [JobStopped(result=None)]


def test_three_downloads_run_at_once_and_the_fourth_waits(handle, runner):
    begun, go = threading.Semaphore(0), threading.Event()

    def run(_spec, control, _emit):
        begun.release()
        while not go.is_set():
            if control.wait_for_stop(0.01):
                raise StopRequested

    handle(run)
    handles = [runner.submit(WarmUp(), "downloads") for _ in range(4)]
    assert all(begun.acquire(timeout=5) for _ in range(3))
    assert not begun.acquire(timeout=0.1)
    handles[0].control.request_stop()
    assert isinstance(ending(handles[0])[-1], JobStopped)
    assert begun.acquire(timeout=5), "a place is free"
    go.set()
    assert all(isinstance(ending(handle)[-1], JobFinished) for handle in handles[1:])
