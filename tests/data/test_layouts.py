import stat
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from cnnstudio.core.control import Control, StopRequested
from cnnstudio.core.errors import DatasetError, LabelsInNames
from cnnstudio.data.name_labels import guess_labels
from cnnstudio.data.project import open_dataset
from cnnstudio.data.scan import scan_folder
from cnnstudio.data.spec import SplitSpec
from cnnstudio.data.unpack import unpack, unpacked_folder
from tests.conftest import draw_folder

SPEC = SplitSpec()


def flat(own_folder, target):
    """The pictures of a class folder in one heap, labels in their names."""
    target.mkdir()
    for path in own_folder.rglob("*.png"):
        path.rename(target / f"{path.parent.name}_{path.name}")
    return target


def test_classes_one_level_further_down(tmp_path):
    draw_folder(tmp_path / "download" / "dataset-v2", 4)
    assert scan_folder(tmp_path / "download", SPEC).classes == ("blue", "green", "red")
    for split in ("train", "test"):
        draw_folder(tmp_path / "other" / "data" / split, 4)
    assert scan_folder(tmp_path / "other", SPEC).split_source == "folders"


@pytest.mark.parametrize(
    ("delimiter", "header"), [(",", "filename,label"), (";", "Image;Class"), ("\t", "id\tcategory")]
)
def test_a_table_of_labels(own_folder, tmp_path, delimiter, header):
    folder = tmp_path / "table"
    heap = flat(own_folder, tmp_path / "images")
    folder.mkdir()
    heap.rename(folder / "images")
    names = sorted(path.name for path in (folder / "images").iterdir())
    if header.startswith("id"):
        names = [Path(name).stem for name in names]
    rows = [delimiter.join((name, name.partition("_")[0])) for name in names] + [delimiter.join(("gone.png", "red"))]
    suffix = "tsv" if delimiter == "\t" else "csv"
    (folder / f"labels.{suffix}").write_text("\n".join([header, *rows]), encoding="utf-8-sig")
    dataset = scan_folder(folder, SPEC)
    assert dataset.classes == ("blue", "green", "red")
    assert len(dataset.samples) == 36
    assert "1 lines of labels" in dataset.problems[0].detail


def test_a_table_with_splits(own_folder):
    rows = ["path,class,set"]
    for number, path in enumerate(sorted(own_folder.rglob("*.png"))):
        split = ("train", "train", "val", "test")[number % 4]
        rows.append(f"{path.relative_to(own_folder)},{path.parent.name},{split}")
    images = own_folder.parent / "t" / "images"
    images.parent.mkdir()
    own_folder.rename(images)
    (images.parent / "all.csv").write_text("\n".join([rows[0], *(f"images/{row}" for row in rows[1:])]))
    dataset = scan_folder(images.parent, SPEC)
    assert dataset.split_source == "folders"
    assert Counter(sample.split for sample in dataset.samples) == {"train": 18, "validation": 9, "test": 9}


def test_a_table_beside_class_folders_is_only_a_table(own_folder):
    (own_folder / "metadata.csv").write_text("file,label\nred/00.png,blue\n")
    dataset = scan_folder(own_folder, SPEC)
    assert len(dataset.samples) == 36


def test_labels_in_names_are_offered_and_remembered(own_folder, tmp_path):
    heap = flat(own_folder, tmp_path / "heap")
    with pytest.raises(LabelsInNames, match=r"blue \(12\), green \(12\), red \(12\)"):
        open_dataset(heap, SPEC)
    assert open_dataset(heap, SPEC, names_are_labels=True).classes == ("blue", "green", "red")
    assert len(open_dataset(heap, SPEC).samples) == 36, "once agreed, it stays"


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (["cat.1.jpg", "cat.2.jpg", "dog.1.jpg", "dog.2.jpg"], {"cat", "dog"}),
        (["cat (1).jpg", "cat (2).jpg", "big dog (1).jpg", "big dog (2).jpg"], {"cat", "big dog"}),
        (["0001_oak.png", "0002_oak.png", "0003_elm.png", "0004_elm.png"], {"oak", "elm"}),
        (["Äpfel-01.jpg", "Äpfel-02.jpg", "Birne-01.jpg", "Birne-02.jpg"], {"äpfel", "birne"}),
        (["IMG_0001.jpg", "IMG_0002.jpg", "IMG_0003.jpg"], None),
        (["holiday.jpg", "anna.jpg", "sunset.jpg"], None),
        ([], None),
    ],
)
def test_what_names_say(names, classes):
    found = guess_labels([Path(name) for name in names])
    assert (set(found.values()) if found else None) == classes


# Archives -----------------------------------------------------------------------------------------------------


def archive_of(folder, path, extra=()):
    with zipfile.ZipFile(path, "w") as made:
        for file in sorted(folder.rglob("*")):
            made.write(file, f"inside/{file.relative_to(folder)}")
        for name, content in extra:
            made.writestr(name, content)
    return path


def quiet(*_):
    pass


def test_an_archive_opens_like_its_folder_and_only_once(own_folder, tmp_path):
    path = archive_of(own_folder, tmp_path / "photos ü.zip", [("__MACOSX/inside/red/._00.png", b"x"), ("a.exe", b"x")])
    dataset = open_dataset(path, SPEC)
    assert dataset.classes == ("blue", "green", "red")
    assert len(dataset.samples) == 36
    assert not list(dataset.root.rglob("*.exe"))
    first = (dataset.root / "inside" / "red" / "00.png").stat().st_mtime_ns
    assert open_dataset(path, SPEC).samples == dataset.samples
    assert (dataset.root / "inside" / "red" / "00.png").stat().st_mtime_ns == first


def test_nothing_leaves_the_target(own_folder, tmp_path):
    link = zipfile.ZipInfo("inside/red/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    evil = [("../../evil.png", b"x"), ("/tmp/evil-absolute.png", b"x"), ("..\\evil.png", b"x"), (link, "/etc/passwd")]
    path = archive_of(own_folder, tmp_path / "evil.zip", evil)
    target = unpack(path, control=Control(), progress=quiet)
    assert {file.name for file in target.rglob("*.png")} == {f"{number:02}.png" for number in range(12)}
    assert not list(tmp_path.rglob("evil*.png"))
    assert not any(file.is_symlink() for file in target.rglob("*"))


def test_damaged_and_empty_archives_are_one_sentence(own_folder, tmp_path):
    path = archive_of(own_folder, tmp_path / "a.zip")
    (tmp_path / "cut.zip").write_bytes(path.read_bytes()[:-500])
    with pytest.raises(DatasetError, match="cannot be unpacked"):
        open_dataset(tmp_path / "cut.zip", SPEC)
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as made:
        made.writestr("readme.txt", "x")
    with pytest.raises(DatasetError, match=r"no pictures in none\.zip"):
        open_dataset(tmp_path / "none.zip", SPEC)


def test_a_bomb_and_a_stop_leave_nothing(own_folder, tmp_path, monkeypatch):
    path = archive_of(own_folder, tmp_path / "b.zip")
    with monkeypatch.context() as small:
        small.setattr("cnnstudio.data.unpack.free_bytes", lambda _: 1000)
        with pytest.raises(DatasetError, match="no room"):
            open_dataset(path, SPEC)
    control = Control()
    control.request_stop()
    with pytest.raises(StopRequested):
        unpack(path, control=control, progress=quiet)
    assert not unpacked_folder(path).parent.exists() or list(unpacked_folder(path).parent.iterdir()) == []
