"""Classes whose names look the same are one, whatever bytes a disk has for them."""

import os
import unicodedata
from zlib import crc32

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core import Warned, Watch
from cnnstudio.data import SplitSpec
from cnnstudio.data.collect import class_folder
from cnnstudio.data.curation import Curation
from cnnstudio.data.scan import scan_folder
from cnnstudio.training.opening import _warn_of_alike

SPEC = SplitSpec()
CAFE = "café au lait"
SPELLINGS = [
    unicodedata.normalize("NFD", CAFE).encode(),
    "café\u00a0au lait".encode(),
    "café  au lait".encode(),
    "café au\u200b lait".encode(),
    CAFE.encode("latin-1"),
    "café\nau lait".encode(),
]
bytes_on_disk = pytest.mark.skipif(os.name == "nt", reason="names are no bytes there")


def fill(folder, count=4):
    folder.mkdir(parents=True)
    for number in range(count):
        pixels = np.random.default_rng(crc32(os.fsencode(folder)) + number).integers(0, 255, (8, 8, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")


@bytes_on_disk
@pytest.mark.parametrize("other", SPELLINGS)
def test_two_spellings_are_one_class(tmp_path, other):
    try:
        fill(tmp_path / "val" / os.fsdecode(other))
    except OSError:
        pytest.skip("a disk that takes Unicode only")
    for name in (CAFE, "tea"):
        fill(tmp_path / "train" / name)
    fill(tmp_path / "val" / "tea")
    dataset = scan_folder(tmp_path, SPEC)
    assert dataset.counts()[CAFE] == {"train": 4, "validation": 4, "test": 0}
    assert len(dataset.classes) == 2
    assert class_folder(dataset, CAFE) == tmp_path / "train" / CAFE


@bytes_on_disk
def test_names_that_are_no_utf8_stay_different_classes(tmp_path):
    for name in (b"caf\xe9", b"caf\xe8", b"-x\x1b[2J", b"=sum"):
        fill(tmp_path / os.fsdecode(name))
    assert scan_folder(tmp_path, SPEC).classes == ("-x\\x1b[2J", "=sum", "cafè", "café")


def test_what_a_person_wrote_is_spelt_the_same_way(tmp_path):
    for name in ("a", "b"):
        fill(tmp_path / name)
    decided = Curation(classes={"a/0.png": unicodedata.normalize("NFD", "café"), "a/1.png": " café "})
    assert sum(scan_folder(tmp_path, SPEC, decided).counts()["café"].values()) == 2


def test_a_terminal_hears_of_classes_that_are_spelt_almost_alike(tmp_path):
    for name in ("a b", "A-B", "c"):
        fill(tmp_path / name)
    heard = []
    _warn_of_alike(scan_folder(tmp_path, SPEC), Watch(emit=heard.append))
    assert [type(event) for event in heard] == [Warned]
    assert "A-B = a b" in heard[0].problem.title


def test_a_copied_class_folder_is_noticed_beside_its_own(tmp_path):
    for name in ("Oak", "Oak - Copy", "oak (2)", "Elm (1)", "Elm (2)"):
        fill(tmp_path / name)
    found = [finding.merges for finding in scan_folder(tmp_path, SPEC).findings if finding.kind == "alike-classes"]
    assert found == [(("Oak - Copy", "Oak"), ("oak (2)", "Oak"))]
