"""The settings of an activation."""

from collections.abc import Sequence

from typing_extensions import override

from cnnstudio.lab import ACTIVATIONS, Activation, Operation, Shape
from cnnstudio.ui.lab.operation.fields import ChoiceField, ShareField
from cnnstudio.ui.lab.operation.panel import Panel
from cnnstudio.ui.widgets import label

_SENTENCES = {
    "relu": "What is below 0 becomes 0; the rest stays. Cheap, and enough for most networks.",
    "leaky_relu": "As ReLU, but a little is left of what is below 0, so that no unit dies.",
    "elu": "Falls softly to a floor below 0.",
    "gelu": "A smooth ReLU, as in transformers and ConvNeXt.",
    "silu": "A smooth ReLU: every value times its sigmoid, as in EfficientNet. Also called swish.",
    "sigmoid": "Presses everything between 0 and 1.",
    "tanh": "Presses everything between −1 and 1, as in LeNet.",
    "hardswish": "A SiLU made of straight pieces, as in MobileNet V3.",
}


class ActivationPanel(Panel):
    """Which curve, and what bends it."""

    def __init__(self) -> None:
        super().__init__()
        self.kind = ChoiceField("lab_activation", "Curve", [(title, kind) for kind, title in ACTIVATIONS.items()])
        self.sentence = label("", "caption", kind="muted", wrap=True)
        self.slope = ShareField("lab_slope", "Slope", (0.0, 1.0), 0.1, "Of the line below 0.")
        self.alpha = ShareField("lab_alpha", "Alpha", (0.0, 3.0), 1.0, "How far down the curve goes.")
        self.add(self.kind)
        self.column.addWidget(self.sentence)
        self.add(self.slope, "slope")
        self.add(self.alpha, "alpha")
        self.column.addStretch(1)
        self.kind.changed.connect(self._dress)
        self._dress()

    @property
    @override
    def title(self) -> str:
        return ACTIVATIONS[self.kind.value]

    @override
    def operations(self, shape: Shape) -> Sequence[Operation]:
        return (Activation(kind=self.kind.value, slope=self.slope.value, alpha=self.alpha.value),)

    def _dress(self) -> None:
        kind = self.kind.value
        self.sentence.setText(_SENTENCES[kind])
        self.slope.setVisible(kind == "leaky_relu")
        self.alpha.setVisible(kind == "elu")
