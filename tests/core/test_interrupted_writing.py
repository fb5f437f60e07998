"""A kill or a fault at every single step."""

import errno
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from cnnstudio.core import StorageError, atomic, folders


def fill(path, content):
    atomic.write_atomically(path, content)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a new Python for every kill would take minutes")
def test_kill_during_saving_never_leaves_a_damaged_file(tmp_path):
    """Thirty processes that save in a loop are killed at random moments."""
    code = textwrap.dedent("""
        import itertools, os, signal, sys, time
        from pathlib import Path
        from cnnstudio.core.atomic import verify_checksum, write_with_checksum
        path = Path(sys.argv[1])
        write_with_checksum(path, bytes(2_000_000))  # on a busy machine, no child gets as far
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


class Faults:
    """Ends the process, or fails as a disk does, at the n-th call that changes something on disk."""

    def __init__(self, patch, error):
        self.error, self.left = error, 10**9
        for owner, name in (
            (os, "fsync"), (os, "open"), (Path, "replace"), (Path, "open"), (Path, "mkdir"), (Path, "unlink"),
        ):  # fmt: skip
            patch.setattr(owner, name, self.around(getattr(owner, name)))

    def around(self, real):
        def call(*args, **options):
            self.left -= 1
            if self.left == 0:
                raise self.error
            return real(*args, **options)

        return call


def at_every_step(error, prepare, act, check):
    """Run ``act`` again and again, with a fault one call later each time, until it comes through; how often."""
    for number in range(1, 100):
        prepare()
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, error)
            faults.left = number
            try:
                act()
                done = True
            except (StorageError, OSError, KeyboardInterrupt):
                done = False
        check()
        if done and faults.left > 0:
            return number - 1
    return pytest.fail("it never came through")


KILLED, FULL = KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("error", [KILLED, FULL], ids=["kill", "full disk"])
@pytest.mark.parametrize("before", [None, b"old"])
def test_at_every_step_there_is_the_old_content_or_the_new(tmp_path, error, before):
    path = tmp_path / "folder" / "file.bin"

    def prepare():
        if before is None:
            path.unlink(missing_ok=True)
        else:
            fill(path, before)

    def check():
        assert (path.read_bytes() if path.exists() else None) in (before, b"new" * 1000)
        atomic.sweep_stale_temps(tmp_path)
        assert [p.name for p in tmp_path.rglob("*") if p.is_file()] in ([], ["file.bin"])

    assert at_every_step(error, prepare, lambda: fill(path, b"new" * 1000), check) >= 5


@pytest.mark.parametrize("error", [KILLED, FULL], ids=["kill", "full disk"])
def test_at_every_step_a_file_with_checksum_verifies(tmp_path, error):
    path = tmp_path / "last.pt"

    def check():
        atomic.verify_checksum(path)
        assert path.read_bytes() in (b"old", b"new")

    def save(content):
        atomic.write_with_checksum(path, content)

    assert at_every_step(error, lambda: save(b"old"), lambda: save(b"new"), check) >= 8


@pytest.fixture(params=["exchange", "two renames"])
def swap(request, monkeypatch):
    """Where names can be exchanged in one step, and where they cannot."""
    if request.param == "two renames":
        monkeypatch.setattr(folders, "exchange", lambda *_: False)
    return request.param


@pytest.mark.parametrize("error", [KILLED, FULL], ids=["kill", "full disk"])
def test_at_every_step_of_replacing_a_folder_one_of_both_has_the_name(tmp_path, monkeypatch, error, swap):
    target = tmp_path / "target"

    def prepare():
        shutil.rmtree(target, ignore_errors=True)
        fill(target / "file.txt", b"old")

    def act():
        aside = folders.place_aside(target)
        fill(aside / "file.txt", b"new")
        folders.replace_folder(aside, target)

    def check():
        with monkeypatch.context() as next_day:
            next_day.setattr(folders, "process_lives", lambda _: False)
            if error is KILLED and swap == "two renames":
                folders.restore_folder(target)
            assert (target / "file.txt").read_bytes() in (b"old", b"new")
            assert folders.place_aside(target).parent == tmp_path
        assert [path.name for path in tmp_path.iterdir()] == ["target"], "the next one tidies up"

    assert at_every_step(error, prepare, act, check) >= 2
