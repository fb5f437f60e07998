"""From the files a dataset is published as to pictures with split and class. Nothing is unpickled."""

import csv
import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from cnnstudio.core.errors import FormatError
from cnnstudio.core.paths import resource
from cnnstudio.data.practice.archive import members, texts
from cnnstudio.data.practice.mat_file import read_mat
from cnnstudio.data.spec import SPLIT_NAMES


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a dataset."""

    split: str
    """Empty where the dataset brings no splits."""
    label: str
    name: str
    """File name; an array is written as PNG."""
    content: bytes | np.ndarray
    """An encoded picture, or H×W or H×W×3 uint8."""


Convert = Callable[[tuple[Path, ...]], Iterator[Picture]]
"""From the downloaded files, in the order of the sources."""
_SUFFIXES = (".jpg", ".jpeg", ".png", ".ppm")
_IMAGENETTE = {
    "n01440764": "tench", "n02102040": "English springer", "n02979186": "cassette player", "n03000684": "chain saw",
    "n03028079": "church", "n03394916": "French horn", "n03417042": "garbage truck", "n03425413": "gas pump",
    "n03445777": "golf ball", "n03888257": "parachute",
}  # fmt: skip
_CIFAR_RECORD = 3 * 32 * 32


def idx(paths: tuple[Path, ...], *, classes: tuple[str, ...]) -> Iterator[Picture]:
    """MNIST's format, http://yann.lecun.com/exdb/mnist/: pictures and labels of train, then of test."""
    for split, images, labels in (("train", paths[0], paths[1]), ("test", paths[2], paths[3])):
        for number, (image, label) in enumerate(zip(_idx_array(images), _idx_array(labels), strict=True)):
            yield Picture(split, classes[label], f"{number:05d}.png", image)


def cifar10(paths: tuple[Path, ...]) -> Iterator[Picture]:
    """Records of one label byte and 3×32×32 bytes."""
    classes = texts(paths[0], "batches.meta.txt")["batches.meta.txt"].split()
    yield from _cifar(paths[0], classes, label_bytes=1)


def cifar100(paths: tuple[Path, ...]) -> Iterator[Picture]:
    """Records of two label bytes, of which the second is the finer, and 3×32×32 bytes."""
    classes = texts(paths[0], "fine_label_names.txt")["fine_label_names.txt"].split()
    yield from _cifar(paths[0], classes, label_bytes=2)


def svhn(paths: tuple[Path, ...]) -> Iterator[Picture]:
    """MATLAB arrays 32×32×3×N; the label 10 is the digit 0."""
    for split, path in zip(("train", "test"), paths, strict=True):
        arrays = read_mat(path)
        for number, label in enumerate(arrays["y"].ravel()):
            yield Picture(split, str(int(label) % 10), f"{number:05d}.png", arrays["X"][..., number])


def class_folders(paths: tuple[Path, ...]) -> Iterator[Picture]:
    """An archive with a folder per class and no splits; numbers before a class, as in ``001.ak47``, are left out."""
    for member, content in members(paths[0], _is_picture):
        path = PurePosixPath(member)
        yield Picture("", re.sub(r"^\d+\.", "", path.parent.name), path.name, content)


def imagenette(paths: tuple[Path, ...]) -> Iterator[Picture]:
    """``imagenette2-160/train/n01440764/x.JPEG``; what it calls validation has never been learned from: test."""
    for member, content in members(paths[0], _is_picture):
        path = PurePosixPath(member)
        split = "train" if path.parent.parent.name == "train" else "test"
        yield Picture(split, _IMAGENETTE[path.parent.name], path.name, content)


def gtsrb(paths: tuple[Path, ...]) -> Iterator[Picture]:
    """Training pictures in numbered folders, test pictures with a table; pictures of one sign share a track number."""
    classes = names("gtsrb")
    for member, content in members(paths[0], _is_picture):
        path = PurePosixPath(member)
        yield Picture("train", classes[int(path.parent.name)], path.name, content)
    table = texts(paths[2], "GT-final_test.csv")["GT-final_test.csv"].splitlines()
    labels = {row["Filename"]: int(row["ClassId"]) for row in csv.DictReader(table, delimiter=";")}
    for member, content in members(paths[1], _is_picture):
        name = PurePosixPath(member).name
        yield Picture("test", classes[labels[name]], name, content)


def flowers(paths: tuple[Path, ...]) -> Iterator[Picture]:
    """``jpg/image_00001.jpg`` with labels and splits as MATLAB arrays that count from 1."""
    classes, labels = names("flowers102"), read_mat(paths[1])["labels"].ravel()
    ids = read_mat(paths[2])
    split_of = {
        int(number): split
        for split, key in (("train", "trnid"), ("validation", "valid"), ("test", "tstid"))
        for number in ids[key].ravel()
    }
    for member, content in members(paths[0], _is_picture):
        name = PurePosixPath(member).name
        number = int(name.removeprefix("image_").split(".")[0])
        yield Picture(split_of[number], classes[int(labels[number - 1]) - 1], name, content)


def textures(paths: tuple[Path, ...]) -> Iterator[Picture]:
    """``dtd/images/banded/banded_0002.jpg`` with lists for ten divisions, of which the first is taken."""
    lists = texts(paths[0], "labels/train1.txt", "labels/val1.txt", "labels/test1.txt")
    split_of = {
        line.strip(): SPLIT_NAMES[PurePosixPath(name).stem.removesuffix("1")]
        for name, text in lists.items()
        for line in text.splitlines()
    }
    for member, content in members(paths[0], _is_picture):
        path = PurePosixPath(member)
        yield Picture(split_of[f"{path.parent.name}/{path.name}"], path.parent.name, path.name, content)


def pets(paths: tuple[Path, ...]) -> Iterator[Picture]:
    """``images/Abyssinian_100.jpg`` with two lists."""
    lists = texts(paths[1], "annotations/trainval.txt", "annotations/test.txt")
    split_of = {
        line.split()[0]: "test" if name.endswith("test.txt") else "train"
        for name, text in lists.items()
        for line in text.splitlines()
        if line.strip() and not line.startswith("#")
    }
    for member, content in members(paths[0], _is_picture):
        path = PurePosixPath(member)
        if path.stem in split_of:
            label = path.stem.rpartition("_")[0].replace("_", " ").title()
            yield Picture(split_of[path.stem], label, path.name, content)


def food(paths: tuple[Path, ...]) -> Iterator[Picture]:
    """``food-101/images/apple_pie/1005649.jpg`` with two lists."""
    lists = texts(paths[0], "meta/train.json", "meta/test.json")
    split_of = {
        entry: SPLIT_NAMES[PurePosixPath(name).stem]
        for name, text in lists.items()
        for entries in json.loads(text).values()
        for entry in entries
    }
    for member, content in members(paths[0], _is_picture):
        path = PurePosixPath(member)
        split = split_of[f"{path.parent.name}/{path.stem}"]
        yield Picture(split, path.parent.name.replace("_", " "), path.name, content)


def names(dataset: str) -> list[str]:
    """Class names of a dataset that publishes only numbers."""
    return resource("practice", f"{dataset}.txt").read_text(encoding="utf-8").splitlines()


def _cifar(archive: Path, classes: list[str], *, label_bytes: int) -> Iterator[Picture]:
    for member, content in members(archive, lambda name: name.endswith(".bin")):
        records = np.frombuffer(content, np.uint8).reshape(-1, label_bytes + _CIFAR_RECORD)
        stem = PurePosixPath(member).stem
        split = "test" if stem.startswith("test") else "train"
        for number, record in enumerate(records):
            pixels = record[label_bytes:].reshape(3, 32, 32).transpose(1, 2, 0)
            yield Picture(split, classes[record[label_bytes - 1]], f"{stem}_{number:05d}.png", pixels)


def _idx_array(path: Path) -> np.ndarray:
    data = gzip.decompress(path.read_bytes())
    dimensions = data[3]
    if data[:3] != b"\0\0\x08" or not 1 <= dimensions <= 3:
        raise FormatError(f"{path.name} is not in MNIST's format.", remedy="Download it again.")
    shape = np.frombuffer(data, ">u4", dimensions, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def _is_picture(member: str) -> bool:
    path = PurePosixPath(member)
    return path.suffix.lower() in _SUFFIXES and not path.name.startswith(".")
