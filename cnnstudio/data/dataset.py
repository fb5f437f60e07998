"""A folder of pictures, listed, and how pictures become tensors and splits, as frozen values. No torch."""

import hashlib
import os
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from cnnstudio.core import ALONE
from cnnstudio.data.decoding import LEVELS, Levels

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, Split, Split] = ("train", "validation", "test")
GREY_MEAN, GREY_STD = (0.449,), (0.226,)
"""ImageNet's mean and deviation over all colours."""
SPLIT_NAMES: dict[str, Split] = {
    "train": "train", "training": "train", "validation": "validation", "val": "validation", "valid": "validation",
    "dev": "validation", "eval": "validation", "test": "test", "testing": "test",
}  # fmt: skip
"""What people call them, in lower case."""
Interpolation = Literal["nearest", "bilinear", "bicubic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreprocessSpec:
    """Resize the shorter side, crop the centre, scale to [0, 1], normalise per channel.

    The fields are those of torchvision's ``ImageClassification`` preset; one value serves training, evaluation,
    prediction and export.
    """

    resize: int
    """Length of the shorter side after resizing, in pixels."""
    crop: int
    """Side of the square the network sees, in pixels."""
    interpolation: Interpolation = "bilinear"
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    """Of each channel; one value means that the network sees grey pictures."""
    std: tuple[float, ...] = (0.229, 0.224, 0.225)
    levels: Levels = LEVELS
    """What is black and white in pictures of more than 8 bits."""

    @property
    def channels(self) -> int:
        """Of the network's input: 1 for grey, 3 for colour."""
        return len(self.mean)


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentSpec:
    """Random changes of training pictures; the strengths are fractions in [0, 1] unless a unit is named."""

    flip: bool = True
    """Mirror left and right, every second time."""
    crop: float = 0.35
    """Random crops keep at least ``1 - crop`` of the area."""
    rotate_degrees: float = 0.0
    colour: float = 0.1
    """Brightness, contrast and saturation vary by this fraction."""
    blur: float = 0.0
    """Blurred by up to so many pixels of what the network sees (standard deviation)."""
    noise: float = 0.0
    """Noise of up to this standard deviation, in levels of 255."""
    compression: float = 0.0
    """Compressed as JPEG files are, to a quality of at least ``100 * (1 - compression)``."""
    shrink: float = 0.0
    """Made smaller by up to this fraction of the sides, and enlarged again."""


_LONGEST_PATTERN = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSpec:
    """Fractions for a stratified split, where the folder does not bring its own splits."""

    validation: float = 0.15
    test: float = 0.15
    seed: int = 0
    group_pattern: str = ""
    """Regular expression; files in whose name it finds the same (its first group, or all of it) stay on one side, such
    as ``(patient\\d+)``."""
    copies_together: bool = True
    """Pictures that look the same stay on one side."""
    groups_together: bool = True
    """Pictures that a table's column puts together, such as those of one patient, stay on one side."""
    folds: int = 0
    """Over 1: validation is one of so many parts of what is not test, for cross-validation."""
    fold: int = 0
    """Which part, from 0."""
    repeat: int = 0
    """So many times validation was drawn anew, around the same test pictures."""

    def __post_init__(self) -> None:
        if self.folds and not (2 <= self.folds <= 50 and 0 <= self.fold < self.folds):
            raise ValueError("There must be 2 to 50 folds, and fold must be one of them, counted from 0.")
        if self.repeat < 0:
            raise ValueError("repeat must be at least 0.")
        if len(self.group_pattern) > _LONGEST_PATTERN:
            raise ValueError(f"The pattern for groups has more than {_LONGEST_PATTERN:,} characters.")
        try:
            re.compile(self.group_pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"The pattern for groups is no regular expression: {error}.") from error
        if not (0 <= self.validation < 1 and 0 <= self.test < 1 and self.validation + self.test < 1):
            raise ValueError("The validation and test fractions must be at least 0 and together less than 1.")


ProblemKind = Literal[
    "unreadable",
    "truncated",
    "not-an-image",
    "unsupported",
    "too-large",
    "empty-file",
    "system-file",
    "hidden",
    "outside-classes",
    "empty-class",
    "small-class",
    "loop",
    "table",
]
SplitSource = Literal["folders", "validation-drawn", "stratified"]
"""Who says which pictures are for what: folders or a table; these, but without validation; or the app alone."""
FindingKind = Literal[
    "leakage", "torn-group", "alike-classes", "two-classes", "duplicate", "near-duplicate", "blank", "tiny", "thin",
    "huge", "levels", "bands", "frames", "wrong-extension", "rotated", "grey", "small-class", "unbalanced",
    "kept-together",
]  # fmt: skip
"""What is suspicious among the pictures that are used, the worst first."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One usable picture."""

    path: Path
    label: int
    """Index into the dataset's classes."""
    split: Split
    group: int = ALONE
    """A number that it shares with the pictures that look like it or belong to it, in whatever split."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProblem:
    """One file or folder that was left out, or a class that deserves a warning."""

    path: Path
    kind: ProblemKind
    detail: str
    """One plain sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One kind of trouble, with its pictures. They are used until a person leaves them out."""

    kind: FindingKind
    groups: tuple[tuple[Path, ...], ...]
    """Pictures that belong together, such as copies of each other; a single one stands for itself."""
    classes: tuple[str, ...] = ()
    """Classes that it is about, where it is about classes."""
    spare: tuple[Path, ...] = ()
    """What to leave out to be rid of it; empty where that is a person's choice."""
    note: str = ""
    """A sentence about these very pictures; empty where the kind says it all."""
    merges: tuple[tuple[str, str], ...] = ()
    """Which class goes into which, to be rid of it."""
    column: str = ""
    """Of the table that says what belongs together."""

    @property
    def count(self) -> int:
        """Pictures, or classes."""
        return sum(map(len, self.groups)) or len(self.classes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What a scan found. The order of ``classes`` is fixed here and travels inside every checkpoint and export."""

    root: Path
    classes: tuple[str, ...]
    samples: tuple[Sample, ...]
    problems: tuple[FileProblem, ...]
    split_source: SplitSource
    findings: tuple[Finding, ...] = ()
    """What is suspicious among the samples."""
    spec: SplitSpec = field(default_factory=SplitSpec)
    """How the split was drawn."""
    group_column: str = ""
    """Of a table that says what belongs together, such as the pictures of one patient; empty where none does."""
    left_out: tuple[Sample, ...] = ()
    """Good pictures that a person left out."""
    gone_classes: tuple[str, ...] = ()
    """Classes that only pictures in ``left_out`` have; their labels go on after those of ``classes``."""
    levels: Levels = LEVELS
    """What is black and white in its pictures of more than 8 bits."""
    classes_from: str = ""
    """Which reading of the folder a person chose, where it allows several; empty where there was no question."""
    merged: tuple[str, ...] = ()
    """Classes that a person merged others into."""

    def name_of(self, path: Path) -> str:
        """A picture's path relative to the folder, with forward slashes."""
        start, name = f"{self.root}{os.sep}", str(path)  # several times as fast as path.relative_to
        return (
            name[len(start) :].replace(os.sep, "/")
            if name.startswith(start)
            else path.relative_to(self.root).as_posix()
        )

    def split(self, split: Split) -> tuple[Sample, ...]:
        """The samples of one split, in a fixed order."""
        return tuple(sample for sample in self.samples if sample.split == split)

    def without(self, split: Split) -> "Dataset":
        """The same, as if there were no pictures of a split."""
        return replace(self, samples=tuple(sample for sample in self.samples if sample.split != split))

    def samples_of(self, finding: Finding) -> list[Sample]:
        """The pictures of a finding, copies beside each other."""
        paths = dict.fromkeys(path for group in finding.groups for path in group)
        found = {sample.path: sample for sample in self.samples if sample.path in paths}
        return [found[path] for path in paths if path in found]

    def counts(self) -> dict[str, dict[str, int]]:
        """Pictures per class and split: ``{"cat": {"train": 12, "validation": 2, "test": 3}, …}``."""
        place, many = {split: number for number, split in enumerate(SPLITS)}, len(SPLITS)
        found = Counter(
            [many * sample.label + place[sample.split] for sample in self.samples]
        )  # pairs cost ten times as much
        return {
            name: {split: found[many * label + place[split]] for split in SPLITS}
            for label, name in enumerate(self.classes)
        }


def stamp(path: str | Path) -> tuple[int, int]:
    """A file's size in bytes and the time of its last change in ns; zeros where it cannot be asked."""
    try:
        stat = os.stat(path)  # noqa: PTH116 - making 60,000 paths is felt
    except OSError:
        return 0, 0
    return stat.st_size, time_of(stat)


def time_of(stat: os.stat_result) -> int:
    """Of the last change in ns, as far as 64 bits reach: clocks go wrong, and 2262 is the end."""
    return max(-(2**63), min(stat.st_mtime_ns, 2**63 - 1))


def sample_key(path: Path) -> bytes:
    """16 bytes that change when the file at ``path`` does: absolute path, size and modification time."""
    size, time = stamp(path)
    text = os.fsencode(path.absolute()) + f"|{size}|{time}".encode()
    return hashlib.blake2b(text, digest_size=16).digest()


def dataset_hash(dataset: Dataset) -> str:
    """32 hexadecimal digits over classes, relative paths, splits and sizes; independent of where the folder lies."""
    digest = hashlib.blake2b("\0".join(dataset.classes).encode(errors="surrogateescape"), digest_size=16)
    rows = sorted(
        (os.fsencode(sample.path.relative_to(dataset.root)), sample.split, sample.label, _size(sample.path))
        for sample in dataset.samples
    )
    for row in rows:
        digest.update(repr(row).encode())
    return digest.hexdigest()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
