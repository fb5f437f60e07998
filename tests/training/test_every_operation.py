"""A kill, and a full disk, at every file operation of an epoch: in the end everything is as if nothing had happened.

Here on a head of eight features, whose training is the real one and takes milliseconds; the process is not killed, but
after the fault it cannot touch a file any more. By default some of the operations; with --slow each, and real processes
are killed, in every mode.
"""

import csv
import errno
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from cnnstudio.compute.feature_cache import Features
from cnnstudio.core import RUN_EVENTS, EpochDone, StorageError, Warned
from cnnstudio.data import Dataset, Sample
from cnnstudio.data.reading import Skips
from cnnstudio.runs import METRICS_FILE, RunRecord, create_run, open_run
from cnnstudio.training.assembly import head_plan
from cnnstudio.training.loop import Checkpoints, Context, FitState, read_checkpoint
from cnnstudio.training.loop.fit import fit
from cnnstudio.training.recipe import Recipe

RECORD = RunRecord(
    name="n", state="running", created="2026-11-26T10:00:00Z", network="x", classes=("a", "b", "c"), recipe={},
    dataset_hash="x",
)  # fmt: skip
OPERATIONS = (
    (os, "link"), (os, "fsync"), (Path, "replace"), (Path, "open"), (Path, "mkdir"), (Path, "unlink"),
)  # fmt: skip


class Killed(BaseException):
    pass


def features(pictures, seed):
    samples = tuple(Sample(path=None, label=i % 3, split="train") for i in range(pictures))
    return Features(torch.randn(1, pictures, 8, generator=torch.Generator().manual_seed(seed)), samples)


def train(run, recipe, validation):
    """As ``run_training`` does it, from where the run stands."""
    dataset = Dataset(root=Path(), classes=("a", "b", "c"), samples=(), problems=(), split_source="stratified")
    log, warned = run.log(), []
    checkpoints = Checkpoints(run.checkpoints, log=log)
    context = Context(
        recipe=recipe, dataset=dataset, base=None, device=torch.device("cpu"), skips=Skips(total=9),
        checkpoints=checkpoints,
    )  # fmt: skip
    list(checkpoints.settle())
    for event in fit(head_plan(context, features(12, 0), validation), FitState()):
        warned += [event.problem.title] if isinstance(event, Warned) else []
        if isinstance(event, RUN_EVENTS):
            log.append(event)
    warned += [event.problem.title for event in checkpoints.write() if isinstance(event, Warned)]
    log.flush()
    return warned


def facts(run):
    with (run.folder / METRICS_FILE).open(newline="") as file:
        metrics = [[cell for name, cell in row.items() if name != "seconds"] for row in csv.DictReader(file)]
    events = [replace(event, seconds=0) for event in run.history().events if isinstance(event, EpochDone)]
    saved = [read_checkpoint(run.checkpoints / name) for name in ("last.pt", "best.pt")]
    weights = [{name: value.numpy().tobytes() for name, value in each.model.items()} for each in saved]
    return metrics, events, weights, [replace(each.state, seconds=0) for each in saved]


class Fault:
    """Counts operations, and raises from the ``first`` one on, for so many."""

    def __init__(self, patch, error, first, length):
        self.error, self.first, self.last, self.count = error, first, first + length, 0
        patch.setattr(os, "fsync", lambda _: None)  # nobody pulls the plug here
        for owner, name in OPERATIONS:
            patch.setattr(owner, name, self.around(getattr(owner, name)))

    def around(self, real):
        def call(*args, **options):
            self.count += 1
            if self.first <= self.count < self.last:
                raise self.error
            return real(*args, **options)

        return call


def under_faults(run, recipe, validation, fault):
    with pytest.MonkeyPatch.context() as patch:
        faults = Fault(patch, *fault)
        with suppress(Killed):
            return faults, train(run, recipe, validation)
        return faults, None


CASES = [
    pytest.param({"epochs": 2}, 9, id="head"),
    pytest.param({"epochs": 4, "ema": 0.5}, 9, marks=pytest.mark.slow, id="average"),
    pytest.param({"epochs": 3}, 0, marks=pytest.mark.slow, id="no validation"),
]


@pytest.fixture
def every(request):
    """Each operation with --slow, else some of them."""
    return 1 if request.config.getoption("--slow") else 12


@pytest.fixture
def fresh(tmp_path):
    numbers = iter(range(10_000))
    return lambda: create_run(RECORD, out=tmp_path / str(next(numbers)))


@pytest.mark.parametrize(("changes", "validation"), CASES)
def test_a_kill_at_every_operation_changes_nothing_in_the_end(fresh, every, changes, validation):
    recipe = Recipe(dataset="x", network="resnet18", learning_rate=0.1, batch_size=4, **changes).resolved()
    judged = features(validation, 1) if validation else None
    run = fresh()
    operations = under_faults(run, recipe, judged, (Killed(), 10**9, 0))[0].count
    expected = facts(run)
    for at in range(1, operations + 1, every):
        run = fresh()
        faults, _ = under_faults(run, recipe, judged, (Killed(), at, 10**9))
        assert faults.count >= at
        train(open_run(run.folder), recipe, judged)
        assert facts(run) == expected, f"killed at operation {at} of {operations}"
    assert operations > 30


@pytest.mark.parametrize("length", [7, *(pytest.param(length, marks=pytest.mark.slow) for length in (1, 40))])
@pytest.mark.parametrize(("changes", "validation"), CASES)
def test_a_disk_that_is_full_for_a_while_ends_nothing(fresh, every, changes, validation, length):
    recipe = Recipe(dataset="x", network="resnet18", learning_rate=0.1, batch_size=4, **changes).resolved()
    judged = features(validation, 1) if validation else None
    run = fresh()
    operations = under_faults(run, recipe, judged, (Killed(), 10**9, 0))[0].count
    expected = facts(run)
    full = OSError(errno.ENOSPC, "No space left on device")
    said = 0
    for at in range(1, operations - length, max(every, length // 2)):
        run = fresh()
        try:
            _, warned = under_faults(run, recipe, judged, (full, at, length))
        except (StorageError, OSError):  # full at the very beginning or end: the run goes on from what is there
            train(open_run(run.folder), recipe, judged)
            warned = []
        said += bool(warned)
        assert [title for title in warned if title == "Everything is saved now."] == warned[1::2], warned
        assert facts(run) == expected, f"full at operation {at} of {operations}"
    assert said


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="forks")
@pytest.mark.parametrize("mode", ["head", "last-stage", "all", "scratch"])
def test_real_kills_at_every_operation_of_a_run(recipe, quick, tmp_path, mode):
    chosen = replace(quick if mode == "scratch" else replace(recipe, mode=mode), epochs=2, precision="fp32")
    chosen.save(tmp_path / "recipe.toml")
    command = [sys.executable, "-m", "tests.training.kill_campaign", str(tmp_path / "recipe.toml"), str(tmp_path), "1"]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
