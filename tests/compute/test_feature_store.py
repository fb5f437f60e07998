"""Features on disk: the right ones or none, whatever happened to the files."""

import os
import random
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cnnstudio.compute import feature_store
from cnnstudio.compute.feature_store import KEY_BYTES, FeatureStore
from cnnstudio.core import StorageError

ROOT = Path(__file__).parents[2]
WIDTH = 6


def keys_of(*numbers):
    """A key per number, as a hash would give it."""
    return np.stack([np.random.default_rng(number).integers(0, 256, KEY_BYTES, np.uint8) for number in numbers])


def values_of(*numbers, width=WIDTH):
    return np.stack([np.random.default_rng([number, 1]).standard_normal(width, np.float32) for number in numbers])


def found(store, *numbers):
    """Which of some pictures have features; those must be theirs, to the bit."""
    rows = store.lookup(keys_of(*numbers))
    values, whole = store.read(rows[rows >= 0])
    there = np.array(numbers)[rows >= 0][whole]
    for number, row in zip(there, values[whole], strict=True):
        assert np.array_equal(row, values_of(number)[0])
    return set(there.tolist())


@pytest.fixture
def store(tmp_path):
    return FeatureStore(tmp_path / "cache" / "net-1", "net")


def reopened(store, identity="net"):
    return FeatureStore(store.path, identity)


def file_of(store, ending):
    (path,) = store.path.parent.glob(f"{store.path.name}*{ending}")
    return path


def test_what_was_appended_is_found_by_another_one(store):
    assert len(store) == store.width == 0
    assert found(store, 1) == set()
    assert store.append(keys_of(1, 2, 3), values_of(1, 2, 3))
    assert store.append(keys_of(9, 2), values_of(9, 2))
    for each in (store, reopened(store)):
        assert len(each) == 4, "what is there is left out"
        assert each.width == WIDTH
        assert found(each, 3, 9, 4, 1, 2) == {1, 2, 3, 9}


def test_rows_come_in_the_order_asked_for(store):
    store.append(keys_of(*range(20)), values_of(*range(20)))
    order = [7, 3, 4, 5, 19, 0, 0, 1]
    values, whole = store.read(store.lookup(keys_of(*order)))
    assert whole.all()
    assert np.array_equal(values, values_of(*order))
    assert values.dtype == np.float32


def test_nothing_asked_is_nothing_read(store):
    store.append(keys_of(1), values_of(1))
    values, whole = store.read(store.lookup(np.zeros((0, KEY_BYTES), np.uint8)))
    assert values.shape == (0, WIDTH)
    assert whole.shape == (0,)


def test_keys_that_differ_in_the_view_alone_are_different(store):
    keys = np.repeat(keys_of(1), 300, 0)
    keys[:, -2:] = np.arange(300, dtype=">u2").view(np.uint8).reshape(-1, 2)
    store.append(keys, values_of(*range(300)))
    assert store.lookup(keys).tolist() == list(range(300))


def test_two_keys_that_sort_alike_are_not_taken_for_each_other(store):
    one = keys_of(1)
    other = one.copy()
    other[:, :8] ^= 5
    other[:, -8:] ^= 5
    store.append(one, values_of(1))
    assert store.lookup(np.concatenate([other, one])).tolist() == [-1, 0]


def test_what_belongs_to_something_else_is_not_read_and_gives_way(store):
    store.append(keys_of(1), values_of(1))
    other = reopened(store, "another net")
    assert found(other, 1) == set()
    other.append(keys_of(2), values_of(2))
    assert found(reopened(store, "another net"), 1, 2) == {2}
    assert found(reopened(store), 1, 2) == set()
    assert len(list(store.path.parent.glob("*.rows"))) == 1


def test_another_width_begins_anew(store):
    store.append(keys_of(1), values_of(1))
    store.append(keys_of(2), values_of(2, width=3))
    assert store.width == 3
    assert store.lookup(keys_of(1, 2)).tolist() == [-1, 0]


def test_files_of_earlier_versions_go(store):
    store.path.parent.mkdir()
    old = store.path.with_name("net-0123.safetensors")
    old.write_bytes(b"old")
    store.append(keys_of(1), values_of(1))
    assert not old.exists()


def test_keys_that_changed_places_are_seen(store):
    store.append(keys_of(1, 2, 3), values_of(1, 2, 3))
    index = file_of(store, ".index")
    records = np.frombuffer(index.read_bytes()[256:], feature_store.RECORD).copy()
    records["key"][[0, 1]] = records["key"][[1, 0]]
    index.write_bytes(index.read_bytes()[:256] + records.tobytes())
    assert found(reopened(store), 1, 2, 3) == {3}


def flip(path, place, bit=3):
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << bit
    path.write_bytes(content)


def test_a_flipped_bit_costs_one_row_which_is_computed_anew(store):
    store.append(keys_of(1, 2, 3), values_of(1, 2, 3))
    flip(file_of(store, ".rows"), 4 * WIDTH + 5)
    again = reopened(store)
    assert found(again, 1, 2, 3) == {1, 3}
    assert again.lookup(keys_of(1, 2, 3)).tolist() == [0, -1, 2], "it is not asked twice"
    again.append(keys_of(2), values_of(2))
    assert found(again, 1, 2, 3) == found(reopened(store), 1, 2, 3) == {1, 2, 3}


@pytest.mark.parametrize("ending", [".rows", ".index"])
def test_what_a_kill_leaves_at_the_end_is_written_over(store, ending):
    store.append(keys_of(1, 2), values_of(1, 2))
    with file_of(store, ending).open("ab") as file:
        file.write(bytes(range(1, 20)))
    again = reopened(store)
    assert found(again, 1, 2) == {1, 2}
    again.append(keys_of(3), values_of(3))
    assert found(again, 1, 2, 3) == found(reopened(store), 1, 2, 3) == {1, 2, 3}


@pytest.mark.parametrize("ending", [".rows", ".index"])
def test_a_cut_off_file_keeps_what_is_before_the_cut(store, ending):
    store.append(keys_of(*range(10)), values_of(*range(10)))
    path = file_of(store, ending)
    row, start = (4 * WIDTH, 0) if ending == ".rows" else (KEY_BYTES + 4, 256)
    os.truncate(path, start + 6 * row + 1)
    assert found(store, *range(10)) == set(range(6 if ending == ".rows" else 10)), "it knows its records"
    again = reopened(store)
    assert found(again, *range(10)) == set(range(6))
    again.append(keys_of(7), values_of(7))
    assert found(reopened(store), *range(10)) == {*range(6), 7}
    assert found(store, *range(10)) <= {*range(10)}


@pytest.mark.parametrize("damage", ["zeroed", "shuffled", "noise"])
def test_the_attacks_on_the_old_cache_are_seen(store, damage):
    store.append(keys_of(*range(64)), values_of(*range(64)))
    path = file_of(store, ".rows")
    rows = np.fromfile(path, np.float32).reshape(64, WIDTH)
    if damage == "zeroed":
        rows[16:48] = 0
    elif damage == "shuffled":
        rows = np.roll(rows, 1, 0)
    else:
        rows = (rows.view(np.uint32) ^ 1).view(np.float32)
    path.write_bytes(rows.tobytes())
    left = {*range(16), *range(48, 64)} if damage == "zeroed" else set()
    assert found(reopened(store), *range(64)) == left


@pytest.mark.parametrize(
    "header",
    [
        b"", b"{}", b"[[[[", b"\xff\xfe" * 128, b"null".ljust(256), b"{".ljust(256), b"[" * 256,
        b'{"format": 3, "of": "OF", "width": true, "rows": "01234567"}',
        b'{"format": 3, "of": "OF", "width": -4, "rows": "01234567"}',
        b'{"format": 3, "of": "OF", "width": 99999999, "rows": "01234567"}',
        b'{"format": 3, "of": "OF", "width": 6, "rows": "../../etc/passwd"}',
        b'{"format": 3, "of": "OF", "width": 6, "rows": "89abcdef"}',
        b'{"format": 4, "of": "OF", "width": 6, "rows": "01234567"}',
    ],
)  # fmt: skip
def test_a_header_that_makes_no_sense_is_an_empty_store(store, header):
    store.append(keys_of(1), values_of(1))
    index = file_of(store, ".index")
    of = f"{zlib.crc32(b'net'):08x}".encode()
    index.write_bytes(header.replace(b"OF", of).ljust(256 if len(header) > 40 else 0) + index.read_bytes()[256:])
    again = reopened(store)
    assert len(again) == 0
    again.append(keys_of(2), values_of(2))
    assert found(reopened(store), 1, 2) == {2}


def test_a_pipe_in_its_place_hangs_nobody(store):
    store.path.parent.mkdir()
    os.mkfifo(store.path.with_name("net-1.index"))
    assert len(reopened(store)) == 0
    store.append(keys_of(1), values_of(1))
    assert found(reopened(store), 1) == {1}


def test_a_lost_file_of_rows_is_an_empty_store(store):
    store.append(keys_of(1), values_of(1))
    opened = reopened(store)
    file_of(store, ".rows").unlink()
    assert found(opened, 1) == set()
    assert len(reopened(store)) == 0
    assert opened.append(keys_of(1), values_of(1))
    assert found(opened, 1) == {1}


@pytest.mark.parametrize("step", [0, 1], ids=["rows", "records"])
def test_a_full_disk_is_said_and_costs_nothing_that_was_there(store, monkeypatch, step):
    store.append(keys_of(1, 2), values_of(1, 2))
    calls = []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) > step:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(feature_store.os, "fsync", full)
    with pytest.raises(StorageError, match="The disk is full"):
        store.append(keys_of(3), values_of(3))
    monkeypatch.undo()
    for each in (store, reopened(store)):
        assert {1, 2} <= found(each, 1, 2, 3)
    store.append(keys_of(3, 4), values_of(3, 4))
    assert found(reopened(store), 1, 2, 3, 4) == {1, 2, 3, 4}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="a closed folder stops neither Windows nor root")
def test_a_closed_folder_is_said(store):
    store.path.parent.mkdir()
    store.path.parent.chmod(0o500)
    with pytest.raises(StorageError):
        store.append(keys_of(1), values_of(1))


def test_while_another_one_appends_nothing_is_added(store, monkeypatch):
    monkeypatch.setattr(feature_store, "_PATIENCE_S", 0.05)
    store.append(keys_of(1), values_of(1))
    with feature_store.locked(store.with_ending(".lock")) as is_mine:
        assert is_mine
        assert not reopened(store).append(keys_of(2), values_of(2))
    assert found(reopened(store), 1, 2) == {1}
    assert store.append(keys_of(2), values_of(2))


def test_two_that_append_in_turns_lose_nothing(store):
    other = reopened(store)
    for number in range(0, 20, 2):
        store.append(keys_of(number, 100), values_of(number, 100))
        other.append(keys_of(number + 1, 100), values_of(number + 1, 100))
    assert found(reopened(store), *range(20), 100) == {*range(20), 100}
    assert len(reopened(store)) == 21


WRITER = """
import sys
from pathlib import Path
from tests.compute.test_feature_store import keys_of, values_of
from cnnstudio.compute.feature_store import FeatureStore
store, first, step = FeatureStore(Path(sys.argv[1]), "net"), int(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
for start in range(first, first + 400, step):
    numbers = range(start, start + step)
    assert store.append(keys_of(*numbers), values_of(*numbers))
"""


def writer(store, first, step):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, store.path, str(first), str(step)], stdout=subprocess.PIPE, env=environment
    )
    process.stdout.readline()
    return process


def test_two_processes_at_once_and_one_of_them_killed(store):
    lasting, killed = writer(store, 0, 20), writer(store, 1000, 1)
    while len(reopened(store)) < 30:
        pass
    killed.kill()
    killed.communicate()
    lasting.communicate(timeout=60)
    assert lasting.returncode == 0
    there = found(reopened(store), *range(400), *range(1000, 1400))
    assert there >= set(range(400))
    assert store.append(keys_of(5000), values_of(5000))
    assert found(reopened(store), 5000, *there) == {5000, *there}


class Vandal(RuleBasedStateMachine):
    """Whatever is done to the files between appends, what is found is right; and a whole store forgets nothing."""

    @initialize()
    def begin(self):
        self.folder = Path(os.environ["STORE_FOLDER"]) / f"{random.SystemRandom().getrandbits(64):x}"
        self.store = FeatureStore(self.folder / "net", "net")
        self.known, self.touched = set(), False

    @rule(numbers=st.sets(st.integers(0, 30), min_size=1, max_size=8))
    def append(self, numbers):
        self.store.append(keys_of(*numbers), values_of(*numbers))
        self.known |= numbers

    @rule()
    def reopen(self):
        self.store = reopened(self.store)

    @rule(which=st.integers(0, 9), place=st.integers(0, 2**32))
    def cut(self, which, place):
        if files := self.files():
            os.truncate(files[which % len(files)], place % (files[which % len(files)].stat().st_size + 1))
            self.touched = True

    @rule(which=st.integers(0, 9), place=st.integers(0, 2**32), bit=st.integers(0, 7))
    def flip(self, which, place, bit):
        files = [path for path in self.files() if path.stat().st_size]
        if files:
            path = files[which % len(files)]
            flip(path, place % path.stat().st_size, bit)
            self.touched = True

    @rule(which=st.integers(0, 9), tail=st.binary(min_size=1, max_size=80))
    def lengthen(self, which, tail):
        """What a kill in the middle of an append leaves behind."""
        if files := self.files():
            with files[which % len(files)].open("ab") as file:
                file.write(tail)
            self.touched = True

    @rule(which=st.integers(0, 9))
    def lose(self, which):
        if files := self.files():
            files[which % len(files)].unlink()
            self.touched = True

    @invariant()
    def right_or_none(self):
        there = found(self.store, *range(31))
        assert there <= self.known
        assert self.touched or there == self.known

    def files(self):
        return sorted(self.folder.glob("net*")) if self.folder.is_dir() else []


def test_random_damage_never_gives_wrong_features(tmp_path, monkeypatch):
    monkeypatch.setenv("STORE_FOLDER", str(tmp_path))
    monkeypatch.setattr(feature_store.os, "fsync", lambda _descriptor: None)
    Vandal.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
    Vandal.TestCase("runTest").runTest()


LARGE = """
import sys
import numpy as np
from pathlib import Path
from cnnstudio.compute.feature_store import FeatureStore
def peak():  # in kB; getrusage would count what the process was before it was this one
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
before = peak()
store = FeatureStore(Path(sys.argv[1]), "net")
count, keys = int(sys.argv[2]), np.load(sys.argv[3], mmap_mode="r")
rows, read = store.lookup(keys), 0
assert (rows == np.arange(count)[::-1]).all()
for start in range(0, count, 4096):
    values, whole = store.read(rows[start : start + 4096])
    assert whole.all() and not values.any()
    read += len(values)
assert read == count
print((peak() - before) / 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize(
    ("count", "megabytes"), [(40_000, 60), pytest.param(1_000_000, 500, marks=pytest.mark.slow)]
)  # with room for the pieces; all values would be 205 MB and 5.1 GB
def test_memory_is_that_of_the_index_and_one_batch(tmp_path, count, megabytes):
    width = 1280
    keys = np.random.default_rng(0).integers(0, 256, (count, KEY_BYTES), np.uint8)
    np.save(tmp_path / "keys.npy", keys[::-1])
    store = FeatureStore(tmp_path / "net", "net")
    store.append(keys[:1], np.zeros((1, width), np.float32))
    records = np.zeros(count, feature_store.RECORD)
    records["key"], row = keys, bytes(4 * width)
    records["checksum"] = [zlib.crc32(row, zlib.crc32(key.data, zlib.crc32(b"net"))) for key in keys]
    index = file_of(store, ".index")
    index.write_bytes(index.read_bytes()[:256] + records.tobytes())
    os.truncate(file_of(store, ".rows"), count * 4 * width)
    output = subprocess.run(
        [sys.executable, "-c", LARGE, tmp_path / "net", str(count), tmp_path / "keys.npy"],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert float(output) < megabytes


def test_it_is_torch_free():
    code = "import sys, cnnstudio.compute.feature_store; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
