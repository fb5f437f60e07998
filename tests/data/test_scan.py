import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from cnnstudio.core import Control, DatasetError, StopRequested, Watch
from cnnstudio.data import SplitSpec, dataset_hash
from cnnstudio.data.samples import load_samples, save_samples
from cnnstudio.data.scan import scan_folder
from tests.conftest import draw_folder, watch_of
from tests.messy import PROBLEMS, USABLE

SPEC = SplitSpec()


def test_classes_counts_and_split(tiny_folder):
    dataset = scan_folder(tiny_folder, SPEC)
    assert dataset.classes == ("blue", "green", "red")
    assert dataset.split_source == "stratified"
    assert all(row == {"train": 8, "validation": 2, "test": 2} for row in dataset.counts().values())
    assert dataset.problems == ()


@pytest.mark.parametrize("name", ["validation", "val", "valid", "Val"])
def test_split_folders_are_recognised(tmp_path, name):
    for split in ("train", name, "test"):
        draw_folder(tmp_path / split, 3)
    dataset = scan_folder(tmp_path, SPEC)
    assert dataset.split_source == "folders"
    assert dataset.counts()["red"] == {"train": 3, "validation": 3, "test": 3}


def test_a_missing_validation_folder_is_taken_from_training_and_test_stays(tmp_path):
    draw_folder(tmp_path / "train", 10)
    draw_folder(tmp_path / "test", 4)
    dataset = scan_folder(tmp_path, SPEC)
    assert dataset.counts()["red"] == {"train": 8, "validation": 2, "test": 4}


def test_everything_left_out_is_named_with_a_reason(messy_folder):
    dataset = scan_folder(messy_folder, SPEC)
    kinds = Counter(problem.kind for problem in dataset.problems)
    assert kinds == PROBLEMS
    assert dataset.classes == ("blue", "green", "red", "single")
    assert len(dataset.samples) == 3 * 12 + USABLE
    assert [sample.split for sample in dataset.samples if sample.label == 3] == ["train"]
    assert all(problem.detail.endswith(".") for problem in dataset.problems)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda root: None, "no class folders with pictures"),
        (lambda root: draw_folder(root, 3, ["red"]), "only one class"),
        (lambda root: (root / "a.jpg").write_text("x"), "no class folders with pictures"),
        (lambda root: shutil.rmtree(root), "is not there"),
        (lambda root: (root.rmdir(), root.write_text("x")), "is a file, not a folder"),
    ],
)
def test_unusable_folders_are_one_clear_error(tmp_path, make, words):
    root = tmp_path / "folder"
    root.mkdir()
    make(root)
    with pytest.raises(DatasetError, match=words) as caught:
        scan_folder(root, SPEC)
    assert caught.value.problem.remedy


def test_a_folder_of_only_broken_pictures(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.jpg").write_text("no picture")
        (tmp_path / name / "y.jpg").touch()
    with pytest.raises(DatasetError, match="None of the files") as caught:
        scan_folder(tmp_path, SPEC)
    assert caught.value.problem.meaning == "Skipped: 2 empty files, 2 files that are not pictures."


def test_a_folder_that_may_not_be_opened_is_said(own_folder, monkeypatch):
    real = os.scandir

    def refuse(path):
        if not isinstance(path, int) and Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    draw_folder(own_folder / "red" / "closed", 2)
    monkeypatch.setattr(os, "scandir", refuse)
    assert [p.detail for p in scan_folder(own_folder, SPEC).problems] == ["The folder closed may not be opened."]
    with monkeypatch.context() as whole:
        whole.setattr(os, "scandir", lambda path: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
        with pytest.raises(DatasetError, match="cannot be read") as caught:
            scan_folder(own_folder, SPEC)
    assert "Permission denied" in caught.value.problem.meaning


def test_a_stop_ends_a_scan(tiny_folder):
    control = Control()
    control.request_stop()
    with pytest.raises(StopRequested):
        scan_folder(tiny_folder, SPEC, watch=Watch(control))


def test_progress_counts_every_file(tiny_folder):
    seen = []
    scan_folder(tiny_folder, SPEC, watch=watch_of(lambda done, total, text: seen.append((done, total))))
    assert seen[-1] == (36, 36)


def test_samples_survive_a_csv(own_folder, tmp_path):
    (own_folder / "red" / "00.png").rename(own_folder / "red" / 'ü, "quoted"\n🌿.png')
    dataset = scan_folder(own_folder, SPEC)
    save_samples(tmp_path / "samples.csv", dataset, ["ab"] * len(dataset.samples))
    again = load_samples(tmp_path / "samples.csv", dataset.root, dataset.classes, dataset.split_source)
    assert again.samples == dataset.samples


def test_the_hash_follows_the_content_and_not_the_place(own_folder, tmp_path):
    first = dataset_hash(scan_folder(own_folder, SPEC))
    moved = tmp_path / "moved"
    shutil.copytree(own_folder, moved)
    assert dataset_hash(scan_folder(moved, SPEC)) == first
    (moved / "red" / "00.png").unlink()
    assert dataset_hash(scan_folder(moved, SPEC)) != first


def test_the_current_folder_is_a_folder_like_others(tiny_folder, monkeypatch):
    monkeypatch.chdir(tiny_folder)
    here = scan_folder(Path(), SPEC)
    there = scan_folder(tiny_folder, SPEC)
    assert [(s.path.name, s.label, s.split) for s in here.samples] == [
        (s.path.name, s.label, s.split) for s in there.samples
    ]
    assert here.findings == () or [f.kind for f in here.findings] == [f.kind for f in there.findings]
