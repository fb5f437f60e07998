"""Practice datasets: laid out from files as their makers publish them, fetched from a local server."""

import contextlib
import inspect
import io
import tarfile

import numpy as np
import pytest
import torchvision.datasets as published
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cnnstudio.core import Control, StopRequested, Watch, download
from cnnstudio.core.errors import DatasetError, DownloadError, FormatError, StorageError
from cnnstudio.data.practice import prepare as preparing
from cnnstudio.data.practice.convert import names, read_mat
from cnnstudio.data.practice.prepare import MIRROR_VARIABLE, downloaded_bytes, practice_folder, prepare
from cnnstudio.data.practice.sets import SETS, practice_set
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.specs import FetchPractice, ScanFolder
from tests.conftest import watch_of
from tests.practice_files import PUBLISHED, jpeg, tar, zipped


def theirs_own(kind, name):
    """What torchvision keeps to itself."""
    return getattr(kind, name)


def test_facts_are_those_of_torchvision():
    def both(name):
        return [(source.url, source.md5) for source in practice_set(name).sources]

    for name, theirs in (
        ("mnist", published.MNIST),
        ("fashion-mnist", published.FashionMNIST),
        ("kmnist", published.KMNIST),
    ):
        assert both(name) == [(theirs.mirrors[0] + file, md5) for file, md5 in theirs.resources]
    assert both("flowers102") == [
        (theirs_own(published.Flowers102, "_download_url_prefix") + file, md5)
        for file, md5 in theirs_own(published.Flowers102, "_file_dict").values()
    ]
    assert both("pets") == list(theirs_own(published.OxfordIIITPet, "_RESOURCES"))
    assert both("food101") == [(theirs_own(published.Food101, "_URL"), theirs_own(published.Food101, "_MD5"))]
    assert both("dtd") == [(theirs_own(published.DTD, "_URL"), theirs_own(published.DTD, "_MD5"))]
    assert both("imagenette") == [theirs_own(published.Imagenette, "_ARCHIVES")["160px"]]
    assert both("svhn") == [
        (each[0], each[2]) for each in (published.SVHN.split_list[split] for split in ("train", "test"))
    ]
    assert names("flowers102") == list(published.Flowers102.classes)
    assert len(names("gtsrb")) == practice_set("gtsrb").classes
    theirs = "".join(map(inspect.getsource, (published.EuroSAT, published.GTSRB, published.Caltech256)))
    for name in ("eurosat", "gtsrb", "caltech256"):
        for source in practice_set(name).sources:
            assert source.md5 in theirs
            assert source.file_name in theirs


def test_there_is_an_example_of_every_dataset():
    assert {each.name for each in SETS} == set(PUBLISHED)


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_it_becomes_a_folder_of_readable_pictures(name, school):
    files, expected = PUBLISHED[name]
    wanted = school(name, files)
    folder = prepare(wanted, Watch())
    found = [path for path in folder.rglob("*") if path.is_file()]
    counts = {}
    for path in found:
        label = path.parent.relative_to(folder).as_posix()
        counts[label] = counts.get(label, 0) + 1
        with Image.open(path) as picture:
            picture.load()
    assert counts == expected
    assert folder == practice_folder(wanted)
    assert downloaded_bytes(wanted) == 0  # the archives are not kept


def test_pixels_are_what_was_published(school):
    pixels = np.random.default_rng(1).integers(0, 255, (32, 32, 3), np.uint8)
    record = bytes([0]) + pixels.transpose(2, 0, 1).tobytes()
    archive = tar({"c/data_batch_1.bin": record, "c/batches.meta.txt": b"airplane\n"})
    folder = prepare(school("cifar10", (archive,)), Watch())
    (path,) = folder.rglob("*.png")
    with Image.open(path) as picture:
        assert np.array_equal(np.asarray(picture), pixels)


def test_a_second_time_needs_no_internet(school, monkeypatch):
    wanted = school("eurosat", PUBLISHED["eurosat"][0])
    first = prepare(wanted, Watch())
    monkeypatch.setenv(MIRROR_VARIABLE, "http://127.0.0.1:9")
    assert prepare(wanted, Watch()) == first


def test_offline_is_one_clear_sentence(monkeypatch):
    monkeypatch.setenv(MIRROR_VARIABLE, "http://127.0.0.1:9")
    with pytest.raises(DownloadError, match="EuroSAT could not be downloaded") as caught:
        run_inline(FetchPractice(name="eurosat"))
    assert "offline" in caught.value.problem.meaning
    assert "sample pictures" in caught.value.problem.remedy


def test_other_content_than_published_is_thrown_away(school, monkeypatch):
    monkeypatch.setattr(download, "RETRIES", 0)
    school("eurosat", PUBLISHED["eurosat"][0])  # its real checksum is asked for
    with pytest.raises(DownloadError, match="not the right one"):
        run_inline(FetchPractice(name="eurosat"))
    assert downloaded_bytes(practice_set("eurosat")) == 0


def test_a_stop_while_unpacking_leaves_the_download_and_no_half_folder(school):
    wanted, control = school("eurosat", PUBLISHED["eurosat"][0]), Control()

    def stop(_done, _total, text):
        if text == "Unpacking":
            control.request_stop()

    with pytest.raises(StopRequested):
        prepare(wanted, watch_of(stop, control))
    assert not practice_folder(wanted).exists()
    assert [path.name for path in practice_folder(wanted).parent.iterdir()] == [".downloads"]
    assert downloaded_bytes(wanted) == len(PUBLISHED["eurosat"][0][0])
    assert prepare(wanted, Watch()).is_dir()


def test_an_archive_cannot_write_elsewhere(school, tmp_path):
    evil = zipped({"../../../evil/x.jpg": jpeg(), "a/../../y.jpg": jpeg(), "/abs/z.jpg": jpeg(), "ok/w.jpg": jpeg()})
    folder = prepare(school("eurosat", (evil,)), Watch())
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg")) == [
        "abs/z.jpg", "evil/x.jpg", "ok/w.jpg", "unnamed/y.jpg",
    ]  # fmt: skip


def test_links_in_a_tar_are_not_followed(school):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        link = tarfile.TarInfo("x/secret.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        info = tarfile.TarInfo("x/real.jpg")
        info.size = len(jpeg())
        archive.addfile(info, io.BytesIO(jpeg()))
    folder = prepare(school("caltech256", (out.getvalue(),)), Watch())
    assert [path.name for path in folder.rglob("*.jpg")] == ["real.jpg"]


def test_another_layout_than_expected_is_said(school):
    wanted = school("imagenette", (tar({"imagenette2-160/train/n99999999/a.JPEG": jpeg()}),))
    with pytest.raises(DatasetError, match="files are not as expected"):
        prepare(wanted, Watch())
    assert not practice_folder(wanted).exists()


def test_no_room_is_said_before_the_download(monkeypatch):
    monkeypatch.setattr(preparing, "free_bytes", lambda _: 1e9)
    with pytest.raises(StorageError, match="not enough space for Food-101"):
        run_inline(FetchPractice(name="food101"))


def test_an_unknown_name_is_said():
    with pytest.raises(DatasetError, match="no practice dataset called imagenet"):
        run_inline(FetchPractice(name="imagenet"))


def test_it_opens_as_a_project(school):
    wanted = school("cifar10", PUBLISHED["cifar10"][0])
    folder = prepare(wanted, Watch())
    dataset = run_inline(ScanFolder(folder=folder))
    assert len(dataset.samples) == 4
    assert {sample.split for sample in dataset.samples} >= {"train", "test"}


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_matlab_file_is_an_explained_error(tmp_path, content):
    path = tmp_path / "x.mat"
    path.write_bytes(b"MATLAB".ljust(124) + b"\x00\x01IM" + content)
    with contextlib.suppress(FormatError):
        read_mat(path)
