"""What a training works with, and the real objects it needs, assembled once by ``assembly``."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from lightning_fabric import Fabric
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.swa_utils import AveragedModel

from cnnstudio.compute.device import moved
from cnnstudio.compute.engines import normalised
from cnnstudio.compute.memory import AtOnce, free_memory
from cnnstudio.core import Event, Watch
from cnnstudio.data import Dataset
from cnnstudio.data.reading import Skips
from cnnstudio.networks.freezing import ParameterGroup, set_train_mode
from cnnstudio.training.base import Base
from cnnstudio.training.loop.batches import BatchSource
from cnnstudio.training.loop.checkpoint import Checkpoint, FitState, Part
from cnnstudio.training.loop.checkpoint_folder import Checkpoints
from cnnstudio.training.loop.distributed import ALONE, World
from cnnstudio.training.loop.inside import Inside
from cnnstudio.training.loop.watched import Watched
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


_ALL = 1 << 30


@dataclass(slots=True, kw_only=True)
class Plan:
    """What the loop works with."""

    context: Context
    part: Part
    model: torch.nn.Module
    """Owns the weights."""
    forward: Callable[[torch.Tensor], Any]
    """The model as Fabric runs it; gives logits N×classes (in train mode perhaps a tuple with auxiliary ones)."""
    groups: tuple[ParameterGroup, ...]
    """What is trained, head first."""
    saved: frozenset[str]
    """Names of what the training changes, see ``trained_names``."""
    keep_statistics: bool = False
    """See ``set_train_mode``."""
    optimizer: Any
    scheduler: LRScheduler
    fabric: Fabric
    train: BatchSource
    validation: BatchSource | None
    watched: Watched | None = None
    """Of the validation pictures, those whose answers are told after every epoch."""
    inside: Inside | None = None
    """Looks into the model while it is trained, where the recipe asks for it."""
    class_weights: torch.Tensor | None = None
    """Of the loss, one per class; None weighs every picture alike."""
    average: AveragedModel | None = None
    """Running average of the weights; scored and kept instead of them."""
    world: World = ALONE
    """Those who train together: each process trains a head for itself."""
    depthwise_fp32: bool = False
    """See ``compute.depthwise``."""
    pieces: int = 1
    """Parts in which a batch is computed, one after the other; more after the memory was not enough.

    As many from the start as cost no time, where the result is the same but for rounding and dropout's draws."""
    weight_by_weight: bool = False
    """Whether the optimiser changes one weight after the other: slower, and with the least memory."""
    scored_at_once: AtOnce = field(init=False)
    """Of a batch that is only scored."""
    on_batch_end: Callable[[], list[Event]] = field(default=list)
    """Takes warnings that came up while reading pictures."""

    def __post_init__(self) -> None:
        self.scored_at_once = AtOnce(_ALL, self.fabric.device)

    @property
    def recipe(self) -> Recipe:
        """What was asked for."""
        return self.context.recipe

    @property
    def classes(self) -> int:
        """How many the model tells apart."""
        return self.context.classes

    @property
    def steps(self) -> int:
        """Optimisation steps in all."""
        return self.recipe.epochs * self.train.steps()

    @property
    def starts_trained(self) -> bool:
        """Whether the start is already a trained network, which the epochs have to beat."""
        return self.part == "network" and self.context.base.trained_head

    @property
    def newest_counts(self) -> bool:
        """Whether nothing is chosen: a head's last epochs hardly differ, and few pictures would choose by chance."""
        return self.part == "head" and not self.recipe.patience

    @property
    def scored(self) -> torch.nn.Module:
        """The network whose scores count."""
        return self.model if self.average is None else self.average.module

    def to_train_mode(self) -> None:
        """Switch the model to train mode; frozen parts stay in eval."""
        if self.part == "head":
            self.model.train()
        else:
            set_train_mode(self.model, keep_statistics=self.keep_statistics)

    def on_device(self, inputs: torch.Tensor) -> torch.Tensor:
        """A copy where it is computed; the bytes of pictures become normalised N×C×H×W float32 there."""
        copied = moved(inputs, self.fabric.device)
        if inputs.dtype == torch.uint8:
            return normalised(copied, self.context.base.preprocess)
        return copied

    @property
    def scaler(self) -> Any:
        """The GradScaler of fp16; None for other precisions."""
        return getattr(self.fabric.strategy.precision, "scaler", None)

    def statistics(self) -> list[torch.Tensor]:
        """The running means and variances that the training changes, in place; each process sees its own pictures."""
        networks = [self.model] if self.average is None else [self.model, self.average.module]
        named = [each for network in networks for each in network.named_buffers()]
        return [buffer for name, buffer in named if name in self.saved and buffer.is_floating_point()]

    def release(self) -> None:
        """Let go of what only training needs, several times the size of the weights; the best epoch is on disk."""
        self.optimizer.zero_grad()
        self.optimizer.state.clear()
        self.average = None
        if self.fabric.device.type != "cpu":  # there it went with its last reference
            free_memory(self.fabric.device)

    def checkpoint(self, state: FitState) -> Checkpoint:
        """Where the training stands."""
        return Checkpoint(
            state=replace(state),
            part=self.part,
            model=self._weights_of(self.model),
            average={} if self.average is None else self._weights_of(self.average.module),
            optimizer=self.optimizer.state_dict(),
            scheduler=self.scheduler.state_dict(),
            scaler={} if self.scaler is None else self.scaler.state_dict(),
        )

    def _weights_of(self, network: torch.nn.Module) -> dict[str, torch.Tensor]:
        weights = network.state_dict()
        return {name: weights[name].detach().cpu() for name in weights if name in self.saved}
