"""Several processes, one training: who I am, which share is mine, and what all of us have to agree on.

torchrun or SLURM start the processes; Lightning Fabric connects them and averages the gradients (torch's DDP). Alone,
everything here does nothing.
"""

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies import DDPStrategy
from torch import distributed

from cnnstudio.core import process_count, processes_here

logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # it announces the precision on standard error


@dataclass(frozen=True, slots=True)
class World:
    """One of ``size`` processes."""

    rank: int = 0
    size: int = 1

    @property
    def is_first(self) -> bool:
        """Only the first process writes and talks."""
        return self.rank == 0

    def share(self, indices: np.ndarray) -> np.ndarray:
        """The indices that are mine; those of all processes together are ``indices``, each once."""
        return indices[self.rank :: self.size]

    def sum_(self, *tensors: torch.Tensor) -> None:
        """Add up over all processes, in place."""
        if self.size > 1:
            for tensor in tensors:
                distributed.all_reduce(tensor)

    def any_of(self, flag: bool) -> bool:
        """Whether it is true in any process; every process gets the same answer at the same place."""
        if self.size == 1:
            return flag
        found = torch.tensor(int(flag), device="cuda" if distributed.get_backend() == "nccl" else "cpu")
        distributed.all_reduce(found, distributed.ReduceOp.MAX)
        return bool(found)

    def from_first(self, value: Any) -> Any:
        """The first process's value."""
        if self.size == 1:
            return value
        box = [value]
        distributed.broadcast_object_list(box)
        return box[0]


ALONE = World()


def leave(world: World) -> None:
    """Part from the other processes when all are done; a process that just ends makes the others fail."""
    if world.size > 1 and distributed.is_initialized():
        distributed.barrier()
        distributed.destroy_process_group()


def open_fabric(device: torch.device, precision: Any, world: World = ALONE, *, idle_parameters: bool = False) -> Fabric:
    """A Fabric on this process's device, which averages gradients when ``world`` has several processes.

    Args:
        device: which kind.
        precision: Fabric's name for it, such as ``bf16-mixed``.
        world: those who train together.
        idle_parameters: whether some trained parameters get no gradient in some steps.
    """
    if world.size == 1:
        return Fabric(accelerator=device.type, devices=1, precision=precision)
    count, here = world.size, processes_here()
    strategy = DDPStrategy(find_unused_parameters=idle_parameters)
    fabric = Fabric(
        accelerator=device.type, devices=here, num_nodes=count // here, strategy=strategy, precision=precision
    )
    fabric.launch()
    return fabric


def join(device: torch.device) -> World:
    """Meet the other processes, if there are any."""
    count = process_count()
    if count == 1:
        return ALONE
    fabric = open_fabric(device, "32-true", World(size=count))
    return World(rank=fabric.global_rank, size=fabric.world_size)
