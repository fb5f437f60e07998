import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from cnnstudio.core import EpochDone, RunError, RunStopped, StorageError
from cnnstudio.runs import EVENTS_FILE, METRICS_FILE, Owner, RunRecord
from cnnstudio.runs.store import create_run, delete_run, list_runs, open_run, rename_run, take_over, this_process

RECORD = RunRecord(
    name="first", state="running", created="2026-11-20T10:00:00Z", network="resnet18", classes=("a", "b"), recipe={},
    dataset_hash="x",
)  # fmt: skip


def epoch(number):
    return EpochDone(
        epoch=number, epochs=3, seconds=1.0, learning_rate=0.1, train_loss=1.0, train_accuracy=0.5, validation_loss=1.0,
        validation_accuracy=0.5, validation_images=4, is_best=True,
    )  # fmt: skip


def dead_process():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return Owner(pid=child.pid, boot=this_process().boot)


def test_create_open_rename_delete(tmp_path):
    run = create_run(RECORD, root=tmp_path)
    assert open_run(run.folder).record.owner == this_process()
    renamed = rename_run(run, "Über 🌿 / leaves")
    assert open_run(run.folder).record.name == "Über 🌿 / leaves"
    with pytest.raises(RunError, match="Stop it first"):
        delete_run(renamed)
    delete_run(renamed.update(state="finished", owner=None))
    assert list_runs(tmp_path) == []


def test_a_run_never_writes_over_another_folder(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(RunError, match="not empty"):
        create_run(RECORD, out=tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "x"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_place_that_may_not_be_written_to(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="may not be written"):
        create_run(RECORD, root=tmp_path)


def test_a_run_whose_process_died_is_interrupted_and_reading_does_not_write(tmp_path):
    run = create_run(RECORD, root=tmp_path).update(owner=dead_process())
    before = (run.folder / "run.json").read_bytes()
    assert open_run(run.folder).record.state == "interrupted"
    assert (run.folder / "run.json").read_bytes() == before
    assert take_over(run).record.state == "running"
    assert open_run(run.folder).record.owner == this_process()


def test_a_run_from_before_the_last_boot_is_interrupted(tmp_path):
    run = create_run(RECORD, root=tmp_path).update(owner=replace(this_process(), boot="another"))
    assert open_run(run.folder).record.state == "interrupted"


def test_a_run_in_use_elsewhere_is_not_taken_over(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        run = create_run(RECORD, root=tmp_path).update(owner=Owner(pid=child.pid, boot=this_process().boot))
        with pytest.raises(RunError, match="another CNN Studio"):
            take_over(run)
    finally:
        child.communicate()


def test_damaged_records_do_not_hide_the_others(tmp_path):
    good = create_run(RECORD, root=tmp_path)
    broken = create_run(RECORD, root=tmp_path)
    (broken.folder / "run.json").write_text("{")
    assert [run.folder for run in list_runs(tmp_path)] == [good.folder]


def test_history_survives_a_torn_line_and_goes_on(tmp_path):
    run = create_run(RECORD, root=tmp_path)
    log = run.log()
    log.append(epoch(1))
    log.append(epoch(2))
    with (run.folder / EVENTS_FILE).open("a") as file:
        file.write('{"event": "EpochDone", "epo')
    assert [event.epoch for event in run.history().epochs] == [1, 2]
    log = run.log()
    log.append(epoch(2))
    log.append(RunStopped(epoch=2))
    lines = (run.folder / EVENTS_FILE).read_text().splitlines()
    assert len(lines) == 4
    assert all(json.loads(line) for line in lines)
    assert [event.epoch for event in run.history().epochs] == [1, 2]
    assert (run.folder / METRICS_FILE).read_text().count("\n") == 4
