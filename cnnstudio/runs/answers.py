"""What a run's network makes of every picture of the run: ``answers.safetensors``, its writer and its reader. No torch.

The pooled features are large and can be computed again, so they are kept in the cache, under the digest that the run's
file has of them: runs whose layers below the last one are the same share them.
"""

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from cnnstudio.core import FormatError, StorageError, cache_folder, codec
from cnnstudio.runs.arrays import Kind, load_arrays, save_arrays

ANSWERS_FILE = "answers.safetensors"
KEPT_FEATURES = ".final"
"""Ending of final features in the cache's folder of features."""
KEY_BYTES = 16
_MOST_BYTES = 16 << 30
_REMEMBERED = 2
_SPLITS = ("train", "validation", "test")
_ARRAYS = {
    "logits": Kind("float32", 2), "labels": Kind("int64", 1), "splits": Kind("uint8", 1), "groups": Kind("int64", 1),
    "held_out": Kind("bool", 1), "keys": Kind("uint8", 2), "names": Kind("uint8", 1),
}  # fmt: skip
_FEATURES = {"features": Kind("float16", 2)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersAbout:
    """What the file says beside its arrays."""

    classes: tuple[str, ...]
    features: str = ""
    """Digest of the features; empty where there are none."""
    temperature: float = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """Of N pictures, training pictures first."""

    classes: tuple[str, ...]
    names: tuple[str, ...]
    """Relative to the folder of pictures, with forward slashes; absolute where a picture lies elsewhere."""
    keys: np.ndarray
    """N×16 uint8, see ``data.sample_key``: other ones where a file was changed since."""
    labels: np.ndarray
    """N int64, into ``classes``."""
    splits: np.ndarray
    """N strings: train, validation, test."""
    groups: np.ndarray
    """N int64, see ``data.Sample``."""
    held_out: np.ndarray
    """N bool: whether what answered had not learned from the picture. Of a last layer that was solved for, training
    pictures have out-of-fold answers, and validation pictures those of the layer that learned from training pictures
    alone. Of deeper modes, training pictures are never held out, and validation pictures chose the epoch."""
    logits: np.ndarray
    """N×C float32, whose softmax is what a prediction says. Validation and test pictures are read and computed exactly
    as for a prediction, those of training perhaps faster."""
    features: np.ndarray | None
    """N×D float16, what the last layer works on; None where they are not in the cache any more."""
    temperature: float = 1.0
    """By which the logits are divided already; ``logits * temperature`` are those of the layer as it was trained."""

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def probabilities(self) -> np.ndarray:
        """N×C float32."""
        return softmax(self.logits).astype(np.float32)

    @cached_property
    def predicted(self) -> np.ndarray:
        """N int64, into ``classes``."""
        return self.logits.argmax(1)

    def of_split(self, *splits: str, held_out: bool = False) -> np.ndarray:
        """Places of the pictures of some splits, or of those among them that were held out."""
        chosen = np.isin(self.splits, splits)
        return np.flatnonzero(chosen & self.held_out if held_out else chosen)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities N×C float64 of logits N×C."""
    shifted = logits.astype(np.float64) - logits.max(1, keepdims=True)
    powers = np.exp(shifted)
    found: np.ndarray = powers / powers.sum(1, keepdims=True)
    return found


def write_answers(folder: Path, answers: Answers) -> None:
    """Write a run's answers; of features that the cache cannot keep, the answers are kept alone.

    Raises:
        StorageError: they cannot be written.
    """
    digest = ""
    if answers.features is not None:
        features = np.ascontiguousarray(answers.features, np.float16)
        digest = _digest(features)
        with suppress(StorageError):
            save_arrays(_features_file(digest), {"features": features}, AnswersAbout(classes=()))
    arrays: dict[str, np.ndarray] = {
        "logits": answers.logits.astype(np.float32),
        "labels": answers.labels.astype(np.int64),
        "splits": np.array([_SPLITS.index(each) for each in answers.splits.tolist()], np.uint8),
        "groups": answers.groups.astype(np.int64),
        "held_out": answers.held_out.astype(np.bool_),
        "keys": answers.keys.astype(np.uint8),
        "names": np.frombuffer(b"\0".join(os.fsencode(name) for name in answers.names), np.uint8),
    }
    save_arrays(
        folder / ANSWERS_FILE,
        arrays,
        AnswersAbout(classes=answers.classes, features=digest, temperature=answers.temperature),
    )


def load_answers(folder: Path) -> Answers:
    """What ``write_answers`` wrote; the last two are remembered until their file changes.

    Raises:
        OSError: there are none; ``understanding.answers`` computes them.
        FormatError: the file is damaged, or of a newer version.
    """
    stat = (folder / ANSWERS_FILE).stat()
    found = _load(folder / ANSWERS_FILE, stat.st_mtime_ns, stat.st_size)
    if found.features is None:  # perhaps they were computed again meanwhile
        _load.cache_clear()
        found = _load(folder / ANSWERS_FILE, stat.st_mtime_ns, stat.st_size)
    return found


def answered_names(folder: Path) -> tuple[str, ...]:
    """The names of the pictures alone, in their order.

    Raises:
        OSError, FormatError: as ``load_answers``.
    """
    return _names(load_arrays(folder / ANSWERS_FILE, _ARRAYS, _MOST_BYTES)[0])


def forget_answers(folder: Path) -> None:
    """Remove what another network of this run has said, before it says something else."""
    with suppress(OSError):
        (folder / ANSWERS_FILE).unlink()


@lru_cache(maxsize=_REMEMBERED)
def _load(path: Path, _changed: int, _size: int) -> Answers:
    arrays, plain = load_arrays(path, _ARRAYS, _MOST_BYTES)
    told = codec.from_plain(AnswersAbout, codec.format_of(AnswersAbout).upgraded(plain, path.name), what="file")
    names = _names(arrays)
    if faults := list(_faults(arrays, len(names), len(told.classes))):
        raise FormatError(f"The file {path.name} is damaged.", details="; ".join(faults))
    return Answers(
        classes=told.classes,
        names=names,
        keys=arrays["keys"],
        labels=arrays["labels"],
        splits=np.array(_SPLITS)[arrays["splits"]],
        groups=arrays["groups"],
        held_out=arrays["held_out"],
        logits=arrays["logits"],
        features=_load_features(told.features, len(names)),
        temperature=told.temperature,
    )


def _names(arrays: dict[str, np.ndarray]) -> tuple[str, ...]:
    joined = arrays["names"].tobytes()
    return tuple(os.fsdecode(part) for part in joined.split(b"\0")) if joined else ()


def _faults(arrays: dict[str, np.ndarray], count: int, classes: int) -> Sequence[str]:
    faults = [f"{name} {array.shape}" for name, array in arrays.items() if name != "names" and len(array) != count]
    if arrays["logits"].shape[1] != classes or arrays["keys"].shape[1] != KEY_BYTES:
        faults.append("another number of classes")
    if not faults and count:
        labels = arrays["labels"]
        if labels.min() < 0 or labels.max() >= classes or arrays["splits"].max() >= len(_SPLITS):
            faults.append("a label or a split that there is not")
        if not np.isfinite(arrays["logits"]).all():
            faults.append("answers that are no numbers")
    return faults


def _features_file(digest: str) -> Path:
    return cache_folder() / "features" / f"pooled-{digest}{KEPT_FEATURES}"


def _load_features(digest: str, count: int) -> np.ndarray | None:
    """None where the cache was cleared, or something else is in their place."""
    if not digest or not digest.isalnum():
        return None
    with suppress(OSError, FormatError):
        arrays, _ = load_arrays(_features_file(digest), _FEATURES, _MOST_BYTES)
        if len(arrays["features"]) == count and _digest(arrays["features"]) == digest:
            return arrays["features"]
    return None


def _digest(features: np.ndarray) -> str:
    return hashlib.blake2b(f"{features.shape}".encode() + features.tobytes(), digest_size=16).hexdigest()
