"""The same recipe in two processes (gloo): the same losses, one writer, a clear end when one of them dies."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from cnnstudio.jobs import explain
from cnnstudio.runs import open_run
from tests.headless.share_training import learn

WORKER = Path(__file__).with_name("share_training.py")
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="torchrun's gloo setup is for Linux clusters")


def torchrun(*words):
    return [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", *map(str, words)]


def answer(command):
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=200, check=False, env=ENVIRONMENT
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return what_was_told(done.stdout)


def what_was_told(text):
    """Without what torch's own processes say to each other there."""
    return json.loads(next(line for line in text.splitlines() if line.startswith("{")))


def started_apart(*words):
    """Two workers that nobody started together, as SLURM does; quicker, too: torchrun itself imports torch."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = {"GROUP_RANK": 0, "WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    place["TORCHELASTIC_RUN_ID"] = "test"
    command = [sys.executable, *map(str, (WORKER, *words))]
    processes = []
    for rank in range(2):
        own = {name: str(value) for name, value in {**place, "RANK": rank, "LOCAL_RANK": rank}.items()}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        processes.append(subprocess.Popen(command, text=True, env={**ENVIRONMENT, **own}, **pipes))
    try:
        said = [process.communicate(timeout=200) for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [process.returncode for process in processes], said


@pytest.mark.slow
def test_two_processes_learn_what_one_learns(tiny_folder, tmp_path):
    alone = learn(tiny_folder, tmp_path / "alone", "weights")
    ended, said = started_apart(tiny_folder, tmp_path / "both", "weights")
    assert ended == [0, 0], said
    both = what_was_told(said[0][0])
    assert (alone["size"], both["size"]) == (1, 2)
    for one, two in zip(alone["history"], both["history"], strict=True):
        assert two == pytest.approx(one, rel=1e-4)
    assert both["weights"] == pytest.approx(alone["weights"], rel=1e-5)
    assert {row[3] for row in both["history"]} == {6}, "every validation picture counts once"


def recipe_words(folder, out, epochs):
    words = ["-m", "cnnstudio", "train", folder, "--model", "squeezenet1_0", "--mode", "scratch", "--input-size", "48"]
    return [*words, "--epochs", epochs, "--batch-size", "8", "--device", "cpu", "--out", out, "--json"]


@pytest.mark.slow
def test_only_the_first_process_writes_and_talks(tiny_folder, tmp_path):
    out = tmp_path / "run"
    done = subprocess.run(
        torchrun(*recipe_words(tiny_folder, out, 2)), capture_output=True, text=True, timeout=200, env=ENVIRONMENT
    )
    assert done.returncode == 0, done.stderr[-3000:]
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [event["event"] for event in events].count("started") == 1
    assert [event["epoch"] for event in events if event["event"] == "epoch"] == [1, 2]
    assert events[-1]["event"] == "finished"
    run = open_run(out)
    assert run.record.state == "finished"
    assert run.record.scores["test"].images == 6
    assert [epoch.epoch for epoch in run.history().epochs] == [1, 2]


@pytest.mark.slow
def test_a_process_that_dies_ends_the_run_with_a_checkpoint(tiny_folder, tmp_path):
    out = tmp_path / "run"
    command = torchrun(*recipe_words(tiny_folder, out, 500))
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    try:
        for line in parent.stdout:
            if line.startswith("{") and json.loads(line).get("epoch") == 2:
                break
        workers = [child for child in psutil.Process(parent.pid).children(recursive=True) if is_worker(child, 1)]
        assert workers
        os.kill(workers[0].pid, signal.SIGKILL)
        _, errors = parent.communicate(timeout=120)
    finally:
        parent.kill()
        parent.wait()
    assert parent.returncode != 0
    run = open_run(out)
    assert run.record.state in ("failed", "stopped", "interrupted"), errors[-2000:]
    assert run.can_resume
    if run.record.state == "failed":
        assert "Another process of this training ended" in run.record.problem
    done = subprocess.run(
        [sys.executable, "-m", "cnnstudio", "predict", str(out), str(tiny_folder / "red" / "00.png"), "--json"],
        capture_output=True, text=True, timeout=100, env=ENVIRONMENT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)[0]["top"]) == 3


def is_worker(process, rank):
    try:
        return process.environ().get("RANK") == str(rank)
    except psutil.Error:
        return False


@pytest.mark.slow
def test_a_picture_that_vanished_does_not_leave_the_others_waiting(own_folder, tmp_path):
    """In one process, three of the pictures cannot be read; with shares of two or three, whole shares go missing."""
    both = answer(torchrun(WORKER, own_folder, tmp_path / "out", "none", "vanish"))
    assert len(both["history"]) == 3


@pytest.mark.slow
def test_one_with_less_memory_does_not_leave_the_others_waiting(tiny_folder, tmp_path):
    alone = answer([sys.executable, WORKER, tiny_folder, tmp_path / "alone", "none", "", "8"])
    both = answer(torchrun(WORKER, tiny_folder, tmp_path / "both", "none", "memory", "8"))
    for one, two in zip(alone["history"], both["history"], strict=True):
        assert two == pytest.approx(one, rel=1e-4)


@pytest.mark.slow
def test_one_that_fails_ends_the_others_though_nobody_started_them_together(tiny_folder, tmp_path):
    """As under SLURM, which may leave the others running."""
    ended, said = started_apart(tiny_folder, tmp_path / "out", "none", "fail")
    assert ended == [1, 1], said
    (_, first), (_, second) = said
    assert "a picture is gone" in second
    assert explain(RuntimeError(first)).kind == "processes"
