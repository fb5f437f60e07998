"""A forecast in a file of the run's folder, as long as it is about the pictures that there are. No torch."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace

from cnnstudio.core import FormatError, codec
from cnnstudio.data import Dataset
from cnnstudio.runs import Run
from cnnstudio.understanding.outcomes import Curve, Growth

GROWTH_FILE = "growth.json"
_VERSION = 1
"""Of the method: what another one forecast is not used."""
_POINTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptGrowth:
    """The file."""

    about: str
    """Of which pictures, see ``about``."""
    growth: Growth


def about(dataset: Dataset) -> str:
    """32 hexadecimal digits that change with the classes, the pictures for learning and choosing, and their labels."""
    digest = hashlib.blake2b(repr((_VERSION, dataset.classes)).encode(errors="surrogateescape"), digest_size=16)
    rows = sorted(
        (dataset.name_of(sample.path), sample.label, sample.group)
        for sample in dataset.samples
        if sample.split != "test"
    )
    digest.update(repr(rows).encode(errors="surrogateescape"))
    return digest.hexdigest()


def save_growth(run: Run, dataset: Dataset, found: Growth) -> None:
    """Keep a forecast in the run's folder.

    Raises:
        RunError: the folder was moved or deleted.
        StorageError: it cannot be written.
    """
    run.refuse_if_moved()
    codec.save_json(run.folder / GROWTH_FILE, KeptGrowth(about=about(dataset), growth=found))


def load_growth(run: Run, dataset: Dataset) -> Growth | None:
    """The forecast of a run for these pictures; None where there is none, or a damaged one."""
    with suppress(OSError, FormatError):
        found = codec.load_json(run.folder / GROWTH_FILE, KeptGrowth)
        names = tuple(each.name for each in found.growth.classes)
        curves = (found.growth.overall, *found.growth.classes)
        if found.about == about(dataset) and names == dataset.classes and all(map(_is_sound, curves)):
            return replace(found.growth, root=dataset.root)
    return None


def _is_sound(curve: Curve) -> bool:
    """Files may come from anybody."""
    shares = (*curve.shares, *curve.interval, *(curve.forecast or ()))
    return curve.pictures >= 0 and len(curve.shares) == _POINTS and all(0 <= share <= 1 for share in shares)
