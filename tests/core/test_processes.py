import subprocess
import sys

import pytest

from cnnstudio.core import OPEN_WEIGHTS, child_command, process_count, process_rank, processes_here

NAMES = ("WORLD_SIZE", "RANK", "LOCAL_WORLD_SIZE", "SLURM_NTASKS", "SLURM_STEP_NUM_TASKS", "SLURM_STEP_NUM_NODES",
         "SLURM_PROCID")  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, (1, 0, 1)),
        ({"WORLD_SIZE": "16", "RANK": "9", "LOCAL_WORLD_SIZE": "8"}, (16, 9, 8)),
        ({"SLURM_STEP_NUM_TASKS": "64", "SLURM_STEP_NUM_NODES": "8", "SLURM_PROCID": "63"}, (64, 63, 8)),
        ({"SLURM_NTASKS": "64", "SLURM_PROCID": "0"}, (1, 0, 1)),  # a batch script before srun
        ({"WORLD_SIZE": "many"}, (1, 0, 1)),
    ],
)
def test_who_i_am(monkeypatch, environment, expected):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert (process_count(), process_rank(), processes_here()) == expected


def test_a_child_is_this_application_and_does_not_import_from_where_one_is(tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit(7)")
    (tmp_path / "cnnstudio").mkdir()
    monkeypatch.chdir(tmp_path)
    done = subprocess.run([*child_command("--help")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "cnnstudio" in done.stdout


def test_a_frozen_application_starts_itself(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert child_command(OPEN_WEIGHTS, "a b") == [sys.executable, OPEN_WEIGHTS, "a b"]
