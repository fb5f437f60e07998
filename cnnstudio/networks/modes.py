"""The one table of training modes. Every other place asks it, so a new mode is one entry here. No torch."""

from dataclasses import dataclass
from typing import Literal

DEFAULT_MODE = "head"
READING = "features"
"""Name of the phase before a training, in which pictures pass the frozen layers; see ``phase_words``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One way to train: how it is called, what learns and on what, and with which settings unless others are given."""

    name: str
    """In recipes, on the command line and in events, such as ``last-stage``."""
    title: str
    """To choose it by."""
    text: str
    """What choosing it means, in plain words."""
    words: str
    """In a run's name and in lists of runs, such as ``from scratch``."""
    doing: str
    """What happens while it runs, such as ``Training the last layer``."""
    better: str = ""
    """What a finished run is offered to go on with, such as ``last layers``; empty when it is not offered."""
    trains: tuple[str, ...]
    """Of the groups ``head``, ``last-stage`` and ``backbone``, in this order; the others are frozen."""
    pretrained: bool = True
    """Whether it starts from pretrained weights; without them all layers learn at the head's rate."""
    on: Literal["features", "maps", "pictures"] = "pictures"
    """What it learns from: pooled features of the frozen backbone, feature maps of the frozen layers below the cut
    where they fit into memory, or the pictures."""
    epochs: int
    learning_rate: float
    """Of the head."""
    batch_size: int
    views: int = 1
    """Differently changed views of each training picture that are remembered where layers are frozen."""


_TABLE = (
    Mode(
        name="head",
        title="Last layer",
        text="Keeps everything the network knows and learns only your classes.",
        words="last layer",
        doing="Training the last layer",
        trains=("head",),
        on="features",
        epochs=40,
        learning_rate=3e-3,
        batch_size=128,
    ),
    Mode(
        name="last-stage",
        title="Last layers",
        text="Adapts the last block of layers as well; good if your pictures look unusual.",
        words="last layers",
        doing="Training the last layers",
        better="last layers",
        trains=("head", "last-stage"),
        on="maps",
        epochs=5,
        learning_rate=3e-4,
        batch_size=32,
        views=2,
    ),
    Mode(
        name="all",
        title="All layers",
        text="Adapts the whole network, gently: often best, and worth it with many pictures.",
        words="all layers",
        doing="Training all layers",
        better="all layers",
        trains=("head", "last-stage", "backbone"),
        epochs=5,
        learning_rate=2e-4,
        batch_size=32,
    ),
    Mode(
        name="scratch",
        title="From scratch",
        text="Without pretrained weights. Needs many pictures, or very simple ones.",
        words="from scratch",
        doing="Training from scratch",
        trains=("head", "last-stage", "backbone"),
        pretrained=False,
        epochs=30,
        learning_rate=2e-3,
        batch_size=32,
    ),
)
MODES: dict[str, Mode] = {mode.name: mode for mode in _TABLE}
"""By name, from the quickest to the slowest."""
PREPARING = {
    "train": "Preparing the training pictures",
    "validation": "Preparing the validation pictures",
    "test": "Preparing the test pictures",
}
"""What the progress says while frozen layers compute the pictures of a split."""


def mode_words(name: str) -> str:
    """A mode in a few words; its name where it is unknown, as in the record of a run by a newer version."""
    return MODES[name].words if name in MODES else name


def phase_words(name: str) -> str:
    """What happens in a phase of a training: the reading, or the mode that runs."""
    if name == READING:
        return "Preparing the pictures"
    return MODES[name].doing if name in MODES else "Training"
