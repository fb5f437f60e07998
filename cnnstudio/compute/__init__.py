"""Pictures through a network, fast: devices, engines, features."""

from cnnstudio.compute.device import FABRIC_PRECISION, choose_device, float32_depthwise, has_depthwise
from cnnstudio.compute.engines import (
    FromPixels, FrozenNetwork, TorchFrozen, fastest_frozen, open_frozen, run_frozen, to_input,
)  # fmt: skip
from cnnstudio.compute.feature_cache import Features
from cnnstudio.compute.frozen_pass import Outputs, Reading, frozen_outputs

__all__ = [
    "FABRIC_PRECISION", "Features", "FromPixels", "FrozenNetwork", "Outputs", "Reading", "TorchFrozen",
    "choose_device", "fastest_frozen", "float32_depthwise", "frozen_outputs", "has_depthwise", "open_frozen",
    "run_frozen", "to_input",
]  # fmt: skip
