"""Operations on pictures: what PyTorch makes of them."""

from collections.abc import Callable, Sequence
from functools import singledispatch

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812 - everybody's name for it

from cnnstudio.lab.activation import Activation
from cnnstudio.lab.convolution import Convolution
from cnnstudio.lab.drawing import View, drawn
from cnnstudio.lab.modes import BatchNorm, Dropout
from cnnstudio.lab.operation import Operation, Shape, walked
from cnnstudio.lab.pooling import Pooling
from cnnstudio.lab.results import Applied, Tried
from cnnstudio.lab.seeing import widest
from cnnstudio.networks.anatomy.field import Field
from cnnstudio.networks.anatomy.layers import Reach


@torch.inference_mode()
def apply(operations: Sequence[Operation], planes: np.ndarray, view: View = "auto") -> Tried:
    """One operation, or a chain of up to eight, each applied to what the one before made.

    Settings that cannot work are ``problems`` of the result, and the chain ends before them; nothing is raised.

    Args:
        operations: in their order.
        planes: C×H×W float32, or N×C×H×W of several pictures; see ``drawing.planes_of``.
        view: how results are drawn.
    """
    batch = planes if planes.ndim == 4 else planes[None]
    shape, field = Shape(*batch.shape), Field()
    first = shape
    given = drawn(batch, view)
    shapes, problems = walked(operations, shape)
    values = torch.from_numpy(np.ascontiguousarray(batch))
    steps: list[Applied] = []
    for operation, after in zip(operations, shapes, strict=False):  # as far as it can be computed
        least = float(values.min()) if isinstance(operation, Activation) else 0.0
        values = computed(operation, values).contiguous()
        field = operation.field(field, shape)
        made = values.numpy()
        steps.append(
            Applied(
                planes=made,
                shape=after,
                drawn=drawn(made, view),
                parameters=operation.parameters(shape),
                multiplications=operation.multiplications(shape),
                reach=_reach(field, operations[: len(steps) + 1], first),
                formulas=operation.formulas(shape),
                code=operation.code(shape),
                note=operation.note(least, shape),
                curve=curve(operation) if isinstance(operation, Activation) else None,
            )
        )
        shape = after
    return Tried(given=given, steps=tuple(steps), problems=problems)


@singledispatch
def computed(operation: Operation, values: torch.Tensor) -> torch.Tensor:
    """What an operation makes of N×C×H×W float32."""
    raise NotImplementedError(type(operation).__name__)


@computed.register
def _convolution(operation: Convolution, values: torch.Tensor) -> torch.Tensor:
    channels = values.shape[1]
    weights = torch.from_numpy(operation.weights(channels))
    biases = operation.biases(channels)
    bias = None if biases is None else torch.from_numpy(biases)
    stride, padding, groups = operation.stride, operation.padding, operation.groups_for(channels)
    if operation.transposed:
        return F.conv_transpose2d(
            values, weights, bias, stride, padding, operation.output_padding, groups, operation.dilation
        )
    if padding and operation.padding_mode != "zeros":
        values, padding = F.pad(values, (padding,) * 4, mode=operation.padding_mode), 0
    return F.conv2d(values, weights, bias, stride, padding, operation.dilation, groups)


@computed.register
def _pooling(operation: Pooling, values: torch.Tensor) -> torch.Tensor:
    kernel, step, padding = operation.kernel, operation.step, operation.padding
    if output := operation.output():
        return (F.adaptive_max_pool2d if operation.kind.endswith("max") else F.adaptive_avg_pool2d)(values, output)
    if operation.kind == "max":
        return F.max_pool2d(values, kernel, step, padding, operation.dilation, operation.ceil)
    if operation.kind == "average":
        return F.avg_pool2d(values, kernel, step, padding, operation.ceil, operation.count_padding)
    values = values.relu()
    if not operation.training:
        mean = F.avg_pool2d(values, kernel, step, padding)
        return F.avg_pool2d(values**2, kernel, step, padding) / mean.clamp(min=torch.finfo(torch.float32).tiny)
    padded = F.pad(values, (padding,) * 4) if padding else values
    windows = padded.unfold(2, kernel, step).unfold(3, kernel, step).flatten(4)
    # The largest of value / Exp(1) falls on each value with a probability proportional to it.
    chance = torch.empty_like(windows).exponential_(generator=torch.Generator().manual_seed(operation.seed))
    return windows.gather(4, (windows / chance).argmax(4, keepdim=True)).squeeze(4)


@computed.register
def _activation(operation: Activation, values: torch.Tensor) -> torch.Tensor:
    if operation.kind == "leaky_relu":
        return F.leaky_relu(values, operation.slope)
    if operation.kind == "elu":
        return F.elu(values, operation.alpha)
    return _CURVES[operation.kind](values)


@computed.register
def _batch_norm(operation: BatchNorm, values: torch.Tensor) -> torch.Tensor:
    given, axes = (values, (0, 2, 3)) if operation.dims == 2 else (values.flatten(1), (0,))
    count = given.shape[1]
    mean, variance = None, None
    if not operation.training:
        mean, variance = torch.zeros(count), torch.ones(count)
        if operation.batches:
            share = operation.seen
            mean, variance = given.mean(axes) * share, given.var(axes) * share + (1 - share)
    weight = None if operation.weight == 1 else torch.full((count,), operation.weight)
    bias = None if operation.bias == 0 else torch.full((count,), operation.bias)
    made = F.batch_norm(given, mean, variance, weight, bias, operation.training, eps=operation.epsilon)
    return made.view_as(values)


@computed.register
def _dropout(operation: Dropout, values: torch.Tensor) -> torch.Tensor:
    """As ``F.dropout`` after ``torch.manual_seed``, which would touch what a training draws from at the same time."""
    if not operation.training:
        return values
    if operation.share == 1:
        return values * 0
    drawn_for = values if operation.dims == 1 else values[:, :, :1, :1]
    kept = torch.empty_like(drawn_for, memory_format=torch.contiguous_format)
    kept.bernoulli_(1 - operation.share, generator=torch.Generator().manual_seed(operation.seed))
    return values * kept.div_(1 - operation.share)


_CURVES: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "relu": F.relu,
    "gelu": F.gelu,
    "silu": F.silu,
    "sigmoid": F.sigmoid,
    "tanh": F.tanh,
    "hardswish": F.hardswish,
}


@torch.inference_mode()
def curve(operation: Activation) -> np.ndarray:
    """What it makes of every number from -4 to 4: inputs and outputs, 2×161 float32."""
    inputs = torch.linspace(-4, 4, 161)
    return torch.stack([inputs, computed(operation, inputs)]).numpy()


def _reach(field: Field, operations: Sequence[Operation], shape: Shape) -> Reach:
    """The formula's, which is exact but where values take turns: there the places are looked at."""
    height, width = (round(side) for side in field.size)
    if any(isinstance(operation, Convolution) and operation.transposed for operation in operations) and not field.whole:
        height, width = widest(operations, shape)
    return Reach(height=height, width=width, stride=field.jump[0], whole=field.whole, context=field.context)
