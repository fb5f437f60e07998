"""What travels with the weights: everything needed to predict, and where it comes from. No torch."""

from dataclasses import dataclass, field
from typing import Any

from cnnstudio.data import PreprocessSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleCard:
    """Labels, preprocessing and provenance of a bundle."""

    network: str
    """Of a torchvision network or a classic."""
    classes: tuple[str, ...]
    """In the order of the network's outputs."""
    preprocess: PreprocessSpec
    linear_head: bool = True
    """False for an ImageNet SqueezeNet as torchvision has it, whose head ends with a ReLU."""
    scores: dict[str, Any] = field(default_factory=dict)
    """Per split: accuracy as a fraction, number of images, 95 % interval."""
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
