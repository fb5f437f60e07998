import json
from dataclasses import replace

import pytest

from cnnstudio.cli.main import main
from cnnstudio.core import SplitScore, StorageError, runs_folder
from cnnstudio.runs import Ancestry, RunRecord, create_run, open_run

SCORE = SplitScore(
    split="validation", images=6, loss=0.5, accuracy=4 / 6, top5_accuracy=None, interval=(0.3, 0.9),
    confusion=((2, 0), (2, 2)),
)  # fmt: skip
TEST = replace(SCORE, split="test", accuracy=5 / 6, confusion=((3, 0), (1, 2)))


def run(capsys, *words):
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def make(tmp_path):
    def make(name, pictures="pictures", place=None, **changes):
        record = RunRecord(
            name=name, state="running", created=f"2026-11-26T10:00:0{len(name)}Z", network="lenet5",
            classes=("a", "b"), recipe={"dataset": str(tmp_path / pictures), "mode": "all"}, dataset_hash="",
            scores={"validation": SCORE, "test": TEST}, **changes,
        )  # fmt: skip
        return create_run(record, root=place or runs_folder()).update(state="finished", owner=None)

    return make


def test_runs_are_listed_by_validation_wherever_they_are_kept(make, capsys, tmp_path):
    make("one")
    newest = make("three", place=runs_folder() / "project")
    make("other", pictures="others")
    code, out, _ = run(capsys, "runs", "list")
    assert code == 0
    assert len(out.splitlines()) == 4
    code, out, _ = run(capsys, "runs", "list", tmp_path / "pictures")
    assert len(out.splitlines()) == 3
    assert "66.7 %" in out
    assert "83.3" not in out
    assert "test" not in out.splitlines()[0]
    code, out, _ = run(capsys, "runs", "list", tmp_path / "pictures", "--json")
    rows = json.loads(out)
    assert [row["name"] for row in rows] == ["three", "one"]
    assert rows[0]["run"] == str(newest.folder)
    assert not any("test" in key for row in rows for key in row)
    _, out, _ = run(capsys, "runs", "list", tmp_path / "nothing")
    assert out == "There are no runs.\n"


def test_the_run_that_was_chosen_is_shown_whole_and_the_look_is_counted(make, capsys):
    first = make("one", ancestry=Ancestry(uncounted={"test": (25, 40)}))
    make("two").update(test_looks=2)
    for looks in (1, 2):
        code, out, _ = run(capsys, "runs", "show", first.folder)
        assert code == 0
        assert "4 of 6 validation pictures correct" in out
        assert "5 of 6 test pictures correct" in out
        assert ("seen once" if looks == 1 else "seen 2 times") in out
        assert "Those of 2 runs on these pictures were seen" in out
        assert "25 of the 40 test pictures do not count" in out
    assert open_run(first.folder).record.test_looks == 2
    _, out, _ = run(capsys, "runs", "show", first.folder, "--json")
    shown = json.loads(out)
    assert (shown["test_accuracy"], shown["test_looks"]) == (5 / 6, 3)


def test_a_look_that_cannot_be_counted_is_a_look_all_the_same(make, monkeypatch, capsys):
    folder = make("one").folder

    def full(*_):
        raise StorageError("The disk is full.")

    monkeypatch.setattr("cnnstudio.core.codec.save_json", full)
    code, out, _ = run(capsys, "runs", "show", folder)
    assert (code, "5 of 6 test pictures correct" in out) == (0, True)


def test_a_run_that_nobody_renamed_is_called_once(make, capsys):
    for name, title in (
        ("LeNet-5, all layers", "LeNet-5, all layers, finished."),
        ("ours", "ours: LeNet-5, all layers, "),
    ):
        _, out, _ = run(capsys, "runs", "show", make(name).folder)
        assert out.startswith(title)


def test_a_folder_without_a_run_is_said(capsys, tmp_path):
    code, _, err = run(capsys, "runs", "show", tmp_path)
    assert code == 1
    assert "There is no run in" in err
