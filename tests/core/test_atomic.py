import errno
import hashlib
import os
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.core import CheckpointDamaged, StorageError, atomic


def fill(path, content):
    atomic.write_atomically(path, content)


def test_replaces_a_file_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "deep" / "file.bin"
    assert atomic.write_atomically(path, b"old") == 3
    assert atomic.write_atomically(path, lambda file: file.write(b"newer")) == 5
    assert path.read_bytes() == b"newer"
    assert [p.name for p in path.parent.iterdir()] == ["file.bin"]


@pytest.mark.parametrize("step", ["fsync", "replace", "write"])
@pytest.mark.parametrize(("code", "words"), [(errno.ENOSPC, "disk is full"), (errno.EROFS, "may not be written")])
def test_a_fault_at_any_step_keeps_the_old_content_and_says_why(tmp_path, monkeypatch, step, code, words):
    path = tmp_path / "file.bin"
    fill(path, b"old")

    def fail(*_args, **_kwargs):
        raise OSError(code, os.strerror(code))

    if step == "fsync":
        monkeypatch.setattr(atomic.os, "fsync", fail)
    elif step == "replace":
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(StorageError, match=words):
        atomic.write_atomically(path, fail if step == "write" else b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file.bin"]


def test_a_file_that_fails_its_check_is_not_put_in_place(tmp_path):
    path = tmp_path / "file.bin"
    fill(path, b"old")

    def refuse(_):
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        atomic.write_atomically(path, b"new", verify=refuse)
    assert path.read_bytes() == b"old"


def test_a_flipped_bit_is_found(tmp_path):
    path = tmp_path / "last.pt"
    atomic.write_with_checksum(path, b"content")
    atomic.verify_checksum(path)
    path.write_bytes(b"c0ntent")
    with pytest.raises(CheckpointDamaged, match="damaged"):
        atomic.verify_checksum(path)


def test_a_file_without_checksum_is_not_trusted(tmp_path):
    path = tmp_path / "last.pt"
    path.write_bytes(b"content")
    with pytest.raises(CheckpointDamaged):
        atomic.verify_checksum(path)


def test_who_reads_while_others_write_sees_whole_files(tmp_path):
    path, size = tmp_path / "file.bin", 50_000
    fill(path, bytes(size))
    ended = threading.Event()

    def write(number):
        while not ended.is_set():
            fill(path, bytes([number]) * size)

    writers = [threading.Thread(target=write, args=(number,)) for number in (1, 2)]
    for writer in writers:
        writer.start()
    contents = [path.read_bytes() for _ in range(200)]
    ended.set()
    for writer in writers:
        writer.join()
    assert all(len(content) == size and len(set(content)) == 1 for content in contents)
    assert [p.name for p in tmp_path.iterdir()] == ["file.bin"]


def test_a_very_long_name_has_a_temp_file_that_fits(tmp_path):
    path = tmp_path / f"{'n' * 240}.bin"
    fill(path, b"x")
    assert path.read_bytes() == b"x"


def test_text_has_unix_line_ends_and_is_utf8_everywhere(tmp_path):
    path = tmp_path / "notes.txt"
    assert atomic.write_text_atomically(path, "Grüße\n") == 8
    assert path.read_bytes() == b"Gr\xc3\xbc\xc3\x9fe\n"


@pytest.mark.parametrize(
    ("code", "words", "remedy"),
    [
        (errno.ENOSPC, "disk is full", "Free some space"),
        (errno.EDQUOT, "disk is full", "Free some space"),
        (errno.EACCES, "may not be written", "you own"),
        (errno.EPERM, "may not be written", "you own"),
        (errno.EROFS, "may not be written", "you own"),
        (errno.EIO, "could not be written (Input/output error)", "another folder"),
    ],
)
def test_what_the_system_says_becomes_plain_words(tmp_path, code, words, remedy):
    problem = atomic.storage_error(tmp_path / "a.pt", OSError(code, "Input/output error")).problem
    assert words in problem.title
    assert str(tmp_path / "a.pt") in problem.title
    assert problem.meaning == "What was there before is untouched."
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("n" * 300, f"The name {'n' * 40}… is too long. It takes 300 bytes, and disks allow 255"),
        ("ü" * 128 + "\n.csv", f"The name {'ü' * 40}… is too long. It takes 261 bytes"),
        ("/".join(["deep"] * 900), " is too long. It takes 4"),
    ],
)
def test_a_name_that_no_disk_takes_is_called_so(tmp_path, name, words):
    with pytest.raises(StorageError) as caught:
        atomic.write_text_atomically(tmp_path / name, "")
    assert words in str(caught.value)
    assert "Give" in caught.value.problem.remedy
    assert len(caught.value.problem.title) < 80


def test_a_fault_without_a_text_is_still_a_sentence(tmp_path):
    assert "could not be written (strange)" in atomic.storage_error(tmp_path, OSError("strange")).problem.title


def test_only_left_over_temp_files_are_swept(tmp_path):
    for name in ("keep.txt", f"{atomic.TEMP_PREFIX}a-1-2", f"deep/er/{atomic.TEMP_PREFIX}b-1-2", "deep/keep.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert atomic.sweep_stale_temps(tmp_path) == 2
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["keep.txt", "keep.txt"]
    assert atomic.sweep_stale_temps(tmp_path / "not there") == 0


@settings(max_examples=30)
@given(st.lists(st.sampled_from([f"{number:064x}" for number in range(40)]), max_size=40))
def test_the_newest_digests_are_kept_once_each(digests):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "last.pt"
        atomic.announce(path, digests)
        assert atomic.announced(path) == list(dict.fromkeys(digests))[:16]


@pytest.mark.parametrize("sidecar", ["", "\n", "zz", "0" * 64])
def test_a_damaged_checksum_file_is_damage(tmp_path, sidecar):
    path = tmp_path / "last.pt"
    atomic.write_with_checksum(path, b"content")
    atomic.checksum_path(path).write_text(sidecar)
    with pytest.raises(CheckpointDamaged, match=r"last\.pt is damaged") as caught:
        atomic.verify_checksum(path)
    assert caught.value.problem.details == str(path)


def test_the_digest_is_sha256_however_large_the_file(tmp_path):
    content = bytes(range(256)) * 5000
    fill(tmp_path / "a", content)
    assert atomic.sha256_of(tmp_path / "a") == hashlib.sha256(content).hexdigest()
