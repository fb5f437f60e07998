"""Pictures on disk to numbers: one image reader, folders, splits, preprocessing."""

from cnnstudio.data.decoding import LEVELS, Levels
from cnnstudio.data.dataset import (
    GREY_MEAN, GREY_STD, SPLITS, AugmentSpec, Dataset, FileProblem, Finding, FindingKind, Interpolation,
    PreprocessSpec, ProblemKind, Sample, Split, SplitSource, SplitSpec, dataset_hash, sample_key, stamp,
)  # fmt: skip

__all__ = [
    "GREY_MEAN", "GREY_STD", "LEVELS", "SPLITS", "AugmentSpec", "Dataset", "FileProblem", "Finding", "FindingKind",
    "Interpolation", "Levels", "PreprocessSpec", "ProblemKind", "Sample", "Split", "SplitSource", "SplitSpec",
    "dataset_hash", "sample_key", "stamp",
]  # fmt: skip
