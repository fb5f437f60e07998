"""Sorting by answers: a plan, copies or links of it, and an undo that removes exactly what was made."""

import hashlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cnnstudio.core import Control, RunError, StopRequested, StorageError, Watch, write_csv
from cnnstudio.inference.folder.listing import list_files
from cnnstudio.inference.folder.rows import WIDE
from cnnstudio.inference.sorting import placing, planning
from cnnstudio.inference.sorting.placing import carry_out
from cnnstudio.inference.sorting.planning import check_places, folder_names, plan_moves
from cnnstudio.inference.sorting.results import JOURNAL_FILE, SortSpec
from cnnstudio.inference.sorting.undoing import undo_sorting

CLASSES = ("cat", "unsure", "Bus stop", "bus-stop", "train")
ANSWERS = {
    "a/img1.jpg": ("cat", 0.9, "answer"),
    "b/img1.jpg": ("cat", 0.8, "answer"),
    "c/IMG1.JPG": ("cat", 0.8, "answer"),
    "-odd name=.png": ("unsure", 0.7, "answer"),
    "dim.jpg": ("train", 0.4, "answer"),
    "between.jpg": ("train", 0.9, "between"),
    "strange.jpg": ("train", 0.9, "unlike"),
    "stop.jpg": ("bus-stop", 0.9, "answer"),
    "broken.jpg": ("", 0, ""),
    "notes.txt": ("", 0, ""),
}


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "photos"
    for number, name in enumerate(ANSWERS):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"picture" * (number + 1))
    return root


def table_of(folder, answers=ANSWERS):
    rows = []
    for path in list_files([folder], Control()).paths:
        label, probability, verdict = answers[Path(path).relative_to(folder).as_posix()]
        rows.append((path, label, f"{probability:.6f}", "", "", "", verdict))
    file = folder.parent / "answers.csv"
    write_csv(file, [(*WIDE, "verdict"), *rows])
    return file


@pytest.fixture
def spec(folder, tmp_path):
    return SortSpec(folder=folder, out=tmp_path / "sorted", threshold=0.5)


def plan_of(spec, watch=None):
    return plan_moves(spec, CLASSES, table_of(spec.folder), watch or Watch())[0]


def tree(root):
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir()} - {JOURNAL_FILE}


def hashes(root):
    return {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in tree(root)}


def test_every_class_has_a_folder_of_its_own():
    assert folder_names(CLASSES) == [
        "cat",
        "class-unsure",
        "Bus-stop",
        "class-bus-stop",
        "class-train",
        "unsure",
        "unlike",
    ]


def test_a_plan_counts_and_does_nothing(spec):
    plan = plan_of(spec)
    assert {each.name: each.pictures for each in plan.folders} == {
        "cat": 3, "class-unsure": 1, "class-bus-stop": 1, "unsure": 2, "unlike": 1,
    }  # fmt: skip
    assert (plan.pictures, plan.unreadable, plan.numbered, plan.already) == (8, 1, 2, 0)
    sizes = sum((spec.folder / name).stat().st_size for name, (label, *_) in ANSWERS.items() if label)
    assert sum(each.bytes for each in plan.folders) == sizes
    assert sizes < plan.bytes_needed < sizes + 8000
    assert plan.fits
    assert not spec.out.exists()


@pytest.mark.parametrize("way", ["copy", "link", "symlink"])
def test_pictures_are_in_their_folders_and_an_undo_takes_all_of_it_away(spec, folder, way):
    before = hashes(folder)
    done = carry_out(plan_of(replace(spec, way=way)), Watch())
    assert (done.made, done.total, done.failed) == (8, 8, ())
    assert tree(spec.out) == {
        "cat/img1.jpg", "cat/img1-2.jpg", "cat/IMG1-3.JPG", "class-unsure/-odd name=.png", "class-bus-stop/stop.jpg",
        "unsure/dim.jpg", "unsure/between.jpg", "unlike/strange.jpg",
    }  # fmt: skip
    made = spec.out / "unlike" / "strange.jpg"
    assert made.read_bytes() == (folder / "strange.jpg").read_bytes()
    assert made.stat().st_mtime_ns == (folder / "strange.jpg").stat().st_mtime_ns
    assert made.samefile(folder / "strange.jpg") == (way != "copy")
    assert made.is_symlink() == (way == "symlink")
    undone = undo_sorting(spec.out, Watch())
    assert (undone.removed, undone.gone, undone.changed, undone.failed) == (8, 0, (), ())
    assert not spec.out.exists()
    assert hashes(folder) == before


def test_what_somebody_changed_stays_after_an_undo_and_is_named(spec, folder):
    before = hashes(folder)
    carry_out(plan_of(spec), Watch())
    (spec.out / "cat" / "img1.jpg").write_bytes(b"edited")
    (spec.out / "cat" / "mine.jpg").write_bytes(b"mine")
    (spec.out / "unlike" / "strange.jpg").unlink()
    other = spec.out / "unsure" / "dim.jpg"
    stat = other.stat()
    shutil.copyfile(other, spec.out / "again")  # the same content, size and time, but another file
    other.unlink()
    (spec.out / "again").rename(other)
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    undone = undo_sorting(spec.out, Watch())
    assert set(undone.changed) == {"cat/img1.jpg", "unsure/dim.jpg"}
    assert (undone.removed, undone.gone) == (5, 1)
    assert tree(spec.out) == {"cat/img1.jpg", "cat/mine.jpg", "unsure/dim.jpg"}
    assert not (spec.out / JOURNAL_FILE).exists()
    assert hashes(folder) == before


def test_what_is_there_is_never_written_over(spec):
    (spec.out / "cat").mkdir(parents=True)
    (spec.out / "cat" / "img1.jpg").write_bytes(b"mine")
    plan = plan_of(spec)
    assert plan.numbered == 3
    carry_out(plan, Watch())
    assert (spec.out / "cat" / "img1.jpg").read_bytes() == b"mine"
    undo_sorting(spec.out, Watch())
    assert tree(spec.out) == {"cat/img1.jpg"}
    assert (spec.out / "cat" / "img1.jpg").read_bytes() == b"mine"


def test_pictures_of_the_longest_name_that_a_disk_takes_are_sorted_beside_each_other(tmp_path):
    root, long = tmp_path / "photos", f"{'ü' * 125}x.jpg"
    answers = {f"{folder}/{long}": ("cat", 0.9, "answer") for folder in "ab"}
    for name in answers:
        (root / name).parent.mkdir(parents=True)
        (root / name).write_bytes(name.encode())
    plan = plan_moves(SortSpec(folder=root, out=tmp_path / "sorted"), CLASSES, table_of(root, answers), Watch())[0]
    carry_out(plan, Watch())
    assert tree(tmp_path / "sorted") == {f"cat/{long}", f"cat/{'ü' * 124}-2.jpg"}


def test_sorting_again_adds_only_what_is_new(spec, folder):
    carry_out(plan_of(spec), Watch())
    (folder / "new.jpg").write_bytes(b"new")
    answers = {**ANSWERS, "new.jpg": ("cat", 0.9, "answer")}
    plan, _ = plan_moves(spec, CLASSES, table_of(folder, answers), Watch())
    assert (plan.pictures, plan.already) == (1, 8)
    carry_out(plan, Watch())
    assert len(tree(spec.out)) == 9
    assert undo_sorting(spec.out, Watch()).removed == 9
    assert not spec.out.exists()


@pytest.mark.parametrize("change", ["a picture", "the folder"])
def test_nothing_else_is_done_than_was_shown(spec, folder, change):
    plan = plan_of(spec)
    if change == "a picture":
        (folder / "stop.jpg").write_bytes(b"another one")
    else:
        (spec.out / "cat").mkdir(parents=True)
        (spec.out / "cat" / "img1.jpg").write_bytes(b"mine")
    with pytest.raises(StorageError, match="changed since"):
        carry_out(plan, Watch())
    assert "cat/img1-2.jpg" not in tree(spec.out)


def test_a_folder_with_other_pictures_than_were_predicted_is_refused(spec, folder):
    plan = plan_of(spec)
    (folder / "new.jpg").write_bytes(b"new")
    with pytest.raises(StorageError, match="changed since they were predicted"):
        carry_out(plan, Watch())


def test_no_room_is_said_before_anything_is_done(spec, monkeypatch):
    plan = plan_of(spec)
    monkeypatch.setattr(planning, "free_bytes", lambda _: 100)
    with pytest.raises(StorageError, match="not enough room"):
        carry_out(plan, Watch())
    assert not spec.out.exists()


@pytest.mark.parametrize("after", [1, 3, 7])
def test_a_stop_leaves_whole_pictures_and_another_sorting_continues(spec, after):
    control = Control()

    def emit(event):
        if "Copying" in event.text and event.done == after:
            control.request_stop()

    done = carry_out(plan_of(spec), Watch(control, emit))
    assert done.made == after + 1
    assert len(tree(spec.out)) == done.made
    plan = plan_of(spec)
    assert (plan.already, plan.pictures) == (done.made, 8 - done.made)
    carry_out(plan, Watch())
    assert len(tree(spec.out)) == 8
    assert undo_sorting(spec.out, Watch()).removed == 8


@pytest.mark.parametrize("moment", ["copyfile", "_named", "_made"])
@pytest.mark.parametrize("number", [1, 5])
def test_after_a_kill_everything_that_was_made_is_known(spec, monkeypatch, moment, number):
    """No line, no file: whatever the moment, an undo leaves nothing behind."""
    room = placing.shutil if moment == "copyfile" else placing
    work, calls = getattr(room, moment), []

    def killed(*given):
        calls.append(given)
        if len(calls) == number:
            if moment == "copyfile":
                Path(given[1]).write_bytes(b"half")
            raise KeyboardInterrupt
        return work(*given)

    with monkeypatch.context() as context:
        context.setattr(room, moment, killed)
        context.setattr(Path, "unlink", lambda *_, **__: None)  # what a kill does not do
        with pytest.raises(KeyboardInterrupt):
            carry_out(plan_of(spec), Watch())
    context_lines = (spec.out / JOURNAL_FILE).read_bytes()
    (spec.out / JOURNAL_FILE).write_bytes(context_lines + b'{"what": "made", "source"')  # and a line that was cut
    shown = {name for name in tree(spec.out) if not Path(name).name.startswith(".~")}
    assert len(shown) == number - 1
    monkeypatch.setattr("cnnstudio.core.folders.process_lives", lambda _: False)
    undone = undo_sorting(spec.out, Watch())
    assert undone.removed == number - 1
    assert not spec.out.exists()


def test_a_journal_that_was_cut_is_continued_by_whole_lines(spec):
    carry_out(plan_of(spec), Watch())
    journal = spec.out / JOURNAL_FILE
    content = journal.read_bytes()
    journal.write_bytes(content[:-20])
    plan = plan_of(spec)
    assert plan.already == 7
    carry_out(plan, Watch())
    for line in journal.read_bytes().splitlines():
        json.loads(line)


def test_an_undo_that_is_stopped_is_finished_by_the_next(spec):
    carry_out(plan_of(spec), Watch())
    control = Control()
    with pytest.raises(StopRequested):
        undo_sorting(spec.out, Watch(control, lambda event: event.done == 3 and control.request_stop()))
    undone = undo_sorting(spec.out, Watch())
    assert (undone.removed, undone.gone) == (4, 4)
    assert not spec.out.exists()


def test_what_cannot_be_removed_is_said_and_kept_for_another_undo(spec, monkeypatch):
    carry_out(plan_of(spec), Watch())
    unlink = Path.unlink

    def refusing(path, **options):
        if path.name == "stop.jpg":
            raise OSError(16, "Device or resource busy")
        unlink(path, **options)

    with monkeypatch.context() as context:
        context.setattr(Path, "unlink", refusing)
        undone = undo_sorting(spec.out, Watch())
    assert undone.failed == (("class-bus-stop/stop.jpg", "The system says: Device or resource busy."),)
    assert undone.removed == 7
    assert undo_sorting(spec.out, Watch()).removed == 1
    assert not spec.out.exists()


@pytest.mark.parametrize(
    "target", ["../photos/stop.jpg", "/etc/hostname", "cat/../../photos/stop.jpg", "stop.jpg", "x"]
)
def test_a_journal_that_somebody_else_wrote_removes_nothing_outside(spec, folder, target):
    carry_out(plan_of(spec), Watch())
    journal = spec.out / JOURNAL_FILE
    stat = (folder / "stop.jpg").stat()
    lines = [json.loads(line) for line in journal.read_bytes().splitlines()]
    victim = next(line for line in lines if line.get("target") == "class-bus-stop/stop.jpg")
    victim |= {"target": target, "size": stat.st_size, "time": stat.st_mtime_ns, "inode": stat.st_ino}
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (spec.out / "x").symlink_to(folder)
    victim = json.loads(json.dumps(victim)) | {"target": "x/stop.jpg"}
    with journal.open("a") as file:
        file.write(json.dumps(victim) + "\n")
    undo_sorting(spec.out, Watch())
    assert (folder / "stop.jpg").is_file()


@pytest.mark.parametrize(
    "content", [b"", b"{}\n", b'{"format_version": 1}\n[1]\n', b"\xff\xfe", b'{"format_version": 9}\n']
)
def test_a_journal_that_cannot_be_believed_removes_nothing(spec, content):
    carry_out(plan_of(spec), Watch())
    before = tree(spec.out)
    (spec.out / JOURNAL_FILE).write_bytes(content)
    with pytest.raises(RunError):
        undo_sorting(spec.out, Watch())
    assert tree(spec.out) == before


@pytest.mark.parametrize("content", [b"my notes", b"my notes\n", b'{"format_version": 1}\n[1]\n', None])
def test_nothing_is_sorted_where_it_could_not_be_undone(spec, content):
    """A file of the journal's name that is none is neither added to nor cut."""
    journal = spec.out / JOURNAL_FILE
    spec.out.mkdir()
    journal.write_bytes(content) if content is not None else journal.mkdir()
    with pytest.raises(StorageError, match="damaged or something else"):
        carry_out(plan_of(spec), Watch())
    assert list(spec.out.iterdir()) == [journal]
    assert content is None or journal.read_bytes() == content


@pytest.mark.parametrize("length", [0, 9])
def test_a_journal_of_which_a_power_cut_left_no_whole_line_is_begun_again(spec, length):
    whole = carry_out(plan_of(spec), Watch())
    journal = spec.out / JOURNAL_FILE
    begin = journal.read_bytes()[:length]
    undo_sorting(spec.out, Watch())
    spec.out.mkdir()
    journal.write_bytes(begin)
    assert carry_out(plan_of(spec), Watch()).made == whole.made
    assert undo_sorting(spec.out, Watch()).removed == whole.made


@pytest.mark.parametrize("line", [{"what": "folder", "folder": "a\0b"}, {"what": "folder", "folder": "\ud800"}])
def test_a_journal_with_names_that_no_disk_has_is_not_believed(spec, line):
    carry_out(plan_of(spec), Watch())
    with (spec.out / JOURNAL_FILE).open("a") as journal:
        journal.write(json.dumps(line) + "\n")
    before = tree(spec.out)
    with pytest.raises(RunError, match="cannot be read, so nothing was removed"):
        undo_sorting(spec.out, Watch())
    assert tree(spec.out) == before


def test_without_a_journal_there_is_nothing_to_undo(tmp_path):
    with pytest.raises(RunError, match="Nothing that could be undone"):
        undo_sorting(tmp_path, Watch())


def test_folders_that_lie_in_each_other_are_refused_where_that_does_harm(folder, tmp_path):
    def refused(folder, out):
        try:
            check_places(SortSpec(folder=folder, out=out), CLASSES)
        except StorageError:
            return True
        return False

    (tmp_path / "cat" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(folder)
    assert refused(folder, folder)
    assert refused(folder, folder / "sorted")
    assert refused(folder, tmp_path / "link" / "sorted")
    assert refused(tmp_path / "cat", tmp_path)  # a class is called cat
    assert not refused(folder, tmp_path)
    assert not refused(tmp_path / "cat" / "deep", tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "cat").symlink_to(folder)
    assert refused(folder, tmp_path / "elsewhere")
    assert refused(folder, folder / "dim.jpg")


@pytest.mark.parametrize("kind", ["link", "file"])
def test_what_is_no_folder_is_not_sorted_into(spec, tmp_path, kind):
    """An undo takes nothing out of a link, since anybody can write where it leads."""
    (tmp_path / "theirs").mkdir()
    spec.out.mkdir()
    place = spec.out / "cat"
    place.symlink_to(tmp_path / "theirs") if kind == "link" else place.write_text("notes")
    with pytest.raises(StorageError, match=f"cat in .* is a {kind}, not a folder"):
        plan_of(spec)
    assert not list((tmp_path / "theirs").iterdir())


def test_links_across_disks_are_refused_and_copies_are_not(spec, monkeypatch):
    monkeypatch.setattr(planning, "_disk_of", lambda folder: "photos" in str(folder))
    with pytest.raises(StorageError, match="different disks"):
        check_places(replace(spec, way="link"), CLASSES)
    check_places(spec, CLASSES)


def test_a_picture_that_cannot_be_read_is_named_and_the_others_are_sorted(spec, monkeypatch):
    copyfile = shutil.copyfile

    def failing(source, target):
        if "stop" in str(source):
            raise OSError(5, "Input/output error", source)
        return copyfile(source, target)

    monkeypatch.setattr(placing.shutil, "copyfile", failing)
    done = carry_out(plan_of(spec), Watch())
    assert done.made == 7
    assert done.failed == ((str(spec.folder / "stop.jpg"), "stop.jpg could not be read: Input/output error."),)
    assert "class-bus-stop/stop.jpg" not in tree(spec.out)


def test_a_disk_that_fills_up_ends_it_with_a_sentence(spec, monkeypatch):
    def failing(source, target):
        raise OSError(28, "No space left on device", source)

    monkeypatch.setattr(placing.shutil, "copyfile", failing)
    with pytest.raises(StorageError, match="disk is full"):
        carry_out(plan_of(spec), Watch())
    assert undo_sorting(spec.out, Watch()).removed == 0
    assert not spec.out.exists()


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_names_that_are_no_text_keep_their_bytes(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    name = os.fsdecode(b"caf\xe9 \x01.jpg")
    (folder / name).write_bytes(b"x")
    file = tmp_path / "answers.csv"
    write_csv(file, [(*WIDE, "verdict"), (str(folder / "café \\x01.jpg"), "cat", "0.9", "", "", "", "answer")])
    plan, _ = plan_moves(SortSpec(folder=folder, out=tmp_path / "sorted"), CLASSES, file, Watch())
    carry_out(plan, Watch())
    assert (tmp_path / "sorted" / "cat" / name).is_file()
    assert undo_sorting(tmp_path / "sorted", Watch()).removed == 1


@pytest.mark.slow
def test_a_thousand_with_clashes_odd_names_and_an_edited_copy(tmp_path):
    """E10."""
    folder, answers = tmp_path / "photos", {}
    for number in range(1000):
        name = f"{number % 7}/{['img', 'IMG', '=x', 'ünï', 'a b', '-', 'x' * 200][number % 7]}{number // 70}.jpg"
        answers[name] = (CLASSES[number % 5], 0.3 + 0.007 * (number % 100), "answer")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(str(number).encode())
    before = hashes(folder)
    plan, _ = plan_moves(
        SortSpec(folder=folder, out=tmp_path / "sorted", threshold=0.5), CLASSES, table_of(folder, answers), Watch()
    )
    done = carry_out(plan, Watch())
    assert (done.made, done.failed) == (len(answers), ())
    assert hashes(folder) == before
    edited = next((tmp_path / "sorted").rglob("*.jpg"))
    edited.write_bytes(b"edited")
    undone = undo_sorting(tmp_path / "sorted", Watch())
    assert undone.changed == (edited.relative_to(tmp_path / "sorted").as_posix(),)
    assert undone.removed == len(answers) - 1
    assert tree(tmp_path / "sorted") == set(undone.changed)
    assert hashes(folder) == before
