"""One terminal event per job, lanes that do not wait for each other, and a seam that keeps its types."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, fields
from typing import Any, ClassVar

import pytest

from cnnstudio.core import Control, DatasetError, StopRequested, Watch
from cnnstudio.core.events import TERMINAL, JobFailed, JobFinished, JobStopped, Partial, Progressed
from cnnstudio.jobs import WIDTH, Job, Lane, StoppedWith, carry, explain, run_inline, specs
from cnnstudio.jobs.runner import ThreadRunner

EVERY_JOB = [getattr(specs, name) for name in specs.__all__]


@dataclass(frozen=True, slots=True)
class Chore(Job[Any]):
    """Does what it is told."""

    act: Callable[[Watch], Any] = lambda _: None

    def handle(self, watch):
        return self.act(watch)


class Training(Chore):
    lane: ClassVar[Lane] = "training"


class Viewing(Chore):
    lane: ClassVar[Lane] = "viewing"
    latest_wins: ClassVar[bool] = True


class OtherView(Viewing):
    pass


class Download(Chore):
    lane: ClassVar[Lane] = "downloads"


@pytest.fixture
def runner():
    runner = ThreadRunner()
    yield runner
    assert runner.close(5)


def ending(handle):
    events, deadline = [], time.monotonic() + 30
    while not any(isinstance(event, TERMINAL) for event in events):
        assert time.monotonic() < deadline
        threading.Event().wait(0.001)  # as the window does between two looks; a busy loop would hold up the worker
        events += handle.events.drain()
    assert sum(isinstance(event, TERMINAL) for event in events) == 1
    return events


def raises(error):
    def act(_watch):
        raise error

    return act


def test_a_result_is_the_last_event(runner):
    def act(watch):
        watch.progress(1, 2, "x")
        watch.partial("half")
        return 42

    assert ending(runner.submit(Chore(act))) == [
        Progressed(done=1, total=2, text="x"), Partial(result="half"), JobFinished(result=42)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (DatasetError("No pictures."), "dataset"), (MemoryError(), "memory"), (RuntimeError("CUDA error: x"), "device"),
        (OSError(28, "No space left"), "file"), (FileNotFoundError(2, "x", "/a"), "file"), (KeyError("x"), "failed"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "memory"), (SystemExit(3), "failed"),
        (RuntimeError("Connection closed by peer"), "processes"),
    ],
)  # fmt: skip
def test_every_error_is_one_problem_in_plain_words(runner, error, kind):
    (event,) = ending(runner.submit(Chore(raises(error))))
    assert isinstance(event, JobFailed)
    assert event.problem.kind == kind
    assert "Traceback" not in event.problem.sentence()
    assert event.problem == explain(error) or event.problem.details


def test_a_name_that_is_too_long_is_told_apart_from_a_disk_that_is_away(tmp_path):
    with pytest.raises(OSError, match="too long") as caught:
        (tmp_path / ("n" * 300)).exists()
    problem = explain(caught.value)
    assert (problem.kind, problem.remedy) == ("storage", "Give a shorter name.")
    assert "nnn… is too long. It takes 300 bytes" in problem.sentence()


@pytest.mark.parametrize(("stop", "kept"), [(StopRequested(), None), (StoppedWith("half of it"), "half of it")])
def test_a_stop_is_no_failure_and_keeps_what_there_is(runner, stop, kept):
    assert ending(runner.submit(Chore(raises(stop)))) == [JobStopped(result=kept)]


def test_of_waiting_views_the_latest_wins(runner):
    gate, begun = threading.Event(), threading.Event()

    def act(_watch):
        begun.set()
        gate.wait(10)
        return "seen"

    first = runner.submit(Viewing(act))
    begun.wait(10)
    second, third, other = runner.submit(Viewing(act)), runner.submit(Viewing(act)), runner.submit(OtherView(act))
    assert ending(second) == [JobStopped(result=None)]
    gate.set()
    for handle in (first, third, other):
        assert ending(handle) == [JobFinished(result="seen")]


def test_jobs_whose_every_result_counts_all_run_in_order(runner):
    gate, order = threading.Event(), []
    handles = [runner.submit(Chore(lambda _, n=n: (gate.wait(10), order.append(n)))) for n in range(4)]
    gate.set()
    assert all(isinstance(ending(handle)[-1], JobFinished) for handle in handles)
    assert order == [0, 1, 2, 3]


def test_lanes_do_not_wait_for_each_other(runner):
    gate = threading.Event()
    slow = runner.submit(Training(lambda _: gate.wait(10)))
    assert ending(runner.submit(Viewing(lambda _: "done"))) == [JobFinished(result="done")]
    gate.set()
    ending(slow)


def test_closing_stops_what_runs_and_what_waits():
    runner = ThreadRunner()
    begun = threading.Event()

    def act(watch):
        begun.set()
        watch.control.request_pause()
        watch.control.wait_while_paused()
        watch.check()

    running, waiting = runner.submit(Training(act)), runner.submit(Training(act))
    begun.wait(10)
    assert runner.close(5)
    assert ending(running) == ending(waiting) == [JobStopped(result=None)]
    assert ending(runner.submit(Training(act))) == [JobStopped(result=None)]


@pytest.mark.parametrize(("kind", "waits"), [(Viewing, False), (Training, True)])
def test_closing_does_not_wait_for_what_only_looks(kind, waits, monkeypatch):
    monkeypatch.setattr("cnnstudio.jobs.runner._PATIENCE_S", 0.01)
    runner, begun, deaf = ThreadRunner(), threading.Event(), threading.Event()
    runner.submit(kind(lambda _: (begun.set(), deaf.wait(10))))
    begun.wait(10)
    end = threading.Timer(0.2, deaf.set)
    end.start()
    assert runner.close(10) == waits
    end.join()
    assert runner.close(10)


def test_three_downloads_run_at_once_and_the_fourth_waits(runner):
    begun, go = threading.Semaphore(0), threading.Event()

    def act(watch):
        begun.release()
        while not go.is_set():
            if watch.control.wait_for_stop(0.01):
                raise StopRequested

    handles = [runner.submit(Download(act)) for _ in range(4)]
    assert all(begun.acquire(timeout=5) for _ in range(3))
    assert not begun.acquire(timeout=0.1)
    handles[0].control.request_stop()
    assert isinstance(ending(handles[0])[-1], JobStopped)
    assert begun.acquire(timeout=5), "a place is free"
    go.set()
    assert all(isinstance(ending(handle)[-1], JobFinished) for handle in handles[1:])


def test_in_a_thread_of_ones_own_errors_and_results_are_plain():
    assert run_inline(Chore(lambda _: 7)) == 7
    with pytest.raises(KeyError):
        run_inline(Chore(raises(KeyError("x"))))
    control = Control()
    control.request_stop()
    with pytest.raises(StopRequested):
        run_inline(Chore(lambda watch: watch.check()), Watch(control))


def test_an_engine_generator_is_exhausted_and_closed_whatever_happens():
    closed = []

    def engine():
        try:
            yield Progressed(done=1, total=1, text="x")
            yield Progressed(done=1, total=1, text="y")
            return "result"
        finally:
            closed.append(True)

    seen = []
    assert carry(engine(), seen.append) == "result"
    assert [event.text for event in seen] == ["x", "y"]
    with pytest.raises(KeyError):
        carry(engine(), raises(KeyError("the listener failed")))
    assert closed == [True, True]


@pytest.mark.parametrize("kind", EVERY_JOB, ids=lambda kind: kind.__name__)
def test_every_job_is_a_frozen_value_with_a_lane_and_its_own_words(kind):
    assert issubclass(kind, Job)
    assert kind.lane in WIDTH
    assert kind.__doc__
    assert not kind.__doc__.startswith(kind.__name__)
    assert not hasattr(kind, "__dict__") or kind.__dictoffset__ == 0, "slots only"
    assert "lane" not in {field.name for field in fields(kind)}
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        object.__new__(kind).lane = "chores"


def test_only_what_somebody_looks_at_or_measures_may_be_dropped_for_a_newer_one():
    dropped = {kind.lane for kind in EVERY_JOB if kind.latest_wins}
    assert dropped == {
        "viewing",
        "judging",
        "files",
        "estimating",
        "measuring",
        "predicting",
        "asking",
        "trying",
        "places",
    }


def test_nobody_who_asks_about_an_answer_waits_for_a_long_measurement():
    asked = (specs.LookHowSure, specs.FindAlike, specs.BeCareful, specs.GatherAnswers)
    long = (specs.TestStress, specs.LookForShortcuts, specs.FindExciting, specs.MeasureSpeeds, specs.AuditionNetworks)
    assert {kind.lane for kind in asked}.isdisjoint(kind.lane for kind in long)


_SEAM = """
from pathlib import Path
from cnnstudio.core.scores import SplitScore
from cnnstudio.data.dataset import Dataset
from cnnstudio.inference.results import Prediction
from cnnstudio.jobs import specs
from cnnstudio.jobs.job import run_inline
from cnnstudio.networks.catalogue.entries import ModelRef
from cnnstudio.ui.state.studio import Studio

def right(studio: Studio, ref: ModelRef) -> None:
    dataset: Dataset = run_inline(specs.ScanFolder(folder=Path()))
    score: SplitScore = run_inline(specs.Evaluate(model=ref, folder=Path()))
    job = specs.Predict(model=ref, images=())
    studio.submit(job, part=lambda one: isinstance(one, Prediction) and one.top, done=lambda all: all[0].path)
    reveal_type(studio.submit(specs.MakeSample()))

def wrong(studio: Studio, ref: ModelRef) -> None:
    score: SplitScore = run_inline(specs.ScanFolder(folder=Path()))  # 1
    studio.submit(specs.MakeSample(), done=lambda folder: folder.samples)  # 2
    studio.submit(specs.Predict(model=ref, images=()), part=lambda one: one[0])  # 3
    studio.submit(specs.MakeSample(), part=print)  # 4
"""


@pytest.mark.slow
def test_mypy_knows_what_every_job_gives(tmp_path):
    """The seam between window, terminal and engine: what a job says is what its asker gets, without Any."""
    pytest.importorskip("mypy")
    file = tmp_path / "seam.py"
    file.write_text(_SEAM)
    asked = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", f"--cache-dir={tmp_path}", str(file)]
    said = subprocess.run(asked, capture_output=True, text=True, timeout=280).stdout.splitlines()
    ours = [line for line in said if "seam.py" in line]
    numbers = [_SEAM.splitlines().index(line) + 1 for line in _SEAM.splitlines() if line[-4:-1] == " # "]
    assert sorted({int(line.split(":")[1]) for line in ours if "error" in line}) == numbers, said
    assert any("JobMonitor[Path" in line or "JobMonitor[pathlib" in line for line in ours)
