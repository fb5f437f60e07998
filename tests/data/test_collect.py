import errno
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnstudio.core import DatasetError, StorageError
from cnnstudio.data import Dataset, Sample
from cnnstudio.data.collect import add_pictures, class_folder, keep_frame

FRAME = np.zeros((4, 6, 3), np.uint8)


def made(path, content=b"x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def dataset_of(root, *names, split="train"):
    classes = tuple(sorted({Path(name).parent.name for name in names}))
    samples = tuple(Sample(root / name, classes.index(Path(name).parent.name), split) for name in names)
    return Dataset(root=root, classes=classes, samples=samples, problems=(), split_source="stratified")


@pytest.mark.parametrize(
    ("names", "wanted", "place"),
    [
        (["cat/1.png", "dog/1.png"], "cat", "cat"),
        (["cat/1.png", "dog/1.png"], "Zebra", "Zebra"),
        (["photos/cat/1.png", "photos/dog/1.png"], "eel", "photos/eel"),
        (["cat/2023/1.png", "cat/2024/1.png", "dog/1.png"], "cat", "cat"),
        (["a/cat/1.png", "b/cat/1.png", "b/cat/2.png", "a/dog/1.png"], "cat", "b/cat"),
        (["train/cat/1.png", "train/dog/1.png"], "eel", "train/eel"),
        (["cat/1.png", "dog/1.png"], "a/b: c?", "a-b-c"),
        (["cat/1.png", "dog/1.png"], "../outside", "outside"),
        (["cat/1.png", "dog/1.png"], "test", "class-test"),
        (["cat/1.png", "dog/1.png"], "Validation", "class-Validation"),
        (["cat/1.png", "dog/1.png"], "Thumbs.db", "class-Thumbs.db"),
        (["cat/1.png", "dog/1.png"], "CON", "_CON"),
        ([], "first", "first"),
    ],
)
def test_where_new_pictures_of_a_class_go(tmp_path, names, wanted, place):
    assert class_folder(dataset_of(tmp_path, *names), wanted) == tmp_path / place


def test_pictures_in_a_heap_get_a_folder_inside_and_never_one_above(tmp_path):
    root = tmp_path / "heap"
    dataset = Dataset(
        root=root, classes=("cat", "dog"), problems=(), split_source="stratified",
        samples=(Sample(root / "cat_1.png", 0, "train"), Sample(root / "dog_1.png", 1, "train")),
    )  # fmt: skip
    assert class_folder(dataset, "eel") == root / "eel"


def test_pictures_for_testing_say_nothing_about_where_new_ones_go(tmp_path):
    training = dataset_of(tmp_path, "train/cat/1.png", "train/dog/1.png").samples
    testing = dataset_of(tmp_path, *(f"test/{name}/{n}.png" for name in ("cat", "dog") for n in range(9)), split="test")
    both = Dataset(
        root=tmp_path,
        classes=("cat", "dog"),
        samples=(*training, *testing.samples),
        problems=(),
        split_source="folders",
    )
    assert class_folder(both, "eel") == tmp_path / "train" / "eel"
    assert class_folder(both, "cat") == tmp_path / "train" / "cat"


def test_pictures_and_those_in_folders_are_copied(tmp_path):
    made(tmp_path / "drop" / "b.JPG", b"b")
    made(tmp_path / "drop" / "deep" / "er" / "a.png", b"a")
    made(tmp_path / "drop" / "notes.txt")
    single, text = made(tmp_path / "single.webp", b"s"), made(tmp_path / "text.txt")
    added = add_pictures([single, text, tmp_path / "drop", tmp_path / "not there.png"], tmp_path / "new" / "cat")
    assert [path.name for path in added] == ["single.webp", "b.JPG", "a.png"]
    assert [path.read_bytes() for path in added] == [b"s", b"b", b"a"]
    assert sorted(path.name for path in (tmp_path / "new" / "cat").iterdir()) == ["a.png", "b.JPG", "single.webp"]
    assert single.read_bytes() == b"s", "copied, not moved"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.sampled_from(["a.png", "a-2.png", "a-3.png", "b.c.png", "A.PNG", "a.jpg"]), min_size=1, max_size=12))
def test_nothing_is_ever_written_over(tmp_path, names):
    sources, target = tmp_path / "from", tmp_path / "to"
    for folder in (sources, target):
        shutil.rmtree(folder, ignore_errors=True)
    made(target / "a.png", b"was there")
    paths = [made(sources / str(number) / name, b"%d" % number) for number, name in enumerate(names)]
    added = add_pictures(paths, target)
    assert len(set(added)) == len(names)
    assert [path.read_bytes() for path in added] == [b"%d" % number for number in range(len(names))]
    assert (target / "a.png").read_bytes() == b"was there"
    assert [path.suffix for path in added] == [Path(name).suffix for name in names]
    assert len(list(target.iterdir())) == len(names) + 1


def test_the_number_of_a_copy_fits_into_a_name_that_a_disk_takes(tmp_path):
    source = made(tmp_path / "cat" / f"{'n' * 251}.png")
    assert [path.name for path in add_pictures([source], tmp_path / "cat")] == [f"{'n' * 249}-2.png"]


def test_a_folder_dropped_into_itself_is_copied_once(tmp_path):
    for name in ("a.png", "b.png"):
        made(tmp_path / "cat" / name)
    added = add_pictures([tmp_path / "cat"], tmp_path / "cat")
    assert sorted(path.name for path in added) == ["a-2.png", "b-2.png"]


@pytest.mark.parametrize("drop", [[], ["notes.txt"], ["empty folder"], ["not there.png"]])
def test_nothing_to_add_is_one_sentence_and_no_folder(tmp_path, drop):
    made(tmp_path / "notes.txt")
    (tmp_path / "empty folder").mkdir()
    with pytest.raises(DatasetError, match="no picture among these files"):
        add_pictures([tmp_path / name for name in drop], tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_full_disk_is_said_and_what_was_copied_stays(tmp_path, monkeypatch):
    paths = [made(tmp_path / f"{number}.png") for number in range(3)]
    real = shutil.copyfile

    def fill_up(source, target):
        if source == paths[2]:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(source, target)

    monkeypatch.setattr(shutil, "copyfile", fill_up)
    with pytest.raises(StorageError, match="disk is full"):
        add_pictures(paths, tmp_path / "new")
    assert len(list((tmp_path / "new").iterdir())) == 2


def test_frames_are_numbered_around_those_that_are_there(tmp_path):
    folder = tmp_path / "cat"
    made(folder / "me-0002.jpg", b"old")
    names = [keep_frame(FRAME, folder, "me").name for _ in range(3)]
    assert names == ["me-0001.jpg", "me-0003.jpg", "me-0004.jpg"]
    assert (folder / "me-0002.jpg").read_bytes() == b"old"
    assert keep_frame(FRAME, folder, "you").name == "you-0001.jpg"
    assert keep_frame(FRAME, folder, "you", 7).name == "you-0007.jpg"


def test_frames_that_cannot_be_written_are_one_sentence(tmp_path):
    made(tmp_path / "cat")
    with pytest.raises(StorageError, match="could not be written"):
        keep_frame(FRAME, tmp_path / "cat" / "inside a file", "me")
