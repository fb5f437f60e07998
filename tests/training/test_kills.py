"""``kill -9`` while checkpoints are written: what is on disk is always whole. CNNSTUDIO_KILLS=1000 for a long run."""

import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest
import torch

from cnnstudio.core import Warned
from cnnstudio.training.loop import Checkpoint, Checkpoints, FitState

KILLS = int(os.environ.get("CNNSTUDIO_KILLS", "20"))


def content_of(number):
    """Every value tells which save it is from; every epoch is the best so far."""
    state = FitState(epoch=number, best_epoch=number)
    return Checkpoint(state=state, part="network", model={"w": torch.full((40_000,), float(number))})


def save(checkpoints, number):
    return list(checkpoints.save(content_of(number), is_best=True, at_once=True))


def save_without_end(folder, first, told):
    """Tells of every save that is done."""
    checkpoints = Checkpoints(folder)
    number = first
    while True:
        number += 1
        save(checkpoints, number)
        os.write(told, b"x")


@pytest.mark.skipif(sys.platform != "linux", reason="forks, so that a thousand kills take a minute")
def test_a_kill_while_saving_leaves_whole_checkpoints(tmp_path):
    torch.set_num_threads(1)
    chance = random.Random(0)
    newest, slowest = 0, 0.01
    for number in range(KILLS):
        heard, told = os.pipe()
        child = os.fork()
        if child == 0:
            save_without_end(tmp_path, newest, told)
        start = time.monotonic()
        if number % 2 == 0:  # every other one dies in its first save, the rest later
            os.read(heard, 1)
            slowest = max(slowest, time.monotonic() - start)
        time.sleep(chance.uniform(0, 2 * slowest))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(heard)
        os.close(told)
        checkpoints = Checkpoints(tmp_path)
        restored = checkpoints.newest()
        if restored is None:
            assert newest == 0
            continue
        assert restored.state.epoch >= newest, "a finished save is never lost"
        newest = restored.state.epoch
        assert torch.equal(restored.model["w"], content_of(newest).model["w"])
        best = checkpoints.load_best()
        assert torch.equal(best.model["w"], content_of(best.state.epoch).model["w"])
        assert best.state.epoch >= restored.state.best_epoch, "`last` never speaks of a best epoch that is lost"
    assert newest > 0


@pytest.mark.parametrize("call", ["open", "fsync", "replace", "link", "write_text"])
@pytest.mark.parametrize("which", range(4))
def test_a_fault_at_any_step_of_saving_costs_nothing_but_that_save(tmp_path, monkeypatch, call, which):
    checkpoints = Checkpoints(tmp_path)
    for number in (1, 2):
        save(checkpoints, number)
    left = [which]

    def failing(real):
        def act(*args, **kwargs):
            left[0] -= 1
            if left[0] < 0 and left[0] > -3:
                raise OSError(28, "No space left on device")
            return real(*args, **kwargs)

        return act

    target = Path if call in ("open", "replace", "write_text") else os
    monkeypatch.setattr(target, call, failing(getattr(target, call)))
    events = save(checkpoints, 3)
    monkeypatch.undo()
    reopened = Checkpoints(tmp_path).newest()
    assert reopened.state.epoch in (2, 3)
    assert torch.equal(reopened.model["w"], content_of(reopened.state.epoch).model["w"])
    assert Checkpoints(tmp_path).load_best().state.epoch >= reopened.state.best_epoch
    assert checkpoints.newest().state.epoch == 3, "the training itself lost nothing"
    assert checkpoints.load_best().state.epoch == 3
    failed = [event for event in events if isinstance(event, Warned)]
    assert failed or reopened.state.epoch == 3, "a save that failed is told"
