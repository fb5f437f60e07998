"""Operations on pictures: what PyTorch makes of them."""

from collections.abc import Sequence
from functools import singledispatch

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812 - everybody's name for it

from cnnstudio.lab.convolution import Convolution
from cnnstudio.lab.drawing import View, drawn
from cnnstudio.lab.operation import Operation, Shape, walked
from cnnstudio.lab.results import Applied, Tried
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
    given = drawn(batch, view)
    shapes, problems = walked(operations, shape)
    values, steps = torch.from_numpy(np.ascontiguousarray(batch)), []
    for operation, after in zip(operations, shapes, strict=False):  # as far as it can be computed
        values = computed(operation, values)
        field = operation.field(field, shape)
        made = values.numpy()
        steps.append(
            Applied(
                planes=made,
                shape=after,
                drawn=drawn(made, view),
                parameters=operation.parameters(shape),
                multiplications=operation.multiplications(shape),
                reach=_reach(field),
                formulas=operation.formulas(shape),
                code=operation.code(shape),
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


def _reach(field: Field) -> Reach:
    height, width = (round(side) for side in field.size)
    return Reach(height=height, width=width, stride=field.jump[0], whole=field.whole, context=field.context)
