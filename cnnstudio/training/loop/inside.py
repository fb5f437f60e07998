"""What happens inside a network while it learns: silent units, the values of each block, and its gradients.

Only the steps that are looked at cost anything: nothing hangs on the network in between, and no weight is changed.
"""

import math
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import get_total_norm
from torch.overrides import TorchFunctionMode
from typing_extensions import override

from cnnstudio.core import BlockSeen, InsideSeen
from cnnstudio.networks.anatomy.layers import CHAINS

BINS = 24
MOST_LOOKS = 400
"""In one training, so that its log stays small: a look at 20 blocks is 6 kB."""
_LAST = 4
"""Looks in all of which a unit has to be silent: one batch may just hold nothing for it."""
_SAMPLE = 1 << 14
"""Values of a block for its histogram, which looks the same as that of millions."""
_CAN_FALL_SILENT = frozenset(
    {
        functional.relu, functional.relu_, functional.relu6, functional.hardswish, torch.relu, torch.relu_,
        torch.Tensor.relu, torch.Tensor.relu_,
    }
)  # fmt: skip
"""Where their output is 0 their slope is 0 as well, so that a unit that gives nothing else learns no more."""


_OPENED = (*CHAINS, "Module", "ModuleList", "ModuleDict")
"""Besides chains what only holds others, as in a graph that was cut out of a network."""


class Inside:
    """Looks into one model at some of the steps of its training."""

    def __init__(self, model: nn.Module, every: int, steps: int) -> None:
        """Nothing is looked at yet.

        Args:
            model: what is trained.
            every: steps from one look to the next; more where there would be more than ``MOST_LOOKS``.
            steps: of the whole training.
        """
        self.every = max(every, math.ceil(steps / MOST_LOOKS))
        self._model = model
        self._blocks = dict(_blocks(model))
        self._active: deque[dict[tuple[str, int], torch.Tensor]] = deque(maxlen=_LAST)
        """Of the last looks: which units of the n-th activation in a block gave anything."""
        self._batches: deque[int] = deque(maxlen=_LAST)
        self._step = 0
        self._at = ""
        """The block that computes, or did so last."""
        self._calls: Counter[str] = Counter()
        self._values: dict[str, torch.Tensor] = {}
        self._gradients: dict[str, torch.Tensor] = {}

    def is_due(self, step: int) -> bool:
        """Whether a step, from 1, is looked at; the first one always is."""
        return (step - 1) % self.every == 0

    @contextmanager
    def looking(self, step: int) -> Iterator[None]:
        """While open, note what the blocks give."""
        self._step = step
        self._active.append({})
        self._values, self._gradients = {}, {}
        hooks = [self._model.register_forward_pre_hook(lambda *_: self._calls.clear())]
        for name, block in self._blocks.items():
            hooks.append(block.register_forward_pre_hook(lambda _m, _i, name=name: self._enter(name)))
            hooks.append(block.register_forward_hook(lambda _m, _i, output, name=name: self._leave(name, output)))
        try:
            with _Activations(self._note_units):
                yield
        finally:
            for hook in hooks:
                hook.remove()

    def note_gradients(self, scale: float) -> None:
        """Keep how long the gradients are; called where they are complete, and nothing has shortened them.

        Args:
            scale: by which the loss was multiplied (fp16).
        """
        for name, block in self._blocks.items():
            self._gradients[name] = _length(weight.grad for weight in block.parameters()) / scale

    def seen(self, *, epoch: int, pictures: int) -> InsideSeen:
        """What was noted at the last look, which was at a batch of so many pictures."""
        self._batches.append(pictures)
        return InsideSeen(
            epoch=epoch,
            step=self._step,
            batch=pictures,
            pictures=sum(self._batches),
            blocks=tuple(self._block(name) for name in self._blocks if name in self._values),
        )

    def _enter(self, name: str) -> None:
        self._at = name

    def _leave(self, name: str, output: Any) -> None:
        self._at = name
        if isinstance(output, torch.Tensor) and output.is_floating_point():
            self._values[name] = _sample(output.detach())

    def _note_units(self, output: torch.Tensor) -> None:
        """Pieces of a batch come one after the other, and are put together."""
        key = (self._at, self._calls[self._at])
        self._calls[self._at] += 1
        axis = 1 if output.ndim in (2, 4) else output.ndim - 1
        others = [dimension for dimension in range(output.ndim) if dimension != axis]
        values = output.detach()
        active = (values.amax(others) != 0) | (values.amin(others) != 0)  # a tenth of the time of any(values != 0)
        noted = self._active[-1]
        noted[key] = noted[key] | active if key in noted else active

    def _block(self, name: str) -> BlockSeen:
        block, values = self._blocks[name], self._values[name]
        units, silent = self._units(name)
        return BlockSeen(
            name=name,
            kind=type(block).__name__,
            units=units,
            silent=silent,
            low=float(values.min()),
            high=float(values.max()),
            mean=float(values.mean()),
            deviation=float(values.std(correction=0)),
            counts=tuple(int(count) for count in torch.histc(values, BINS).tolist()),
            gradient=float(self._gradients.get(name, 0.0)),
            weights=float(_length(weight for weight in block.parameters() if weight.requires_grad)),
        )

    def _units(self, name: str) -> tuple[int, int]:
        """How many can fall silent in a block, and how many of them were in all of the last looks."""
        units = silent = 0
        for key in self._active[-1]:
            if key[0] == name:
                active = torch.stack([look[key] for look in self._active if key in look]).any(0)
                units += len(active)
                silent += len(active) - int(active.sum())
        return units, silent


class _Activations(TorchFunctionMode):
    """Hands over what each ReLU gives, be it a module, a function, or a node of a graph."""

    def __init__(self, note: Callable[[torch.Tensor], None]) -> None:
        super().__init__()
        self._note = note

    @override
    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        output = func(*args, **(kwargs or {}))
        if func in _CAN_FALL_SILENT:
            self._note(output)
        return output


@contextmanager
def looking(inside: Inside | None, step: int) -> Iterator[Inside | None]:
    """Look at a step where it is due, which is told by what comes."""
    if inside is None or not inside.is_due(step):
        yield None
        return
    with inside.looking(step):
        yield inside


def _blocks(model: nn.Module, path: str = "") -> Iterator[tuple[str, nn.Module]]:
    """What follows each other in a model and has weights or is an activation; chains of blocks are opened."""
    inside = list(model.named_children())
    if inside and (not path or type(model).__name__ in _OPENED):
        for name, child in inside:
            yield from _blocks(child, f"{path}.{name}" if path else name)
    elif any(True for _ in model.parameters()) or type(model).__module__ == nn.ReLU.__module__:
        yield path, model


def _sample(output: torch.Tensor) -> torch.Tensor:
    """Finite values of a block's output, spread evenly over it; as float32, without a copy of it all."""
    if output.ndim == 4 and output.is_contiguous(memory_format=torch.channels_last):
        output = output.permute(0, 2, 3, 1)
    flat = output.reshape(-1)
    values = flat[:: (len(flat) // _SAMPLE) | 1].float()  # odd, or it would meet the same channels again and again
    values = values[values.isfinite()]
    return values if len(values) else torch.zeros(1, device=output.device)


def _length(vectors: Iterable[torch.Tensor | None]) -> torch.Tensor:
    """Of all of them as one vector."""
    there = [vector.detach() for vector in vectors if vector is not None]
    if not there:
        return torch.zeros(())
    return get_total_norm(there)
