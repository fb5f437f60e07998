"""Whatever happens to a file of the cache: what it held is read to the bit, or counts as not there."""

import json
import os
import random
import shutil
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.compute.feature_store import KEY_BYTES, FeatureStore
from cnnstudio.core import cache_folder, remembered
from cnnstudio.data.checks.facts import Facts, examine, load_facts, save_facts
from cnnstudio.data.reading import stored_thumbnail
from cnnstudio.networks.catalogue.entries import Catalogue, NetworkEntry, Speeds, load_speeds, save_speeds, this_machine
from cnnstudio.networks.catalogue.registry import _remember, cached_catalogue
from cnnstudio.networks.weights.store import _hash_of


class Features:
    """Rows of two stores, of which the first is asked."""

    keys = np.arange(6 * KEY_BYTES, dtype=np.uint8).reshape(6, KEY_BYTES)

    def __init__(self, home):
        self.values = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
        for name, values in (("one", self.values), ("two", self.values[::-1])):
            FeatureStore(cache_folder() / name, name).append(self.keys, values)

    def right(self):
        store = FeatureStore(cache_folder() / "one", "one")
        rows = store.lookup(self.keys)
        values, whole = store.read(rows[rows >= 0])
        return all(map(np.array_equal, values[whole], self.values[rows >= 0][whole]))


class Pictures:
    """What is known of a folder's pictures."""

    def __init__(self, home):
        self.names = ["a.png", "b.png", "broken.png"]
        for folder, level in (("one", 40), ("two", 200)):
            (home / folder).mkdir()
            for name in self.names[:2]:
                Image.fromarray(np.full((9, 9, 3), level, np.uint8)).save(home / folder / name)
            (home / folder / "broken.png").write_bytes(b"no picture")
            os.utime(home / folder / "a.png", (1, 1))
        self.root = home / "one"
        for root in (home / "two", self.root):
            table, _ = examine([str(root / name) for name in self.names])
            save_facts(root, self.names, Facts(table=table))
        self.table = load_facts(self.root, self.names).table
        assert self.table["seen"].all()

    def right(self):
        found = load_facts(self.root, self.names)
        return not found.table["seen"].any() or np.array_equal(found.table, self.table)


class Thumbnails:
    def __init__(self, home):
        self.pictures = [home / "a.png", home / "b.png"]
        for number, picture in enumerate(self.pictures):
            noise = np.random.default_rng(number).integers(0, 255, (300, 300, 3), dtype=np.uint8)
            Image.fromarray(noise).save(picture)
        self.shown = [stored_thumbnail(picture, 64) for picture in self.pictures]
        self.stored = [stored_thumbnail(picture, 64) for picture in self.pictures]

    def right(self):
        shown = stored_thumbnail(self.pictures[0], 64)
        return np.array_equal(shown, self.shown[0]) or np.array_equal(shown, self.stored[0])


class Measured:
    def __init__(self, home):
        self.value = {"precision": "fp32", "images_per_second": 12.5}
        assert remembered("step", lambda: self.value, lambda _: True) == self.value

    def right(self):
        return remembered("step", lambda: "anew", lambda _: True) in (self.value, "anew")


class Hashes:
    def __init__(self, home):
        self.file = home / "weights.pth"
        self.file.write_bytes(b"weights")
        self.digest = _hash_of(self.file)

    def right(self):
        return _hash_of(self.file) == self.digest


class Networks:
    def __init__(self, home):
        entry = NetworkEntry(
            name="n", title="N", family="F", parameters=7, gflops=1.5, input_size=224, min_size=32, weights=()
        )
        self.catalogue = Catalogue(torchvision=version("torchvision"), networks=(entry,))
        _remember(self.catalogue)
        assert cached_catalogue() == self.catalogue

    def right(self):
        return cached_catalogue() in (None, self.catalogue)


class Times:
    def __init__(self, home):
        self.speeds = Speeds(device="cpu", machine=this_machine(), seconds={"n": 0.25}, measured=("n",))
        save_speeds(self.speeds)
        assert load_speeds() == self.speeds

    def right(self):
        return load_speeds() in (None, self.speeds)


def files():
    return sorted(path for path in cache_folder().rglob("*") if path.is_file() and path.suffix != ".lock")


def rewrite(change):
    def act(chance):
        for path in files():
            content = bytearray(path.read_bytes())
            path.write_bytes(bytes(change(content, chance)))

    return act


def flip(content, chance):
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return content


def one_percent(content, chance):
    for _ in range(1 + len(content) // 100):
        flip(content, chance)
    return content


def zero(content, chance):
    start = chance.randrange(len(content))
    size = chance.randrange(1 + (len(content) - start))
    content[start : start + size] = bytes(size)
    return content


def shuffle(content, chance):
    pieces = [content[start : start + 22] for start in range(0, len(content), 22)]
    chance.shuffle(pieces)
    return b"".join(pieces)


def digit(content, chance):
    places = [place for place, byte in enumerate(content) if chr(byte).isdigit()] or [0]
    content[chance.choice(places)] = ord(str(chance.randrange(10)))
    return content


def swap(_chance):
    """Each file under the name of the next of its kind."""
    found = files()
    contents = [path.read_bytes() for path in found]
    for path, content in zip(found, contents[1:] + contents[:1], strict=True):
        path.write_bytes(content)


def in_place(make):
    def act(_chance):
        for path in files():
            path.unlink()
            make(path)

    return act


REPEATED = {
    "bit": rewrite(flip), "one per cent": rewrite(one_percent), "zeros": rewrite(zero), "pieces": rewrite(shuffle),
    "digit": rewrite(digit), "cut": rewrite(lambda content, chance: content[: chance.randrange(len(content))]),
}  # fmt: skip
ONCE = {
    "swapped": swap, "twice": rewrite(lambda content, _: content * 2), "empty": rewrite(lambda *_: b""),
    "garbage": rewrite(lambda content, chance: chance.randbytes(len(content))), "list": rewrite(lambda *_: b"[1]"),
    "nested": rewrite(lambda *_: b"[" * 100_000), "other": rewrite(lambda *_: json.dumps({"step": "fast"}).encode()),
    "no text": rewrite(lambda *_: b"\xff\xfe"), "folder": in_place(Path.mkdir),
    **({"pipe": in_place(os.mkfifo)} if hasattr(os, "mkfifo") else {}),
}  # fmt: skip


@pytest.mark.parametrize("damage", [*REPEATED, *ONCE])
@pytest.mark.parametrize("cache", [Features, Pictures, Thumbnails, Measured, Hashes, Networks, Times])
def test_damage_is_recomputed_and_never_believed(tmp_path, monkeypatch, cache, damage):
    monkeypatch.setattr("cnnstudio.data.reading.thumbnails._LARGE", 0)
    held = cache(tmp_path)
    assert held.right()
    assert files()
    whole = tmp_path / "whole"
    shutil.copytree(cache_folder(), whole)
    for number in range(8 if damage in REPEATED else 1):
        shutil.rmtree(cache_folder())
        shutil.copytree(whole, cache_folder())
        (REPEATED | ONCE)[damage](random.Random(number))
        assert held.right(), f"the second look, damage {number}"
        assert held.right(), "and what was written in its place"


def test_two_facts_that_are_whole_but_do_not_belong_together_are_none(tmp_path):
    held = Pictures(tmp_path)
    one, two = files()[:2]
    with np.load(one) as first, np.load(two) as second:
        parts = {**first, "table": second["table"][:1]}
    for path in (one, two):
        np.savez(path, **parts)
    assert held.right()
