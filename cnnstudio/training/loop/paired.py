"""Whether an epoch is better than the start on the same pictures by more than chance would have it.

Of few validation pictures the best of many epochs is often a little better than the start, and no better on others.
"""

import math
from dataclasses import dataclass, field

import torch

from cnnstudio.training.loop.distributed import World

Right = tuple[str, ...]
"""For each class, a 1 or 0 for each of its pictures, in a fixed order: whether it was recognised."""


@dataclass(slots=True)
class Answers:
    """Collects which pictures of a split are recognised, batch by batch, without waiting for the device."""

    _right: list[torch.Tensor] = field(default_factory=list)
    _targets: list[torch.Tensor] = field(default_factory=list)

    def add(self, logits: torch.Tensor, targets: torch.Tensor) -> None:
        """Take a batch: logits N×classes, targets N."""
        self._right.append(logits.detach().argmax(1) == targets.to(logits.device))
        self._targets.append(targets)

    def by_class(self, classes: int, images: int, world: World) -> Right:
        """Of all processes, one after the other; ``images`` are as many as there may be."""
        own = torch.zeros(world.size, images, dtype=torch.int64)  # 0 where there is nothing
        if self._right:
            right, targets = torch.cat(self._right).cpu(), torch.cat(self._targets).cpu()
            own[world.rank, : len(right)] = 1 + 2 * targets + right
        world.sum_(own)
        told = own.flatten()
        return tuple(
            "".join(map(str, (told[(told - 1) // 2 == label] - 1 - 2 * label).tolist())) for label in range(classes)
        )


def clearly_better(new: Right, old: Right, *, balanced: bool) -> bool:
    """Whether the accuracy gained more than one standard error of the paired difference; else it may be chance.

    Pictures that both recognise, or neither, tell nothing (McNemar 1947). Without answers of the same pictures there is
    nothing to be held against each other, and everything counts as clear.

    Args:
        new: answers of the later network.
        old: of the earlier one.
        balanced: whether the accuracies of the classes count alike.
    """
    if list(map(len, new)) != list(map(len, old)) or not any(old):
        return True
    gain = variance = 0.0
    for one, other in zip(new, old, strict=True):
        differing = [(int(a), int(b)) for a, b in zip(one, other, strict=True) if a != b]
        weight = 1 / len(one) if balanced and one else 1.0
        gain += weight * sum(a - b for a, b in differing)
        variance += weight**2 * len(differing)
    return gain > math.sqrt(variance)
