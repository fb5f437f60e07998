"""What there is to say of a plan, as a value. No torch."""

from dataclasses import dataclass
from typing import Literal

from cnnstudio.networks.blocks.values import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something to say of a plan."""

    kind: Literal[
        "empty", "setting", "misplaced", "size", "too-large", "last-layer", "linear-chain", "short-sighted",
        "many-weights", "negative", "skipped", "wide-window", "much-dropped", "fading",
    ]  # fmt: skip
    sentence: str
    place: int | None = None
    """Number of the block it is about, from 0; None for the whole network."""
    stops: bool = False
    """Whether it cannot be built or trained like that."""
    mend: str = ""
    """What one click does, such as ``Add a ReLU``; empty where there is nothing to offer."""
    mended: Plan | None = None
    """The plan after that."""
