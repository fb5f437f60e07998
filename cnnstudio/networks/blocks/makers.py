"""What each kind of block is made of, from its settings and the maps before it, and what it cannot be. No torch."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cnnstudio.core import counted
from cnnstudio.networks.blocks.parts import Branches, Chain, Dense, Layer, Part, Residual, chain, layer
from cnnstudio.networks.blocks.values import Block, Shape

SAME, WINDOW, CLASSES = -1, 0, 0
"""A padding that keeps the size at stride 1; a stride as long as the window; as many outputs as there are classes."""
REDUCTION, PLACES = 16, 7
"""Of squeeze-and-excitation and of spatial attention, as in their papers."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a block cannot stand where it stands."""

    sentence: str
    mended: Block | None = None
    """The same block with settings that can; None where no setting helps."""
    mend: str = ""
    """What that changes, such as ``Make it 4 groups``."""


FUNCTIONS = {
    "relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU", "gelu": "GELU", "silu": "SiLU", "sigmoid": "Sigmoid",
    "tanh": "Tanh", "hardswish": "Hardswish",
}  # fmt: skip


def padding_of(block: Block) -> int:
    """The zeros on each side that a convolution's padding means."""
    padding = block.number("padding")
    if padding != SAME:
        return padding
    return int(block.values.get("dilation", 1)) * (block.number("kernel") - 1) // 2


def convolution(block: Block, shape: Shape, _classes: int) -> Part:
    """One convolution."""
    return layer(
        "Conv2d", shape[0], block.number("channels"), block.number("kernel"), stride=block.number("stride"),
        padding=padding_of(block), dilation=block.number("dilation"), groups=block.number("groups"),
        bias=block.is_on("bias"),
    )  # fmt: skip


def group_faults(block: Block, shape: Shape) -> Iterator[Fault]:
    """Groups that do not divide the channels."""
    groups, channels = block.number("groups"), block.number("channels")
    if shape[0] % groups or channels % groups:
        fits = math.gcd(shape[0], channels, groups)
        yield Fault(
            f"{counted(groups, 'group')} cannot share {counted(shape[0], 'channel')} in and {channels:,} out evenly.",
            block.changed(groups=fits),
            f"Make it {counted(fits, 'group')}",
        )


def separable(block: Block, shape: Shape, _classes: int) -> Part:
    """A window per map, then 1×1."""
    depthwise = layer(
        "Conv2d", shape[0], shape[0], block.number("kernel"), stride=block.number("stride"),
        padding=padding_of(block), groups=shape[0], bias=block.is_on("bias"),
    )  # fmt: skip
    return chain(depthwise, layer("Conv2d", shape[0], block.number("channels"), 1, bias=block.is_on("bias")))


def norm(_block: Block, shape: Shape, _classes: int) -> Part:
    """Of maps, or of a vector."""
    return layer("BatchNorm2d" if len(shape) == 3 else "BatchNorm1d", shape[0])


def activation(block: Block, _shape: Shape, _classes: int) -> Part:
    """One of ``FUNCTIONS``."""
    return layer(FUNCTIONS[block.word("function")])


def pool(make: str) -> Callable[[Block, Shape, int], Part]:
    """Any pooling with a window and a stride."""

    def parts(block: Block, _shape: Shape, _classes: int) -> Part:
        kernel, padding = block.number("kernel"), int(block.values.get("padding", 0))
        return layer(make, kernel, block.number("stride") or kernel, padding=padding)

    return parts


def pool_faults(block: Block, _shape: Shape) -> Iterator[Fault]:
    """What torch refuses of a padding."""
    kernel, padding = block.number("kernel"), block.number("padding")
    if padding > kernel // 2:
        yield Fault(
            f"A padding of {padding} is more than half of a window of {kernel}.",
            block.changed(padding=kernel // 2),
            f"Make the padding {kernel // 2}",
        )


def dropout(block: Block, _shape: Shape, _classes: int) -> Part:
    """Of values or of whole maps."""
    return layer("Dropout2d" if block.word("of") == "maps" else "Dropout", block.share("p"))


def dropout_faults(block: Block, shape: Shape) -> Iterator[Fault]:
    """A vector has no maps."""
    if block.word("of") == "maps" and len(shape) == 1:
        yield Fault("There are no maps any more that could be dropped as a whole.", block.changed(of="values"),
                    "Drop single values")  # fmt: skip


def residual(block: Block, shape: Shape, _classes: int) -> Part:
    """As in torchvision's BasicBlock: the shortcut is fitted where shapes differ."""
    width, stride = block.number("channels"), block.number("stride")
    attention: list[Layer] = []
    if block.is_on("squeeze_excitation"):
        attention.append(layer("SqueezeExcitation", width, min(REDUCTION, width)))
    if block.is_on("spatial_attention"):
        attention.append(layer("SpatialAttention", PLACES))
    main = chain(
        layer("Conv2d", shape[0], width, 3, stride=stride, padding=1, bias=False), layer("BatchNorm2d", width),
        layer("ReLU"), layer("Conv2d", width, width, 3, padding=1, bias=False), layer("BatchNorm2d", width),
        *attention,
    )  # fmt: skip
    if stride == 1 and shape[0] == width:
        return Residual(main)
    fitted = layer("Conv2d", shape[0], width, 1, stride=stride, bias=False)
    return Residual(main, chain(fitted, layer("BatchNorm2d", width)))


def dense(block: Block, shape: Shape, _classes: int) -> Part:
    """Batch norm, ReLU, 3×3 in each layer, without bottlenecks."""
    growth = block.number("growth")
    widths = (shape[0] + number * growth for number in range(block.number("layers")))
    return Dense(
        tuple(
            chain(layer("BatchNorm2d", width), layer("ReLU"), layer("Conv2d", width, growth, 3, padding=1, bias=False))
            for width in widths
        )
    )


def transition(block: Block, shape: Shape, _classes: int) -> Part:
    """Batch norm, ReLU, 1×1, average pooling of 2."""
    width = max(1, round(shape[0] * block.share("keep")))
    convolution = layer("Conv2d", shape[0], width, 1, bias=False)
    return chain(layer("BatchNorm2d", shape[0]), layer("ReLU"), convolution, layer("AvgPool2d", 2, 2))


def squeeze(block: Block, shape: Shape, _classes: int) -> Part:
    """With two linear layers without bias."""
    return layer("SqueezeExcitation", shape[0], block.number("reduction"))


def squeeze_faults(block: Block, shape: Shape) -> Iterator[Fault]:
    """No unit would be left."""
    if block.number("reduction") > shape[0]:
        yield Fault(f"A reduction of {block.number('reduction')} leaves nothing of {counted(shape[0], 'channel')}.",
                    block.changed(reduction=shape[0]), f"Make the reduction {shape[0]}")  # fmt: skip


def spatial(block: Block, _shape: Shape, _classes: int) -> Part:
    """A convolution over mean and maximum."""
    return layer("SpatialAttention", block.number("kernel"))


def spatial_faults(block: Block, _shape: Shape) -> Iterator[Fault]:
    """An even window would shift the maps."""
    kernel = block.number("kernel")
    if kernel % 2 == 0:
        yield Fault("The kernel needs a centre: its size has to be odd.", block.changed(kernel=kernel - 1),
                    f"Make it {kernel - 1}")  # fmt: skip


def _normed(inputs: int, outputs: int, kernel: int) -> Chain:
    convolution = layer("Conv2d", inputs, outputs, kernel, padding=kernel // 2, bias=False)
    return chain(convolution, layer("BatchNorm2d", outputs), layer("ReLU"))


def inception(block: Block, shape: Shape, _classes: int) -> Part:
    """Four branches, each convolution with batch norm and ReLU."""
    width, pooled = shape[0], layer("MaxPool2d", 3, 1, padding=1)

    def reduced(kernel: int, before: str, after: str) -> Chain:
        inner = block.number(before)
        return Chain((*_normed(width, inner, 1).parts, *_normed(inner, block.number(after), kernel).parts))

    return Branches(
        (
            _normed(width, block.number("one"), 1),
            reduced(3, "reduce_3", "three"),
            reduced(5, "reduce_5", "five"),
            Chain((pooled, *_normed(width, block.number("pool"), 1).parts)),
        )
    )


def averaged(_block: Block, _shape: Shape, _classes: int) -> Part:
    """Maps to a vector."""
    return chain(layer("AdaptiveAvgPool2d", 1), layer("Flatten"))


def flat(_block: Block, _shape: Shape, _classes: int) -> Part:
    """Maps to a vector with every place."""
    return layer("Flatten")


def linear(block: Block, shape: Shape, classes: int) -> Part:
    """With as many outputs as classes where that is asked for."""
    return layer("Linear", shape[0], block.number("outputs") or classes, bias=block.is_on("bias"))
