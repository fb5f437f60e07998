import os
import shutil
import sys
import time
from collections import Counter
from itertools import count
from pathlib import Path
from threading import Timer

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core.control import Control, StopRequested
from cnnstudio.core.errors import DatasetError, NewerFormat
from cnnstudio.core.watch import Watch
from cnnstudio.data.checks import examiner
from cnnstudio.data.checks.examiner import Examiner
from cnnstudio.data.checks.facts import TINY
from cnnstudio.data.checks.picture_facts import examine, perceptual_hashes
from cnnstudio.data.curation import Curation, load_curation, project_folder, save_curation
from cnnstudio.data.project import open_dataset
from cnnstudio.data.scan import scan_folder
from cnnstudio.data.spec import SplitSpec
from tests.conftest import watch_of

SPEC = SplitSpec()


def photo(path, seed, size=(320, 240)):
    """Something with structure: smooth blobs of colour."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = small.resize(size, Image.Resampling.BICUBIC)
    picture.save(path, **({"quality": 92} if path.suffix == ".jpg" else {}))
    return picture


@pytest.fixture
def photos(tmp_path):
    """Two classes × thirty different pictures."""
    root = tmp_path / "photos"
    for number in range(30):
        photo(root / "cat" / f"{number:02}.jpg", number)
        photo(root / "dog" / f"{number:02}.jpg", 1000 + number)
    return root


def found_in(root, **options):
    return {finding.kind: finding for finding in scan_folder(root, SPEC, **options).findings}


def test_a_clean_folder_has_nothing_to_complain_about(photos):
    assert found_in(photos) == {}


def test_copies_are_found_resized_compressed_and_exact(photos):
    original = photos / "cat" / "03.jpg"
    picture = Image.open(original)
    picture.resize((200, 150)).save(photos / "cat" / "smaller.png")
    picture.save(photos / "cat" / "worse.jpg", quality=30)
    (photos / "cat" / "same.jpg").write_bytes(original.read_bytes())
    found = found_in(photos)
    names = {path.name for path in found["near-duplicate"].groups[0]}
    assert names == {"03.jpg", "smaller.png", "worse.jpg", "same.jpg"}
    assert {path.name for path in found["duplicate"].groups[0]} == {"03.jpg", "same.jpg"}
    assert len(found["near-duplicate"].spare) == 3, "one of them stays"
    assert "leakage" not in found, "the split keeps copies together"


def test_copies_across_given_splits_are_leakage(photos, tmp_path):
    root = tmp_path / "split"
    for number, split in enumerate(("train", "validation", "test")):
        for name in ("cat", "dog"):
            for each in range(10):
                photo(root / split / name / f"{each}.jpg", 100 * number + each + (50 if name == "dog" else 0))
    photo(root / "test" / "cat" / "again.jpg", 3)
    found = found_in(root)
    assert {path.name for path in found["leakage"].groups[0]} == {"3.jpg", "again.jpg"}
    assert [path.name for path in found["leakage"].spare] == ["again.jpg"], "the one in training stays"


def test_groups_that_folders_tear_are_said(tmp_path):
    for number in range(12):
        split = "test" if number % 4 == 0 else "train"
        photo(tmp_path / split / ("cat" if number % 2 else "dog") / f"p{number // 3}_{number}.png", number, (60, 40))
        photo(tmp_path / "test" / "cat" / f"q{number}.png", 100 + number, (60, 40))
    found = {f.kind: f for f in scan_folder(tmp_path, SplitSpec(group_pattern=r"(p\d+)_")).findings}
    names = [{path.name.partition("_")[0] for path in group} for group in found["torn-group"].groups]
    assert sorted(map(tuple, names)) == [("p0",), ("p1",), ("p2",)]
    assert "torn-group" not in found_in(tmp_path)


def test_the_same_picture_in_two_classes_is_a_persons_choice(photos):
    (photos / "dog" / "odd.jpg").write_bytes((photos / "cat" / "05.jpg").read_bytes())
    finding = found_in(photos)["two-classes"]
    assert {path.parent.name for path in finding.groups[0]} == {"cat", "dog"}
    assert finding.spare == ()
    assert found_in(photos)["duplicate"].spare == ()


def test_single_pictures_that_are_odd(photos):
    cat = photos / "cat"
    Image.new("RGB", (300, 200), "teal").save(cat / "blank.png")
    photo(cat / "tiny.png", 71, (16, 12))
    photo(cat / "thin.png", 72, (900, 100))
    photo(cat / "grey.png", 73).convert("L").save(cat / "grey.png")
    photo(cat / "liar.png", 74).save(cat / "liar.jpg", format="PNG")
    turned = Image.Exif()
    turned[0x0112] = 6
    photo(cat / "turned.png", 75).save(cat / "turned.jpg", exif=turned)
    (cat / "turned.png").unlink()
    (cat / "liar.png").unlink()
    found = {kind: {path.name for group in f.groups for path in group} for kind, f in found_in(photos).items()}
    assert found == {
        "blank": {"blank.png"}, "tiny": {"tiny.png"}, "thin": {"thin.png"}, "grey": {"grey.png"},
        "wrong-extension": {"liar.jpg"}, "rotated": {"turned.jpg"},
    }  # fmt: skip


def test_small_and_uneven_classes_are_named(photos):
    for number in range(300):
        photo(photos / "many" / f"{number}.png", 5000 + number, (40, 30))
    for number in range(8):
        photo(photos / "few" / f"{number}.png", 9000 + number, (40, 30))
    found = found_in(photos)
    assert found["small-class"].classes == ("few",)
    assert found["unbalanced"].classes == ("many", "few")


def test_small_pictures_are_only_odd_among_large_ones(tmp_path):
    for name in ("a", "b"):
        for number in range(20):
            photo(tmp_path / name / f"{number}.png", hash((name, number)) % 10**6, (20, 20))
    assert "tiny" not in found_in(tmp_path)


def test_hashes_differ_for_different_pictures():
    rng = np.random.default_rng(0)
    small = rng.random((200, 8, 8)).astype(np.float32)
    looks = np.kron(small, np.ones((4, 4), np.float32)) * 255
    hashes = perceptual_hashes(looks)
    assert len(set(hashes.tolist())) == 200
    assert np.bitwise_count(hashes[0] ^ perceptual_hashes(looks[:1] * 0.7 + 20)[0]) <= 2, "light does not matter"


def test_the_small_copy_is_the_mean_of_its_squares(tmp_path):
    pixels = np.random.default_rng(1).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    table, problems = examine([str(tmp_path / "a.png")])
    assert problems == []
    step = 32 // TINY
    expected = pixels.reshape(TINY, step, TINY, step, 3).mean((1, 3))
    assert np.abs(table["tiny"][0] - expected).max() <= 0.51


# Child processes and memory -----------------------------------------------------------------------------------


@pytest.mark.child
@pytest.mark.parametrize("progressive", [False, True])
def test_large_pictures_are_read_to_their_last_bytes(tmp_path, progressive):
    whole, cut = tmp_path / "whole.jpg", tmp_path / "cut.jpg"
    noise = np.random.default_rng(0).integers(0, 256, (900, 1200, 3), np.uint8)
    Image.fromarray(noise).save(whole, quality=90, progressive=progressive)
    content = whole.read_bytes()
    cut.write_bytes(content[: len(content) * 98 // 100])
    table, problems = examine([str(whole), str(cut)])
    assert table["good"].tolist() == [True, False]
    assert (table["width"][0], table["height"][0]) == (1200, 900)
    assert [(row, kind) for row, kind, _ in problems] == [(1, "truncated")]


@pytest.mark.child
def test_children_find_what_this_process_finds(messy_folder):
    names = sorted(path.relative_to(messy_folder).as_posix() for path in messy_folder.rglob("*") if path.is_file())
    with Examiner(messy_folder, processes=2) as examiner:
        there = examiner.examine(names, Watch())
    table, problems = examine([str(messy_folder / name) for name in names])
    assert (there.table == table).all()
    assert {row: problem.kind for row, problem in there.problems.items()} == {row: kind for row, kind, _ in problems}


@pytest.mark.child
@pytest.mark.parametrize("end", ["os.abort()", "time.sleep(60)"])
def test_a_picture_that_breaks_the_child_is_one_problem(photos, monkeypatch, end):
    code = (
        "import os, sys, time, cnnstudio.data.checks.picture_facts as e\n"
        "real = e._look_at\n"
        f"def broken(path, content):\n    if path.endswith('07.jpg'): {end}\n    return real(path, content)\n"
        "e._look_at = broken\ne.serve()"
    )
    monkeypatch.setattr(examiner, "child_command", lambda *_: [sys.executable, "-c", code])
    monkeypatch.setattr(examiner, "HANG_S", 2.0)
    names = [f"cat/{number:02}.jpg" for number in range(12)]
    with Examiner(photos) as looking:
        facts = looking.examine(names, Watch())
    assert [problem.path.name for problem in facts.problems.values()] == ["07.jpg"]
    assert facts.table["good"].sum() == 11


@pytest.mark.child
@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_a_child_that_something_else_ends_leaves_no_mark(photos, monkeypatch):
    code = (
        "import os, signal, cnnstudio.data.checks.picture_facts as e\n"
        "def killed(path, content):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        "e._look_at = killed\ne.serve()"
    )
    with monkeypatch.context() as short_of_memory:
        short_of_memory.setattr(examiner, "child_command", lambda *_: [sys.executable, "-c", code])
        with Examiner(photos) as looking:
            facts = looking.examine(["cat/00.jpg", "cat/01.jpg"], Watch())
    assert ["this time" in problem.detail for problem in facts.problems.values()] == [True, True]
    assert len(scan_folder(photos, SPEC).samples) == 60


@pytest.mark.child
def test_a_stop_does_not_wait_for_a_picture_that_takes_long(photos, monkeypatch):
    code = "import time, cnnstudio.data.checks.picture_facts as e\ne._look_at = lambda *_: time.sleep(60)\ne.serve()"
    monkeypatch.setattr(examiner, "child_command", lambda *_: [sys.executable, "-c", code])
    control = Control()
    Timer(0.5, control.request_stop).start()
    start = time.monotonic()
    with pytest.raises(StopRequested):
        scan_folder(photos, SPEC, watch=Watch(control))
    assert time.monotonic() - start < 5


@pytest.mark.child
def test_nothing_in_the_current_folder_is_imported(photos, monkeypatch):
    (photos / "json.py").write_text("raise SystemExit")
    monkeypatch.chdir(photos)
    assert len(scan_folder(Path(), SPEC).samples) == 60


def test_only_what_changed_is_looked_at_again(photos, monkeypatch):
    scan_folder(photos, SPEC)
    looked = []

    class Watching(examiner.Child):
        def examine(self, paths):
            looked.extend(Path(path).name for path in paths)
            return super().examine(paths)

    monkeypatch.setattr(examiner, "Child", Watching)
    scan_folder(photos, SPEC)
    assert looked == []
    photo(photos / "cat" / "04.jpg", 4444)
    photo(photos / "cat" / "new.jpg", 4445)
    scan_folder(photos, SPEC)
    assert sorted(looked) == ["04.jpg", "new.jpg"]


def test_a_stop_keeps_what_was_found_out(photos):
    control = Control()

    def stop_early(done, _total, _text):
        if done:
            control.request_stop()

    with pytest.raises(StopRequested):
        scan_folder(photos, SPEC, watch=watch_of(stop_early, control))
    seen = []
    scan_folder(photos, SPEC, watch=watch_of(lambda done, total, _: seen.append((done, total))))
    assert seen[0][0] > 0


# Decisions ----------------------------------------------------------------------------------------------------


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
    newer = file.read_text().replace('"format_version": 1', '"format_version": 2')
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


def test_a_file_from_the_far_future_is_a_file_like_others(photos):
    os.utime(photos / "cat" / "00.jpg", (13_569_465_600, 13_569_465_600))
    assert len(scan_folder(photos, SPEC).samples) == len(scan_folder(photos, SPEC).samples) == 60


@pytest.mark.skipif(sys.platform != "linux", reason="no such names there")
def test_names_that_are_no_text_can_be_decided_about(photos):
    name = os.fsdecode(b"cat/caf\xe9.jpg")
    (photos / name).write_bytes((photos / "cat" / "00.jpg").read_bytes())
    open_dataset(photos)
    save_curation(photos, load_curation(photos).without((name,)))
    assert [sample.path for sample in open_dataset(photos).left_out] == [photos / name]


def test_a_file_from_1970_is_remembered_like_others(photos, monkeypatch):
    os.utime(photos / "cat" / "00.jpg", ns=(0, 0))
    scan_folder(photos, SPEC)
    monkeypatch.setattr(examiner.Child, "examine", lambda *_: pytest.fail("everything is known"))
    assert len(scan_folder(photos, SPEC).samples) == 60


def test_what_could_not_be_opened_is_tried_again(photos, monkeypatch):
    from cnnstudio.data.checks import picture_facts as examining

    real = examining.read_bytes

    def refuse(path):
        if path.endswith("cat/00.jpg"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    with monkeypatch.context() as closed:
        closed.setattr(examining, "read_bytes", refuse)
        assert [problem.kind for problem in scan_folder(photos, SPEC).problems] == ["unreadable"]
    assert scan_folder(photos, SPEC).problems == ()


def test_another_seed_draws_anew_without_forgetting_the_first(photos):
    first = open_dataset(photos, SPEC).samples
    other = open_dataset(photos, SplitSpec(seed=5)).samples
    assert first != other
    assert open_dataset(photos, SPEC).samples == first


def test_a_folder_that_disappears_half_way_is_one_sentence(photos):
    def remove(done, _total, _text):
        if not done:
            shutil.rmtree(photos)

    with pytest.raises(DatasetError, match="is not there"):
        scan_folder(photos, SPEC, watch=watch_of(remove))
