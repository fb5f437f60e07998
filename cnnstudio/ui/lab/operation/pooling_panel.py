"""The settings of pooling."""

from collections.abc import Sequence

from typing_extensions import override

from cnnstudio.lab import POOLINGS, Operation, Pooling, Shape
from cnnstudio.ui.lab.operation.draw_again import DrawAgain
from cnnstudio.ui.lab.operation.fields import ChoiceField, NumberField, SwitchField, mode_switch
from cnnstudio.ui.lab.operation.panel import Panel
from cnnstudio.ui.widgets import label

KINDS = (
    ("Largest (max)", "max"),
    ("Mean (average)", "average"),
    ("Stochastic", "stochastic"),
    ("Adaptive max", "adaptive-max"),
    ("Adaptive average", "adaptive-average"),
    ("Global max", "global-max"),
    ("Global average", "global-average"),
)
_SENTENCES = {
    "max": "Keeps the largest value of each window: whether something was there, not where exactly.",
    "average": "Keeps the mean of each window.",
    "stochastic": "While training, draws one value of each window, large ones more often; in eval mode, the mean that "
    "such draws come to (Zeiler & Fergus 2013).",
    "adaptive-max": "The largest values, in as many rows and columns as are asked for, whatever comes in.",
    "adaptive-average": "Means, in as many rows and columns as are asked for, whatever comes in.",
    "global-max": "The largest value of each channel.",
    "global-average": "One number for each channel: its mean. Networks end like this, before their last layer.",
}
_TITLES = {kind: title.split(" (")[0] for title, kind in KINDS}


class PoolingPanel(Panel):
    """Kind, window, stride, padding; what the kind has besides."""

    def __init__(self) -> None:
        super().__init__()
        self.kind = ChoiceField("lab_pooling_kind", "Takes", KINDS)
        self.sentence = label("", "caption", kind="muted", wrap=True)
        self.kernel = NumberField("lab_pool_kernel", "Window", 1, 16, 2, "Rows and columns of the window.")
        self.stride = NumberField(
            "lab_pool_stride", "Stride", 0, 16, 0,
            "Pixels from one window to the next; 0 is the window's side, so that they lie side by side.",
        )  # fmt: skip
        self.padding = NumberField("lab_pool_padding", "Padding", 0, 8, 0, "Pixels that are added around the picture.")
        self.dilation = NumberField("lab_pool_dilation", "Dilation", 1, 6, 1, "Pixels between those of the window.")
        self.ceil = SwitchField(
            "lab_pool_ceil", "At the edge", (("Skip rest", False), ("Take rest", True)),
            "Whether a last window that reaches over the edge is taken as well (ceil_mode).",
        )  # fmt: skip
        self.counts = SwitchField(
            "lab_pool_zeros", "Zeros", (("Count", True), ("Don't", False)),
            "Whether the zeros beyond the edge count in a mean (count_include_pad).",
        )  # fmt: skip
        self.rows = NumberField("lab_pool_rows", "Rows", 1, 64, 8, "Of the result.")
        self.columns = NumberField("lab_pool_columns", "Columns", 1, 64, 8, "Of the result.")
        self.mode = mode_switch("lab_pool_mode")
        self.draw = DrawAgain("lab_pool_draw")
        self.add(self.kind)
        self.column.addWidget(self.sentence)
        self._own = {
            "kernel": self.kernel, "stride": self.stride, "padding": self.padding, "dilation": self.dilation,
            "ceil": self.ceil, "count_padding": self.counts, "rows": self.rows, "columns": self.columns,
            "training": self.mode,
        }  # fmt: skip
        for attribute, field in self._own.items():
            self.add(field, attribute)
        self.column.addWidget(self.draw)
        self.draw.changed.connect(self.changed)
        self.column.addStretch(1)
        self.kind.changed.connect(self._dress)
        self.mode.changed.connect(self._dress)
        self._dress()

    @property
    @override
    def title(self) -> str:
        kind, name = self.kind.value, f"{_TITLES[self.kind.value]} pool"
        side = self.kernel.value
        return f"{name} {side}×{side}" if "kernel" in POOLINGS[kind] else name.replace(" pool", " pooling")

    @override
    def operations(self, shape: Shape) -> Sequence[Operation]:
        values = {attribute: field.value for attribute, field in self._own.items()}
        return (Pooling(kind=self.kind.value, seed=self.draw.seed, **values),)

    def _dress(self) -> None:
        kind = self.kind.value
        self.sentence.setText(_SENTENCES[kind])
        for attribute, field in self._own.items():
            field.setVisible(attribute in POOLINGS[kind])
        self.draw.setVisible(kind == "stochastic" and bool(self.mode.value))
