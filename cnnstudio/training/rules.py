"""What a recipe may say: its words, its ranges, and every rule it breaks in a sentence each. No torch."""

import math
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from cnnstudio.networks import MODES

if TYPE_CHECKING:
    from cnnstudio.training.recipe import Recipe

Device = Literal["auto", "cpu", "cuda", "mps"]
FrozenPrecision = Literal["auto", "fp32", "bf16", "fp16"]
Precision = Literal["auto", "fp32", "bf16", "fp16", "bf16-depthwise-fp32"]
DEPTHWISE: Precision = "bf16-depthwise-fp32"
"""See ``compute.device.float32_depthwise``."""
Optimizer = Literal["sgd", "adam", "adamw", "rmsprop"]
Schedule = Literal["constant", "step", "cosine", "one-cycle"]
Mix = Literal["none", "mixup", "cutmix", "both"]
PASTING: tuple[Mix, ...] = ("cutmix", "both")
"""Those that need the pictures themselves: of features and maps there are no pieces that could be pasted."""
Colour = Literal["auto", "grey", "colour"]
Balance = Literal["none", "weights", "sampling"]
HeadSolver = Literal["auto", "regression", "epochs"]

AUTOMATIC = -1.0
"""Of numbers for which 0 means none: the default."""
MAX_SEED = 2**32 - 1
WATCH_STEPS = 20
"""From one look inside a network to the next, where a person asks for looks: a look takes 1 to 95 % of a step."""


class Usual(NamedTuple):
    """What an optimiser is used with, unless a recipe says otherwise."""

    weight_decay: float
    """AdamW takes it off the weights (Loshchilov & Hutter 2019), the others put it into the gradient."""
    times: float = 1.0
    """Multiple of the mode's learning rate, which is AdamW's."""
    rate: float = 0.0
    """In place of that, a learning rate for every mode."""


USUAL: dict[str, Usual] = {
    "adamw": Usual(weight_decay=0.02),
    "adam": Usual(weight_decay=1e-4),
    "rmsprop": Usual(weight_decay=1e-4, times=0.1),  # its momentum adds up ten steps
    "sgd": Usual(weight_decay=5e-4, rate=0.01),
}
"""At heads, all four come to the same accuracy with these (squeezenet1_0 on the shared photographs)."""
_LONGEST_PATH, _LONGEST_PATTERN = 4096, 1000
_WORDS: dict[str, Any] = {
    "device": Device, "precision": Precision, "frozen_precision": FrozenPrecision, "optimizer": Optimizer,
    "schedule": Schedule, "mix": Mix, "balance": Balance, "colour": Colour,
    "head_solver": HeadSolver,
}  # fmt: skip
RANGES: dict[str, tuple[float, float]] = {
    "epochs": (1, 10_000), "batch_size": (1, 65_536), "learning_rate": (1e-12, 100.0),
    "backbone_lr_scale": (0.0, 10.0), "weight_decay": (0.0, 10.0), "label_smoothing": (0.0, 0.9),
    "patience": (0, 10_000), "seed": (0, MAX_SEED), "split.seed": (0, MAX_SEED), "layer_decay": (0.1, 1.0),
    "warm_up": (0.0, 0.9), "gradient_clip": (0.0, 1000.0), "ema": (0.0, 0.99999), "views": (1, 64), "threads": (0, 256),
    "input_size": (16, 1024), "augment.crop": (0.0, 0.95), "augment.rotate_degrees": (0.0, 180.0),
    "augment.colour": (0.0, 0.9), "augment.blur": (0.0, 8.0), "augment.noise": (0.0, 100.0),
    "augment.compression": (0.0, 0.98), "augment.shrink": (0.0, 0.95), "watch_inside": (0, 100_000),
}  # fmt: skip
"""Smallest and largest value of every number; 0 in place of one that must be more means the default."""
_AUTOMATIC = ("weight_decay",)
"""May be ``AUTOMATIC`` as well."""


def faults(recipe: "Recipe") -> list[str]:
    """Every rule the recipe breaks, one sentence each."""
    choices = {"mode": tuple(MODES)} | {name: get_args(kind) for name, kind in _WORDS.items()}
    found = [
        f"{name} must be one of {', '.join(allowed)}, not {getattr(recipe, name)!r}."
        for name, allowed in choices.items()
        if getattr(recipe, name) not in allowed
    ]
    for path, (low, high) in RANGES.items():
        value = value_at(recipe, path)
        if path in _AUTOMATIC and value == AUTOMATIC:
            continue
        if not low <= value <= high and not (value == 0 and low > 0):  # also catches NaN
            least = f"be 0 or lie between {low:g}" if low > 0 and path != "layer_decay" else f"lie between {low:g}"
            found.append(f"{path} must {least} and {high:g}, not {_short(value)}.")
    found += [
        f"{name} is longer than any name, or holds a character that no name of a file may hold."
        for name in ("dataset", "network", "weights", "start_from")
        if "\0" in (value := getattr(recipe, name)) or len(value) > _LONGEST_PATH
    ]
    if not recipe.weights:
        found.append("weights must not be empty.")
    if len(recipe.split.group_pattern) > _LONGEST_PATTERN:
        found.append(f"split.group_pattern must have at most {_LONGEST_PATTERN} characters.")
    for kind, (black, white) in (("whole", recipe.levels.whole), ("real", recipe.levels.real)):
        if not (math.isfinite(black) and math.isfinite(white) and black < white):
            found.append(f"levels.{kind} must be two numbers, the lower one first.")
    if recipe.mode in MODES and recipe.how.on == "features":
        found += _faults_of_a_head(recipe)
    return found


def _faults_of_a_head(recipe: "Recipe") -> list[str]:
    found = []
    if recipe.mix in PASTING:
        found.append(
            f"{recipe.how.doing} alone sees no pictures that mix {recipe.mix} could paste pieces into; choose mixup."
        )
    if recipe.head_solver == "regression" and (asked := asks_for_epochs(recipe)):
        found.append(f"head_solver regression has no epochs, so it cannot follow {', '.join(asked)}; choose epochs.")
    if recipe.weights == "none" and not recipe.start_from:
        without = " or ".join(mode.name for mode in MODES.values() if not mode.pretrained)
        found.append(f"{recipe.how.doing} alone needs pretrained weights; without them, choose mode {without}.")
    return found


OF_EPOCHS = (
    "epochs", "batch_size", "learning_rate", "weight_decay", "optimizer", "schedule", "warm_up", "label_smoothing",
    "mix", "gradient_clip", "ema", "patience",
)  # fmt: skip
"""What only a training in epochs can follow, of a last layer that is trained alone."""


def asks_for_epochs(recipe: "Recipe") -> list[str]:
    """The settings that a last layer can follow in epochs only, and that are not as they are by default."""
    usual = {
        each.name: {each.default, getattr(recipe.how, each.name, None)}
        for each in fields(recipe)
        if each.name in OF_EPOCHS
    }
    usual["weight_decay"].add(USUAL["adamw"].weight_decay)
    return [name for name in OF_EPOCHS if getattr(recipe, name) not in usual[name]]


def value_at(recipe: "Recipe", path: str) -> float:
    """A number of the recipe, such as ``augment.crop``."""
    value: Any = recipe
    for name in path.split("."):
        value = getattr(value, name)
    number: float = value
    return number


def _short(value: float) -> str:
    return f"{value:g}" if abs(value) < 1e300 else "a number with very many digits"
