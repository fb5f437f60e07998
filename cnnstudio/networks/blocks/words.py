"""Blocks and findings in a few words. No torch."""

from cnnstudio.core import counted
from cnnstudio.networks.blocks.findings import Finding
from cnnstudio.networks.blocks.table import KINDS
from cnnstudio.networks.blocks.values import Block, Setting, Value

FUNCTION_TITLES = {
    "relu": "ReLU", "leaky_relu": "Leaky ReLU", "elu": "ELU", "gelu": "GELU", "silu": "SiLU", "sigmoid": "Sigmoid",
    "tanh": "Tanh", "hardswish": "Hardswish",
}  # fmt: skip
"""What activations are called, by their names in network files."""


def summary(block: Block) -> str:
    """What is particular about a block, such as ``32 channels, 3 × 3, stride 2``; empty where nothing is."""
    told = (_told(setting, block.values[setting.name]) for setting in KINDS[block.kind].settings)
    return ", ".join(words for words in told if words)


def shape_words(shape: tuple[int, ...]) -> str:
    """``32 × 16 × 16``, or ``128``."""
    return " × ".join(map(str, shape))


def sentence(found: Finding) -> str:
    """A finding with its block and its mend, for a terminal."""
    where = f"Block {found.place + 1}: " if found.place is not None else ""
    return f"{where}{found.sentence}" + (f" {found.mend}, for instance." if found.mend else "")


def _told(setting: Setting, value: Value) -> str:
    if setting.name in ("channels", "layers", "outputs") and value != setting.special:
        return counted(int(value), {"channels": "channel", "layers": "layer", "outputs": "output"}[setting.name])
    if setting.name == "kernel":
        return f"{value} × {value}"
    if setting.name == "outputs":
        return "as many as classes"
    if setting.name == "function":
        return FUNCTION_TITLES.get(str(value), str(value))
    if setting.name in ("p", "growth") or (setting.choices and value != setting.default):
        return f"{setting.label.lower()} {value:g}" if isinstance(value, float | int) else str(value).replace("_", " ")
    if value == setting.default:
        return ""
    if isinstance(value, bool):
        return setting.label.lower() if value else f"no {setting.label.lower()}"
    return f"{setting.label.lower()} {setting.written(value)}"
