"""Chains that show something, as a beginning."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cnnstudio.ui.lab.operation.convolution_panel import ConvolutionPanel
from cnnstudio.ui.lab.operation.panel import Panel
from cnnstudio.ui.lab.operation.pooling_panel import PoolingPanel


@dataclass(frozen=True, slots=True)
class Example:
    """One chain."""

    title: str
    kinds: tuple[str, ...]
    set_up: Callable[[Sequence[Panel]], None]


def _kernels(*presets: tuple[str, int]) -> Callable[[Sequence[Panel]], None]:
    """Kernels for the convolutions, in their order."""

    def set_up(panels: Sequence[Panel]) -> None:
        wanted = iter(presets)
        for panel in panels:
            if isinstance(panel, ConvolutionPanel):
                panel.kernel.choose_preset(*next(wanted))
                panel.padding.choose(panel.kernel.side // 2)

    return set_up


def _separable(panels: Sequence[Panel]) -> None:
    for panel in panels:
        if isinstance(panel, ConvolutionPanel):
            panel.choose_kind("separable")


def _stride(panels: Sequence[Panel]) -> None:
    for panel in panels:
        if isinstance(panel, ConvolutionPanel):
            panel.kernel.choose_preset("gaussian-blur", 3)
            panel.stride.choose(2)


def _shrunk(panels: Sequence[Panel]) -> None:
    """As a network begins: edges, what is strong of them, and twice the same again."""
    _kernels(("vertical-edge", 3), ("horizontal-edge", 3))(panels)
    for panel in panels:
        if isinstance(panel, PoolingPanel):
            panel.kind.choose("max")


EXAMPLES = (
    Example("Edges, then ReLU", ("convolution", "activation"), _kernels(("vertical-edge", 3))),
    Example("Two 3×3 see as far as one 5×5", ("convolution", "convolution"),
            _kernels(("gaussian-blur", 3), ("gaussian-blur", 3))),
    Example("One 5×5", ("convolution",), _kernels(("gaussian-blur", 5))),
    Example("As a network begins: edge, ReLU, pool, twice",
            ("convolution", "activation", "pooling", "convolution", "activation", "pooling"), _shrunk),
    Example("Smaller by stride: three in a row", ("convolution", "convolution", "convolution"), _stride),
    Example("Depthwise separable", ("convolution",), _separable),
    Example("Edge, batch norm, ReLU", ("convolution", "norm", "activation"), _kernels(("laplacian", 3))),
)  # fmt: skip
