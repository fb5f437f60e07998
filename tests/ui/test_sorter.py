"""Pictures without classes are sorted by keys; every step is kept, can be taken back, and is a dataset in the end."""

import shutil
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from cnnstudio.core import PicturesUnsorted, WeightsError
from cnnstudio.data.curation import load_curation
from cnnstudio.data.project import open_dataset
from cnnstudio.jobs import specs
from tests.ui.conftest import carry_out

pytestmark = pytest.mark.pages("home")

CLICK = Qt.MouseButton.LeftButton


@pytest.fixture
def heap(tiny_folder, tmp_path):
    """Six pictures, of which three and three are alike."""
    folder = tmp_path / "camera roll"
    folder.mkdir()
    for number in range(6):
        colour = ("red", "blue")[number % 2]
        shutil.copy(tiny_folder / colour / f"{number:02}.png", folder / f"IMG_{number}.png")
    return folder


def alike(job):
    return (job.names[::2], job.names[1::2])


@pytest.fixture
def runner(runner):
    runner.answers |= {
        specs.ListUnsorted: carry_out, specs.GroupAlike: alike, specs.CopySorted: carry_out,
        specs.ScanFolder: lambda job: carry_out(specs.ScanFolder(folder=job.folder)),
    }  # fmt: skip
    return runner


@pytest.fixture
def sorter(window, heap, qtbot):
    """On the six pictures, in two groups."""
    window.home_page.sort(heap)
    made = window.home_page.sorter
    qtbot.waitUntil(made.whole.isEnabled)
    return made


@pytest.fixture
def one_by_one(sorter, qtbot):
    qtbot.mouseClick(sorter.whole, CLICK)
    assert sorter.grid.chosen() == ["IMG_0.png"]
    return sorter


def new_class(sorter, name):
    QTest.keyClicks(sorter.new, name)
    QTest.keyClick(sorter.new, Qt.Key.Key_Return)


def kept(qtbot, heap, *, classes, skipped=()):
    def is_so():
        decided = load_curation(heap)
        return (decided.classes, decided.left_out) == (classes, tuple(skipped))

    qtbot.waitUntil(is_so)


@pytest.mark.pages("home", "data")
def test_a_folder_that_was_opened_is_offered_to_be_sorted(window, runner, heap, qtbot):
    window.open_paths([heap])
    page = window.data_page
    qtbot.waitUntil(page.notice.isVisible)
    assert page.notice.title.text() == "There are no class folders with pictures in camera roll."
    qtbot.mouseClick(page.notice.action, CLICK)
    qtbot.waitUntil(lambda: window.home_page.sorter is not None and window.home_page.sorter.whole.isEnabled())
    assert window.pages.currentWidget() is window.home_page
    assert window.home_page.sorter.count.text() == "0 of 6 pictures sorted"


def test_whole_groups_are_sorted_with_two_keys_and_a_name(sorter, heap, qtbot):
    assert sorter.grid.chosen() == ["IMG_0.png", "IMG_2.png", "IMG_4.png"], "the first group is chosen"
    QTest.keyClicks(sorter.grid, "1")
    assert sorter.new.hasFocus(), "there is no first class yet, so its name is asked for"
    new_class(sorter, "red")
    assert sorter.grid.hasFocus()
    assert sorter.grid.chosen() == ["IMG_1.png", "IMG_3.png", "IMG_5.png"], "and the next group is"
    assert not sorter.done.isEnabled()
    new_class(sorter, "blue")
    assert sorter.count.text() == "6 of 6 pictures sorted"
    assert [entry.text().split()[0] for entry in sorter.buttons] == ["1", "2"]
    dataset_of = {"IMG_0.png": "red", "IMG_2.png": "red", "IMG_4.png": "red"}
    kept(qtbot, heap, classes={**dataset_of, **dict.fromkeys(("IMG_1.png", "IMG_3.png", "IMG_5.png"), "blue")})


def test_one_by_one_with_keys_skip_and_buttons(one_by_one, heap, qtbot):
    sorter = one_by_one
    new_class(sorter, "red")
    new_class(sorter, "blue")
    QTest.keyClicks(sorter.grid, "1")
    QTest.keyClicks(sorter.grid, "2")
    QTest.keyClick(sorter.grid, Qt.Key.Key_Delete)
    qtbot.mouseClick(sorter.buttons[0], CLICK)
    assert sorter.grid.pictures.rowCount() == 0
    assert sorter.count.text() == "6 of 6 pictures sorted, 1 of them skipped"
    classes = {"IMG_0.png": "red", "IMG_2.png": "blue", "IMG_4.png": "red", "IMG_1.png": "blue", "IMG_5.png": "red"}
    kept(qtbot, heap, classes=classes, skipped=["IMG_3.png"])


def test_every_step_is_taken_back_and_done_again(sorter, window, studio, heap, qtbot):
    new_class(sorter, "red")
    assert window.toast.text.text() == "Put 3 pictures into red."
    QTest.keyClicks(sorter.grid, "s")
    assert sorter.grid.pictures.rowCount() == 0
    studio.history.undo()
    assert sorter.grid.pictures.names == ["IMG_1.png", "IMG_3.png", "IMG_5.png"]
    studio.history.undo()
    assert sorter.grid.chosen() == ["IMG_0.png", "IMG_2.png", "IMG_4.png"], "what came back is what one sees"
    assert sorter.grid.pictures.rowCount() == 6
    kept(qtbot, heap, classes={})
    studio.history.redo()
    kept(qtbot, heap, classes=dict.fromkeys(("IMG_0.png", "IMG_2.png", "IMG_4.png"), "red"))


def test_a_picture_that_changes_its_class_is_taken_out_of_the_old_one_by_undo(one_by_one, studio, heap, qtbot):
    new_class(one_by_one, "red")
    one_by_one.sorting.put(["IMG_0.png"], "blue")
    studio.history.undo()
    assert one_by_one.sorting.decided == {"IMG_0.png": "red"}
    kept(qtbot, heap, classes={"IMG_0.png": "red"})


def test_another_folder_keeps_what_was_decided_and_takes_no_step_of_this_one_back(
    sorter, window, heap, qtbot, tmp_path
):
    new_class(sorter, "red")
    other = shutil.copytree(heap, tmp_path / "other roll")
    window.home_page.sort(other)
    qtbot.waitUntil(lambda: sorter.whole.isEnabled() and sorter.sorting.root == other)
    kept(qtbot, heap, classes=dict.fromkeys(("IMG_0.png", "IMG_2.png", "IMG_4.png"), "red"))
    assert sorter.sorting.classes == []
    assert window.studio.history.undo_text == ""


def test_several_are_chosen_with_the_mouse_and_a_group_with_a_double_click(one_by_one, qtbot):
    grid = one_by_one.grid

    def place(row):
        return grid.visualRect(grid.pictures.index(row)).center()

    qtbot.mouseClick(grid.viewport(), CLICK, Qt.KeyboardModifier.ControlModifier, place(4))
    assert grid.chosen() == ["IMG_0.png", "IMG_3.png"]
    qtbot.mouseClick(grid.viewport(), CLICK, pos=place(5))
    qtbot.mouseDClick(grid.viewport(), CLICK, pos=place(5))
    qtbot.mouseRelease(grid.viewport(), CLICK, pos=place(5))
    assert grid.chosen() == ["IMG_1.png", "IMG_3.png", "IMG_5.png"]
    QTest.keyClick(grid, Qt.Key.Key_Home)
    QTest.keyClicks(grid, "g")
    assert grid.chosen() == ["IMG_0.png", "IMG_2.png", "IMG_4.png"]


@pytest.mark.pages("home", "data")
def test_what_is_sorted_is_shown_as_classes(sorter, window, studio, heap, qtbot):
    new_class(sorter, "red")
    new_class(sorter, "blue")
    with qtbot.waitSignal(studio.dataset_changed):
        qtbot.mouseClick(sorter.done, CLICK)
    assert studio.dataset.classes == ("blue", "red")
    assert window.pages.currentWidget() is window.data_page
    qtbot.mouseClick(window.data_page.reread, CLICK)
    assert window.pages.currentWidget() is window.home_page
    qtbot.waitUntil(lambda: sorter.count.text() == "6 of 6 pictures sorted")


@pytest.mark.pages("home", "data")
def test_sorting_is_continued_from_home_where_it_was_left(sorter, window, heap, qtbot):
    new_class(sorter, "red")
    home = window.home_page
    qtbot.mouseClick(home.findChild(type(sorter.done), "sorter_back"), CLICK)
    told = Qt.ItemDataRole.AccessibleTextRole
    window.show_page("data")
    window.show_page("home")
    qtbot.waitUntil(lambda: "Sorting: 3 pictures" in (home.projects.model().index(0).data(told) or ""))
    home.projects.setFocus()
    QTest.keyClick(home.projects, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: sorter.isVisible() and sorter.count.text() == "3 of 6 pictures sorted")
    assert sorter.sorting.classes == ["red"]


def test_copies_go_where_one_says(sorter, heap, qtbot, tmp_path, monkeypatch):
    new_class(sorter, "red")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "made"))
    qtbot.mouseClick(sorter.copy, CLICK)
    qtbot.waitUntil(sorter.notice.isVisible)
    assert sorter.notice.title.text() == "Copied 3 pictures into class folders."
    assert len(list((tmp_path / "made" / "red").iterdir())) == 3
    assert len(list(heap.iterdir())) == 6
    kept(qtbot, heap, classes=dict.fromkeys(("IMG_0.png", "IMG_2.png", "IMG_4.png"), "red"))


def test_without_a_network_they_are_sorted_in_the_order_of_their_names(window, runner, heap, qtbot):
    runner.answers[specs.GroupAlike] = WeightsError("The pictures cannot be grouped.", remedy="Sort them as they are.")
    window.home_page.sort(heap)
    sorter = window.home_page.sorter
    qtbot.waitUntil(sorter.notice.isVisible)
    assert sorter.grid.chosen() == ["IMG_0.png"]
    assert not sorter.whole.isEnabled()
    new_class(sorter, "red")
    assert sorter.count.text() == "1 of 6 pictures sorted"
    kept(qtbot, heap, classes={"IMG_0.png": "red"})


@pytest.mark.slow
def test_the_real_network_puts_what_is_alike_beside_each_other(heap, tmp_path):
    with pytest.raises(PicturesUnsorted):
        open_dataset(heap)
    names = tuple(sorted(path.name for path in heap.iterdir()))
    job = specs.GroupAlike(root=heap, names=(*names, "gone.png"), network="")
    groups = carry_out(job)
    assert sorted(name for group in groups for name in group) == sorted(job.names)
    assert groups[-1] == ("gone.png",)
    line = [int(name[4]) % 2 for group in groups[:-1] for name in group]
    assert sum(one != other for one, other in pairwise(line)) == 1
    assert carry_out(job) == groups
