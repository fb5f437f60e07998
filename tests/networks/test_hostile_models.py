"""Nothing that a weights file holds runs, ends, fills or keeps busy the program; each is one sentence."""

import contextlib
import logging
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
import torch

from cnnstudio.core import OPEN_WEIGHTS, Control, StopRequested, WeightsError
from cnnstudio.networks.weights import untrusted
from cnnstudio.networks.weights.state_file import read_state
from cnnstudio.networks.weights.untrusted import read_untrusted
from tests.networks.hostile_models import CANARY, HEAVY, QUICK

MOST_MEMORY = 1 << 30
SECONDS = 150
"""On a computer that is busy with other things; most of it is importing torch."""


@pytest.fixture
def canary(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / CANARY).write_text("alive")
    yield
    assert (tmp_path / CANARY).read_text() == "alive"


@pytest.mark.parametrize("name", QUICK)
def test_a_hostile_file_is_one_sentence(tmp_path, canary, name):
    path = tmp_path / name
    QUICK[name](path)
    began = time.process_time()
    with pytest.raises(WeightsError) as caught:
        read_state(path)
    assert time.process_time() - began < 3
    assert name in caught.value.problem.title


class Memory(threading.Thread):
    """The largest memory that the process which opens weights ever had."""

    def __init__(self):
        super().__init__()
        self.peak, self._over = 0, threading.Event()

    def run(self):
        while not self._over.wait(0.02):
            for child in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if OPEN_WEIGHTS in child.cmdline():  # before that it is still a copy of this process
                        self.peak = max(self.peak, _peak(child.pid))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self.join()


def _peak(pid):
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


@pytest.mark.slow
@pytest.mark.child
@pytest.mark.parametrize("name", [*QUICK, *HEAVY])
def test_in_its_process_it_takes_little_memory_and_time(tmp_path, canary, name):
    path = tmp_path / name
    (QUICK | HEAVY)[name](path)
    began = time.monotonic()
    with Memory() as memory, pytest.raises(WeightsError) as caught:
        read_untrusted(path)
    seconds = time.monotonic() - began
    logging.getLogger(__name__).info("%s: %.1f s, %.0f MB: %s", name, seconds, memory.peak / 1e6, caught.value)
    assert seconds < SECONDS
    assert memory.peak < min(MOST_MEMORY + 5 * path.stat().st_size, 2 * MOST_MEMORY)


ENDLESS = "import cnnstudio.core.child as c; c.end_with_parent(); print('up', flush=True)\nwhile True: pass"


@pytest.mark.child
def test_a_stop_ends_the_process_at_once(tmp_path, monkeypatch):
    (tmp_path / "w.pth").write_bytes(b"x")
    monkeypatch.setattr(untrusted, "child_command", lambda *_: [sys.executable, "-c", ENDLESS])
    control = Control()
    timer = threading.Timer(0.3, control.request_stop)
    timer.start()
    began = time.monotonic()
    with pytest.raises(StopRequested):
        read_untrusted(tmp_path / "w.pth", control=control)
    assert time.monotonic() - began < 1.5
    assert not psutil.Process().children()
    timer.join()


def test_the_process_ends_with_whoever_started_it():
    """Also when that was killed, and while the process computes."""
    parent = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {ENDLESS!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as process:
        child = psutil.Process(int(process.stdout.readline()))
        process.kill()
        child.wait(10)


@pytest.mark.slow
@pytest.mark.child
def test_a_file_that_went_well_needs_no_process_the_next_time(tmp_path, monkeypatch):
    state = {"a": torch.arange(6.0).reshape(2, 3)}
    torch.save(state, tmp_path / "w.pth")
    first = read_untrusted(tmp_path / "w.pth", "digest")
    monkeypatch.setattr(untrusted, "child_command", lambda *_: ["no-such-program"])
    again = read_untrusted(tmp_path / "w.pth", "digest")
    assert torch.equal(first.state["a"], state["a"])
    assert torch.equal(again.state["a"], state["a"])
    with pytest.raises(OSError, match="no-such-program"):
        read_untrusted(tmp_path / "w.pth", "another digest")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.bool])
def test_tied_and_half_precision_weights_are_no_attack(tmp_path, dtype):
    shared = torch.ones(1000, 100).to(dtype)
    state = {"a": shared, "b": shared, "c": shared[:10], "counter": torch.zeros(()), "row": shared[0].expand(50, 100)}
    torch.save(state, tmp_path / "w.pth")
    read = read_state(tmp_path / "w.pth").state
    assert all(torch.equal(read[name].to(torch.float64), value.to(torch.float64)) for name, value in state.items())
