"""Operations on the command line: ``--op NAME``, then its settings, then the next ``--op``."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from typing_extensions import override

from cnnstudio.lab import (
    ACTIVATIONS,
    POOLINGS,
    PRESETS,
    Activation,
    BatchNorm,
    Convolution,
    Dropout,
    Kernel,
    Operation,
    Pooling,
    each,
    gabor,
    kernel_of,
    mixed,
    mixing,
    own_kernels,
)  # fmt: skip
from cnnstudio.lab.convolution import PADDING_MODES

Settings = dict[str, Any]


def _matrix(text: str) -> Kernel:
    """Rows of numbers: ``0,1,0;1,-4,1;0,1,0``."""
    try:
        return tuple(tuple(float(number) for number in row.split(",")) for row in text.split(";"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:30]!r} is no rows of numbers such as 0,1,0;1,-4,1;0,1,0") from None


def _numbers(text: str) -> tuple[float, ...]:
    return _matrix(text)[0]


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
    "kind": (str, f"of pool: {', '.join(POOLINGS)} (default max); of activation: {', '.join(ACTIVATIONS)}"),
    "kernel": (_kernel, f"of conv: {', '.join(preset.name for preset in PRESETS)}, or rows such as "
               "'0,1,0;1,-4,1;0,1,0'; several are one for each channel. Of pool: its side"),
    "network": (str, "a run, a bundle or a network, of whose first layer --filter is taken"),
    "filter": (int, "number of a filter in the first layer of --network, from 0"),
    "side": (int, "rows and columns of a preset: 3, 5 or 7"),
    "angle": (float, "of a Gabor kernel, in degrees"),
    "wavelength": (float, "of a Gabor kernel, in pixels"),
    "mix": (_matrix, "how channels are mixed: a row of weights for each output, such as '0.3,0.6,0.1'; alone, a 1×1"),
    "groups": (int, "that channels are put into, for --mix"),
    "bias": (_numbers, "one number, or one for each output"),
    "stride": (int, ""),
    "padding": (int, ""),
    "padding_mode": (str, ", ".join(PADDING_MODES)),
    "dilation": (int, ""),
    "transposed": (None, "a transposed convolution"),
    "output_padding": (int, "of a transposed convolution"),
    "ceil": (None, "of pool: also a last window that reaches over the edge"),
    "skip_padding": (None, "of an average: zeros beyond the edge do not count"),
    "rows": (int, "of an adaptive result"),
    "columns": (int, "of an adaptive result"),
    "slope": (float, "of a leaky ReLU below 0"),
    "alpha": (float, "of an ELU"),
    "dims": (int, "1: each value; 2: whole channels"),
    "weight": (float, "of batch normalisation"),
    "momentum": (float, "of the running mean and variance"),
    "epsilon": (float, "added to the variance"),
    "batches": (int, "that the running mean and variance have seen"),
    "share": (float, "that is dropped"),
    "training": (None, "as while training"),
    "eval": (None, "as when predicting"),
    "seed": (int, "of the draw"),
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


def operations_of(
    steps: Sequence[tuple[str, Settings]], take: Callable[[str], Sequence[Convolution]]
) -> tuple[tuple[str, Operation], ...]:
    """The chain with the name of each; one name may be two operations. Values out of range are left to the Lab.

    Args:
        steps: names and settings, as they were read.
        take: gives the first filters of a network.

    Raises:
        ValueError: settings that say nothing together; its words are for a person.
        StudioError: as ``take`` does.
    """
    made: list[tuple[str, Operation]] = []
    for name, settings in steps:
        if "network" in settings or "filter" in settings:
            made.append((name, _taken(dict(settings), take)))
            continue
        try:
            made += [(name, operation) for operation in _MAKERS[name](dict(settings))]
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    return tuple(made)


def _taken(settings: Settings, take: Callable[[str], Sequence[Convolution]]) -> Operation:
    """A filter with its own stride, padding and bias, but for those that are given."""
    if "network" not in settings or "filter" not in settings:
        raise ValueError("conv: --network and --filter go together")
    network, number = settings.pop("network"), settings.pop("filter")
    if unused := next((name for name in settings if name in ("kernel", "mix", "groups", "transposed", "side")), ""):
        raise ValueError(f"conv: a filter of a network takes no --{unused}")
    filters = take(network)
    if not 0 <= number < len(filters):
        raise ValueError(f"conv: --filter lies between 0 and {len(filters) - 1}")
    return replace(filters[number], **settings)


def _convolution(settings: Settings) -> list[Operation]:
    kernels, mix = _kernels(settings), settings.pop("mix", None)
    if mix is None:
        if settings.pop("groups", 0):
            raise ValueError("groups need --mix, which says how their channels are mixed")
        return [_alone(kernels, settings)]
    if len(kernels) > 1:
        raise ValueError("several kernels and --mix: see --op separable")
    if settings.get("transposed"):
        raise ValueError("a transposed convolution takes no --mix here; mix channels with another --op conv")
    return [mixed(kernels[0], mix, **settings) if kernels else mixing(mix, **settings)]


def _separable(settings: Settings) -> list[Operation]:
    kernels, mix = _kernels(settings), settings.pop("mix", None)
    if not kernels or mix is None:
        raise ValueError("it needs --kernel for each channel alone, and --mix for what comes after")
    bias = settings.pop("bias", ())
    return [_alone(kernels, settings), mixing(mix, bias=bias)]


def _alone(kernels: list[Kernel], settings: Settings) -> Convolution:
    if not kernels:
        raise ValueError("it needs --kernel or --mix")
    return each(kernels[0], **settings) if len(kernels) == 1 else own_kernels(kernels, **settings)


def _kernels(settings: Settings) -> list[Kernel]:
    side = settings.pop("side", 0)
    turned = {name: settings.pop(name) for name in ("angle", "wavelength") if name in settings}
    mode = settings.get("padding_mode", "zeros")
    if mode not in PADDING_MODES:
        raise ValueError(f"--padding-mode is one of {', '.join(PADDING_MODES)}")
    if side not in (0, *range(1, 32)) or (turned.get("wavelength", 1.0) <= 0):
        raise ValueError("--side lies between 1 and 31, and --wavelength is more than 0")
    found: list[Kernel] = []
    for kernel in settings.pop("kernel", []):
        if kernel == "gabor":
            found.append(gabor(side or 7, **turned))
        else:
            found.append(kernel_of(kernel, side) if isinstance(kernel, str) else kernel)
    return found


def _pool(settings: Settings) -> list[Operation]:
    kernel = settings.pop("kernel", None)
    if kernel is not None:
        if isinstance(kernel, str) or len(kernel) != 1 or len(kernel[0]) != 1 or kernel[0][0] != int(kernel[0][0]):
            raise ValueError("--kernel is the side of the window, a whole number")
        settings["kernel"] = int(kernel[0][0])
    if settings.pop("skip_padding", False):
        settings["count_padding"] = False
    kind = settings.get("kind", "max")
    _known(kind, POOLINGS)
    made = Pooling(**_mode(settings))
    if unused := [name for name in settings if name not in ("kind", *POOLINGS[made.kind])]:
        raise ValueError(f"{kind} pooling has no --{unused[0].replace('_', '-')}")
    return [made]


def _activation(settings: Settings) -> list[Operation]:
    _known(settings.get("kind", "relu"), ACTIVATIONS)
    return [Activation(**settings)]


def _batch_norm(settings: Settings) -> list[Operation]:
    bias = settings.pop("bias", (0.0,))
    if len(bias) != 1:
        raise ValueError("--bias is one number")
    return [BatchNorm(bias=bias[0], **_two(_mode(settings)))]


def _dropout(settings: Settings) -> list[Operation]:
    return [Dropout(**_two(_mode(settings)))]


def _mode(settings: Settings) -> Settings:
    if settings.pop("eval", False):
        if settings.get("training"):
            raise ValueError("--training or --eval, not both")
        settings["training"] = False
    return settings


def _two(settings: Settings) -> Settings:
    if settings.get("dims", 1) not in (1, 2):
        raise ValueError("--dims is 1 or 2")
    return settings


def _known(kind: str, kinds: dict[Any, Any]) -> None:
    if kind not in kinds:
        raise ValueError(f"--kind is one of {', '.join(kinds)}")


_MAKERS: dict[str, Callable[[Settings], list[Operation]]] = {
    "conv": _convolution,
    "separable": _separable,
    "pool": _pool,
    "activation": _activation,
    "batchnorm": _batch_norm,
    "dropout": _dropout,
}
