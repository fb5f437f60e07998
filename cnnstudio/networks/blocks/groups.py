"""Several blocks in one click, and the classics as plans to start from. No torch."""

from collections.abc import Callable
from dataclasses import dataclass

from cnnstudio.networks.blocks.standing import standing
from cnnstudio.networks.blocks.table import LAST, made
from cnnstudio.networks.blocks.values import Block, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Blocks that are usually found together."""

    name: str
    title: str
    text: str
    blocks: Callable[[int], tuple[Block, ...]]
    """For so many channels."""


def step(channels: int, *, norm: bool = True, function: str = "relu") -> tuple[Block, ...]:
    """Convolution, batch norm and activation."""
    middle = (made("batch_norm"),) if norm else ()
    return (made("convolution", channels=channels), *middle, made("activation", function=function))


def _pooled(channels: int) -> tuple[Block, ...]:
    return (*step(channels), *step(channels), made("max_pooling"))


_TABLE = (
    Group(name="step", title="Conv–BN–ReLU", text="One step: see, bring to scale, bend.", blocks=step),
    Group(
        name="stage", title="Conv–BN–ReLU × 2, pool", text="A stage as in VGG: two steps, then half the size.",
        blocks=_pooled,
    ),
    Group(
        name="stage_dropout", title="Conv–BN–ReLU × 2, pool, dropout", text="The same, against overfitting.",
        blocks=lambda channels: (*_pooled(channels), made("dropout", p=0.25)),
    ),
    Group(
        name="separable", title="Separable–BN–ReLU", text="One step as in MobileNet, with a fraction of the weights.",
        blocks=lambda channels: (
            made("depthwise_separable", channels=channels), made("batch_norm"), made("activation"),
        ),
    ),
    Group(
        name="residual_stage", title="Residual × 2, half the size", text="A stage as in ResNet.",
        blocks=lambda channels: (
            made("residual", channels=channels, stride=2), made("residual", channels=channels),
        ),
    ),
    Group(
        name="dense_stage", title="Dense block, transition", text="A stage as in DenseNet.",
        blocks=lambda _channels: (made("dense"), made("transition")),
    ),
    Group(
        name="end", title="Global average, linear", text="The end of a network for any input size.",
        blocks=lambda _channels: (made("global_average_pooling"), LAST),
    ),
    Group(
        name="hidden_end", title="Flatten, linear–ReLU, dropout, linear", text="The end as in the nineties.",
        blocks=lambda _channels: (
            made("flatten"), made("linear", outputs=256), made("activation"), made("dropout", p=0.5), LAST,
        ),
    ),
)  # fmt: skip
GROUPS: dict[str, Group] = {group.name: group for group in _TABLE}
"""By name, in the order in which they are offered."""
_FIRST_CHANNELS, _MOST_CHANNELS = 32, 512


def group_for(name: str, plan: Plan, place: int) -> tuple[Block, ...]:
    """The blocks of a group as they suit a place of a plan: with twice as many channels as there are before it."""
    stands = standing(plan).stands[:place]
    maps = [stand.shape[0] for stand in stands if len(stand.shape) == 3]
    return GROUPS[name].blocks(min(2 * maps[-1], _MOST_CHANNELS) if maps else _FIRST_CHANNELS)


def _small(*widths: int, norm: bool = False) -> tuple[Block, ...]:
    return tuple(
        block for width in widths for block in (*step(width, norm=norm), made("max_pooling"))
    )  # fmt: skip


def _blocks(*widths: int, drop: str = "", dropped: int = 0) -> tuple[Block, ...]:
    """Pairs of steps with pooling, and dropout after the first so many."""
    return tuple(
        block
        for number, width in enumerate(widths)
        for block in (*_pooled(width), *((made("dropout", of=drop),) if number < dropped else ()))
    )


def _hidden(width: int, function: str = "relu", drop: float = 0.5) -> tuple[Block, ...]:
    dropout = (made("dropout", p=drop),) if drop else ()
    return (made("linear", outputs=width), made("activation", function=function), *dropout)


_FLAT, _MEAN = made("flatten"), made("global_average_pooling")


def _lenet() -> tuple[Block, ...]:
    def seen(width: int) -> tuple[Block, ...]:
        convolution = made("convolution", channels=width, kernel=5, padding=0)
        return convolution, made("activation", function="tanh"), made("average_pooling")

    return (*seen(6), *seen(16), _FLAT, *_hidden(120, "tanh", 0), *_hidden(84, "tanh", 0), LAST)


def _resnet(*, squeeze: bool = False, spatial: bool = False) -> tuple[Block, ...]:
    def block(width: int, stride: int) -> Block:
        return made(
            "residual", channels=width, stride=stride, squeeze_excitation=squeeze, spatial_attention=spatial
        )  # fmt: skip

    stem = (made("convolution", channels=64, bias=False), made("batch_norm"), made("activation"))
    stages = [block(width, stride) for width in (64, 128, 256, 512) for stride in (2 if width > 64 else 1, 1)]
    return (*stem, *stages, _MEAN, LAST)


def _densenet() -> tuple[Block, ...]:
    block, between = made("dense", layers=12), made("transition", keep=1.0)
    stem = made("convolution", channels=16, bias=False)
    return (stem, block, between, block, between, block, made("batch_norm"), made("activation"), _MEAN, LAST)


_VGG = {11: (1, 1, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
"""Convolutions of each stage."""


def _vgg(depth: int, *, norm: bool) -> tuple[Block, ...]:
    widths = zip((64, 128, 256, 512, 512), _VGG[depth], strict=True)
    stages = (block for width, count in widths for block in (*(step(width, norm=norm) * count), made("max_pooling")))
    return (*stages, _FLAT, *_hidden(512), LAST)


def _plan(title: str, blocks: tuple[Block, ...], channels: int = 3) -> Plan:
    return Plan(name=title, blocks=blocks, channels=channels)


CLASSIC_PLANS: dict[str, Plan] = {
    "lenet5": _plan("LeNet-5", _lenet(), channels=1),
    "tiny_cnn": _plan("TinyCNN", (*_small(32, 64), _FLAT, LAST)),
    "batchnorm_cnn": _plan("BatchNorm CNN", (*_small(32, 64, norm=True), _FLAT, LAST)),
    "simple_cnn": _plan("Simple CNN", (*_small(32, 64, 128), _FLAT, *_hidden(256), LAST)),
    "gap_cnn": _plan(
        "GAP CNN",
        (*_blocks(32, 64, drop="maps", dropped=2), *_small(128, norm=True), _MEAN, *_hidden(256), LAST),
    ),
    "cifar_cnn": _plan(
        "CIFAR CNN", (*_blocks(64, 128, 256, drop="values", dropped=3), _MEAN, *_hidden(512), LAST)
    ),
    "resnet18_small": _plan("ResNet-18 for 32 px", _resnet()),
    "resnet18_small_se": _plan("ResNet-18 for 32 px, squeeze-and-excitation", _resnet(squeeze=True)),
    "resnet18_small_sa": _plan("ResNet-18 for 32 px, spatial attention", _resnet(spatial=True)),
    "resnet18_small_se_sa": _plan("ResNet-18 for 32 px, both attentions", _resnet(squeeze=True, spatial=True)),
    "densenet40_small": _plan("DenseNet-40 for 32 px", _densenet()),
} | {
    f"vgg{depth}{'_bn' if norm else ''}_small": _plan(
        f"VGG-{depth} for 32 px{' with batch norm' if norm else ''}", _vgg(depth, norm=norm)
    )
    for depth in (11, 16, 19)
    for norm in (False, True)
}  # fmt: skip
"""By name of the classic; each builds the same network."""
EMPTY = Plan(name="My network", blocks=(_MEAN, LAST))
"""Where one begins: what every network ends with."""
