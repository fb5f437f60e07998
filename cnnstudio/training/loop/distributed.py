"""Several processes, one training: who I am, which share is mine, and what all of us have to agree on.

torchrun or SLURM start the processes; Lightning Fabric connects them. All decisions that change what a process does
next are taken together, at the same place, so that nobody waits for somebody who does something else. Alone, everything
here does nothing.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import numpy as np
import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins import MixedPrecision
from lightning_fabric.strategies import DDPStrategy
from torch import distributed

from cnnstudio.core import process_count, processes_here

logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # it announces the precision on standard error


_PATIENCE = timedelta(hours=6)
"""For a process that reads, downloads or scores while the others wait; one that ends is noticed without it."""
_BUCKET = 1 << 23
"""Values that travel at a time."""


@dataclass(frozen=True, slots=True)
class World:
    """One of ``size`` processes."""

    rank: int = 0
    size: int = 1
    talk: Any = None
    """Over which all agree: through the computers' memory (gloo), so that nobody waits for a graphics card, and a
    process that ends is noticed at once, because its connections close."""

    @property
    def is_first(self) -> bool:
        """Only the first process writes and talks."""
        return self.rank == 0

    def share(self, indices: np.ndarray) -> np.ndarray:
        """The indices that are mine; those of all processes together are ``indices``, each once."""
        return indices[self.rank :: self.size]

    def any_each(self, flags: Sequence[bool]) -> list[bool]:
        """For each flag whether it is true in any process; every process gets the same answers at the same place."""
        if self.size == 1:
            return list(flags)
        found = torch.tensor(flags, dtype=torch.int32)
        distributed.all_reduce(found, distributed.ReduceOp.MAX, group=self.talk)
        return [bool(flag) for flag in found.tolist()]

    def any_of(self, flag: bool) -> bool:
        """As ``any_each``, for one."""
        return self.any_each([flag])[0]

    def sum_(self, *tensors: torch.Tensor) -> None:
        """Add up over all processes, in place. For counts: they travel through the computer's memory."""
        if self.size > 1:
            for tensor in tensors:
                found = tensor.cpu()
                distributed.all_reduce(found, group=self.talk)
                tensor.copy_(found)

    def from_first(self, value: Any) -> Any:
        """The first process's value."""
        if self.size == 1:
            return value
        box = [value]
        distributed.broadcast_object_list(box, group=self.talk)
        return box[0]

    def mean_(self, tensors: Iterable[torch.Tensor]) -> None:
        """Average over all processes, in place: tensors of one device, the same ones everywhere."""
        if self.size > 1:
            for bucket in _buckets(tensors):
                packed = torch.cat([tensor.detach().reshape(-1) for tensor in bucket])
                distributed.all_reduce(packed)
                _unpack(packed.div_(self.size), bucket)

    def same_(self, tensors: Iterable[torch.Tensor]) -> None:
        """Give every process what the first one has, in place."""
        if self.size > 1:
            for bucket in _buckets(tensors):
                packed = torch.cat([tensor.detach().reshape(-1) for tensor in bucket])
                distributed.broadcast(packed, 0)
                _unpack(packed, bucket)


def _buckets(tensors: Iterable[torch.Tensor]) -> Iterator[list[torch.Tensor]]:
    """Of one type each, small enough to need no memory to speak of."""
    by_type: dict[torch.dtype, list[torch.Tensor]] = {}
    for tensor in tensors:
        bucket = by_type.setdefault(tensor.dtype, [])
        bucket.append(tensor)
        if sum(each.numel() for each in bucket) >= _BUCKET:
            yield by_type.pop(tensor.dtype)
    yield from by_type.values()


def _unpack(packed: torch.Tensor, bucket: Sequence[torch.Tensor]) -> None:
    with torch.no_grad():
        for part, tensor in zip(packed.split([each.numel() for each in bucket]), bucket, strict=True):
            tensor.copy_(part.view(tensor.shape))


ALONE = World()


def leave(world: World) -> None:
    """Part from the other processes when all are done; a process that just ends makes the others fail."""
    if world.size > 1 and distributed.is_initialized():
        distributed.barrier(group=world.talk)  # the first one may be scoring for long
        distributed.destroy_process_group()


def open_fabric(device: torch.device, precision: str) -> Fabric:
    """A Fabric on this process's device; gradients are averaged by ``World.mean_``.

    torch's own averaging (DDP) starts while gradients are computed: a process whose memory is not enough for them, and
    that tries again in smaller pieces, would leave the others waiting.

    Args:
        device: which kind; of several graphics cards, ``cuda`` without a number is the process's own.
        precision: Fabric's name for it, such as ``bf16-mixed``.
    """
    card = torch.cuda.current_device() if device.type == "cuda" and device.index is None else device.index
    devices = 1 if card is None else [card]
    if precision == "16-mixed":  # on the CPU Fabric would take bf16 for it
        return Fabric(accelerator=device.type, devices=devices, plugins=MixedPrecision(precision, device.type))
    return Fabric(accelerator=device.type, devices=devices, precision=cast("Any", precision))


def join(device: torch.device) -> World:
    """Meet the other processes, if there are any."""
    count, here = process_count(), processes_here()
    if count == 1:
        return ALONE
    fabric = Fabric(accelerator=device.type, devices=here, num_nodes=count // here, strategy=DDPStrategy())
    fabric.launch()
    talk = distributed.new_group(backend="gloo", timeout=_PATIENCE)
    return World(rank=fabric.global_rank, size=fabric.world_size, talk=talk)
