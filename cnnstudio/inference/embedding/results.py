"""What comes of writing embeddings, as a plain value. No torch."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """A folder with ``embeddings.npy``, ``index.csv`` and, perhaps, ``projector``."""

    out: Path
    pictures: int
    """Rows N of ``embeddings.npy``, N×D float32."""
    size: int
    """D, values for each picture."""
    from_cache: int
    """Pictures whose values a training had kept, so that they were not computed again."""
    unreadable: int
    """Pictures without a row; ``unreadable.csv`` has their reasons."""
    labelled: int
    """Pictures of which ``index.csv`` knows the class."""
    classes: int
    """So many different ones."""
    in_projector: int
    """Pictures that TensorBoard's projector shows; 0 without one."""
