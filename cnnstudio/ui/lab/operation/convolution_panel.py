"""The settings of a convolution, of every kind that there is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6 import QtCore
from typing_extensions import override

from cnnstudio.lab import Convolution, Operation, Shape, each, mixing, own_kernels
from cnnstudio.lab.convolution import PADDING_MODES
from cnnstudio.ui.lab.operation.channel_words import channel_names
from cnnstudio.ui.lab.operation.fields import ChoiceField, NumberField, ShareField
from cnnstudio.ui.lab.operation.kernel_choice import KernelChoice
from cnnstudio.ui.lab.operation.kernel_grid import KernelGrid
from cnnstudio.ui.lab.operation.panel import Panel
from cnnstudio.ui.widgets import label

KINDS = (
    ("Each alone", "each"),
    ("Summed up", "summed"),
    ("One filter", "filter"),
    ("1×1: mixed", "mixing"),
    ("Depthwise", "depthwise"),
    ("Depthwise separable", "separable"),
    ("Transposed", "transposed"),
)
_SENTENCES = {
    "each": "The same kernel over every channel, so that a coloured picture stays coloured.",
    "summed": "As networks do it: each output has a kernel for every channel of its group, and adds up what they give.",
    "filter": "One output: a kernel for every channel, and all of it added up. A first layer has dozens.",
    "mixing": "Each output is a weighted sum of the channels, place by place. A row of numbers is an output.",
    "depthwise": "Every channel has a kernel of its own; nothing is mixed.",
    "separable": "Depthwise, then 1×1: nearly what a plain convolution does, for a fraction of its weights.",
    "transposed": "Every pixel lays down a copy of the kernel, stride pixels apart: the picture grows.",
}
_MIX = ((0.3, 0.59, 0.11), (1.0, -1.0, 0.0), (0.5, 0.5, -1.0))
"""Brightness, red against green, yellow against blue: as eyes mix what they see."""
_MODES = {"zeros": "Zeros", "reflect": "Reflect", "replicate": "Replicate", "circular": "Circular"}
MOST_OUTPUTS = 8


class ConvolutionPanel(Panel):
    """Kernel, presets, stride, padding, dilation, bias; and what the kind needs besides."""

    network_wanted = QtCore.Signal()
    """A filter of a network is to be taken."""

    def __init__(self) -> None:
        super().__init__()
        self._channels = 3
        self._taken_bias = 0.0
        """Of a network's filter, on top of which is what the slider says."""
        self._before: tuple[Any, ...] | None = None
        self.kind = ChoiceField("lab_conv_kind", "Channels", KINDS)
        self.sentence = label("", "caption", kind="muted", wrap=True)
        self.kernel = KernelChoice()
        self._side = self.kernel.side
        self.kernel.changed.connect(self._keep_size)
        self.kernel.changed.connect(self.changed)
        self.kernel.network_wanted.connect(self.network_wanted)
        self.matrix = KernelGrid("lab_mix", "Weights of the channels")
        self.matrix.edited.connect(self.changed)
        self.outputs = NumberField("lab_outputs", "Outputs", 1, MOST_OUTPUTS, 3, "Channels of the result.")
        self.groups = NumberField("lab_groups", "Groups", 1, 8, 1, "Channels of different groups never meet.")
        self.stride = NumberField("lab_stride", "Stride", 1, 8, 1, "Pixels from one place of the kernel to the next.")
        self.padding = NumberField("lab_padding", "Padding", 0, 8, 1, "Pixels that are added around the picture.")
        self.mode = ChoiceField(
            "lab_padding_mode", "Padding with", [(_MODES[mode], mode) for mode in PADDING_MODES],
            "What the added pixels are: zeros, the picture mirrored at its edge, its last pixel, or its other side.",
        )  # fmt: skip
        self.dilation = NumberField("lab_dilation", "Dilation", 1, 6, 1, "Pixels between the numbers of the kernel.")
        self.bias = ShareField("lab_bias", "Bias", (-1.0, 1.0), 0.0, "Added to every pixel of the result.")
        self.more = NumberField(
            "lab_output_padding", "Output pad", 0, 7, 1, "Rows and columns that are added at the lower and right edge."
        )
        self.kind.changed.connect(self._dress)  # before anybody hears of it
        self.outputs.changed.connect(self._fit)
        self.add(self.kind)
        self.column.addWidget(self.sentence)
        self.add(self.outputs, "outputs")
        self.add(self.groups, "groups")
        self.column.addWidget(self.matrix)
        self.column.addWidget(self.kernel)
        self.fields["kernels"] = self.kernel.sides
        self.add(self.stride, "stride")
        self.add(self.padding, "padding")
        self.add(self.mode, "padding_mode")
        self.add(self.dilation, "dilation")
        self.add(self.more, "output_padding")
        self.add(self.bias, "bias")
        self.column.addStretch(1)
        self._dress()

    @property
    @override
    def title(self) -> str:
        kind, side = self.kind.value, self.kernel.side
        words = {
            "filter": f"Filter {side}×{side}",
            "mixing": "1×1",
            "depthwise": f"Depthwise {side}×{side}",
            "separable": f"Separable {side}×{side}",
        }
        if kind in words:
            return words[kind]
        return f"Transposed {side}×{side}" if kind == "transposed" else f"Conv {side}×{side}"

    @property
    @override
    def mixes(self) -> bool:
        return self.kind.value not in ("each", "transposed")

    @override
    def operations(self, shape: Shape) -> Sequence[Operation]:
        if shape.channels != self._channels:
            self._channels = shape.channels
            self._fit()
        kind, channels = self.kind.value, shape.channels
        bias = (self.bias.value,) if self.bias.value else ()
        rest: dict[str, Any] = {
            "stride": self.stride.value,
            "padding": self.padding.value,
            "dilation": self.dilation.value,
        }
        mode = self.mode.value
        if kind == "mixing":
            return (mixing(self._rows(), bias=bias),)
        if kind == "depthwise":
            return (own_kernels(self.kernel.kernels(channels), padding_mode=mode, bias=bias, **rest),)
        if kind == "separable":
            first = own_kernels(self.kernel.kernels(channels), padding_mode=mode, **rest)
            return first, mixing(self._rows(), bias=bias)
        if kind == "filter":
            own = self.kernel.kernels(channels)
            more = self._taken_bias + self.bias.value
            return (Convolution(kernels=(own,), groups=1, padding_mode=mode, bias=(more,) if more else (), **rest),)
        kernels = self.kernel.kernels(self.outputs.value if kind == "summed" else 1)
        if kind == "transposed":
            return (each(kernels[0], transposed=True, output_padding=self.more.value, bias=bias, **rest),)
        if kind == "each":
            return (each(kernels[0], padding_mode=mode, bias=bias, **rest),)
        per_group = max(1, channels // self.groups.value)
        shared = tuple((_scaled(kernel, 1 / per_group),) * per_group for kernel in kernels)
        return (Convolution(kernels=shared, groups=self.groups.value, padding_mode=mode, bias=bias, **rest),)

    def take(self, taken: Convolution) -> None:
        """Use a network's filter, one output."""
        with QtCore.QSignalBlocker(self):
            self.kind.choose("filter")
            self._channels = len(taken.kernels[0])
            self._fit()
            for field, value in (
                (self.stride, taken.stride),
                (self.padding, taken.padding),
                (self.dilation, taken.dilation),
            ):
                field.choose(value)
            self._taken_bias = taken.bias[0] if taken.bias else 0.0
            self.kernel.take_all(taken.kernels[0])
        self.changed.emit()

    def choose_kind(self, kind: str) -> None:
        """Another kind of convolution."""
        self.kind.choose(kind)

    def _rows(self) -> list[list[float]]:
        return [[round(float(value), 6) for value in row] for row in self.matrix.values]

    def _dress(self) -> None:
        """Show what the kind has, with the values that it makes most sense with."""
        kind = self.kind.value
        self.sentence.setText(_SENTENCES[kind])
        self.matrix.setVisible(kind in ("mixing", "separable"))
        self.outputs.setVisible(kind in ("summed", "mixing", "separable"))
        self.groups.setVisible(kind == "summed")
        self.kernel.setVisible(kind != "mixing")
        for field in (self.stride, self.padding, self.dilation):
            field.setVisible(kind != "mixing")
        self.mode.setVisible(kind not in ("mixing", "transposed"))
        self.more.setVisible(kind == "transposed")
        if (kind == "transposed") != (self._before is not None):
            self._change_direction()
        self._fit()

    def _change_direction(self) -> None:
        """A transposed convolution begins as one that doubles the picture; behind it, all is as before."""
        numbers = (self.stride, self.padding)
        if self._before is None:
            self._before = (self.kernel.keep(), *(field.value for field in numbers))
            values: tuple[int, ...] = (2, 1)
        else:
            self.kernel.bring_back(self._before[0])
            values, self._before = self._before[1:], None
        for field, value in zip(numbers, values, strict=True):
            with QtCore.QSignalBlocker(field):
                field.choose(value)
        if self._before is not None:
            self.kernel.take(np.outer((0.5, 1, 0.5), (0.5, 1, 0.5)))

    def _keep_size(self) -> None:
        """A padding that kept the picture's size keeps it with another kernel, too."""
        before, self._side = self._side, self.kernel.side
        if before != self._side and self.padding.value == before // 2 and self._before is None:
            with QtCore.QSignalBlocker(self.padding):
                self.padding.choose(self._side // 2)

    def _fit(self) -> None:
        """As many kernels and weights as there are channels and outputs."""
        kind, channels, outputs = self.kind.value, self._channels, self.outputs.value
        if kind in ("depthwise", "separable", "filter"):
            self.kernel.offer(channel_names(channels))
        elif kind == "summed":
            self.kernel.offer([f"output {number + 1}" for number in range(outputs)])
        else:
            self.kernel.offer(["all channels"])
        if self.matrix.values.shape != (outputs, channels) or not self.matrix.values.any():
            self.matrix.show_values(_begun(self.matrix.values, outputs, channels))


def _begun(before: np.ndarray, outputs: int, channels: int) -> np.ndarray:
    """The weights that there were, and new ones for what is new."""
    rows = np.zeros((outputs, channels), np.float32)
    for output in range(outputs):
        if channels == len(_MIX[0]):
            rows[output] = _MIX[output % len(_MIX)]
        else:
            rows[output, output % channels] = 1
    if before.any() and before.shape[1] == channels:
        kept = min(outputs, len(before))
        rows[:kept] = before[:kept]
    return rows


def _scaled(kernel: tuple[tuple[float, ...], ...], by: float) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(round(value * by, 6) for value in row) for row in kernel)
