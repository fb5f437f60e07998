"""The one table of blocks: names, settings, advice, what each is made of. A new block is one entry here. No torch."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from cnnstudio.networks.blocks import makers
from cnnstudio.networks.blocks.makers import CLASSES, SAME, WINDOW, Fault
from cnnstudio.networks.blocks.parts import Part
from cnnstudio.networks.blocks.values import Block, Setting, Shape, Value

_WIDEST, _MOST_OUTPUTS = 4096, 16384


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of block."""

    name: str
    """In the file."""
    title: str
    text: str
    """What it does, in one plain sentence."""
    parts: Callable[[Block, Shape, int], Part]
    """From the block, the shape before it and the number of classes to what it is made of; only where there is no
    ``fault``."""
    settings: tuple[Setting, ...] = ()
    takes: Literal["maps", "vector", "both"] = "maps"
    weighty: bool = False
    """Whether it holds weights that multiply values, so that two in a row need a non-linearity between them."""
    bends: bool = False
    """Whether its output is non-linear already."""
    opens_bent: bool = False
    """Whether a non-linearity comes before its weights."""
    advice: str = ""
    """What the field advises, where there is something to choose."""
    faults: Callable[[Block, Shape], Iterator[Fault]] = lambda _block, _shape: iter(())

    def setting(self, name: str) -> Setting | None:
        """The setting of that name."""
        return next((setting for setting in self.settings if setting.name == name), None)


def made(kind: str, **settings: Value) -> Block:
    """A block with these settings and its defaults for the others; settings are within their ranges."""
    return Block(kind, tuple((each.name, settings.get(each.name, each.default)) for each in KINDS[kind].settings))


def _channels(text: str = "") -> Setting:
    usual = "Maps that it makes. Usually doubled where the size is halved."
    return Setting(name="channels", label="Channels", default=32, low=1, high=_WIDEST, text=text or usual)


def _kernel(default: int = 3, text: str = "Side of the window in values. 3 × 3 is the usual choice.") -> Setting:
    return Setting(name="kernel", label="Kernel size", default=default, low=1, high=15, text=text)


def _bias(text: str = "Adds a number to each map. Not needed in front of a batch norm.") -> Setting:
    return Setting(name="bias", label="Bias", default=True, text=text)


_STRIDE = Setting(
    name="stride", label="Stride", default=1, low=1, high=8, text="Steps of the window; 2 halves the size."
)  # fmt: skip
_PADDING = Setting(
    name="padding", label="Padding", default=SAME, low=0, high=64, word="same", special=SAME,
    text="Zeros around the maps; “same” keeps the size at stride 1.",
)  # fmt: skip
_POOL_KERNEL = _kernel(2, "Side of the window in values. 2 is the usual choice: it halves the size.")
_POOL_STRIDE = Setting(
    name="stride", label="Stride", default=WINDOW, low=0, high=16, word="window", special=WINDOW,
    text="Steps of the window; “window” puts one beside the other.",
)  # fmt: skip
_POOL_PADDING = Setting(
    name="padding", label="Padding", default=0, low=0, high=7, text="Around the maps; at most half of the window."
)  # fmt: skip
_ATTENTION = (
    Setting(name="squeeze_excitation", label="Squeeze-and-excitation", default=False,
            text="Weighs channels at the end of the branch by what the whole picture shows."),
    Setting(name="spatial_attention", label="Spatial attention", default=False,
            text="Weighs places at the end of the branch."),
)  # fmt: skip


def _width(name: str, label: str, default: int) -> Setting:
    return Setting(name=name, label=label, default=default, low=1, high=1024)


_TABLE = (
    Kind(
        name="convolution",
        title="Convolution",
        text="Slides small windows of weights over all maps at once and sums up what they see.",
        settings=(
            _channels(), _kernel(), _STRIDE, _PADDING,
            Setting(name="dilation", label="Dilation", default=1, low=1, high=8,
                    text="Steps between the values under the window: it sees further with as many weights."),
            Setting(name="groups", label="Groups", default=1, low=1, high=_WIDEST,
                    text="Parts into which the channels are split; each sees its own part only."),
            _bias(),
        ),
        weighty=True,
        parts=makers.convolution,
        faults=makers.group_faults,
        advice="A kernel of 3 × 3 is the usual choice: two of them see as far as one of 5 × 5 with 28 % fewer weights. "
        "Double the channels where the size is halved.",
    ),
    Kind(
        name="depthwise_separable",
        title="Depthwise separable convolution",
        text="One window per map, then a 1 × 1 convolution that mixes the maps: much less work, nearly as good.",
        settings=(_channels(), _kernel(), _STRIDE, _PADDING, _bias()),
        weighty=True,
        parts=makers.separable,
        advice="For many channels it needs about a ninth of the weights of a 3 × 3 convolution.",
    ),
    Kind(
        name="batch_norm",
        title="Batch norm",
        text="Brings each map to mean 0 and deviation 1 over the batch, then scales and shifts it as it learns.",
        takes="both",
        parts=makers.norm,
        advice="Between convolution and activation: training is quicker and bears higher learning rates.",
    ),
    Kind(
        name="activation",
        title="Activation",
        text="Bends each value, so that layers behind one another can do more than one layer could.",
        settings=(Setting(name="function", label="Function", default="relu", choices=tuple(makers.FUNCTIONS)),),
        takes="both",
        bends=True,
        parts=makers.activation,
        advice="ReLU first. Leaky ReLU where units die, which means that they answer 0 to every picture.",
    ),
    Kind(
        name="max_pooling",
        title="Max pooling",
        text="Keeps the largest value of each window: the size shrinks, and small shifts do not matter.",
        settings=(_POOL_KERNEL, _POOL_STRIDE, _POOL_PADDING),
        bends=True,
        parts=makers.pool("MaxPool2d"),
        faults=makers.pool_faults,
        advice="A window of 2 halves the size. Double the channels in the next convolution.",
    ),
    Kind(
        name="average_pooling",
        title="Average pooling",
        text="Takes the mean of each window.",
        settings=(_POOL_KERNEL, _POOL_STRIDE, _POOL_PADDING),
        parts=makers.pool("AvgPool2d"),
        faults=makers.pool_faults,
        advice="Between convolutions max pooling is the usual choice, averaging at the end.",
    ),
    Kind(
        name="stochastic_pooling",
        title="Stochastic pooling",
        text="While training, draws one value of each window, large ones more often; afterwards takes the mean that "
        "these draws have (Zeiler & Fergus 2013).",
        settings=(_POOL_KERNEL, _POOL_STRIDE),
        bends=True,
        parts=makers.pool("StochasticPool2d"),
        advice="Works against overfitting, like dropout. It needs values from 0 up: put it behind a ReLU.",
    ),
    Kind(
        name="dropout",
        title="Dropout",
        text="While training, sets a share of the values to 0 by chance, so that no unit is relied on alone.",
        settings=(
            Setting(name="p", label="Share", default=0.25, low=0.0, high=0.95, text="Of the values that are dropped."),
            Setting(name="of", label="Drop", default="values", choices=("values", "maps"),
                    text="Single values, or whole maps (2-D), which suits convolutions."),
        ),
        takes="both",
        parts=makers.dropout,
        faults=makers.dropout_faults,
        advice="0.25 between convolutions, 0.5 between linear layers. With batch norm, less is enough.",
    ),
    Kind(
        name="residual",
        title="Residual block",
        text="Two 3 × 3 convolutions learn what to add to their input (He et al. 2015).",
        settings=(_channels(), _STRIDE, *_ATTENTION),
        weighty=True,
        bends=True,
        parts=makers.residual,
        advice="Two or more of equal width, then one with stride 2 and twice the channels.",
    ),
    Kind(
        name="dense",
        title="Dense block",
        text="Every layer sees what all layers before it found and adds a few maps (Huang et al. 2016).",
        settings=(
            Setting(name="layers", label="Layers", default=6, low=1, high=32),
            Setting(name="growth", label="Growth", default=12, low=1, high=256, text="Maps that each layer adds."),
        ),
        weighty=True,
        opens_bent=True,
        parts=makers.dense,
        advice="A growth of 12 to 32 is enough. A transition goes between two dense blocks.",
    ),
    Kind(
        name="transition",
        title="Transition",
        text="Between two dense blocks: a 1 × 1 convolution keeps a share of the maps, a pooling halves the size.",
        settings=(
            Setting(name="keep", label="Keep", default=0.5, low=0.05, high=1.0, text="Share of the maps that is kept."),
        ),
        weighty=True,
        opens_bent=True,
        parts=makers.transition,
    ),
    Kind(
        name="squeeze_excitation",
        title="Squeeze-and-excitation",
        text="Weighs channels by what the whole picture shows (Hu et al. 2017).",
        settings=(
            Setting(name="reduction", label="Reduction", default=makers.REDUCTION, low=1, high=256,
                    text="So many times fewer units than channels decide on the weights."),
        ),
        bends=True,
        parts=makers.squeeze,
        faults=makers.squeeze_faults,
        advice="Behind the convolutions of a stage; 16 is the paper's reduction.",
    ),
    Kind(
        name="spatial_attention",
        title="Spatial attention",
        text="Weighs places by the mean and the maximum of the maps there (Woo et al. 2018).",
        settings=(_kernel(makers.PLACES, "Side of the window in values; odd. 7 is the paper's."),),
        bends=True,
        parts=makers.spatial,
        faults=makers.spatial_faults,
        advice="Behind squeeze-and-excitation, where both are used.",
    ),
    Kind(
        name="inception",
        title="Inception block",
        text="Looks at each place with windows of 1, 3 and 5 at once, and with a pooling (Szegedy et al. 2014).",
        settings=(
            _width("one", "1 × 1", 32), _width("reduce_3", "Before 3 × 3", 48), _width("three", "3 × 3", 64),
            _width("reduce_5", "Before 5 × 5", 8), _width("five", "5 × 5", 16), _width("pool", "After pooling", 16),
        ),
        weighty=True,
        bends=True,
        parts=makers.inception,
        advice="Half of the maps from the 3 × 3 branch, an eighth from the 5 × 5 branch, as in GoogLeNet.",
    ),
    Kind(
        name="global_average_pooling",
        title="Global average pooling",
        text="Averages each map over the picture, which gives one number per map and fits any input size.",
        parts=makers.averaged,
        advice="Before the last layer: it needs no weights, where flattening needs most of a small network's.",
    ),
    Kind(
        name="flatten",
        title="Flatten",
        text="Lays all maps out as one long vector, for linear layers.",
        takes="both",
        parts=makers.flat,
        advice="The linear layer behind it has a weight for every place of every map. Global average pooling has none.",
    ),
    Kind(
        name="linear",
        title="Linear layer",
        text="Every output is a weighted sum of all inputs.",
        settings=(
            Setting(name="outputs", label="Outputs", default=CLASSES, low=1, high=_MOST_OUTPUTS, word="classes",
                    special=CLASSES, text="“classes” is as many as the pictures have: the last layer's."),
            _bias("Adds a number to each output."),
        ),
        takes="vector",
        weighty=True,
        parts=makers.linear,
        advice="One at the end, for the classes; at most one or two hidden ones before it.",
    ),
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.name: kind for kind in _TABLE}
"""By name, in the order in which they are offered."""
LAST = made("linear")
"""The last layer of a network that tells classes apart."""
