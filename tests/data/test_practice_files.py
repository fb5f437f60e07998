"""Archives and arrays of practice datasets, as files."""

import gzip
import io
import struct
import tarfile
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnstudio.core import DatasetError, FormatError
from cnnstudio.data.practice import convert
from cnnstudio.data.practice.convert import idx as read_idx
from cnnstudio.data.practice.convert import members, read_mat, texts
from cnnstudio.data.practice.sets import SETS, practice_set
from tests.practice_files import idx, mat, tar, zipped

FILES = {"a/one.jpg": b"1", "a/two.txt": b"22", "b/three.jpg": b"", "deep/er/four.jpg": b"4" * 70_000}
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)


@pytest.fixture(params=[".zip", ".tar.gz", ".tgz", ".tar"])
def packed(request, tmp_path):
    """The same files in every kind of archive."""
    path = tmp_path / f"x{request.param}"
    made = {".zip": zipped, ".tar": lambda files: tar(files, "w")}.get(request.param, tar)
    path.write_bytes(made(FILES))
    return path


def test_members_come_in_their_order_whole_and_only_those_that_are_wanted(packed):
    assert dict(members(packed, lambda _: True)) == FILES
    found = list(members(packed, lambda name: name.endswith(".jpg")))
    assert [name for name, _ in found] == [name for name in FILES if name.endswith(".jpg")]


def test_texts_are_found_by_the_end_of_their_names(packed):
    assert texts(packed, "two.txt", "a/one.jpg") == {"two.txt": "22", "a/one.jpg": "1"}
    with pytest.raises(DatasetError, match=r"holds no file nine\.txt, zero\.txt"):
        texts(packed, "two.txt", "zero.txt", "nine.txt")


def test_a_member_that_is_far_too_large_is_refused_before_it_is_read(packed, monkeypatch):
    monkeypatch.setattr(convert, "_LARGEST", 60_000)
    assert len(dict(members(packed, lambda name: "four" not in name))) == 3, "who is not wanted may be large"
    with pytest.raises(DatasetError, match="far too large"):
        list(members(packed, lambda _: True))


def test_a_zip_that_lies_about_a_size_gives_no_more_than_it_announced(tmp_path):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.jpg", bytes(500_000))
    size = struct.pack("<I", 500_000)
    (tmp_path / "x.zip").write_bytes(content.getvalue().replace(size, struct.pack("<I", 100)))
    try:
        assert all(len(read) <= 100 for _, read in members(tmp_path / "x.zip", lambda _: True))
    except zipfile.BadZipFile as error:
        assert "CRC" in str(error)  # noqa: PT017 - either is right; which one it is depends on Python


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_only_regular_files_of_a_tar_are_read(tmp_path, kind):
    with tarfile.open(tmp_path / "x.tar", "w") as made:
        odd = tarfile.TarInfo("odd.jpg")
        odd.type, odd.linkname = kind, "/etc/passwd"
        made.addfile(odd)
    assert list(members(tmp_path / "x.tar", lambda _: True)) == []


DTYPES = {"u1": 255, "<u2": 65535, "<f8": 10**6}


@SHARED
@given(st.sampled_from(list(DTYPES)), st.lists(st.integers(1, 5), min_size=2, max_size=4), st.integers(0, 99),
       st.sampled_from(["X", "y", "label", "a_longer_name"]))  # fmt: skip
def test_arrays_of_a_matlab_file_come_back_in_their_shape(tmp_path, dtype, shape, seed, name):
    array = np.random.default_rng(seed).integers(0, DTYPES[dtype], shape).astype(dtype)
    (tmp_path / "x.mat").write_bytes(mat(**{name: array, "other": np.array([[1, 2]], "u1")}))
    read = read_mat(tmp_path / "x.mat")
    assert set(read) == {name, "other"}
    assert read[name].shape == tuple(shape)
    assert (read[name] == array).all()


@SHARED
@given(st.data())
def test_a_matlab_file_that_was_damaged_is_a_format_error_or_arrays(tmp_path, data):
    content = bytearray(mat(X=np.arange(60, dtype="u1").reshape(3, 4, 5), y=np.array([[1.5, 2]])))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    (tmp_path / "x.mat").write_bytes(content[: data.draw(st.integers(100, len(content)))])
    try:
        assert all(isinstance(array, np.ndarray) for array in read_mat(tmp_path / "x.mat").values())
    except FormatError as error:
        assert "x.mat" in error.problem.title  # noqa: PT017 - both happen


@pytest.mark.parametrize("content", [b"", b"MATLAB 5.0", b"x" * 500, b"\x89HDF" + bytes(200)])
def test_another_format_is_not_taken_for_matlabs(tmp_path, content):
    (tmp_path / "x.mat").write_bytes(content)
    with pytest.raises(FormatError, match="not a MATLAB file of level 5"):
        read_mat(tmp_path / "x.mat")


@pytest.mark.parametrize(
    "content", [struct.pack(">BBBB", 0, 0, 9, 1), struct.pack(">BBBB", 0, 1, 8, 1), struct.pack(">BBBB", 0, 0, 8, 4)]
)
def test_idx_files_of_other_types_are_refused(tmp_path, content):
    paths = tuple(tmp_path / f"{number}.gz" for number in range(4))
    for path in paths:
        path.write_bytes(gzip.compress(content + bytes(16)))
    with pytest.raises(FormatError, match="not in MNIST's format"):
        list(read_idx(paths, classes=("a", "b")))


def test_idx_pictures_and_labels_must_be_as_many(tmp_path):
    images, labels = idx(np.zeros((3, 4, 4))), idx(np.array([0, 1]))
    paths = tuple(tmp_path / f"{number}.gz" for number in range(4))
    for path, content in zip(paths, (images, labels, images, labels), strict=True):
        path.write_bytes(content)
    with pytest.raises(ValueError, match="shorter"):
        list(read_idx(paths, classes=("a", "b")))


@pytest.mark.parametrize("each", SETS, ids=lambda each: each.name)
def test_what_is_said_of_every_dataset_is_complete(each):
    assert practice_set(each.name) is each
    assert each.text.endswith(".")
    assert each.title
    assert each.terms
    assert min(each.pictures, each.classes, each.megabytes) > 0
    assert each.page.startswith("http")
    for source in each.sources:
        assert source.url.startswith("http")
        assert len(bytes.fromhex(source.md5)) == 16
        assert source.file_name in source.url
    assert practice_set("imagenet") is None
