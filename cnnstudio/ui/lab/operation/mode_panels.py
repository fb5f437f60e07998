"""The settings of what is other in training than in eval mode: batch normalisation and dropout."""

from collections.abc import Sequence

from typing_extensions import override

from cnnstudio.lab import BatchNorm, Dropout, Operation, Shape
from cnnstudio.ui.lab.operation.draw_again import DrawAgain
from cnnstudio.ui.lab.operation.fields import NumberField, ShareField, SwitchField, mode_switch
from cnnstudio.ui.lab.operation.panel import Panel
from cnnstudio.ui.widgets import label


class BatchNormPanel(Panel):
    """Training or eval mode, over channels or single values, and what is learned."""

    def __init__(self) -> None:
        super().__init__()
        self.mode = mode_switch("lab_norm_mode")
        self.dims = SwitchField(
            "lab_norm_dims", "Over", (("Channels", 2), ("Values", 1)),
            "2-D, behind convolutions: each channel over all its places. "
            "1-D, behind linear layers: each value over the pictures of the batch.",
        )  # fmt: skip
        self.batches = NumberField(
            "lab_norm_batches", "Batches", 0, 100, 10,
            "How often the layer has seen these pictures: eval mode uses what it has kept of them.",
        )  # fmt: skip
        self.momentum = ShareField("lab_momentum", "Momentum", (0.0, 1.0), 0.1, "How much each batch changes it.")
        self.weight = ShareField("lab_norm_weight", "Weight", (-3.0, 3.0), 1.0, "What a network learns to stretch by.")
        self.bias = ShareField("lab_norm_bias", "Bias", (-3.0, 3.0), 0.0, "What a network learns to add.")
        self.add(self.mode)
        self.column.addWidget(
            label("Brings every channel to mean 0 and deviation 1, so that the next layer always sees values of the "
                  "same size.", "caption", kind="muted", wrap=True)
        )  # fmt: skip
        self.add(self.dims, "dims")
        for field, name in (
            (self.batches, "batches"), (self.momentum, "momentum"), (self.weight, "weight"), (self.bias, "bias"),
        ):  # fmt: skip
            self.add(field, name)
        self.column.addStretch(1)
        self.mode.changed.connect(self._dress)
        self._dress()

    @property
    @override
    def title(self) -> str:
        return f"BatchNorm {self.dims.value}-D"

    @override
    def operations(self, shape: Shape) -> Sequence[Operation]:
        return (
            BatchNorm(
                training=self.mode.value,
                dims=self.dims.value,
                batches=self.batches.value,
                momentum=self.momentum.value,
                weight=self.weight.value,
                bias=self.bias.value,
            ),
        )

    def _dress(self) -> None:
        for field in (self.batches, self.momentum):
            field.setVisible(not self.mode.value)


class DropoutPanel(Panel):
    """Training or eval mode, values or channels, and how many."""

    def __init__(self) -> None:
        super().__init__()
        self.mode = mode_switch("lab_dropout_mode")
        self.dims = SwitchField(
            "lab_dropout_dims", "Drops", (("Values", 1), ("Channels", 2)),
            "1-D: each value by itself. 2-D: whole channels, since neighbouring pixels say nearly the same.",
        )  # fmt: skip
        self.share = ShareField("lab_dropout_share", "Share", (0.0, 1.0), 0.5, "How likely each is dropped.")
        self.draw = DrawAgain("lab_dropout_draw")
        self.add(self.mode)
        self.column.addWidget(
            label("Drops some by chance while a network learns, so that it relies on none of them alone.",
                  "caption", kind="muted", wrap=True)
        )  # fmt: skip
        self.add(self.dims, "dims")
        self.add(self.share, "share")
        self.column.addWidget(self.draw)
        self.draw.changed.connect(self.changed)
        self.column.addStretch(1)
        self.mode.changed.connect(lambda: self.draw.setVisible(bool(self.mode.value)))

    @property
    @override
    def title(self) -> str:
        return f"Dropout {self.dims.value}-D"

    @override
    def operations(self, shape: Shape) -> Sequence[Operation]:
        return (Dropout(training=self.mode.value, dims=self.dims.value, share=self.share.value, seed=self.draw.seed),)
