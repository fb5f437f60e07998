import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core import Control, DatasetError, StopRequested
from cnnstudio.data import SplitSpec
from cnnstudio.data.collect import UNSAID, add_pictures, pictures_in
from cnnstudio.data.scan import scan_folder


def fill(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return root


def names_in(*paths, root):
    return [path.relative_to(root).as_posix() for path in pictures_in(paths)]


def test_hidden_files_and_those_of_the_system_are_left_out_as_in_a_scan(tmp_path):
    fill(
        tmp_path,
        "a.png",
        "._a.png",
        "__MACOSX/._a.png",
        ".thumbnails/t.png",
        "Thumbs.db",
        "deep/er/b.JPG",
        "deep/.c.png",
    )
    assert names_in(tmp_path, root=tmp_path) == ["a.png", "deep/er/b.JPG"]


def test_what_may_be_a_picture_is_there_and_what_is_none_is_not(tmp_path):
    fill(tmp_path, "IMG_1.HEIC", "LICENSE", "a.png", "notes.txt", "table.csv", "movie.mp4")
    (tmp_path / "scan0001").write_bytes(b"\x89PNG\r\n\x1a\n")  # without an ending, its first bytes tell
    assert names_in(tmp_path, root=tmp_path) == ["a.png", "IMG_1.HEIC", "scan0001"]


def test_what_is_skipped_has_a_reason(tmp_path):
    fill(tmp_path, "a.png", "notes.txt", "deep/._a.png", "Thumbs.db", "deep/table.csv")
    skipped = []
    assert pictures_in([tmp_path], skipped=skipped) == [tmp_path / "a.png"]
    named = {each.path.relative_to(tmp_path).as_posix() for each in skipped if each.kind not in UNSAID}
    assert named == {"notes.txt", "deep/table.csv"}
    assert {each.path.name for each in skipped if each.kind in UNSAID} == {"._a.png", "Thumbs.db"}


def test_a_folder_gives_what_a_scan_looks_at(messy_folder):
    dataset = scan_folder(messy_folder, SplitSpec())
    found = set(pictures_in([messy_folder]))
    assert {sample.path for sample in dataset.samples} <= found
    aside = ("hidden", "system-file", "loop", "empty-class", "small-class")
    assert not found & {problem.path for problem in dataset.problems if problem.kind in aside}


def test_files_are_taken_as_they_are_in_the_order_they_were_given(tmp_path):
    fill(tmp_path, "b/2.png", "b/1.png", ".hidden.png", "notes.txt")
    given = [tmp_path / "notes.txt", tmp_path / "b", tmp_path / ".hidden.png", tmp_path / "gone.jpg"]
    assert names_in(*given, root=tmp_path) == ["notes.txt", "b/1.png", "b/2.png", ".hidden.png", "gone.jpg"]


def test_they_come_as_people_count(tmp_path):
    fill(tmp_path, "img10.png", "img2.png", "Img1.png", "set10/1.png", "set9/1.png", "7.png", "07b.png")
    found = ["7.png", "07b.png", "Img1.png", "img2.png", "img10.png", "set9/1.png", "set10/1.png"]
    assert names_in(tmp_path, root=tmp_path) == found


@given(numbers=st.sets(st.integers(0, 10**6), min_size=1, max_size=8))
def test_numbers_are_in_their_order_whatever_their_digits(tmp_path_factory, numbers):
    root = fill(tmp_path_factory.mktemp("counted"), *(f"photo {number}.jpg" for number in numbers))
    assert names_in(root, root=root) == [f"photo {number}.jpg" for number in sorted(numbers)]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_in_a_circle_end(tmp_path):
    fill(tmp_path, "a/1.png")
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert names_in(tmp_path, root=tmp_path) == ["a/1.png"]


def test_an_empty_folder_gives_nothing(tmp_path):
    assert pictures_in([tmp_path]) == []
    assert pictures_in([]) == []


def test_a_stop_is_obeyed(tmp_path):
    control = Control()
    control.request_stop()
    with pytest.raises(StopRequested):
        pictures_in([tmp_path], control)


def test_only_pictures_are_copied_into_a_class_and_never_over_another(tmp_path):
    fill(tmp_path / "from", "1.png", "sub/1.png", ".2.png", "notes.txt", "scan0001")
    target = tmp_path / "class"
    added = add_pictures([tmp_path / "from", tmp_path / "from" / "notes.txt", tmp_path / "gone.png"], target)
    assert [path.name for path in added] == ["1.png", "1-2.png"]
    assert sorted(path.name for path in target.iterdir()) == ["1-2.png", "1.png"]
    with pytest.raises(DatasetError, match="no picture"):
        add_pictures([tmp_path / "from" / "notes.txt"], target)
