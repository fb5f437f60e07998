"""Operations of the Lab from what was read on the command line, each setting one that counts."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from cnnstudio.cli.lab_settings import Settings
from cnnstudio.lab import (
    ACTIVATIONS,
    POOLINGS,
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

_NAMED = {"count_padding": "skip_padding"}
"""Settings whose flag says the opposite."""


def flag_of(field: str, operation: Operation) -> str:
    """The flag that a problem's field was set with."""
    if isinstance(operation, Convolution):
        a_point = operation.side == (1, 1)
        own = operation.groups == len(operation.kernels) and len(operation.kernels[0]) == 1
        if field == "kernels" and operation.groups and a_point:
            return "--mix"
        if field == "kernels" or (field == "groups" and own and not a_point):
            return "--kernel"
    return f"--{field.replace('_', '-')}"


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
    if side not in (0, *range(1, 32)):
        raise ValueError("--side lies between 1 and 31")
    if not 1 <= turned.get("wavelength", 4.0) <= 100:  # also false for what is no number
        raise ValueError("--wavelength lies between 1 and 100")
    if not -360 <= turned.get("angle", 0.0) <= 360:
        raise ValueError("--angle lies between -360 and 360")
    found: list[Kernel] = []
    given = settings.pop("kernel", [])
    if turned and "gabor" not in given:
        raise ValueError(f"--{next(iter(turned))} turns a Gabor kernel: --kernel gabor")
    if side and not any(isinstance(kernel, str) for kernel in given):
        raise ValueError("--side is that of a preset; numbers have the rows and columns that they are typed in")
    for kernel in given:
        if kernel == "gabor":
            found.append(gabor(side or 7, **turned))
        else:
            found.append(kernel_of(kernel, side) if isinstance(kernel, str) else kernel)
    return found


def _pool(settings: Settings) -> list[Operation]:
    kernel = settings.pop("kernel", None)
    if kernel is not None:
        if isinstance(kernel, str) or len(kernel) != 1 or len(kernel[0]) != 1 or not kernel[0][0].is_integer():
            raise ValueError("--kernel is the side of the window, a whole number")
        settings["kernel"] = int(kernel[0][0])
    kind = settings.get("kind", "max")
    _known(kind, POOLINGS)
    has = {_NAMED.get(name, name) for name in POOLINGS[kind]}
    _refuse_others(f"{kind} pooling", settings, {*has, "eval"} if "training" in has else has)
    if settings.pop("skip_padding", False):
        settings["count_padding"] = False
    return [Pooling(**_mode(settings))]


def _activation(settings: Settings) -> list[Operation]:
    kind = settings.get("kind", "relu")
    _known(kind, ACTIVATIONS)
    _refuse_others(ACTIVATIONS[kind], settings, Activation(kind=kind).in_use())
    return [Activation(**settings)]


def _refuse_others(what: str, settings: Settings, has: Collection[str]) -> None:
    """A setting that would not be looked at is a mistake of whoever wrote it."""
    if unused := [name for name in settings if name not in ("kind", *has)]:
        raise ValueError(f"{what} has no --{unused[0].replace('_', '-')}")


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
