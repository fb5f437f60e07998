"""A process that trains, kills itself at a file operation, goes on, and compares with a training nobody killed.

    python -m tests.training.kill_campaign RECIPE.toml FOLDER EVERY [FIRST]

It forks, so that a kill costs no start of Python. Every EVERY-th operation is a kill, from FIRST on; prints how many
there were, and every difference. Real ``kill -9``; only the moment is chosen.
"""

import csv
import json
import os
import shutil
import signal
import sys
import traceback
from dataclasses import replace
from pathlib import Path

import torch

from cnnstudio.compute import engines
from cnnstudio.core import EpochDone, EvaluationDone, RunCompleted
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.specs import FineTune, ResumeRun
from cnnstudio.runs import EVENTS_FILE, METRICS_FILE, RECORD_FILE, open_run
from cnnstudio.runs.predictions import PREDICTIONS_FILE
from cnnstudio.training.loop import read_checkpoint
from cnnstudio.training.recipe import load_recipe

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "shutil.rmtree"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def changes_disk(event, arguments):
    return event in CHANGES or (
        event == "open"
        and isinstance(arguments[2], int)
        and bool(arguments[2] & WRITING)
        and not str(arguments[0]).startswith("/dev/")
    )


def in_child(work, kill_at=None):
    """Do it in a fork; how many operations there were, None when it was killed."""
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        count = 0

        def hook(event, arguments):
            nonlocal count
            if changes_disk(event, arguments):
                count += 1
                if count == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        code = 1
        try:
            work()
            os.write(told, str(count).encode())
            code = 0
        except BaseException:  # noqa: BLE001 - whatever it is, the parent wants to know
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(told)
    answer = os.read(heard, 99)
    os.close(heard)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -signal.SIGKILL), f"it ended with {code}"
    return int(answer) if code == 0 else None


def facts(folder):
    """What has to be equal, to the bit; only durations and dates are not."""
    run = open_run(folder)
    results = [e for e in run.history().events if isinstance(e, EpochDone | EvaluationDone | RunCompleted)]
    with (folder / METRICS_FILE).open(newline="") as file:
        metrics = [[cell for name, cell in row.items() if name != "seconds"] for row in csv.DictReader(file)]
    card = json.loads((folder / "bundle" / "card.json").read_text())
    found = {
        "record": replace(run.record, created="", seconds=0, name="", environment={}),
        "metrics": metrics,
        "events": [e if isinstance(e, EvaluationDone) else replace(e, seconds=0) for e in results],
        "lines": (folder / EVENTS_FILE).read_text().count('"EpochDone"'),
        "predictions": (folder / PREDICTIONS_FILE).read_bytes(),
        "weights": (folder / "bundle" / "weights.safetensors").read_bytes(),
        "card": {name: value for name, value in card.items() if name != "created"},
        "recipe": (folder / "recipe.toml").read_text(),
        "hidden": sorted(path.name for path in folder.rglob(".~*")),
    }
    for name in ("last", "best"):
        checkpoint = read_checkpoint(folder / "checkpoints" / f"{name}.pt")
        state = replace(checkpoint.state, seconds=0)
        found[name] = (state, {key: value.numpy().tobytes() for key, value in checkpoint.model.items()})
    return found


def campaign(recipe, folder, every, first=1):
    torch.set_num_threads(1)
    engines.OpenVinoFrozen = None  # its threads survive no fork: torch computes
    whole, killed = folder / "whole", folder / "killed"
    in_child(lambda: run_inline(FineTune(recipe=recipe, out=folder / "warm")))  # features, measurements
    operations = in_child(lambda: run_inline(FineTune(recipe=recipe, out=whole)))
    expected = facts(whole)
    kills = differences = 0
    for at in range(first, operations + 1, every):
        shutil.rmtree(killed, ignore_errors=True)
        if in_child(lambda: run_inline(FineTune(recipe=recipe, out=killed)), at) is not None:
            break
        kills += 1
        if not (killed / RECORD_FILE).is_file():  # it never became a run
            continue
        if at % 3 == 0 and in_child(lambda: run_inline(ResumeRun(run=killed)), at // 2) is None:
            kills += 1  # while it goes on, too
        in_child(lambda: run_inline(ResumeRun(run=killed)))
        found = facts(killed)
        wrong = [name for name in expected if found[name] != expected[name]]
        if wrong:
            differences += 1
            sys.stdout.write(f"killed at operation {at} of {operations}: other {', '.join(wrong)}\n")
    sys.stdout.write(f"{recipe.mode}: {kills} kills at {operations} operations, {differences} differences\n")
    return differences


if __name__ == "__main__":
    given = load_recipe(Path(sys.argv[1]))
    sys.exit(campaign(given, Path(sys.argv[2]), *map(int, sys.argv[3:])) > 0)
