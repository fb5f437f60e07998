"""What strangers put into archives."""

import errno
import os
import struct
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnstudio.core import TEMP_PREFIX, DatasetError, StorageError, Warned, Watch, is_reserved
from cnnstudio.data.archives import budget
from cnnstudio.data.archives.kinds import is_archive
from cnnstudio.data.archives.unpack import unpack, unpacked_folder
from cnnstudio.data.reading import suffix_of
from tests.conftest import watch_of

PART = st.one_of(
    st.sampled_from(["..", ".", "a", "A", "b.png", "C:", "con", "NUL.png", "x" * 300 + ".png", "über", "~", "$HOME"]),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=6),
)
MEMBER = st.builds(
    lambda start, parts, back, end: start + ("\\" if back else "/").join(parts) + end,
    st.sampled_from(["", "/", "//server/", "\\", "C:\\", "./"]),
    st.lists(PART, min_size=1, max_size=4),
    st.booleans(),
    st.sampled_from([".png", ".PNG", ".csv", "", ".exe", "/"]),
)


def zipped(path, members, method=zipfile.ZIP_STORED):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        with zipfile.ZipFile(path, "w", method) as made:
            for name, content in members:
                made.writestr(name, content)
    return path


def files_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(MEMBER, min_size=1, max_size=6))
def test_whatever_members_are_called_they_stay_inside_and_none_is_written_over(tmp_path, names):
    before = files_in(tmp_path)
    members = [("fine.png", b"fine"), *((name, b"%d" % number) for number, name in enumerate(names))]
    path = zipped(tmp_path / "a.zip", members)
    target = unpack(path, Watch())
    files = files_in(target)
    assert "fine.png" in files
    contents = [(target / file).read_bytes() for file in files]
    assert len(set(contents)) == len(contents), "each member once"
    assert set(contents) <= {content for _, content in members}
    assert len({file.casefold() for file in files}) == len(files)
    assert not any(suffix_of(file) == ".exe" for file in files)
    assert set(files_in(tmp_path)) - set(before) <= {"a.zip"}
    for file in target.rglob("*"):
        assert not file.is_symlink()
        assert len(os.fsencode(file.name)) <= 255
        assert not set(file.name) & set('<>:"|?*')
        assert not is_reserved(file.name)


@pytest.mark.parametrize(
    "name",
    ["../evil.png", "a/../../evil.png", "..\\evil.png", "/../evil.png", "C:..\\evil.png", ".hidden.png",
     ".git/evil.png", "__MACOSX/evil.png", "a/Thumbs.db", "evil.exe", "evil.png/", ".", "./"],
)  # fmt: skip
def test_what_is_not_unpacked(tmp_path, name):
    assert files_in(unpack(zipped(tmp_path / "a.zip", [("fine.png", b"x"), (name, b"y")]), Watch())) == ["fine.png"]


@pytest.mark.parametrize("start", ["/", "//server/", "C:/", "c:", "D:\\", "\\", "\\\\server\\", "///"])
def test_a_root_in_front_of_names_is_taken_away(tmp_path, start):
    path = zipped(tmp_path / "a.zip", [(f"{start}fine.png", b"x"), (f"{start}cat/fine.png", b"y")])
    assert files_in(unpack(path, Watch())) == ["cat/fine.png", "fine.png"]


def test_what_is_not_unpacked_is_said_with_a_count(tmp_path):
    link = zipfile.ZipInfo("link.png")
    link.external_attr = 0o120777 << 16
    evil = [("../a.png", b"x"), ("a.exe", b"x"), ("b.bat", b"x"), (link, b"/etc/passwd"), ("folder/", b"")]
    path, heard = zipped(tmp_path / "a.zip", [*evil, ("fine.png", b"x"), (".hidden", b"x")]), []
    unpack(path, Watch(emit=heard.append))
    said = [event.problem.title for event in heard if isinstance(event, Warned)]
    assert said == [
        "Not unpacked from a.zip, to be safe: 2 programs, 1 link, 1 file that points outside of it.",
    ]
    with pytest.raises(DatasetError, match=r"no pictures in b\.zip\. Not unpacked: 2 programs, 1 link, 1 file"):
        unpack(zipped(tmp_path / "b.zip", evil), Watch())


def test_the_stored_size_is_all_that_is_ever_written(tmp_path):
    """A member that claims to be small and goes on for long is cut there, and its checksum tells."""
    content = zipped(tmp_path / "a.zip", [("a.png", bytes(300_000))], zipfile.ZIP_DEFLATED).read_bytes()
    size = struct.pack("<I", 300_000)
    assert content.count(size) == 2
    (tmp_path / "a.zip").write_bytes(content.replace(size, struct.pack("<I", 1000)))
    with suppress(DatasetError):
        assert (unpack(tmp_path / "a.zip", Watch()) / "a.png").stat().st_size <= 1000
    assert sum(path.stat().st_size for path in unpacked_folder(tmp_path / "a.zip").parent.rglob("*")) < 20_000


def test_a_bomb_is_refused_by_what_it_announces_before_anything_is_written(tmp_path, monkeypatch):
    path = zipped(tmp_path / "bomb.zip", [(f"{n}.png", bytes(2_000_000)) for n in range(5)], zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 20_000
    monkeypatch.setattr("cnnstudio.core.paths.free_bytes", lambda _: 19_999_999)
    with pytest.raises(DatasetError, match=r"not enough space to unpack bomb\.zip: 5 files, 10 MB"):
        unpack(path, Watch())
    assert not unpacked_folder(path).parent.exists() or files_in(unpacked_folder(path).parent) == []
    monkeypatch.setattr("cnnstudio.core.paths.free_bytes", lambda _: 20_000_000)
    assert len(files_in(unpack(path, Watch()))) == 5


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(budget, "_MOST_FILES", 3)
    path = zipped(tmp_path / "many.zip", [(f"{number}.png", b"x") for number in range(4)])
    with pytest.raises(DatasetError, match="4 files"):
        unpack(path, Watch())


def test_a_password_is_said_and_nothing_is_left(tmp_path):
    content = bytearray(zipped(tmp_path / "a.zip", [("a.png", b"secret")]).read_bytes())
    for start, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(start) + at] |= 1  # encrypted
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(DatasetError, match="cannot be unpacked") as caught:
        unpack(tmp_path / "a.zip", Watch())
    assert "password" in caught.value.problem.meaning
    assert list(unpacked_folder(tmp_path / "a.zip").parent.iterdir()) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(st.data())
def test_damage_anywhere_is_a_sentence_or_the_right_files(tmp_path, data):
    members = {f"{kind}/{number}.png": b"%d" % number * 40 for kind in ("a", "b") for number in range(2)}
    path = zipped(tmp_path / "a.zip", members.items(), zipfile.ZIP_DEFLATED)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content[: data.draw(st.integers(len(content) // 2, len(content)))])
    try:
        target = unpack(path, Watch())
    except DatasetError as error:
        assert error.problem.remedy  # noqa: PT017 - most examples end here, some come through
    else:
        assert {(target / file).read_bytes() for file in files_in(target)} <= {*members.values(), b""}


def test_what_is_no_archive_is_none(tmp_path):
    (tmp_path / "folder.zip").mkdir()
    (tmp_path / "a.rar").touch()
    assert not any(is_archive(tmp_path / name) for name in ("folder.zip", "a.rar", "gone.zip"))
    (tmp_path / "B.ZIP").write_bytes(b"no archive")
    assert is_archive(tmp_path / "B.ZIP")
    with pytest.raises(DatasetError, match=r"B\.ZIP cannot be unpacked"):
        unpack(tmp_path / "B.ZIP", Watch())


def test_a_full_disk_is_said_as_such_and_leaves_nothing_half(tmp_path, monkeypatch):
    path = zipped(tmp_path / "a.zip", [("a.png", b"x"), ("b.png", b"y")])
    real = Path.open

    def fill_up(self, *args, **options):
        if self.name == "b.png":
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, *args, **options)

    with monkeypatch.context() as full:
        full.setattr(Path, "open", fill_up)
        with pytest.raises(StorageError, match="disk is full"):
            unpack(path, Watch())
    assert list(unpacked_folder(path).parent.iterdir()) == []
    assert files_in(unpack(path, Watch())) == ["a.png", "b.png"]


def test_two_who_open_an_archive_at_once_get_the_same_folder(tmp_path):
    path = zipped(tmp_path / "a.zip", [(f"{number}.png", b"x" * 1000) for number in range(200)])
    with ThreadPoolExecutor(4) as pool:
        targets = set(pool.map(lambda _: unpack(path, Watch()), range(4)))
    assert targets == {unpacked_folder(path)}
    assert len(files_in(unpacked_folder(path))) == 200
    assert [folder.name for folder in unpacked_folder(path).parent.iterdir()] == [unpacked_folder(path).name]


def test_what_killed_processes_left_is_swept_once_it_is_old(tmp_path):
    path = zipped(tmp_path / "a.zip", [("a.png", b"x")])
    place, names = unpacked_folder(path).parent, [f"{TEMP_PREFIX}old", f"{TEMP_PREFIX}young"]
    for name in names:
        (place / name).mkdir(parents=True)
    os.utime(place / names[0], (0, 0))
    unpack(path, Watch())
    assert sorted(folder.name for folder in place.iterdir()) == sorted([names[1], unpacked_folder(path).name])


def test_progress_is_told_now_and_then_and_other_content_is_another_folder(tmp_path):
    seen = []
    path = zipped(tmp_path / "a.zip", [(f"{number}.png", b"x") for number in range(200)])
    first = unpack(path, watch_of(lambda *told: seen.append(told)))
    assert seen == [(done, 200, "Unpacking") for done in (0, 64, 128, 192)]
    zipped(path, [("0.png", b"y")])
    assert unpack(path, Watch()) != first
