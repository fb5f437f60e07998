"""When memory is not enough: fewer pictures at a time, down to one."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import torch

from cnnstudio.core import OutOfMemory, counted, is_out_of_memory

Result = TypeVar("Result")


def free_memory(device: torch.device) -> None:
    """Give back what nothing refers to, and what torch keeps for later."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def not_enough(pictures: int, purpose: str = "compute this network") -> OutOfMemory:
    """In plain words, when not even ``pictures`` at a time fit."""
    return OutOfMemory(
        f"There is not enough memory to {purpose}.",
        meaning=f"Not even {counted(pictures, 'picture')} at a time can be computed.",
        remedy="Choose a smaller network or a smaller picture size, close other programs, or choose the device cpu.",
    )


@dataclass(slots=True)
class AtOnce:
    """How many pictures are computed at a time; fewer from then on, once the memory was not enough."""

    pictures: int
    device: torch.device

    def computed(self, compute: Callable[[torch.Tensor], torch.Tensor], inputs: torch.Tensor) -> list[torch.Tensor]:
        """The outputs of N inputs, one after the other, in as few calls as fit.

        Raises:
            OutOfMemory: not even one fits.
        """
        outputs: list[torch.Tensor] = []
        start = 0
        while start < len(inputs) or not outputs:
            part = inputs[start : start + self.pictures]
            output = unless_out_of_memory(partial(compute, part))
            if output is not None:
                outputs.append(output)
                start += self.pictures
                continue
            free_memory(self.device)
            if len(part) <= 1:
                raise not_enough(1)
            self.pictures = len(part) // 2
        return outputs


def unless_out_of_memory(work: Callable[[], Result]) -> Result | None:
    """None when the memory was not enough; freeing it needs the exception, and what it refers to, gone."""
    try:
        return work()
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        return None
