"""The pictures the starter network learns from, and which classes it never sees."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnstudio.data.reading import read_image


def left_out(classes: list[str]) -> list[str]:
    """Every third class by alphabet, from the second: kept out of training, to measure on what was never seen."""
    return sorted(classes)[1::3]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Decoded pictures, their labels, and from which of two kinds they come."""

    images: list[np.ndarray]
    """Each H×W×3 uint8."""
    labels: np.ndarray
    """Index into ``classes``."""
    classes: list[str]
    photos: int
    """So many from the start are large photographs; the others are 32 × 32."""


def read_pictures(clothing: Path, cifar: Path) -> Pictures:
    """The training splits, without the classes that are left out.

    Args:
        clothing: with ``train/<class>/*``; its other splits are not touched.
        cifar: the same.
    """
    photos = list(_files(clothing / "train"))
    small = list(_files(cifar / "train"))
    classes = sorted({name for name, _ in photos}) + sorted({name for name, _ in small})
    images = [np.asarray(read_image(path)) for _, path in photos + small]
    labels = np.array([classes.index(name) for name, _ in photos + small])
    return Pictures(images, labels, classes, len(photos))


def _files(split: Path) -> Iterator[tuple[str, Path]]:
    folders = sorted(each for each in split.iterdir() if each.is_dir())
    out = left_out([folder.name for folder in folders])
    for folder in folders:
        if folder.name not in out:
            yield from ((folder.name, path) for path in sorted(folder.iterdir()))
