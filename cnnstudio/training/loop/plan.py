"""The real objects a training needs, assembled once by ``plans``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import nn
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.swa_utils import AveragedModel

from cnnstudio.core.events import Event
from cnnstudio.networks.freezing import ParameterGroup
from cnnstudio.training.loop.batches import BatchSource
from cnnstudio.training.loop.checkpoint import Checkpoints
from cnnstudio.training.loop.distributed import ALONE, World
from cnnstudio.training.recipe import Recipe


@dataclass(slots=True, kw_only=True)
class Plan:
    """What the loop works with."""

    recipe: Recipe
    classes: int
    model: nn.Module
    """Owns the weights."""
    forward: Callable[[torch.Tensor], Any]
    """The model as Fabric runs it; gives logits N×classes (in train mode perhaps a tuple with auxiliary ones)."""
    train_mode: Callable[[nn.Module], object]
    """Switches to train mode; frozen parts stay in eval."""
    groups: tuple[ParameterGroup, ...]
    """What is trained, head first."""
    saved: frozenset[str]
    """Names of what the training changes: trained parameters, and buffers of layers that are not frozen."""
    optimizer: Any
    scheduler: LRScheduler
    fabric: Fabric
    train: BatchSource
    validation: BatchSource | None
    checkpoints: Checkpoints
    score_start: bool
    """Whether the start is already a trained network, which the epochs have to beat."""
    class_weights: torch.Tensor | None = None
    """Of the loss, one per class; None weighs every picture alike."""
    average: AveragedModel | None = None
    """Running average of the weights; scored and kept instead of them."""
    depthwise_fp32: bool = False
    """See ``compute.depthwise``."""
    world: World = ALONE
    pieces: int = 1
    """Parts in which a batch is computed, one after the other; more after the memory was not enough."""
    on_batch_end: Callable[[], list[Event]] = field(default=list)
    """Takes warnings that came up while reading pictures."""

    @property
    def scored(self) -> nn.Module:
        """The network whose scores count."""
        return self.model if self.average is None else self.average.module

    def weights_of(self, network: nn.Module) -> dict[str, torch.Tensor]:
        """What a checkpoint keeps of ``network``, which is ``model`` or ``scored``."""
        state = network.state_dict()
        return {name: state[name].detach().cpu() for name in state if name in self.saved}
