import errno
import json
import math
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace

import pytest

from cnnstudio.core import (
    EpochDone,
    EvaluationDone,
    FormatError,
    RunCompleted,
    RunError,
    RunStopped,
    SplitScore,
    StorageError,
    codec,
    wilson_interval,
)
from cnnstudio.runs import EVENTS_FILE, METRICS_FILE, Owner, RunRecord, history
from cnnstudio.runs.create import create_run
from cnnstudio.runs.store import delete_run, list_runs, open_run, rename_run, take_over, this_process

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


def of_version_1(state, mode, **score):
    """A record as it was written before scores said what they are."""
    plain = {**codec.to_plain(replace(RECORD, state=state, recipe={"mode": mode}, epochs_done=40))}
    old = {"images": 12, "loss": 0.5, "accuracy": 0.75, "top5_accuracy": None, "interval": [0.1, 0.9],
           "confusion": [[5, 1], [2, 4]], **score}  # fmt: skip
    scores = {split: {**old, "split": split} for split in ("train", "validation", "test")}
    return {**plain, "format_version": 1, "scores": scores}


@pytest.mark.parametrize(
    ("state", "mode", "origin"),
    [("finished", "head", "finished"), ("stopped", "head", "while-training"), ("finished", "all", "while-training")],
)
def test_scores_of_version_1_become_what_they_were(tmp_path, state, mode, origin):
    (tmp_path / "run.json").write_text(json.dumps(of_version_1(state, mode)))
    scores = codec.load_json(tmp_path / "run.json", RunRecord).scores
    assert (scores["train"].origin, scores["train"].interval) == (origin, None)
    assert scores["validation"].chosen_among == 40
    assert scores["validation"].interval == wilson_interval(9, 12, 40)
    assert (scores["test"].chosen_among, scores["test"].interval) == (1, (0.1, 0.9))


@pytest.mark.parametrize("odd", [{"accuracy": 1e999}, {"accuracy": "x"}, {"images": 10**400}, {"images": None}])
def test_an_odd_score_of_version_1_is_damage(tmp_path, odd):
    (tmp_path / "run.json").write_text(json.dumps(of_version_1("finished", "head", **odd)))
    with pytest.raises(FormatError):
        codec.load_json(tmp_path / "run.json", RunRecord)


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


def damaged(folder, content):
    record = folder / "run.json"
    record.unlink()
    if content == "folder":
        record.mkdir()
    elif content == "pipe":
        os.mkfifo(record)
    else:
        record.write_bytes(content)


WHOLE = codec.format_of(RunRecord).stamped(codec.to_plain(RECORD))


def changed(**fields):
    return json.dumps({**WHOLE, **fields}).encode()


SCORE = SplitScore(
    split="test", images=2, loss=0.1, accuracy=0.5, top5_accuracy=None, interval=(0.0, 1.0), confusion=((1, 0), (1, 0))
)
UNSOUND = [
    codec.to_plain(replace(SCORE, **change))
    for change in ({"confusion": ((1, 2, 3),)}, {"accuracy": math.nan}, {"accuracy": 7.0})
]


@pytest.mark.parametrize(
    "content",
    [
        b"{", b"", b"[]", b"null", b"7", b"\xff\xfe{}", b"[" * 200_000, b"{\"a\":" * 100_000, b"1" * 10_000, "folder",
        pytest.param("pipe", marks=pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")),
        changed(epochs_done=-3), changed(seconds=math.nan), changed(seconds=math.inf), changed(epochs_done=10**30),
        changed(state="dancing"), changed(classes=7), changed(extra=1), changed(recipe=[]),
        *(changed(scores={"test": score}) for score in UNSOUND),
    ],
)  # fmt: skip
def test_a_damaged_record_hides_no_other_run_and_is_shown_with_a_sentence(tmp_path, content):
    good, bad = (create_run(RECORD, root=tmp_path) for _ in range(2))
    good.update(created="2025-11-20T10:00:00Z")
    (bad.folder / "bundle").mkdir()
    damaged(bad.folder, content)
    shown, other = list_runs(tmp_path)
    assert (other.folder, other.damage) == (good.folder, "")
    assert shown.folder == bad.folder
    assert shown.record.problem.endswith(".")
    assert (shown.can_resume, shown.can_predict) == (False, True), "its bundle is whole"
    with pytest.raises(RunError):
        rename_run(shown, "new name")
    delete_run(shown)
    assert [run.folder for run in list_runs(tmp_path)] == [good.folder]


@pytest.mark.parametrize("pid", [10**30, 2**31, 2**40, 0, -1, -5])
def test_a_process_number_that_can_be_none_is_no_living_process(tmp_path, pid):
    run = create_run(RECORD, root=tmp_path).update(owner=Owner(pid=pid, boot=this_process().boot))
    assert open_run(run.folder).record.state == "interrupted"
    assert [found.folder for found in list_runs(tmp_path)] == [run.folder]


def test_what_was_changed_meanwhile_stays(tmp_path):
    run = create_run(RECORD, root=tmp_path)
    rename_run(open_run(run.folder), "Leaves")
    assert run.update(state="finished", owner=None).record.name == "Leaves"


# Moved -----------------------------------------------------------------------------------------------------------


def replaced_by_a_file(folder):
    shutil.rmtree(folder)
    folder.touch()


def replaced_by_another(folder):
    shutil.rmtree(folder)
    create_run(replace(RECORD, created="2026-11-21T10:00:00Z"), out=folder)


def moved_with_its_parent(folder):
    folder.parent.rename(folder.parent.with_name("elsewhere"))


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: folder.rename(folder.with_name("moved")), shutil.rmtree, moved_with_its_parent,
        replaced_by_a_file, replaced_by_another, lambda folder: (shutil.rmtree(folder), folder.mkdir()),
        lambda folder: (folder / "run.json").unlink(),
    ],
)  # fmt: skip
def test_a_folder_that_is_not_the_runs_any_more_is_named_and_left_alone(tmp_path, change):
    run = create_run(RECORD, out=tmp_path / "runs" / "mine")
    log = run.log()
    log.append(RunStopped(epoch=0))
    change(run.folder)
    before = sorted(tmp_path.rglob("*"))
    log.append(epoch(1))
    log.append(RunStopped(epoch=1))
    for write in (log.flush, run.refuse_if_moved, lambda: log.rewind(0)):
        with pytest.raises(RunError, match="no longer there") as caught:
            write()
        assert str(run.folder) in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_comes_back_is_the_runs_again(tmp_path):
    run = create_run(RECORD, out=tmp_path / "mine")
    log = run.log()
    run.folder.rename(tmp_path / "away")
    log.append(epoch(1))
    with pytest.raises(RunError):
        log.flush()
    shutil.copytree(tmp_path / "away", run.folder)
    log.flush()
    assert [event.epoch for event in run.history().epochs] == [1]


def test_a_disk_that_only_fails_is_not_taken_for_a_moved_folder(tmp_path, monkeypatch):
    run = create_run(RECORD, out=tmp_path / "mine")

    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(codec, "load_json", fail)
    run.refuse_if_moved()


# History ---------------------------------------------------------------------------------------------------------


def lines(run):
    return [line["event"] for line in map(json.loads, (run.folder / EVENTS_FILE).read_text().splitlines())]


def test_an_epochs_line_waits_for_its_checkpoint_and_other_lines_do_not(tmp_path):
    run = create_run(RECORD, root=tmp_path)
    log = run.log()
    log.append(RunStopped(epoch=0))
    assert lines(run) == ["RunStopped"]
    log.append(epoch(1))
    assert lines(run) == ["RunStopped"]
    log.flush()
    assert lines(run) == ["RunStopped", "EpochDone"]


def test_history_survives_a_torn_line_and_goes_on(tmp_path):
    run = create_run(RECORD, root=tmp_path)
    log = run.log()
    for number in (1, 2):
        log.append(epoch(number))
    log.flush()
    for name in (EVENTS_FILE, METRICS_FILE):
        with (run.folder / name).open("ab") as file:
            file.write(b'{"event": "EpochDone", "epo')
    assert [event.epoch for event in run.history().epochs] == [1, 2]
    log = run.log()
    log.rewind(2)
    log.append(epoch(3))
    log.append(RunStopped(epoch=3))
    assert lines(run) == ["EpochDone", "EpochDone", "EpochDone", "RunStopped"]
    assert (run.folder / METRICS_FILE).read_text().count("\n") == 4


SCORED = EvaluationDone(score=SCORE)
COMPLETED = RunCompleted(epochs=3, best_epoch=1, seconds=1.0)


@pytest.mark.parametrize("to", range(4))
def test_what_comes_once_more_is_forgotten_and_all_else_stays(tmp_path, to):
    run = create_run(RECORD, root=tmp_path)
    log = run.log()
    start = [SCORED, RunStopped(epoch=0)]
    for event in (*start, epoch(1), epoch(2), RunStopped(epoch=2), epoch(2), epoch(3), COMPLETED, SCORED):
        log.append(event)
    log.flush()
    log = run.log()
    log.rewind(to)
    history = run.history()
    assert [event.epoch for event in history.epochs] == list(range(1, to + 1))
    assert sum(isinstance(event, EpochDone) for event in history.events) == to
    assert sum(isinstance(event, RunStopped) for event in history.events) == 2, "what happened, happened"
    assert sum(isinstance(event, EvaluationDone) for event in history.events) == (to > 0), "the start is scored again"
    assert not any(isinstance(event, RunCompleted) for event in history.events)
    metrics = (run.folder / METRICS_FILE).read_text().splitlines()
    assert [int(row.split(",")[0]) for row in metrics[1:]] == list(range(1, to + 1))
    before = (run.folder / EVENTS_FILE).read_bytes()
    log.rewind(to)
    assert (run.folder / EVENTS_FILE).read_bytes() == before


def test_a_damaged_line_in_the_middle_stays_where_it_is(tmp_path):
    run = create_run(RECORD, root=tmp_path)
    log = run.log()
    log.append(epoch(1))
    log.flush()
    with (run.folder / EVENTS_FILE).open("ab") as file:
        file.write(b"\xff\xfe nonsense\n" + b"[" * 9000 + b"\n")
    log.append(epoch(2))
    log.flush()
    log.rewind(2)
    assert b"nonsense" in (run.folder / EVENTS_FILE).read_bytes()
    assert [event.epoch for event in run.history().epochs] == [1, 2]


@pytest.mark.parametrize("room", [0, 1, 40, 300, 500])
def test_what_the_disk_refuses_waits_and_comes_whole_and_once(tmp_path, monkeypatch, room):
    run = create_run(RECORD, root=tmp_path)
    log = run.log()
    log.append(RunStopped(epoch=0))
    left = [room]

    def write(file, content):
        taken = content[: left[0]]
        left[0] -= len(taken)
        file.write(taken)
        if len(taken) < len(content):
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(history, "write_all", write)
        for number in (1, 2):
            log.append(epoch(number))
            with suppress(StorageError):
                log.flush()
        log.append(RunStopped(epoch=2))
    log.append(epoch(3))
    log.flush()
    assert lines(run) == ["RunStopped", "EpochDone", "EpochDone", "RunStopped", "EpochDone"]
    metrics = (run.folder / METRICS_FILE).read_text().splitlines()
    assert [row.split(",")[0] for row in metrics] == ["epoch", "1", "2", "3"]
