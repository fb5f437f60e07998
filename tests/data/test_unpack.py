import stat
import zipfile

import numpy as np
import pytest

from cnnstudio.core import Control, DatasetError, StopRequested, Watch
from cnnstudio.data import SplitSpec
from cnnstudio.data.archives.unpack import unpack, unpacked_folder
from cnnstudio.data.project import open_dataset

SPEC = SplitSpec()


def archive_of(folder, path, extra=()):
    with zipfile.ZipFile(path, "w") as made:
        for file in sorted(folder.rglob("*")):
            made.write(file, f"inside/{file.relative_to(folder)}")
        for name, content in extra:
            made.writestr(name, content)
    return path


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
    evil = [("../../evil.png", b"x"), ("/../evil-absolute.png", b"x"), ("..\\evil.png", b"x"), (link, "/etc/passwd")]
    path = archive_of(own_folder, tmp_path / "evil.zip", evil)
    target = unpack(path, Watch())
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
        small.setattr("cnnstudio.core.paths.free_bytes", lambda _: 1000)
        with pytest.raises(DatasetError, match="not enough space"):
            open_dataset(path, SPEC)
    control = Control()
    control.request_stop()
    with pytest.raises(StopRequested):
        unpack(path, Watch(control))
    assert not unpacked_folder(path).parent.exists() or list(unpacked_folder(path).parent.iterdir()) == []


def test_names_as_packers_write_them(own_folder, tmp_path):
    member = zipfile.ZipInfo("time 12:30/é.png")
    plain = zipfile.ZipInfo("wörter/ä.png")
    with zipfile.ZipFile(tmp_path / "names.zip", "w") as made:
        for name in ("red/00.png", "red/01.png"):
            made.write(own_folder / name, name)
        made.write(own_folder / "red" / "02.png", f"red/{'long ' * 60}.png")
        made.write(own_folder / "red" / "03.png", "red/NO ENDING")
        made.writestr("red/phone.heic", b"x")
        made.writestr(member, (own_folder / "blue" / "00.png").read_bytes())
        made.writestr(plain, (own_folder / "green" / "00.png").read_bytes())
    content = (tmp_path / "names.zip").read_bytes()
    for name in (member.filename, plain.filename):  # as written by programs that do not say that it is UTF-8
        for start in (b"PK\x03\x04", b"PK\x01\x02"):
            at, flags = content.index(name.encode()), 6 if start.endswith(b"\x04") else 8
            at = content.rindex(start, 0, content.index(name.encode(), at + len(name)) if flags == 8 else at)
            content = content[: at + flags + 1] + b"\x00" + content[at + flags + 2 :]
    (tmp_path / "names.zip").write_bytes(content)
    dataset = open_dataset(tmp_path / "names.zip", SPEC)
    assert dataset.classes == ("red", "time 12_30", "wörter")
    assert len(dataset.samples) == 6
    assert "phone.heic" in " ".join(problem.detail for problem in dataset.problems)


def test_names_that_become_one_stay_two_files(own_folder, tmp_path):
    picture = (own_folder / "red" / "00.png").read_bytes()
    with zipfile.ZipFile(tmp_path / "twins.zip", "w") as made:
        for name in ("a/x:1.png", "a/x?1.png", "A/X_1.PNG", "a", "b/1.png", "aux/1.png"):
            made.writestr(name, picture)
    target = unpack(tmp_path / "twins.zip", Watch())
    files = [path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()]
    assert len(files) == 6
    assert "_aux/1.png" in files
    assert len({file.casefold() for file in files}) == 6


def test_an_archive_that_was_copied_is_the_same_project(own_folder, tmp_path):
    path = archive_of(own_folder, tmp_path / "a.zip")
    root = open_dataset(path, SPEC).root
    (tmp_path / "sub").mkdir()
    path.rename(tmp_path / "sub" / "a.zip")
    (tmp_path / "sub" / "a.zip").touch()
    assert open_dataset(tmp_path / "sub" / "a.zip", SPEC).root == root


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_damage_inside_an_archive_is_one_sentence(own_folder, tmp_path, method):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w", method) as made:
        made.writestr("red/a.png", np.random.default_rng(0).bytes(9000))
    content = bytearray((tmp_path / "bad.zip").read_bytes())
    content[100:130] = bytes(255 - byte for byte in content[100:130])
    (tmp_path / "bad.zip").write_bytes(content)
    with pytest.raises(DatasetError, match=r"bad\.zip cannot be unpacked"):
        open_dataset(tmp_path / "bad.zip", SPEC)
