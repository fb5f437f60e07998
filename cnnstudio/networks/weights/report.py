"""What a look into a weights file found, as a value. No torch."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsReport:
    """A weights file that fits its network; one that does not is a WeightsError."""

    network: str
    file: Path
    classes: int
    """Outputs of the head in the file; 1000 for ImageNet, 0 without one."""
    keeps_head: bool
    """False when the file's head has another size and only the backbone can be used for ImageNet predictions."""
    note: str
    """One plain sentence for the user."""
