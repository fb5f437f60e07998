"""A folder of pictures, listed: classes in a fixed order, samples with their split, problems found. No torch."""

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cnnstudio.data.spec import SPLITS, Split, SplitSpec

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
]
SplitSource = Literal["folders", "validation-drawn", "stratified"]
"""Who says which pictures are for what: folders or a table; these, but without validation; or the app alone."""
FindingKind = Literal[
    "leakage", "torn-group", "two-classes", "duplicate", "near-duplicate", "blank", "tiny", "thin", "huge",
    "wrong-extension", "rotated", "grey", "small-class", "unbalanced",
]  # fmt: skip
"""What is suspicious among the pictures that are used, the worst first."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One usable picture."""

    path: Path
    label: int
    """Index into the dataset's classes."""
    split: Split


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
    left_out: tuple[Sample, ...] = ()
    """Good pictures that a person left out."""
    gone_classes: tuple[str, ...] = ()
    """Classes that only pictures in ``left_out`` have; their labels go on after those of ``classes``."""

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

    def samples_of(self, finding: Finding) -> list[Sample]:
        """The pictures of a finding, copies beside each other."""
        paths = dict.fromkeys(path for group in finding.groups for path in group)
        found = {sample.path: sample for sample in self.samples if sample.path in paths}
        return [found[path] for path in paths if path in found]

    def counts(self) -> dict[str, dict[str, int]]:
        """Pictures per class and split: ``{"cat": {"train": 12, "validation": 2, "test": 3}, …}``."""
        found = Counter([(sample.label, sample.split) for sample in self.samples])
        return {name: {split: found[label, split] for split in SPLITS} for label, name in enumerate(self.classes)}
