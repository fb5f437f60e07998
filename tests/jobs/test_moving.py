"""What CNN Studio keeps is moved to another folder whole, or stays as it was."""

import json

import pytest

from cnnstudio.core import (
    Control,
    StopRequested,
    StorageError,
    Watch,
    cache_folder,
    config_folder,
    data_folder,
    runs_folder,
)
from cnnstudio.core.chosen_folders import choose, load
from cnnstudio.data.curation import Curation, load_curation, project_folder, save_curation
from cnnstudio.data.new_project import usual_place
from cnnstudio.data.overview import Overview, load_overview, save_overview
from cnnstudio.jobs import run_inline, specs
from cnnstudio.runs import RunRecord, create_run


@pytest.fixture
def kept():
    """A data folder with weights, an example and a run on it."""
    root = data_folder()
    for name, text in (
        ("weights/net.pth", "weights"),
        ("practice/hats/one.png", "picture"),
        ("runs/hats/run.json", json.dumps({"recipe": {"dataset": str(root / "practice" / "hats")}, "name": "ü"})),
    ):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def test_everything_is_moved_and_used_there_also_by_runs_on_what_was_moved_along(kept, tmp_path):
    told = []
    new = run_inline(specs.KeepIn(kind="data", folder=tmp_path / "disk"), Watch(emit=told.append))
    assert data_folder() == new == tmp_path / "disk"
    assert runs_folder() == new / "runs"
    assert (new / "weights" / "net.pth").read_text() == "weights"
    record = json.loads((new / "runs" / "hats" / "run.json").read_text(encoding="utf-8"))
    assert record["recipe"]["dataset"] == str(new / "practice" / "hats")
    assert not kept.exists()
    assert [event.text for event in told] == ["Moving, in MB"] * 3


@pytest.mark.parametrize("runs_lie_elsewhere", [False, True])
def test_projects_on_pictures_that_are_moved_along_keep_their_runs_and_decisions(kept, tmp_path, runs_lie_elsewhere):
    if runs_lie_elsewhere:
        choose(config_folder(), "runs", tmp_path / "my runs")
        (tmp_path / "my runs").mkdir()
    pictures = kept / "practice" / "hats"
    save_curation(pictures, Curation(left_out=("one.png",)))
    save_overview(Overview(root=str(pictures)))
    first = create_run(record(pictures), root=project_folder(pictures)).update(state="finished", owner=None)
    create_run(record(pictures, start_from=str(first.folder)), root=project_folder(pictures))
    new = run_inline(specs.KeepIn(kind="data", folder=tmp_path / "disk")) / "practice" / "hats"
    assert load_curation(new).left_out == ("one.png",)
    assert load_overview(project_folder(new)).root == str(new)
    found = run_inline(specs.ListRuns(folder=new))
    assert [run.record.dataset for run in found] == [new, new]
    begun = {run.record.recipe["start_from"] for run in found} - {""}
    assert begun == {str(project_folder(new) / first.folder.name)}
    assert not project_folder(pictures).exists()


def record(pictures, **recipe):
    return RunRecord(
        name="r", state="running", created="2026-11-26T10:00:00Z", network="gamma", classes=("a", "b"),
        recipe={"dataset": str(pictures), "start_from": "", **recipe}, dataset_hash="",
    )  # fmt: skip


def test_a_folder_with_something_in_it_gets_one_of_ours(kept, tmp_path):
    (tmp_path / "mine.txt").write_text("keep me")
    new = run_inline(specs.KeepIn(kind="runs", folder=tmp_path))
    assert new == runs_folder() == tmp_path / "CNN Studio runs"
    assert data_folder() == kept, "and only they are moved"
    assert (tmp_path / "mine.txt").is_file()
    later = run_inline(specs.KeepIn(kind="data", folder=tmp_path / "disk"))
    assert (data_folder(), runs_folder()) == (later, new)


def test_a_stop_or_a_full_disk_leaves_everything_as_it_was(kept, tmp_path, monkeypatch):
    control = Control()

    def stop(_):
        control.request_stop()

    with pytest.raises(StopRequested):
        run_inline(specs.KeepIn(kind="data", folder=tmp_path / "disk"), Watch(control, stop))
    monkeypatch.setattr("cnnstudio.jobs.moving.free_bytes", lambda _: 3)
    with pytest.raises(StorageError, match="not enough room"):
        run_inline(specs.KeepIn(kind="data", folder=tmp_path / "disk"))
    with pytest.raises(StorageError, match="lies in the one"):
        run_inline(specs.KeepIn(kind="data", folder=kept / "deeper"))
    assert data_folder() == kept
    assert (kept / "weights" / "net.pth").is_file()
    assert not (tmp_path / "disk").exists()


def test_on_a_drive_that_is_away_the_usual_folder_is_used_until_it_is_back(tmp_path):
    usual = cache_folder()
    drive = tmp_path / "drive"
    choose(config_folder(), "cache", drive)
    assert cache_folder() == usual
    assert load(config_folder()).cache == str(drive), "the choice stays"
    drive.mkdir()
    choose(config_folder(), "cache", drive)
    assert cache_folder() == drive


def test_new_projects_are_made_where_it_was_chosen(tmp_path):
    run_inline(specs.KeepIn(kind="projects", folder=tmp_path))
    assert usual_place() == tmp_path


def test_a_folder_that_a_person_moved_keeps_its_runs_and_decisions(tmp_path):
    before, now = tmp_path / "leaves", tmp_path / "drive" / "leaves"
    save_curation(before, Curation(left_out=("one.png",)))
    first = create_run(record(before), root=project_folder(before)).update(state="finished", owner=None)
    save_overview(Overview(root=str(now)))  # it was opened there before somebody missed the runs
    assert run_inline(specs.FollowPictures(before=before, now=now)) == now
    assert load_curation(now).left_out == ("one.png",)
    found = run_inline(specs.ListRuns(folder=now))
    assert [(run.folder.name, run.record.dataset) for run in found] == [(first.folder.name, now)]


def test_two_projects_are_never_joined(tmp_path):
    before, now = tmp_path / "leaves", tmp_path / "others"
    for pictures in (before, now):
        save_curation(pictures, Curation(left_out=(f"{pictures.name}.png",)))
    with pytest.raises(StorageError, match="a project of its own"):
        run_inline(specs.FollowPictures(before=before, now=now))
    assert load_curation(now).left_out == ("others.png",)
    assert load_curation(before).left_out == ("leaves.png",)
