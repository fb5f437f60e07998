"""Pictures that a person sorts: decisions beside the runs, files that stay where they are, and a dataset of the two."""

import shutil
from dataclasses import replace

import pytest

from cnnstudio.core import Control, DatasetError, PicturesUnsorted, StopRequested, Watch
from cnnstudio.data.by_hand import Unsorted, copy_sorted, keep_sorting, unsorted_pictures
from cnnstudio.data.curation import ASK_AGAIN, project_folder
from cnnstudio.data.overview import load_overview, note_opened
from cnnstudio.data.project import open_dataset
from tests.conftest import draw_folder, watch_of

OPENED = "2026-11-26T10:20:00Z"


@pytest.fixture
def heap(tmp_path):
    """Twelve pictures of two kinds, without class folders; two lie deeper."""
    source = draw_folder(tmp_path / "source", per_class=6, classes=("blue", "red"))
    heap = tmp_path / "camera roll"
    (heap / "more").mkdir(parents=True)
    for number, path in enumerate(sorted(source.rglob("*.png"))):
        shutil.copy(path, heap / ("more" if number % 6 == 5 else "") / f"IMG_{number:04}.png")
    shutil.rmtree(source)
    return heap


def sort_all(heap):
    """Six into each class, by their numbers."""
    found = unsorted_pictures(heap, Watch())
    classes = {name: "blue" if int(name[-8:-4]) < 6 else "red" for name in found.names}
    sorted_now = Unsorted(root=found.root, names=found.names, classes=classes, skipped=frozenset())
    keep_sorting(sorted_now, OPENED)
    return sorted_now


def test_a_folder_without_classes_says_that_it_can_be_sorted(heap):
    with pytest.raises(PicturesUnsorted) as caught:
        open_dataset(heap)
    assert caught.value.problem.kind == "unsorted"


def test_a_folder_without_pictures_cannot(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError) as caught:
        open_dataset(tmp_path / "empty")
    assert caught.value.problem.kind == "dataset"


def test_what_is_sorted_is_a_dataset_and_no_file_has_moved(heap):
    before = sorted(heap.rglob("*"))
    assert len(unsorted_pictures(heap, Watch()).names) == 12
    sort_all(heap)
    dataset = open_dataset(heap)
    assert {name: sum(row.values()) for name, row in dataset.counts().items()} == {"blue": 6, "red": 6}
    assert all((dataset.classes[each.label] == "blue") == (int(each.path.stem[-4:]) < 6) for each in dataset.samples)
    assert sorted(heap.rglob("*")) == before


def test_a_half_sorted_folder_is_used_as_far_as_it_is_and_says_what_is_left(heap):
    found = unsorted_pictures(heap, Watch())
    classes = dict(zip(found.names, ["a", "a", "b", "b"], strict=False))
    skipped = frozenset(found.names[4:6])
    keep_sorting(Unsorted(root=heap, names=found.names, classes=classes, skipped=skipped), OPENED)
    dataset = open_dataset(heap)
    assert [len(dataset.samples), len(dataset.classes)] == [4, 2]
    said = [problem.detail for problem in dataset.problems if problem.kind == "outside-classes"]
    assert said == ["6 pictures are not sorted yet, so the class is not known."]
    again = unsorted_pictures(heap, Watch())
    assert (again.classes, again.skipped) == (classes, skipped)


@pytest.mark.parametrize("classes", [{}, {"IMG_0000.png": "only one"}])
def test_too_few_classes_are_sorted_on(heap, classes):
    found = unsorted_pictures(heap, Watch())
    keep_sorting(Unsorted(root=heap, names=found.names, classes=classes, skipped=frozenset()), OPENED)
    with pytest.raises(PicturesUnsorted, match="not sorted yet"):
        open_dataset(heap)


def test_pictures_that_are_added_to_a_class_later_lie_in_its_folder(heap):
    sort_all(heap)
    (heap / "red").mkdir()
    shutil.copy(heap / "IMG_0007.png", heap / "red" / "new.png")
    counts = open_dataset(heap).counts()
    assert sum(counts["red"].values()) == 7


def test_the_sorting_is_kept_while_the_folder_is_asked_about_again(heap):
    sort_all(heap)
    open_dataset(heap, classes_from=ASK_AGAIN)  # of which only those in a folder are left, as they were sorted
    assert len(unsorted_pictures(heap, Watch()).classes) == 12


def test_an_archive_is_sorted_as_what_it_unpacks_to(heap, tmp_path):
    shutil.make_archive(str(tmp_path / "roll"), "zip", heap)
    found = unsorted_pictures(tmp_path / "roll.zip", Watch())
    assert found.root != heap
    assert len(found.names) == 12


def test_home_tells_how_far_it_is_until_the_dataset_is_opened(heap):
    sort_all(heap)
    folder = project_folder(heap)
    told = load_overview(folder)
    assert (told.sorting, told.pictures, told.classes, len(told.covers)) == (True, 12, 2, 4)
    note_opened(open_dataset(heap), heap, OPENED)
    sort_all(heap)
    assert not load_overview(folder).sorting


def test_copies_go_into_class_folders_and_replace_nothing(heap, tmp_path):
    pictures, target = sort_all(heap), tmp_path / "made"
    (target / "blue").mkdir(parents=True)
    (target / "blue" / "IMG_0000.png").write_bytes(b"mine")
    said = []
    assert copy_sorted(pictures, target, watch_of(lambda *parts: said.append(parts))) == target
    assert {path.name: len(list(path.iterdir())) for path in target.iterdir()} == {"blue": 7, "red": 6}
    assert (target / "blue" / "IMG_0000.png").read_bytes() == b"mine"
    assert said[-1][1:] == (12, "Copying the pictures")
    control = Control()
    control.request_stop()
    with pytest.raises(StopRequested):
        copy_sorted(pictures, tmp_path / "other", Watch(control))


def test_classes_whose_folders_would_have_one_name_are_not_mixed(heap, tmp_path):
    names = ("Bus stop", "bus-stop", "?", "!", "n" * 90 + "1", "n" * 90 + "2")
    found = sort_all(heap)
    pictures = replace(found, classes=dict(zip(found.names, names, strict=False)))
    copy_sorted(pictures, tmp_path / "made", Watch())
    assert [len(list(path.iterdir())) for path in (tmp_path / "made").iterdir()] == [1] * 6
