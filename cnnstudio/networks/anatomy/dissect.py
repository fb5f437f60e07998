"""Take a network apart without its weights: shapes, parameters, work and receptive field of every layer."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from cnnstudio.networks import builder
from cnnstudio.networks.anatomy.field import Field
from cnnstudio.networks.anatomy.layers import Anatomy, Layer
from cnnstudio.networks.anatomy.receptive_field import FollowFields, field_of, hook_special_layers, mark
from cnnstudio.networks.blocks.saved import plan_of
from cnnstudio.networks.blocks.stopping import own_outputs
from cnnstudio.networks.head import feature_size, head_name
from cnnstudio.networks.kinds import structure_of
from cnnstudio.networks.own import classic_of

_switch = threading.Lock()


def _flop_counter() -> Any:
    """Torch's, which warns of a missing triton (as on Windows) when it is imported; nothing here has such kernels."""
    logging.getLogger("torch.utils.flop_counter").setLevel(logging.ERROR)
    from torch.utils.flop_counter import FlopCounterMode

    return FlopCounterMode(display=False)


def dissect(
    name: str, *, classes: int = builder.IMAGENET_CLASSES, input_size: int | None = None, channels: int | None = None
) -> Anatomy:
    """A network on the meta device, which has shapes but no numbers; takes under a second.

    Args:
        name: of a torchvision network or a classic.
        classes: outputs of the head; a network that somebody built for so many and no others has those.
        input_size: side of the input in pixels; None is what its weights, or the classic, were made for.
        channels: of the input, for classics.

    Raises:
        NetworkError: there is no such network.
        RuntimeError: it cannot take that input size.
    """
    spec, plan = builder.preprocess_of(name), plan_of(name)
    classes = (own_outputs(plan) if plan else 0) or classes
    size, depth = input_size or spec.crop, channels or spec.channels
    classic = classic_of(name)
    given = channels if classic else None
    network = builder.build_skeleton(name, classes, original_head=True, image_size=size, channels=given)
    network = network.to("meta").eval()
    records, fields, counted = _watched(network, torch.empty(1, depth, size, size, device="meta"))
    head = head_name(network)
    first_of_head = _first_after_features(network, head)
    return Anatomy(
        network=name,
        title=classic.title if classic else name,
        classes=classes,
        input_size=size,
        channels=depth,
        layers=tuple(
            Layer(
                name=path,
                kind=type(module).__name__,
                detail=_detail(module),
                output=records.get(path, ()),
                parameters=sum(parameter.numel() for parameter in module.parameters()),
                multiplications=counted.get(path, 0),
                reach=fields[path].reach if path in fields else None,
                is_leaf=not list(module.children()),
                in_head=path in first_of_head,
            )
            for path, module in network.named_modules()
            if path
        ),
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        multiplications=counted[""],
        features=feature_size(network),
    )


def _watched(
    network: nn.Module, picture: torch.Tensor
) -> tuple[dict[str, tuple[int, ...]], dict[str, Field], dict[str, int]]:
    """One forward pass: output shapes, fields and multiplications by dotted name."""
    shapes: dict[str, tuple[int, ...]] = {}
    fields: dict[str, Field] = {}

    def remember(name: str, output: Any) -> None:
        value = output[0] if isinstance(output, tuple) else output
        shapes[name] = tuple(value.shape[1:])
        if (field := field_of(value)) is not None:
            fields[name] = field

    hooks = hook_special_layers(network)
    hooks += [
        module.register_forward_hook(lambda _m, _i, output, name=name: remember(name, output))
        for name, module in network.named_modules()
    ]
    mark(picture, Field())
    counter = _flop_counter()
    try:
        with torch.inference_mode(), _attention_in_steps(), counter, FollowFields():  # type: ignore[no-untyped-call]
            network(picture)
    finally:
        for hook in hooks:
            hook.remove()
    root = type(network).__name__
    counts = counter.get_flop_counts()
    counted = {
        path.removeprefix(root).removeprefix("."): sum(parts.values()) // 2  # a multiply-add is two operations
        for path, parts in counts.items()
        if path == root or path.startswith(f"{root}.")
    }
    return shapes, fields, {"": counter.get_total_flops() // 2} | counted


@contextmanager
def _attention_in_steps() -> Iterator[None]:
    """Without torch's fast path, one operation that nobody can look into; the switch is the whole process's."""
    with _switch:
        before = torch.backends.mha.get_fastpath_enabled()
        torch.backends.mha.set_fastpath_enabled(False)
        try:
            yield
        finally:
            torch.backends.mha.set_fastpath_enabled(before)


def _first_after_features(network: nn.Module, head: str) -> frozenset[str]:
    """The last layer and what comes with it: auxiliary heads, what stands behind it, and what holds nothing else."""
    names = [name for name, _ in network.named_modules() if name]
    auxiliary = structure_of(network).auxiliary_parts
    behind = {*names[names.index(head) :], *(name for name in names if name.split(".")[0] in auxiliary)}
    weighty = {name.rpartition(".")[0] for name, _ in network.named_parameters()}
    for name in names:
        inside = {other for other in weighty if other == name or other.startswith(f"{name}.")}
        if inside and inside <= behind:
            behind.add(name)
    return frozenset(behind)


def _detail(module: nn.Module) -> str:
    """What is particular about a layer, in the field's short form."""
    if isinstance(module, nn.Conv2d):
        parts = ["×".join(map(str, module.kernel_size))]
        parts += [f"stride {module.stride[0]}"] if module.stride != (1, 1) else []
        parts += [f"dilation {module.dilation[0]}"] if module.dilation != (1, 1) else []
        depthwise = module.groups == module.in_channels > 1
        parts += ["depthwise"] if depthwise else [f"{module.groups} groups"] if module.groups > 1 else []
        return ", ".join(parts)
    if isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
        kernel, stride = (v if isinstance(v, int) else v[0] for v in (module.kernel_size, module.stride))
        return f"{kernel}×{kernel}, stride {stride}"
    if isinstance(module, nn.Dropout):
        return f"p {module.p:g}"
    if isinstance(module, nn.Linear):
        return f"{module.in_features:,} → {module.out_features:,}"
    return ""
