import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.core import ALONE, DatasetError
from cnnstudio.data.checks.finding_words import WORDS, sentence
from cnnstudio.data.dataset import (
    SPLITS,
    Dataset,
    Finding,
    FindingKind,
    PreprocessSpec,
    Sample,
    SplitSpec,
    dataset_hash,
    sample_key,
    stamp,
    time_of,
)
from cnnstudio.data.reading import is_picture, suffix_of
from cnnstudio.data.samples import load_samples, save_samples

CLASSES = ("cat", 'dog, "big"', "Äpfel\r\n")


def dataset_of(root, *rows):
    samples = tuple(Sample(root / name, *rest) for name, *rest in rows)
    return Dataset(root=root, classes=CLASSES, samples=samples, problems=(), split_source="stratified")


ROWS = (("cat/1.png", 0, "train"), ("cat/2.png", 0, "test"), ("dog/1.png", 1, "train"), ("x/3.png", 2, "validation"))


def test_names_are_relative_with_forward_slashes(tmp_path):
    dataset = dataset_of(tmp_path, *ROWS)
    assert [dataset.name_of(sample.path) for sample in dataset.samples] == [name for name, _, _ in ROWS]
    assert replace(dataset, root=Path()).name_of(Path("cat", "1.png")) == "cat/1.png"
    with pytest.raises(ValueError, match="not in the subpath"):
        dataset.name_of(tmp_path.parent / f"{tmp_path.name}2" / "1.png")


def test_counts_and_splits(tmp_path):
    dataset = dataset_of(tmp_path, *ROWS)
    assert dataset.counts() == {
        "cat": {"train": 1, "validation": 0, "test": 1}, 'dog, "big"': {"train": 1, "validation": 0, "test": 0},
        "Äpfel\r\n": {"train": 0, "validation": 1, "test": 0},
    }  # fmt: skip
    assert [len(dataset.split(split)) for split in SPLITS] == [2, 1, 1]
    assert [sample.path.name for sample in dataset.split("train")] == ["1.png", "1.png"]


def test_the_pictures_of_a_finding_lie_beside_each_other_once_each(tmp_path):
    dataset = dataset_of(tmp_path, *ROWS)
    paths = [sample.path for sample in dataset.samples]
    groups = ((paths[2], paths[0]), (paths[0], tmp_path / "left out.png"), (paths[1],))
    finding = Finding(kind="duplicate", groups=groups)
    assert [sample.path for sample in dataset.samples_of(finding)] == [paths[2], paths[0], paths[1]]
    assert finding.count == 5
    assert Finding(kind="small-class", groups=(), classes=("cat", "dog")).count == 2


@pytest.mark.parametrize("kind", FindingKind.__args__)
def test_every_finding_has_words(kind):
    words = WORDS[kind]
    assert words.title
    assert words.meaning.endswith(".")
    one = sentence(Finding(kind=kind, groups=((Path("a"),),)))
    assert one == f"{words.title}: 1 picture."
    two = sentence(Finding(kind=kind, groups=((Path("a"), Path("b")), (Path("c"), Path("d")))))
    assert two == f"{words.title}: 4 pictures in 2 groups."
    assert sentence(Finding(kind=kind, groups=(), classes=("cat", "dog"))) == f"{words.title}: cat, dog."


# The list of a run's pictures ---------------------------------------------------------------------------------

_TEXT = st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=10)
_BYTES = st.binary(min_size=1, max_size=10).map(lambda some: os.fsdecode(some.translate(None, b"/\0") or b"x"))
NAME = (_TEXT | _BYTES).filter(lambda text: text not in (".", ".."))
"""Of a file: text, or bytes that are none."""


@settings(max_examples=50)
@given(st.lists(st.tuples(NAME, st.integers(0, 2), st.sampled_from(SPLITS), st.integers(ALONE, 9)), max_size=8))
def test_a_runs_list_of_pictures_comes_back_as_it_was(tmp_path_factory, rows):
    root = tmp_path_factory.getbasetemp()
    dataset = dataset_of(root, *rows)
    save_samples(root / "samples.csv", dataset, ["ab"] * len(dataset.samples))
    assert load_samples(root / "samples.csv", root, CLASSES, "stratified") == dataset


def test_a_list_of_an_earlier_version_knows_no_groups(tmp_path):
    (tmp_path / "samples.csv").write_text("path,class,split\na.png,cat,train\n")
    read = load_samples(tmp_path / "samples.csv", tmp_path, CLASSES, "stratified")
    assert read == dataset_of(tmp_path, ("a.png", CLASSES.index("cat"), "train", ALONE))


@pytest.mark.skipif(sys.platform != "linux", reason="no such names there")
def test_names_that_are_no_text_come_back(tmp_path):
    dataset = dataset_of(tmp_path, (os.fsdecode(b"caf\xe9.png"), 0, "train"))
    save_samples(tmp_path / "samples.csv", dataset, ["ab"] * len(dataset.samples))
    assert load_samples(tmp_path / "samples.csv", tmp_path, CLASSES, "stratified") == dataset


@pytest.mark.parametrize(
    "text",
    [None, "", "path,class\na.png,cat\n", "path,class,split\na.png,bird,train\n", "path,class,split\na.png,cat,exam\n",
     "path,class,split\na.png,cat\n", "path,class,split,group\na.png,cat,train\n",
     "path,class,split,group\na.png,cat,train,x\n", "name;class;split\n1;2;3\n"],
    ids=["missing", "empty", "no split", "other class", "other split", "short line", "no group", "no number",
         "other columns"],
)  # fmt: skip
def test_a_damaged_list_is_one_sentence(tmp_path, text):
    if text is not None:
        (tmp_path / "samples.csv").write_text(text)
    with pytest.raises(DatasetError, match="list of pictures cannot be read") as caught:
        load_samples(tmp_path / "samples.csv", tmp_path, CLASSES, "stratified")
    assert "Start a new run" in caught.value.problem.remedy


def test_a_folder_that_is_gone_is_said_before_the_list_is_read(tmp_path):
    with pytest.raises(DatasetError, match="The folder of pictures is not there"):
        load_samples(tmp_path / "samples.csv", tmp_path / "gone", CLASSES, "stratified")


# Names and keys -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "suffix", "picture"),
    [
        ("a.jpg", ".jpg", True), ("deep/er/A.JPG", ".jpg", True), ("a.tar.png", ".png", True), ("noending", "", False),
        (".png", "", False), ("dir.png/file", "", False), ("a.", ".", False), ("a.jpg.txt", ".txt", False),
        ("ü.WebP", ".webp", True), ("a.heic", ".heic", True), ("", "", False),
    ],
)  # fmt: skip
def test_endings_of_names(name, suffix, picture):
    assert suffix_of(name) == suffix
    assert is_picture(name) == picture


def test_a_key_follows_place_size_and_time(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(b"one")
    os.utime(path, ns=(5, 5))
    keys = [sample_key(path)]
    monkeypatch.chdir(tmp_path)
    assert sample_key(Path("a.png")) == keys[0]
    os.utime(path, ns=(5, 6))
    keys.append(sample_key(path))
    path.write_bytes(b"longer")
    os.utime(path, ns=(5, 6))
    keys.append(sample_key(path))
    keys.append(sample_key(path.rename(tmp_path / "b.png")))
    keys.append(sample_key(path))
    assert len(set(keys)) == 5
    assert {len(key) for key in keys} == {16}


def test_stamps_of_odd_clocks_fit_into_64_bits(tmp_path):
    class Stat:
        st_mtime_ns = 10**30

    assert time_of(Stat) == 2**63 - 1
    Stat.st_mtime_ns = -(10**30)
    assert time_of(Stat) == -(2**63)
    assert stamp(tmp_path / "gone") == (0, 0)


def test_the_hash_follows_everything_that_training_sees(tmp_path):
    for name, _, _ in ROWS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    dataset = dataset_of(tmp_path, *ROWS)
    first = dataset_hash(dataset)
    assert len(bytes.fromhex(first)) == 16
    assert dataset_hash(replace(dataset, samples=dataset.samples[::-1])) == first, "the order does not count"
    others = [
        dataset_of(tmp_path, *ROWS[1:]),
        dataset_of(tmp_path, *ROWS[:-1], ("x/3.png", 2, "test")),
        dataset_of(tmp_path, *ROWS[:-1], ("x/3.png", 1, "validation")),
        replace(dataset, classes=(*CLASSES[:2], "other")),
    ]
    hashes = {first, *map(dataset_hash, others)}
    (tmp_path / "cat" / "1.png").write_bytes(b"longer")
    assert len(hashes | {dataset_hash(dataset)}) == len(others) + 2


@pytest.mark.parametrize("wrong", [{"validation": -0.1}, {"test": 1.0}, {"validation": 0.5, "test": 0.5}, {"folds": 51},
                                   {"folds": 3, "fold": -1}, {"group_pattern": "(" * 300}])  # fmt: skip
def test_a_division_that_cannot_be_is_refused_with_a_sentence(wrong):
    with pytest.raises(ValueError, match=r"\.$"):
        SplitSpec(**wrong)


def test_grey_networks_have_one_channel():
    assert PreprocessSpec(resize=32, crop=32).channels == 3
    assert PreprocessSpec(resize=32, crop=32, mean=(0.4,), std=(0.2,)).channels == 1
