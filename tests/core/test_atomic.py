import errno
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from cnnstudio.core import atomic
from cnnstudio.core.errors import CheckpointDamaged, StorageError


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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a new Python for every kill would take minutes")
def test_kill_during_saving_never_leaves_a_damaged_file(tmp_path):
    """Thirty processes that save in a loop are killed at random moments."""
    code = textwrap.dedent("""
        import itertools, os, signal, sys, time
        from pathlib import Path
        from cnnstudio.core.atomic import verify_checksum, write_with_checksum
        path = Path(sys.argv[1])
        for attempt in range(30):
            child = os.fork()
            if not child:
                for n in itertools.count():
                    write_with_checksum(path, bytes([n % 251]) * 2_000_000)
            time.sleep(0.02 + 0.002 * attempt)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            if path.exists():
                verify_checksum(path)
                assert len(set(path.read_bytes())) == 1
    """)
    path = tmp_path / "last.pt"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    atomic.verify_checksum(path)
    atomic.sweep_stale_temps(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["last.pt", "last.pt.sha256"]


def test_a_folder_that_cannot_be_replaced_is_still_there(tmp_path, monkeypatch):
    new, old = tmp_path / "new", tmp_path / "old"
    for folder in (new, old):
        fill(folder / "file.txt", folder.name.encode())
    real = Path.replace

    def refuse(self, target):
        if self == new:
            raise OSError(errno.EIO, "bad disk")
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        with pytest.raises(OSError, match="bad disk"):
            atomic.replace_folder(new, old)
    assert (old / "file.txt").read_text() == "old"
    atomic.replace_folder(new, old)
    assert (old / "file.txt").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_several_kills_between_checksum_and_file_leave_a_file_that_verifies(tmp_path, monkeypatch):
    path = tmp_path / "best.pt"
    atomic.write_with_checksum(path, b"first")
    real = Path.replace

    def killed(self, target):
        if Path(target) == path:
            raise KeyboardInterrupt
        return real(self, target)

    with monkeypatch.context() as dying:
        dying.setattr(Path, "replace", killed)
        for number in range(5):
            with pytest.raises(KeyboardInterrupt):
                atomic.write_with_checksum(path, b"%d" % number)
    atomic.verify_checksum(path)
    assert path.read_bytes() == b"first"
    for number in range(40):
        atomic.write_with_checksum(path, b"%d" % number)
    atomic.verify_checksum(path)
    assert len(atomic.announced(path)) <= 16
