"""From the files a dataset is published as to pictures with split and class.

Nothing is unpickled, and nothing is unpacked to where an archive says. SciPy reads every kind of MATLAB file, for 35 MB
of installation; this reads plain numeric arrays of level 5, which is all that the practice datasets hold. Layout:
https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf
"""

import csv
import gzip
import json
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from cnnstudio.core import DatasetError, FormatError, resource
from cnnstudio.data.dataset import SPLIT_NAMES

_LARGEST = 200_000_000
"""No file of these datasets is larger; a small archive that claims more is an attack on the disk."""


def members(archive: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """Name and content of the regular files whose name is wanted, in the archive's order.

    Raises:
        DatasetError: a member is far too large.
    """
    source = _zipped if archive.suffix == ".zip" else _tarred
    yield from source(archive, wanted)


def texts(archive: Path, *names: str) -> dict[str, str]:
    """Small text files by the end of their name; reads no further than it has to."""
    found: dict[str, str] = {}
    for member, content in members(archive, lambda member: member.endswith(names)):
        found[next(name for name in names if member.endswith(name))] = content.decode("utf-8")
        if len(found) == len(names):
            break
    missing = set(names) - set(found)
    if missing:
        raise DatasetError(f"{archive.name} holds no file {', '.join(sorted(missing))}.", remedy="Download it again.")
    return found


def _tarred(archive: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive, "r|*") as opened:
        for member in opened:
            if member.isfile() and wanted(member.name):
                _check(archive, member.size)
                content = opened.extractfile(member)
                assert content is not None
                yield member.name, content.read()


def _zipped(archive: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            if not info.is_dir() and wanted(info.filename):
                _check(archive, info.file_size)
                with opened.open(info) as content:
                    yield info.filename, content.read(info.file_size)


def _check(archive: Path, size: int) -> None:
    if size > _LARGEST:
        raise DatasetError(f"{archive.name} holds a file that is far too large.", remedy="Download it again.")


_HEADER = 128
_MATRIX, _COMPRESSED = 14, 15
_TYPES = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4", 9: "<f8", 12: "<i8", 13: "<u8"}
_MOST_BYTES = 1_000_000_000


def read_mat(path: Path) -> dict[str, np.ndarray]:
    """Arrays by name, in MATLAB's own (column-major) shape.

    Raises:
        FormatError: it is no such file, or it is damaged.
    """
    data = path.read_bytes()
    if len(data) < _HEADER or data[126:128] != b"IM":
        raise FormatError(f"{path.name} is not a MATLAB file of level 5.", remedy="Download it again.")
    try:
        return dict(_arrays(data[_HEADER:]))
    except (ValueError, KeyError, zlib.error) as error:
        raise FormatError(f"{path.name} is damaged.", remedy="Download it again.", details=repr(error)) from error


def _arrays(data: bytes) -> Iterator[tuple[str, np.ndarray]]:
    for kind, content in _elements(data):
        if kind == _COMPRESSED:
            yield from _arrays(zlib.decompressobj().decompress(content, _MOST_BYTES))
        elif kind == _MATRIX:
            _flags, (_, sizes), (_, name), (stored, numbers), *_ = _elements(content)
            shape = np.frombuffer(sizes, "<i4")
            yield name.decode("ascii"), np.frombuffer(numbers, _TYPES[stored]).reshape(shape, order="F")


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content, one after the other; up to four bytes may lie inside the tag itself."""
    at = 0
    while at + 8 <= len(data):
        kind, size = (int(each) for each in np.frombuffer(data, "<u4", 2, at))
        if kind >> 16:
            yield kind & 0xFFFF, data[at + 4 : at + 4 + (kind >> 16)]
            at += 8
        else:
            yield kind, data[at + 8 : at + 8 + size]
            at += 8 + (size if kind == _COMPRESSED else -(-size // 8) * 8)


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
