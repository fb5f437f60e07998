"""Operations on the command line: ``--op NAME``, then its settings, then the next ``--op``; as they are read."""

import argparse
import math
from collections.abc import Callable
from typing import Any

from typing_extensions import override

from cnnstudio.cli.numbers import between
from cnnstudio.lab import ACTIVATIONS, POOLINGS, PRESETS, Kernel
from cnnstudio.lab.convolution import PADDING_MODES

Settings = dict[str, Any]


def _matrix(text: str) -> Kernel:
    """Rows of numbers: ``0,1,0;1,-4,1;0,1,0``."""
    try:
        return tuple(tuple(float(number) for number in row.split(",")) for row in text.split(";"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:30]!r} is no rows of numbers such as 0,1,0;1,-4,1;0,1,0") from None


def _numbers(text: str) -> tuple[float, ...]:
    rows = _matrix(text)
    if len(rows) > 1:
        raise argparse.ArgumentTypeError(f"{text[:30]!r} is no row of numbers such as 0.5,1")
    return rows[0]


def _whole(text: str) -> int:
    """A whole number; whether it fits is left to the Lab."""
    return int(between(-math.inf, math.inf)(text))


def _kind(text: str) -> str:
    """Of an operation; ``leaky-relu`` is ``leaky_relu``."""
    return text if text in POOLINGS else text.replace("-", "_")


def _kernel(text: str) -> str | Kernel:
    """A preset, a number (the side of a pooling window), or rows."""
    return text if text in {preset.name for preset in PRESETS} else _matrix(text)


_CONVOLUTION = (
    "kernel", "side", "angle", "wavelength", "mix", "groups", "bias", "stride", "padding", "padding_mode", "dilation",
    "transposed", "output_padding", "network", "filter",
)  # fmt: skip
TAKES: dict[str, tuple[str, ...]] = {
    "conv": _CONVOLUTION,
    "separable": tuple(name for name in _CONVOLUTION[:-4] if name != "groups"),
    "pool": (
        "kind", "kernel", "stride", "padding", "dilation", "ceil", "skip_padding", "rows", "columns", "training",
        "eval", "seed",
    ),
    "activation": ("kind", "slope", "alpha"),
    "batchnorm": ("dims", "weight", "bias", "momentum", "epsilon", "batches", "training", "eval"),
    "dropout": ("dims", "share", "training", "eval", "seed"),
}  # fmt: skip
"""The settings of each operation, by its name."""
_READ: dict[str, tuple[Callable[[str], Any] | None, str]] = {
    "kind": (_kind, f"of pool: {', '.join(POOLINGS)} (default max); of activation: {', '.join(ACTIVATIONS)}"),
    "kernel": (_kernel, f"of conv: {', '.join(preset.name for preset in PRESETS)}, or rows such as "
               "'0,1,0;1,-4,1;0,1,0'; several are one for each channel. Of pool: its side"),
    "network": (str, "a run, a bundle or a network, of whose first layer --filter is taken"),
    "filter": (_whole, "number of a filter in the first layer of --network, from 0"),
    "side": (_whole, "rows and columns of a preset: 3, 5 or 7"),
    "angle": (float, "of a Gabor kernel, in degrees"),
    "wavelength": (float, "of a Gabor kernel, in pixels"),
    "mix": (_matrix, "how channels are mixed: a row of weights for each output, such as '0.3,0.6,0.1'; alone, a 1×1"),
    "groups": (_whole, "that channels are put into, for --mix"),
    "bias": (_numbers, "one number, or one for each output"),
    "stride": (_whole, ""),
    "padding": (_whole, ""),
    "padding_mode": (str, ", ".join(PADDING_MODES)),
    "dilation": (_whole, ""),
    "transposed": (None, "a transposed convolution"),
    "output_padding": (_whole, "of a transposed convolution"),
    "ceil": (None, "of pool: also a last window that reaches over the edge"),
    "skip_padding": (None, "of an average: zeros beyond the edge do not count"),
    "rows": (_whole, "of an adaptive result"),
    "columns": (_whole, "of an adaptive result"),
    "slope": (float, "of a leaky ReLU below 0"),
    "alpha": (float, "of an ELU"),
    "dims": (_whole, "1: each value; 2: whole channels"),
    "weight": (float, "of batch normalisation"),
    "momentum": (float, "of the running mean and variance"),
    "epsilon": (float, "added to the variance"),
    "batches": (_whole, "that the running mean and variance have seen"),
    "share": (float, "that is dropped"),
    "training": (None, "as while training"),
    "eval": (None, "as when predicting"),
    "seed": (_whole, "of the draw"),
}  # fmt: skip


class _Begin(argparse.Action):
    """A new operation."""

    @override
    def __call__(
        self, parser: argparse.ArgumentParser, options: argparse.Namespace, value: Any, flag: Any = None
    ) -> None:
        options.steps = [*(options.steps or ()), (value, {})]


class _Set(argparse.Action):
    """A setting of the operation before it."""

    @override
    def __call__(
        self, parser: argparse.ArgumentParser, options: argparse.Namespace, value: Any, flag: Any = None
    ) -> None:
        if not options.steps:
            parser.error(f"{flag} is a setting of an operation: put it behind --op")
        name, settings = options.steps[-1]
        if self.dest not in TAKES[name]:
            flags = ", ".join(f"--{each.replace('_', '-')}" for each in TAKES[name])
            parser.error(f"{name} has no {flag}; it has {flags}")
        if self.dest == "kernel" and name != "pool":
            settings.setdefault("kernel", []).append(value)
        else:
            settings[self.dest] = True if self.nargs == 0 else value


def add_operations(parser: argparse.ArgumentParser) -> None:
    """Take a chain of operations with their settings; ``operations_of`` makes them."""
    text = f"an operation: {', '.join(TAKES)}; its settings follow, then perhaps another one"
    parser.add_argument(
        "--op", dest="steps", action=_Begin, choices=tuple(TAKES), required=True, metavar="NAME", help=text
    )
    group = parser.add_argument_group("settings of the operation before them")
    for name, (read, text) in _READ.items():
        more: Settings = {"nargs": 0} if read is None else {"type": read, "metavar": "X"}
        takers = ", ".join(operation for operation, settings in TAKES.items() if name in settings)
        group.add_argument(
            f"--{name.replace('_', '-')}", dest=name, action=_Set, help=f"{text} ({takers})".strip(), **more
        )
