import os
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnstudio.core import StorageError, cache_folder
from cnnstudio.data import FileProblem, stamp
from cnnstudio.data.checks import facts as storing
from cnnstudio.data.checks.facts import ROW, Facts, is_known, load_facts, save_facts

NAMES = ["a.png", "b.png", "deep/c.png", "d é.png"]
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)


@pytest.fixture
def root(tmp_path):
    for number, name in enumerate(NAMES):
        path = tmp_path / "pictures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(number + 1))
    return tmp_path / "pictures"


def facts_of(root, names=NAMES, *, broken=(), unseen=()):
    """Random facts that fit the files, with a problem for each broken one."""
    rng = np.random.default_rng(len(names))
    table = np.frombuffer(rng.bytes(len(names) * ROW.itemsize), ROW).copy()
    table["seen"], table["good"], table["rotated"], table["grey"] = True, True, False, True
    table["spread"] = rng.random(len(names))
    problems = {}
    for row, name in enumerate(names):
        table["size"][row], table["time"][row] = stamp(root / name)
        if name in broken:
            table["good"][row] = False
            problems[row] = FileProblem(path=root / name, kind="truncated", detail=f"{name} is cut off.")
        if name in unseen:
            table[row] = np.zeros((), ROW)
    return Facts(table=table, problems=problems)


def stored_file():
    (file,) = (cache_folder() / "pictures").glob("*.npz")
    return file


def test_what_is_known_comes_back_as_it_was(root):
    assert not is_known(root)
    facts = facts_of(root, broken=["b.png", "d é.png"])
    save_facts(root, NAMES, facts)
    assert is_known(root)
    again = load_facts(root, NAMES)
    assert (again.table == facts.table).all()
    assert again.problems == facts.problems


@SHARED
@given(st.permutations([*NAMES, "new.png", "newer.png"]), st.integers(0, 6))
def test_files_are_known_by_name_in_whatever_order_they_are_listed(root, order, count):
    facts = facts_of(root, broken=["b.png"])
    save_facts(root, NAMES, facts)
    listed = order[:count]
    again = load_facts(root, listed)
    for row, name in enumerate(listed):
        if name in NAMES:
            assert again.table[row] == facts.table[NAMES.index(name)]
        else:
            assert not again.table["seen"][row]
    assert {listed[row] for row in again.problems} == {"b.png"} & set(listed)
    assert all(problem.path == root / "b.png" for problem in again.problems.values())


@pytest.mark.parametrize("change", ["content", "time", "gone"])
def test_a_file_that_changed_is_unknown_with_its_problem(root, change):
    save_facts(root, NAMES, facts_of(root, broken=NAMES[:2]))
    path = root / "b.png"
    if change == "content":
        before = path.stat()
        path.write_bytes(b"longer than before")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif change == "time":
        os.utime(path, ns=(10**18, 10**18))
    else:
        path.unlink()
    again = load_facts(root, NAMES)
    assert again.table["seen"].tolist() == [True, False, True, True]
    assert list(again.problems) == [0]


def test_what_was_not_looked_at_is_not_remembered(root):
    save_facts(root, NAMES, facts_of(root, broken=["d é.png"], unseen=["a.png", "deep/c.png"]))
    again = load_facts(root, NAMES)
    assert again.table["seen"].tolist() == [False, True, False, True]
    assert [problem.path.name for problem in again.problems.values()] == ["d é.png"]


@pytest.mark.skipif(sys.platform != "linux", reason="no such names there")
def test_names_that_are_no_text_are_known(root):
    name = os.fsdecode(b"caf\xe9.png")
    (root / name).write_bytes(b"x")
    save_facts(root, [name], facts_of(root, [name], broken=[name]))
    again = load_facts(root, [name])
    assert again.table["seen"].tolist() == [True]
    assert again.problems[0].path == root / name


@SHARED
@given(st.data())
def test_a_damaged_file_is_forgotten_or_read_but_never_an_error(root, data):
    facts = facts_of(root, broken=["a.png"])
    save_facts(root, NAMES, facts)
    file = stored_file()
    content = bytearray(file.read_bytes())
    kind = data.draw(st.sampled_from(["cut", "flip", "other"]))
    if kind == "cut":
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    elif kind == "flip":
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    else:
        content = data.draw(st.binary(max_size=300))
    file.write_bytes(content)
    again = load_facts(root, NAMES)
    assert again.table.dtype == ROW
    known = again.table["seen"]
    assert (again.table[known] == facts.table[known]).all(), "a checksum of the archive tells"


@pytest.mark.parametrize(
    "change",
    [{"version": np.array("2")}, {"table": np.zeros(4)}, {"words": np.frombuffer(b"{", np.uint8)},
     {"words": np.frombuffer(b"[1]", np.uint8)}, {"table": np.array([object()])}],
    ids=["older version", "other columns", "no JSON", "other JSON", "a pickle"],
)  # fmt: skip
def test_a_file_of_another_kind_is_forgotten(root, change):
    save_facts(root, NAMES, facts_of(root))
    with np.load(stored_file()) as stored:
        parts = dict(stored)
    np.savez(stored_file(), **parts | change)
    assert not load_facts(root, NAMES).table["seen"].any()


def test_a_disk_that_refuses_costs_looking_again(root, monkeypatch):
    def refuse(*_):
        raise StorageError("full")

    monkeypatch.setattr(storing, "write_atomically", refuse)
    save_facts(root, NAMES, facts_of(root))
    assert not is_known(root)
    assert not load_facts(root, NAMES).table["seen"].any()


def test_two_folders_know_nothing_of_each_other_and_a_link_is_no_folder_of_its_own(root, tmp_path):
    save_facts(root, NAMES, facts_of(root))
    assert not is_known(tmp_path)
    (tmp_path / "link").symlink_to(root, target_is_directory=True)
    assert is_known(tmp_path / "link")
    assert load_facts(tmp_path / "link", NAMES).table["seen"].all()


def test_a_folder_without_pictures_is_a_table_without_rows(root):
    save_facts(root, [], facts_of(root, []))
    assert len(load_facts(root, []).table) == 0
    assert not load_facts(root, NAMES).table["seen"].any()
