"""What travels with the weights: everything needed to predict, and where it comes from. No torch."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cnnstudio.data import SPLITS, PreprocessSpec

CARD_FILE, WEIGHTS_FILE = "card.json", "weights.safetensors"
"""Of a bundle."""
_LARGEST_INPUT = 1024
"""As in recipes."""
_WIDEST = 2
"""So many times the crop a picture is made before it is cropped; published preprocessings stay below 1.2."""
_MOST_CLASSES, _LONGEST_NAME = 100_000, 1000
_LARGEST_MEAN, _DEVIATIONS = 100.0, (1e-3, 100.0)
_MOST_COUNTED = 1 << 40
_TEMPERATURES = (0.01, 100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleCard:
    """Labels, preprocessing and provenance of a bundle."""

    network: str
    """Of a torchvision network or a classic, or the key of one that a person built."""
    plan: str = ""
    """The network file of the latter, so that it predicts wherever it is."""
    classes: tuple[str, ...]
    """In the order of the network's outputs."""
    preprocess: PreprocessSpec
    linear_head: bool = True
    """False for an ImageNet SqueezeNet as torchvision has it, whose head ends with a ReLU."""
    temperature: float = 1.0
    """By which the last layer was divided after the training, so that it is as sure as it is right."""
    scores: dict[str, Any] = field(default_factory=dict)
    """Per split: accuracy as a fraction, number of images, 95 % interval, and what else ``training.recover`` knows."""
    recipe: dict[str, Any] = field(default_factory=dict)
    """The recipe, opaque here: only ``training`` may read it."""
    weights_origin: str = ""
    """File name and SHA-256 of the pretrained weights it started from; empty when trained from scratch."""
    licence: str = ""
    """Licence of those weights where they carry one of their own."""
    dataset_hash: str = ""
    image_rules: str = (
        "EXIF orientation applied; transparency composited on white; more than 8 bits scaled by the levels; first page "
        "or frame, and first three bands only; RGB"
    )
    versions: dict[str, str] = field(default_factory=dict)
    created: str = ""
    """ISO 8601, UTC."""


def card_faults(card: BundleCard) -> Iterator[str]:
    """What a card says that none of ours would, each with its field; a stranger wrote it, perhaps.

    What it says of the network is compared with the network when that is built.
    """
    if not 1 <= len(card.classes) <= _MOST_CLASSES:
        yield f"classes must be 1 to {_MOST_CLASSES:,} names"
    if any(not 0 < len(name) <= _LONGEST_NAME for name in card.classes):
        yield f"classes must be names of 1 to {_LONGEST_NAME:,} letters"
    yield from _spec_faults(card.preprocess)
    if not _TEMPERATURES[0] <= card.temperature <= _TEMPERATURES[1]:
        yield f"temperature must lie between {_TEMPERATURES[0]:g} and {_TEMPERATURES[1]:g}"
    yield from (fault for split, score in card.scores.items() for fault in _score_faults(split, score))


def _spec_faults(spec: PreprocessSpec) -> Iterator[str]:
    if not 1 <= spec.crop <= _LARGEST_INPUT:
        yield f"preprocess.crop must lie between 1 and {_LARGEST_INPUT}"
    if not spec.crop <= spec.resize <= _WIDEST * spec.crop:
        yield "preprocess.resize must be at least preprocess.crop, and at most twice that"
    if len(spec.mean) not in (1, 3) or len(spec.std) != len(spec.mean):
        yield "preprocess.mean and preprocess.std must be 1 or 3 numbers each"
    if not all(abs(value) <= _LARGEST_MEAN for value in spec.mean):  # also catches NaN
        yield f"preprocess.mean must lie between -{_LARGEST_MEAN:g} and {_LARGEST_MEAN:g}"
    if not all(_DEVIATIONS[0] <= value <= _DEVIATIONS[1] for value in spec.std):
        yield f"preprocess.std must lie between {_DEVIATIONS[0]:g} and {_DEVIATIONS[1]:g}"
    for kind, (black, white) in (("whole", spec.levels.whole), ("real", spec.levels.real)):
        if not (math.isfinite(black) and math.isfinite(white) and black < white):
            yield f"preprocess.levels.{kind} must be two numbers, the lower one first"


def _score_faults(split: str, score: Any) -> Iterator[str]:
    if split not in SPLITS:
        yield f"scores must be of {', '.join(SPLITS)}"
        return
    if not isinstance(score, dict):
        yield f"scores.{split} must be a table"
        return
    shares = [score.get("accuracy"), score.get("balanced_accuracy", 0.0)]  # the latter not in those of version 0.1.0
    if not all(type(share) in (int, float) and 0 <= share <= 1 for share in shares):
        yield f"scores.{split}.accuracy must lie between 0 and 1"
    counts = [score.get("images"), score.get("groups", 0), score.get("chosen_among", 1)]
    if not all(type(count) is int and 0 <= count <= _MOST_COUNTED for count in counts):
        yield f"scores.{split}.images must be a count"
