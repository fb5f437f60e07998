"""Archives as people have them: of every kind, under any name, alone or several, one in another."""

import bz2
import gzip
import io
import lzma
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest

from cnnstudio.core import DatasetError, Warned, Watch
from cnnstudio.data import SplitSpec
from cnnstudio.data.archives import budget, kinds, members
from cnnstudio.data.archives.kinds import is_archive, only_archives
from cnnstudio.data.archives.unpack import unpack, unpacked_folder
from cnnstudio.data.project import open_dataset, split_of
from tests.conftest import COLOURS

SPEC = SplitSpec()
TARS = {".tar": "w", ".tar.gz": "w:gz", ".tgz": "w:gz", ".tar.bz2": "w:bz2", ".tar.xz": "w:xz", ".tm": "w:gz"}
STARTS = {
    "a.7z": b"7z\xbc\xaf\x27\x1c", "a.rar": b"Rar!\x1a\x07\x01\0", "a.cab": b"MSCF\0\0\0\0",
    "a.tar.zst": b"\x28\xb5\x2f\xfd",
}  # fmt: skip


def zip_of(folder, path, top=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as made:
        for file in sorted(folder.rglob("*")):
            made.write(file, f"{top}{file.relative_to(folder)}")
    return path


def tar_of(path, members, mode="w"):
    with tarfile.open(path, mode) as made:
        for name, content in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
    return path


def files_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("ending", TARS)
def test_tars_of_every_kind_open_by_their_content(tiny_folder, tmp_path, ending):
    path = tmp_path / f"photos{ending}"
    with tarfile.open(path, TARS[ending]) as made:
        made.add(tiny_folder, "photos")
    dataset = open_dataset(path, SPEC)
    assert dataset.classes == tuple(sorted(COLOURS))
    assert len(dataset.samples) == 36
    assert open_dataset(path, SPEC).root == dataset.root


@pytest.mark.parametrize("name", ["project.tm", "photos.zip.1", "photos", "photos.zip.download", "photos.jpg.bin"])
def test_a_zip_under_any_name(tiny_folder, tmp_path, name):
    assert len(open_dataset(zip_of(tiny_folder, tmp_path / name), SPEC).samples) == 36


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("inside", [False, True])
def test_what_cannot_be_opened_is_named_with_what_to_do(tmp_path, name, inside):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / name).write_bytes(STARTS[name] + bytes(100))
    with pytest.raises(DatasetError, match=f"{name} is an archive of the kind") as caught:
        open_dataset(folder if inside else folder / name, SPEC)
    assert "Unpack it" in caught.value.problem.remedy


@pytest.mark.parametrize("name", ["[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF", "archive/data.pkl"])
def test_a_document_is_no_set_of_pictures(tiny_folder, tmp_path, name):
    path = zip_of(tiny_folder, tmp_path / "report.bin", "word/media/")
    with zipfile.ZipFile(path, "a") as more:
        more.writestr(name, b"x")
    with pytest.raises(DatasetError, match="is a document or a program"):
        open_dataset(path, SPEC)
    assert only_archives(tmp_path) == []


def test_one_compressed_file_is_no_archive(tmp_path):
    for name, pack in (("a.csv.gz", gzip.compress), ("b.bz2", bz2.compress), ("c.xz", lzma.compress)):
        (tmp_path / name).write_bytes(pack(b"x" * 600))
        assert not is_archive(tmp_path / name)
        with pytest.raises(DatasetError, match="is a file, not a folder"):
            open_dataset(tmp_path / name, SPEC)


def test_a_folder_with_an_archive_and_a_note_opens_it_and_says_so(tiny_folder, tmp_path):
    zip_of(tiny_folder, tmp_path / "data" / "photos.zip", "photos/")
    (tmp_path / "data" / "README").write_text("by me")
    (tmp_path / "data" / "README.txt").write_text("by me")
    heard = []
    dataset = open_dataset(tmp_path / "data", SPEC, watch=Watch(emit=heard.append))
    assert len(dataset.samples) == 36
    assert ["photos.zip" in event.problem.title for event in heard if isinstance(event, Warned)] == [True]
    assert dataset.root == open_dataset(tmp_path / "data" / "photos.zip", SPEC).root
    assert split_of(tmp_path / "data") == dataset.spec


@pytest.mark.parametrize("top", [True, False])
def test_an_archive_for_each_class(tiny_folder, tmp_path, top):
    for name in COLOURS:
        zip_of(tiny_folder / name, tmp_path / "data" / f"{name}.zip", f"{name}/" if top else "")
    shutil.copyfile(tmp_path / "data" / "red.zip", tmp_path / "data" / "red (1).zip")
    dataset = open_dataset(tmp_path / "data", SPEC)
    assert {name: sum(counts.values()) for name, counts in dataset.counts().items()} == dict.fromkeys(COLOURS, 12)
    assert "red/00.png" in files_in(dataset.root)


def test_archives_in_class_folders_and_for_each_split(tiny_folder, tmp_path):
    for name in COLOURS:
        zip_of(tiny_folder / name, tmp_path / "classes" / name / "part1.zip")
    assert set(open_dataset(tmp_path / "classes", SPEC).classes) == set(COLOURS)
    zip_of(tiny_folder, tmp_path / "splits" / "train.zip", "train/")
    zip_of(tiny_folder, tmp_path / "splits" / "test.zip")
    counts = open_dataset(tmp_path / "splits", SPEC).counts()
    assert [row["test"] for row in counts.values()] == [12, 12, 12]


def test_parts_of_one_folder_are_one_folder(tiny_folder, tmp_path):
    for number, names in enumerate((("blue", "green"), ("red", "blue")), 1):
        part = tmp_path / f"part{number}"
        for name in names:
            shutil.copytree(tiny_folder / name, part / f"{name}")
        zip_of(part, tmp_path / "data" / f"photos-20260102T030405Z-00{number}.zip", "photos/")
    dataset = open_dataset(tmp_path / "data", SPEC)
    assert dataset.classes == tuple(sorted(COLOURS))
    assert {file.split("/")[0] for file in files_in(dataset.root)} == {"photos"}


def test_a_table_beside_an_archive_goes_with_it(tiny_folder, tmp_path):
    lines = ["file,label"]
    (tmp_path / "flat").mkdir()
    for number, file in enumerate(sorted(tiny_folder.rglob("*.png"))):
        shutil.copyfile(file, tmp_path / "flat" / f"{number}.png")
        lines.append(f"{number}.png,{file.parent.name}")
    zip_of(tmp_path / "flat", tmp_path / "data" / "images.zip", "images/")
    (tmp_path / "data" / "labels.csv").write_text("\n".join(lines))
    dataset = open_dataset(tmp_path / "data", SPEC)
    assert dataset.classes == tuple(sorted(COLOURS))
    assert len(dataset.samples) == 36


def test_an_archive_in_an_archive_is_opened_and_only_so_deep(tiny_folder, tmp_path):
    path = zip_of(tiny_folder, tmp_path / "0" / "photos.zip")
    for depth in range(1, 4):
        path = zip_of(path.parent, tmp_path / str(depth) / f"level{depth}.zip")
    assert len(open_dataset(path, SPEC).samples) == 36
    path = zip_of(path.parent, tmp_path / "4" / "level4.zip")
    with pytest.raises(DatasetError, match="archives in archives"):
        open_dataset(path, SPEC)


def test_an_archive_beside_pictures_is_named(own_folder, tmp_path):
    zip_of(own_folder / "red", own_folder / "red.zip")
    shutil.rmtree(own_folder / "red")
    dataset = open_dataset(own_folder, SPEC)
    assert any("red.zip is an archive" in problem.detail for problem in dataset.problems)
    shutil.rmtree(own_folder / "green")
    with pytest.raises(DatasetError, match=r"Unpack red\.zip where"):
        open_dataset(own_folder, SPEC)


def test_a_damaged_member_hides_no_other(tiny_folder, tmp_path):
    path = zip_of(tiny_folder, tmp_path / "a.zip")
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as opened:
        at = opened.getinfo("red/00.png").header_offset
    content[at + 60] ^= 255
    path.write_bytes(content)
    dataset = open_dataset(path, SPEC)
    assert len(dataset.samples) == 35
    assert ["00.png" in problem.detail for problem in dataset.problems] == [True]


def link(kind, target):
    info = tarfile.TarInfo("red/link.png")
    info.type, info.linkname = kind, target
    return info, b""


def test_nothing_in_a_tar_leaves_the_target(tmp_path):
    members = [
        ("fine.png", b"fine"), ("../evil.png", b"x"), ("/../evil.png", b"x"), ("a\\..\\..\\evil.png", b"x"),
        ("run.sh", b"x"),
        link(tarfile.SYMTYPE, "/etc/passwd"), link(tarfile.LNKTYPE, "/etc/passwd"), link(tarfile.CHRTYPE, ""),
        link(tarfile.FIFOTYPE, ""), ("red/link.png", b"real"), ("red/link.png", b"twice"), ("RED", b"a file"),
        (b"caf\xe9/1.png".decode(errors="surrogateescape"), b"y"), ("fine.png/1.png", b"under a file"),
    ]  # fmt: skip
    target = unpack(tar_of(tmp_path / "evil.tar", members), Watch())
    found = {name: (target / name).read_bytes() for name in files_in(target)}
    assert sorted(found.values()) == [b"a file", b"fine", b"real", b"twice", b"under a file", b"y"]
    assert found["café/1.png"] == b"y"
    assert len({name.casefold() for name in found}) == len(found)
    assert not any(path.is_symlink() for path in target.rglob("*"))
    assert files_in(tmp_path)[0] == "evil.tar"


def zip_bomb(path):
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.png", bytes(3_000_000))


def tar_bomb(path):
    tar_of(path, [("a.png", bytes(3_000_000))], "w:gz")


def bomb_of_nothings(path):
    tar_of(path, [(f"{number}.png", b"") for number in range(700)], "w:gz")


@pytest.mark.parametrize("pack", [zip_bomb, tar_bomb, bomb_of_nothings])
def test_a_trap_is_refused_by_size_and_ratio(tmp_path, monkeypatch, pack):
    pack(tmp_path / "bomb")
    with monkeypatch.context() as small:
        small.setattr(budget, "_LARGE", 2_000_000)
        with pytest.raises(DatasetError, match="would become more than"):
            unpack(tmp_path / "bomb", Watch())
    place = unpacked_folder(tmp_path / "bomb").parent
    assert not place.exists() or not list(place.iterdir())
    assert files_in(unpack(tmp_path / "bomb", Watch())), "small ones do no harm"


def test_traps_within_an_archive_count_together(tmp_path, monkeypatch):
    for number in range(3):
        zip_bomb(tmp_path / "inner" / f"{number}.zip")
    path = zip_of(tmp_path / "inner", tmp_path / "outer.zip")
    monkeypatch.setattr(budget, "_LARGE", 7_000_000)
    with pytest.raises(DatasetError, match="would become more than"):
        unpack(path, Watch())


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_tar_whose_headers_are_endless_is_refused(tmp_path, monkeypatch, kind):
    """They are held in memory, so only so much of them is read."""
    monkeypatch.setattr(members, "_MOST_AT_ONCE", 1 << 16)
    info = tarfile.TarInfo("x")
    info.type = kind
    tar_of(tmp_path / "a.tar.gz", [(info, bytes(1 << 20)), ("a.png", b"x")], "w:gz")
    with pytest.raises(DatasetError, match="cannot be unpacked"):
        unpack(tmp_path / "a.tar.gz", Watch())


def test_a_tar_that_was_cut_is_refused(tiny_folder, tmp_path):
    for ending in (".tar", ".tar.gz"):
        path = tmp_path / f"photos{ending}"
        with tarfile.open(path, TARS[ending]) as made:
            made.add(tiny_folder, "photos")
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(DatasetError, match="cannot be unpacked"):
            open_dataset(path, SPEC)


def test_a_folder_of_pictures_is_not_searched_for_archives(own_folder, monkeypatch):
    seen = []
    monkeypatch.setattr(kinds, "kind_of", lambda path: seen.append(Path(path).name))
    assert only_archives(own_folder) == []
    (own_folder / "aaa").mkdir()
    shutil.move(own_folder / "red" / "00.png", own_folder / "aaa" / "no ending")
    for name in COLOURS:
        shutil.rmtree(own_folder / name)
    assert only_archives(own_folder) == []
    assert seen == ["no ending"]


@pytest.mark.parametrize(
    ("raw", "name"),
    [(b"B\x81che", "Büche"), (b"B\xfcche", "Büche"), (b"Stra\xe1e", "Straße"), (b"\xc4pfel", "Äpfel"),
     (b"\x8epfel", "Äpfel"), (b"caf\xe9", "café"), (b"caf\x82", "café"), ("Äpfel".encode(), "Äpfel")],
)  # fmt: skip
def test_names_of_old_archives_are_read_in_the_code_page_of_their_system(tmp_path, raw, name):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("x" * len(raw) + "/a.png", b"x")
    path.write_bytes(path.read_bytes().replace(b"x" * len(raw) + b"/", raw + b"/"))
    assert files_in(unpack(path, Watch())) == [f"{name}/a.png"]


@pytest.mark.parametrize("start", ["/home/anna/pets/", "C:\\Users\\anna\\pets\\", "../pets/./"])
def test_an_archive_of_whole_paths(tiny_folder, tmp_path, start):
    path = zip_of(tiny_folder, tmp_path / "a.zip", start)
    if start.startswith(".."):
        with pytest.raises(DatasetError, match="36 files that point outside of it"):
            open_dataset(path, SPEC)
    else:
        assert open_dataset(path, SPEC).classes == tuple(sorted(COLOURS))


@pytest.mark.parametrize(
    ("name", "words"),
    [("a.zip.001", "one part of several"), ("a.part1.zip", "one part of several"), ("a.zip.part", "not complete"),
     ("a.zip.crdownload", "not complete"), ("a.zip", "damaged or incomplete")],
)  # fmt: skip
def test_what_is_wrong_with_half_an_archive(tiny_folder, tmp_path, name, words):
    folder = tmp_path / "data"
    whole = zip_of(tiny_folder, tmp_path / "whole.zip").read_bytes()
    folder.mkdir()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    heard = []
    with pytest.raises(DatasetError, match=f"{name} cannot be unpacked.*{words}"):
        open_dataset(folder, SPEC, watch=Watch(emit=heard.append))
    assert not [event for event in heard if isinstance(event, Warned)], "nothing was opened"


def test_an_archive_in_an_archive_may_have_any_name(tiny_folder, tmp_path):
    zip_of(tiny_folder, tmp_path / "inner" / "data" / "tmp.zip")
    assert open_dataset(zip_of(tmp_path / "inner", tmp_path / "outer.zip"), SPEC).classes == tuple(sorted(COLOURS))


def test_sentences_call_what_was_unpacked_as_the_archive_is_called(tiny_folder, tmp_path):
    for name in ("pets", "other"):
        zip_of(tiny_folder / "red", tmp_path / f"{name}.zip")
    said = []
    for name in ("pets", "other"):
        with pytest.raises(DatasetError) as caught:
            open_dataset(tmp_path / f"{name}.zip", SPEC)
        said.append(str(caught.value))
    assert [error.partition(".")[0] for error in said] == [
        f"There are no class folders with pictures in {name}" for name in ("pets", "other")
    ]
    assert not any("If " in error for error in said), "what else was unpacked lies beside by chance"
