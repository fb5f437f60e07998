"""How pictures become tensors and splits, as frozen values. No torch."""

import re
from dataclasses import dataclass
from typing import Literal

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
    folds: int = 0
    """Over 1: validation is one of so many parts of what is not test, for cross-validation."""
    fold: int = 0
    """Which part, from 0."""

    def __post_init__(self) -> None:
        if self.folds and not (2 <= self.folds <= 50 and 0 <= self.fold < self.folds):
            raise ValueError("There must be 2 to 50 folds, and fold must be one of them, counted from 0.")
        try:
            re.compile(self.group_pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"The pattern for groups is no regular expression: {error}.") from error
        if not (0 <= self.validation < 1 and 0 <= self.test < 1 and self.validation + self.test < 1):
            raise ValueError("The validation and test fractions must be at least 0 and together less than 1.")
