"""Operations by chance, good and bad, and torch's own modules for them."""

import math

import numpy as np
import torch
from hypothesis import strategies as st
from torch import nn

from cnnstudio.lab import ACTIVATIONS, POOLINGS, Activation, BatchNorm, Convolution, Dropout, Pooling
from cnnstudio.lab.convolution import PADDING_MODES

WEIGHTS = st.floats(-2, 2, width=32)
ODD = st.sampled_from([-3, 0, 1, 2, 5, 40, 1_000_000_000])
ODD_FLOATS = st.sampled_from([math.nan, math.inf, -math.inf, -1.0, 0.0, 0.5, 1.0, 1e30])


@st.composite
def pictures(draw, most=11, batch=3):
    """N×C×H×W float32."""
    shape = tuple(draw(st.integers(1, high)) for high in (batch, 4, most, most))
    values = np.random.default_rng(draw(st.integers(0, 99))).uniform(-1, 1, shape).astype(np.float32)
    return values if draw(st.booleans()) else np.maximum(values, 0)


@st.composite
def convolutions(draw, channels):
    """Made for so many channels; kernel, padding and stride may still not fit the picture."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    groups = draw(st.sampled_from([0, *(g for g in range(1, channels + 1) if channels % g == 0)]))
    transposed = draw(st.booleans())
    per_group, outputs = (1, 1) if groups == 0 else (channels // groups, draw(st.integers(1, 2)) * groups)
    first, second = (channels if groups else 1, outputs // (groups or 1)) if transposed else (outputs, per_group)
    row = st.tuples(*[WEIGHTS] * columns)
    kernels = draw(st.tuples(*[st.tuples(*[st.tuples(*[row] * rows)] * second)] * first))
    total = channels if groups == 0 else outputs
    bias = draw(st.sampled_from([0, 1, total]).flatmap(lambda count: st.tuples(*[WEIGHTS] * count)))
    return Convolution(
        kernels=kernels,
        bias=bias,
        stride=draw(st.integers(1, 3)),
        padding=draw(st.integers(0, 4)),
        padding_mode=draw(st.sampled_from(PADDING_MODES)) if not transposed else "zeros",
        dilation=draw(st.integers(1, 3)),
        groups=groups,
        transposed=transposed,
        output_padding=draw(st.integers(0, 3)) if transposed else 0,
    )


def poolings(kinds=tuple(POOLINGS)):
    """Of every kind."""
    return st.builds(
        Pooling,
        kind=st.sampled_from(kinds),
        kernel=st.integers(1, 4),
        stride=st.integers(0, 3),
        padding=st.integers(0, 2),
        dilation=st.integers(1, 2),
        ceil=st.booleans(),
        count_padding=st.booleans(),
        rows=st.integers(1, 6),
        columns=st.integers(1, 6),
        training=st.booleans(),
        seed=st.integers(0, 9),
    )


SHAPELESS = st.one_of(
    poolings(),
    st.builds(Activation, kind=st.sampled_from(tuple(ACTIVATIONS)), slope=st.floats(0, 1), alpha=st.floats(0, 3)),
    st.builds(
        BatchNorm,
        dims=st.sampled_from((1, 2)),
        training=st.booleans(),
        weight=st.floats(-2, 2),
        bias=st.floats(-2, 2),
        momentum=st.floats(0, 1),
        epsilon=st.floats(1e-5, 0.1),
        batches=st.integers(0, 5),
    ),
    st.builds(
        Dropout,
        dims=st.sampled_from((1, 2)),
        share=st.floats(0, 1),
        training=st.booleans(),
        seed=st.integers(0, 9),
    ),
)


def operations(channels):
    """Of every kind, for so many channels."""
    return st.one_of(convolutions(channels), SHAPELESS)


@st.composite
def nonsense(draw):
    """Operations with any values at all in their fields."""
    row = st.lists(st.one_of(ODD_FLOATS, WEIGHTS), max_size=3).map(tuple)
    kernel = st.lists(row, max_size=3).map(tuple)
    kernels = st.lists(st.lists(kernel, max_size=3).map(tuple), max_size=3).map(tuple)
    flags = st.booleans()
    return draw(
        st.one_of(
            st.builds(
                Convolution, kernels=kernels, bias=st.lists(ODD_FLOATS, max_size=3).map(tuple), stride=ODD,
                padding=ODD, padding_mode=st.sampled_from(PADDING_MODES), dilation=ODD, groups=ODD, transposed=flags,
                output_padding=ODD,
            ),
            st.builds(
                Pooling, kind=st.sampled_from(tuple(POOLINGS)), kernel=ODD, stride=ODD, padding=ODD, dilation=ODD,
                ceil=flags, count_padding=flags, rows=ODD, columns=ODD, training=flags, seed=ODD,
            ),
            st.builds(Activation, kind=st.sampled_from(tuple(ACTIVATIONS)), slope=ODD_FLOATS, alpha=ODD_FLOATS),
            st.builds(
                BatchNorm, dims=st.sampled_from((1, 2)), training=flags, weight=ODD_FLOATS, bias=ODD_FLOATS,
                momentum=ODD_FLOATS, epsilon=ODD_FLOATS, batches=ODD,
            ),
            st.builds(Dropout, dims=st.sampled_from((1, 2)), share=ODD_FLOATS, training=flags, seed=ODD),
        )
    )  # fmt: skip


def module_of(operation, channels):
    """What a network would have in its place; None for stochastic pooling, which torch lacks."""
    if isinstance(operation, Convolution):
        return _convolution(operation, channels)
    if isinstance(operation, Pooling):
        return _pooling(operation)
    if isinstance(operation, Activation):
        made = {
            "relu": nn.ReLU(), "leaky_relu": nn.LeakyReLU(operation.slope), "elu": nn.ELU(operation.alpha),
            "gelu": nn.GELU(), "silu": nn.SiLU(), "sigmoid": nn.Sigmoid(), "tanh": nn.Tanh(),
            "hardswish": nn.Hardswish(),
        }  # fmt: skip
        return made[operation.kind]
    return (nn.Dropout if operation.dims == 1 else nn.Dropout2d)(operation.share).train(operation.training)


def _convolution(operation, channels):
    groups = operation.groups or channels
    weights = torch.tensor(operation.kernels)
    weights = weights if operation.groups else weights.repeat(channels, 1, 1, 1)
    outputs = weights.shape[1] * groups if operation.transposed else len(weights)
    more = {"output_padding": operation.output_padding} if operation.transposed else {}
    module = (nn.ConvTranspose2d if operation.transposed else nn.Conv2d)(
        channels, outputs, tuple(weights.shape[2:]), operation.stride, operation.padding,
        dilation=operation.dilation, groups=groups, bias=bool(operation.bias), padding_mode=operation.padding_mode,
        **more,
    )  # fmt: skip
    with torch.no_grad():
        module.weight.copy_(weights)
        if operation.bias:
            module.bias.copy_(torch.tensor(operation.bias).expand(outputs))
    return module


def _pooling(operation):
    step = operation.stride or operation.kernel
    kernel, padding, size = operation.kernel, operation.padding, (operation.rows, operation.columns)
    made = {
        "max": lambda: nn.MaxPool2d(kernel, step, padding, operation.dilation, ceil_mode=operation.ceil),
        "average": lambda: nn.AvgPool2d(kernel, step, padding, operation.ceil, operation.count_padding),
        "adaptive-max": lambda: nn.AdaptiveMaxPool2d(size),
        "adaptive-average": lambda: nn.AdaptiveAvgPool2d(size),
        "global-max": lambda: nn.AdaptiveMaxPool2d(1),
        "global-average": lambda: nn.AdaptiveAvgPool2d(1),
        "stochastic": lambda: None,
    }
    return made[operation.kind]()
