"""What Home knows of projects: kept beside their runs, told without touching their pictures."""

import shutil

import pytest
from PIL import Image

from cnnstudio.core import SplitScore, Watch
from cnnstudio.data import stamp
from cnnstudio.data.curation import project_folder
from cnnstudio.data.overview import COVER_SIDE, load_cover, load_overview, note_opened
from cnnstudio.data.project import open_dataset
from cnnstudio.jobs.projects import list_projects
from cnnstudio.runs import RunRecord, create_run

OPENED = "2026-11-26T10:20:00Z"


def listed(*roots):
    return list(list_projects(roots, Watch()))


@pytest.fixture
def make_run():
    def make(root, created, accuracies=None, **changes):
        record = RunRecord(
            name="x", state="running", created=created, network="gamma", classes=("a", "b"), recipe={}, dataset_hash=""
        )
        scores = {
            split: SplitScore(
                split=split, images=n, loss=0.5, accuracy=share, top5_accuracy=None, interval=(0.1, 0.9),
                confusion=((n, 0), (0, 0)),
            )
            for split, (share, n) in (accuracies or {}).items()
        }  # fmt: skip
        run = create_run(record, root=project_folder(root))
        (run.checkpoints).mkdir(exist_ok=True)
        (run.checkpoints / "last.pt").write_bytes(b"x")
        return run.update(owner=None, scores=scores, **changes)

    return make


def test_a_folder_that_was_opened_is_told_with_a_picture_of_each_class(own_folder):
    note_opened(open_dataset(own_folder), own_folder, OPENED)
    (project,) = listed(own_folder)
    assert (project.name, project.place) == ("own colours ü", str(own_folder.parent))
    assert (project.pictures, project.classes, project.opened) == (36, 3, OPENED)
    assert project.cover.shape == (COVER_SIDE, 4 * COVER_SIDE, 3)
    means = project.cover.reshape(COVER_SIDE, 4, COVER_SIDE, 3).mean((0, 2))
    assert [int(mean.argmax()) for mean in means] == [2, 1, 0, 2], "blue, green, red, and blue again"
    assert (project.accuracy, project.state, project.resumable) == (None, "", None)


def test_the_best_accuracy_is_on_validation_pictures_and_says_on_how_many(own_folder, make_run):
    note_opened(open_dataset(own_folder), own_folder, OPENED)
    make_run(own_folder, "2026-11-20T10:00:00Z", {"validation": (0.8, 50), "test": (1.0, 40)}, state="finished")
    make_run(own_folder, "2026-11-21T10:00:00Z", {"validation": (0.7, 60)}, state="finished")
    doubtful = {"recipe": {"start_from": "/x"}, "state": "finished"}
    make_run(own_folder, "2026-11-22T10:00:00Z", {"validation": (0.99, 60)}, **doubtful)
    (project,) = listed(own_folder)
    assert (project.accuracy, project.accuracy_pictures) == (0.8, 50)


@pytest.mark.parametrize(
    ("state", "epochs", "said"),
    [("stopped", 12, "Stopped at epoch 12"), ("failed", 3, "Failed after epoch 3"), ("stopped", 0, "Stopped")],
)
def test_the_newest_run_that_did_not_finish_can_be_resumed(own_folder, make_run, state, epochs, said):
    note_opened(open_dataset(own_folder), own_folder, OPENED)
    make_run(own_folder, "2026-11-20T10:00:00Z", state="finished")
    run = make_run(own_folder, "2026-11-21T10:00:00Z", state=state, epochs_done=epochs)
    (project,) = listed(own_folder)
    assert (project.state, project.resumable) == (said, run.folder)
    make_run(own_folder, "2026-11-22T10:00:00Z", state="finished")
    (project,) = listed(own_folder)
    assert (project.state, project.resumable) == ("", None), "a later training has ended well"


def test_a_zip_keeps_its_own_name_also_when_its_folder_is_opened_again(own_folder, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "class4b"), "zip", own_folder)
    dataset = open_dataset(tmp_path / "class4b.zip")
    note_opened(dataset, tmp_path / "class4b.zip", OPENED)
    note_opened(dataset, dataset.root, OPENED)
    (project,) = listed(dataset.root)
    assert (project.name, project.place) == ("class4b.zip", str(tmp_path))
    assert archive.endswith("class4b.zip")


def test_a_folder_that_is_gone_keeps_its_card(own_folder):
    note_opened(open_dataset(own_folder), own_folder, OPENED)
    shutil.rmtree(own_folder)
    (project,) = listed(own_folder)
    assert (project.pictures, project.cover is not None) == (36, True)


def test_one_that_nobody_noted_is_its_folder(tmp_path):
    (project,) = listed(tmp_path / "old")
    assert (project.name, project.place, project.opened, project.cover) == ("old", str(tmp_path), "", None)


def test_the_cover_is_only_made_again_for_other_pictures(own_folder):
    dataset = open_dataset(own_folder)
    note_opened(dataset, own_folder, OPENED)
    cover = project_folder(own_folder) / "cover.jpg"
    before = stamp(cover)
    note_opened(dataset, own_folder, "2026-11-27T10:20:00Z")
    assert stamp(cover) == before
    Image.new("RGB", (50, 50), "red").save(own_folder / "blue" / "00.png")
    note_opened(open_dataset(own_folder), own_folder, OPENED)
    assert load_cover(cover.parent)[:, :COVER_SIDE].mean((0, 1)).argmax() == 0


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xd8\xff\xe0 no picture"])
def test_damaged_files_are_as_good_as_none(own_folder, content):
    note_opened(open_dataset(own_folder), own_folder, OPENED)
    folder = project_folder(own_folder)
    for name in ("overview.json", "cover.jpg"):
        (folder / name).write_bytes(content)
    assert load_overview(folder) is None
    assert load_cover(folder) is None
    (project,) = listed(own_folder)
    assert project.name == "own colours ü"
