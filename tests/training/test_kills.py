"""``kill -9`` while checkpoints are written: what is on disk is always whole. CNNSTUDIO_KILLS=1000 for a long run."""

import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest
import torch

from cnnstudio.core.events import Warned
from cnnstudio.training.loop.checkpoint import Checkpoints
from cnnstudio.training.loop.state import FitState

KILLS = int(os.environ.get("CNNSTUDIO_KILLS", "20"))


def content_of(number):
    """Every value tells which save it is from."""
    return {"model": {"w": torch.full((40_000,), float(number))}, "average": {}, "optimizer": {}, "scheduler": {}}


def save_without_end(folder, first):
    checkpoints = Checkpoints(folder)
    number = first
    while True:
        number += 1
        content = content_of(number)
        list(checkpoints.save(FitState(epoch=number), content, content["model"], at_once=True))


@pytest.mark.skipif(sys.platform != "linux", reason="forks, so that a thousand kills take a minute")
def test_a_kill_while_saving_leaves_whole_checkpoints(tmp_path):
    torch.set_num_threads(1)
    chance = random.Random(0)
    newest = 0
    for _ in range(KILLS):
        child = os.fork()
        if child == 0:
            save_without_end(tmp_path, newest)
        time.sleep(chance.uniform(0.005, 0.06))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        checkpoints = Checkpoints(tmp_path)
        restored = checkpoints.restore()
        if restored is None:
            assert newest == 0
            continue
        assert restored["state"].epoch >= newest, "a finished save is never lost"
        newest = restored["state"].epoch
        assert torch.equal(restored["model"]["w"], content_of(newest)["model"]["w"])
        if checkpoints.best.is_file():
            best = checkpoints.load_best()
            assert torch.equal(best["model"]["w"], content_of(best["state"].epoch)["model"]["w"])
    assert newest > 0


@pytest.mark.parametrize("call", ["open", "fsync", "replace", "link", "write_text"])
@pytest.mark.parametrize("which", range(4))
def test_a_fault_at_any_step_of_saving_costs_nothing_but_that_save(tmp_path, monkeypatch, call, which):
    checkpoints = Checkpoints(tmp_path)
    for number in (1, 2):
        list(checkpoints.save(FitState(epoch=number), content_of(number), content_of(number)["model"], at_once=True))
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
    events = list(checkpoints.save(FitState(epoch=3), content_of(3), content_of(3)["model"], at_once=True))
    monkeypatch.undo()
    reopened = Checkpoints(tmp_path).restore()
    assert reopened["state"].epoch in (2, 3)
    assert torch.equal(reopened["model"]["w"], content_of(reopened["state"].epoch)["model"]["w"])
    assert checkpoints.restore()["state"].epoch == 3, "the training itself lost nothing"
    assert checkpoints.load_best()["state"].epoch == 3
    failed = [event for event in events if isinstance(event, Warned)]
    assert failed or reopened["state"].epoch == 3, "a save that failed is told"
