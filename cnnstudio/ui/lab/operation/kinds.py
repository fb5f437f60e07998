"""The kinds of operations that can be tried: a panel of settings each, and a row here. The room asks this table."""

from collections.abc import Callable
from dataclasses import dataclass

from cnnstudio.ui.lab.operation.activation_panel import ActivationPanel
from cnnstudio.ui.lab.operation.convolution_panel import ConvolutionPanel
from cnnstudio.ui.lab.operation.mode_panels import BatchNormPanel, DropoutPanel
from cnnstudio.ui.lab.operation.panel import Panel
from cnnstudio.ui.lab.operation.pooling_panel import PoolingPanel


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of operation."""

    name: str
    title: str
    make: Callable[[], Panel]
    batch: bool = False
    """Whether it is about several pictures at once."""


KINDS = (
    Row("convolution", "Convolution", ConvolutionPanel),
    Row("pooling", "Pooling", PoolingPanel),
    Row("activation", "Activation", ActivationPanel),
    Row("norm", "Batch norm", BatchNormPanel, batch=True),
    Row("dropout", "Dropout", DropoutPanel, batch=True),
)
BY_NAME = {row.name: row for row in KINDS}
