import os
import re
import sys
from collections import Counter
from itertools import count

import pytest

from cnnstudio.core import Control, NewerFormat, StopRequested, Watch
from cnnstudio.data import SplitSpec
from cnnstudio.data.curation import Curation, load_curation, project_folder, save_curation
from cnnstudio.data.project import open_dataset
from tests.conftest import watch_of
from tests.data.conftest import photo

SPEC = SplitSpec()


def test_decisions_are_kept_and_nothing_moves_when_files_are_added(photos):
    first = open_dataset(photos, SPEC)
    before = {sample.path: sample.split for sample in first.samples}
    save_curation(
        photos,
        load_curation(photos)
        .without(("cat/00.jpg",))
        .moved(("dog/01.jpg",), "test")
        .relabelled(("dog/02.jpg",), "cat"),
    )
    for number in range(20):
        photo(photos / "cat" / f"new{number}.jpg", 7000 + number)
    again = open_dataset(photos, SPEC)
    after = {sample.path: sample for sample in again.samples}
    assert photos / "cat" / "00.jpg" not in after
    assert [sample.path.name for sample in again.left_out] == ["00.jpg"]
    assert after[photos / "dog" / "01.jpg"].split == "test"
    assert again.classes[after[photos / "dog" / "02.jpg"].label] == "cat"
    stay = [path for path in before if path in after and path.name != "01.jpg"]
    assert all(after[path].split == before[path] for path in stay)
    save_curation(photos, load_curation(photos).back(("cat/00.jpg",)))
    assert photos / "cat" / "00.jpg" in {sample.path for sample in open_dataset(photos, SPEC).samples}


def test_validation_that_was_drawn_stays_when_files_are_added(tmp_path):
    root, seeds = tmp_path / "two", count(60_000)
    for split, each in (("train", 20), ("test", 5)):
        for name in ("cat", "dog"):
            for number in range(each):
                photo(root / split / name / f"{number}.png", next(seeds), (60, 40))
    before = {sample.path: sample.split for sample in open_dataset(root).samples}
    for number in range(30):
        photo(root / "train" / "cat" / f"new{number}.png", 50_000 + number, (60, 40))
    after = {sample.path: sample.split for sample in open_dataset(root).samples}
    assert before.items() <= after.items()
    assert Counter(after.values())["validation"] > Counter(before.values())["validation"]


def test_folds_stay_when_files_are_added_and_share_their_test_pictures(photos):
    open_dataset(photos, SplitSpec(folds=4, fold=0), redraw=True)
    before = {sample.path: sample.split for sample in open_dataset(photos).samples}
    for number in range(20):
        photo(photos / "cat" / f"new{number}.jpg", 7000 + number)
    after = {sample.path: sample.split for sample in open_dataset(photos).samples}
    assert before.items() <= after.items()
    parts = [after]
    for fold in range(1, 4):
        spec = SplitSpec(folds=4, fold=fold)
        parts.append({sample.path: sample.split for sample in open_dataset(photos, spec, redraw=True).samples})
    tests = [{path for path, split in part.items() if split == "test"} for part in parts]
    assert tests[0] == tests[1] == tests[2] == tests[3]
    assert all(sum(part[path] == "validation" for part in parts[1:]) <= 1 for path in after)


def test_a_new_copy_of_a_test_picture_is_a_test_picture(photos):
    first = open_dataset(photos)
    old = first.split("test")[0].path
    (old.parent / "again.jpg").write_bytes(old.read_bytes())
    dataset = open_dataset(photos)
    assert {sample.path.name: sample.split for sample in dataset.samples}["again.jpg"] == "test"
    assert "leakage" not in {finding.kind for finding in dataset.findings}


def test_a_class_that_was_left_out_whole_can_be_taken_back(photos):
    for number in range(5):
        photo(photos / "eel" / f"{number}.jpg", 4000 + number)
    names = tuple(f"eel/{number}.jpg" for number in range(5))
    save_curation(photos, load_curation(photos).without(names))
    dataset = open_dataset(photos)
    assert dataset.classes == ("cat", "dog")
    every = dataset.classes + dataset.gone_classes
    assert {every[sample.label] for sample in dataset.left_out} == {"eel"}


def test_decisions_that_cannot_be_read_are_put_aside(photos):
    file = project_folder(photos) / "project.json"
    save_curation(photos, load_curation(photos).without(("cat/00.jpg",)))
    file.write_text(file.read_text().replace("left_out", "left"))
    assert load_curation(photos) == Curation()
    assert "cat/00.jpg" in file.with_name("project.json.unreadable").read_text()
    assert "is kept in project.json.unreadable" in open_dataset(photos).problems[-1].detail


def test_decisions_of_a_newer_version_are_not_touched(photos):
    file = project_folder(photos) / "project.json"
    save_curation(photos, Curation(left_out=("cat/00.jpg",)))
    newer = re.sub(r'"format_version": \d+', '"format_version": 99', file.read_text())
    file.write_text(newer)
    with pytest.raises(NewerFormat, match="Update CNN Studio"):
        open_dataset(photos)
    assert file.read_text() == newer


def test_what_is_decided_while_everything_is_divided_anew_is_kept(photos):
    open_dataset(photos)

    def decide(done, _total, _text):
        if done:
            save_curation(photos, load_curation(photos).without(("cat/00.jpg",)))

    open_dataset(photos, SplitSpec(seed=5), redraw=True, watch=watch_of(decide))
    again = open_dataset(photos)
    assert again.spec == SplitSpec(seed=5)
    assert [sample.path.name for sample in again.left_out] == ["00.jpg"]


def test_a_folder_is_the_same_project_by_every_way_that_leads_there(photos, tmp_path):
    save_curation(photos, load_curation(photos).without(("cat/00.jpg",)))
    (tmp_path / "link").symlink_to(photos, target_is_directory=True)
    for way in (tmp_path / "link", photos / ".." / "photos"):
        assert len(open_dataset(way).left_out) == 1


def test_dividing_anew_that_is_stopped_changes_nothing(photos):
    open_dataset(photos)
    save_curation(photos, load_curation(photos).moved(("dog/01.jpg",), "test"))
    before = open_dataset(photos).samples
    control = Control()
    control.request_stop()
    with pytest.raises(StopRequested):
        open_dataset(photos, SplitSpec(seed=9), redraw=True, watch=Watch(control))
    assert open_dataset(photos).samples == before


def test_no_validation_is_remembered_where_folders_say_the_rest(tmp_path):
    for number in range(8):
        photo(tmp_path / "train" / ("cat" if number % 2 else "dog") / f"{number}.png", number, (60, 40))
        photo(tmp_path / "test" / ("cat" if number % 2 else "dog") / f"{number}.png", 100 + number, (60, 40))
    assert open_dataset(tmp_path).split("validation")
    open_dataset(tmp_path, SplitSpec(validation=0), redraw=True)
    assert not open_dataset(tmp_path).split("validation")


@pytest.mark.skipif(sys.platform != "linux", reason="no such names there")
def test_names_that_are_no_text_can_be_decided_about(photos):
    name = os.fsdecode(b"cat/caf\xe9.jpg")
    (photos / name).write_bytes((photos / "cat" / "00.jpg").read_bytes())
    open_dataset(photos)
    save_curation(photos, load_curation(photos).without((name,)))
    assert [sample.path for sample in open_dataset(photos).left_out] == [photos / name]


def test_another_seed_draws_anew_without_forgetting_the_first(photos):
    first = open_dataset(photos, SPEC).samples
    other = open_dataset(photos, SplitSpec(seed=5)).samples
    assert first != other
    assert open_dataset(photos, SPEC).samples == first
