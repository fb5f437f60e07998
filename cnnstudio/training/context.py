"""What every step of a training works with, in one value."""

from dataclasses import dataclass, field

import torch

from cnnstudio.core.watch import Watch
from cnnstudio.data.dataset import Dataset
from cnnstudio.data.reading.loader import Skips
from cnnstudio.training.base import Base
from cnnstudio.training.loop.checkpoint_folder import Checkpoints
from cnnstudio.training.loop.distributed import ALONE, World
from cnnstudio.training.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where a training happens, on what, and how. A step that finds out more hands a changed copy on."""

    recipe: Recipe
    """Complete."""
    dataset: Dataset
    base: Base
    device: torch.device
    skips: Skips
    """Pictures that could not be read so far."""
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    watch: Watch = field(default_factory=Watch)
    world: World = ALONE

    @property
    def classes(self) -> int:
        """How many the network tells apart."""
        return len(self.dataset.classes)
