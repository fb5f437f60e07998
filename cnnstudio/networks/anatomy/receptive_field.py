"""Follow receptive fields through a forward pass, whatever Python a network consists of.

Every tensor carries its field; a dispatch mode sees each operation and gives the result its field (``field.py``).
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torchvision.models.maxvit import PartitionAttentionLayer
from torchvision.models.swin_transformer import ShiftedWindowAttention
from torchvision.ops import SqueezeExcitation as TorchvisionSqueezeExcitation

from cnnstudio.networks.anatomy.field import Field, joined
from cnnstudio.networks.classics.attentive import SqueezeExcitation

_ATTRIBUTE = "_receptive_field"


class FollowFields(TorchDispatchMode):
    """While it is active, results know their field; see ``field_of``."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        known = [field for value in tree_leaves((args, kwargs)) if (field := field_of(value)) is not None]
        if known:
            rule = _RULES.get(func.overloadpacket.__name__)
            field = rule(joined(known), args, result) if rule else joined(known)
            mark(result, field)
        return result


def field_of(value: Any) -> Field | None:
    """The field of a tensor's values; None for weights and what else does not come from the picture."""
    return getattr(value, _ATTRIBUTE, None) if isinstance(value, torch.Tensor) else None


def mark(values: Any, field: Field) -> None:
    """Give a tensor, or all in a structure, a field."""
    for value in tree_leaves(values):
        if isinstance(value, torch.Tensor):
            setattr(value, _ATTRIBUTE, field)


def hook_special_layers(network: torch.nn.Module) -> list[Any]:
    """Rules for layers whose single operations do not tell how far they look; returns handles to remove."""
    handles = []
    for module in network.modules():
        if isinstance(module, torch.nn.MultiheadAttention):
            handles.append(_hook(module, lambda field: replace(field, whole=True)))
        elif isinstance(module, ShiftedWindowAttention):
            side = (module.window_size[0], module.window_size[1])
            handles.append(_hook(module, partial(Field.widened, kernel=side)))
        elif isinstance(module, PartitionAttentionLayer):
            handles.append(_hook(module.attn_layer[1], _partition_rule(module)))
        elif isinstance(module, SqueezeExcitation | TorchvisionSqueezeExcitation):
            handles.append(_hook(module, lambda field: replace(field, context=True)))
    return handles


def _hook(module: torch.nn.Module, rule: Callable[[Field], Field]) -> Any:
    def after(_module: torch.nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        field = field_of(inputs[0])
        if field is not None:
            mark(output, rule(field))

    return module.register_forward_hook(after)


def _partition_rule(module: PartitionAttentionLayer) -> Callable[[Field], Field]:
    if module.partition_type == "grid":  # one value of each cell of a coarse grid over the picture
        return lambda field: replace(field, whole=True)
    side = (module.p, module.p)
    return lambda field: field.widened(side)


def _convolution(field: Field, args: tuple[Any, ...], _result: Any) -> Field:
    kernel, stride, dilation = tuple(args[1].shape[2:]), _pair(args, 3, 1), _pair(args, 5, 1)
    is_transposed = len(args) > 6 and args[6] is True  # of conv2d, these are its groups
    return field.spread(kernel, stride, dilation) if is_transposed else field.widened(kernel, stride, dilation)


def _transposed(field: Field, args: tuple[Any, ...], _result: Any) -> Field:
    return field.spread(tuple(args[1].shape[2:]), _pair(args, 3, 1), _pair(args, 7, 1))


def _pooling(field: Field, args: tuple[Any, ...], _result: Any) -> Field:
    kernel = _pair(args, 1, 1)
    stride = _pair(args, 2, kernel) if len(args) > 2 and args[2] else kernel
    return field.widened(kernel, stride)


def _max_pooling(field: Field, args: tuple[Any, ...], result: Any) -> Field:
    """As ``_pooling``; it alone may have gaps."""
    kernel, dilation = _pair(args, 1, 1), _pair(args, 4, 1)
    spanned = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
    stride = args[2] if len(args) > 2 and args[2] else kernel
    return _pooling(field, (args[0], spanned, stride), result)


def _adaptive_pooling(field: Field, args: tuple[Any, ...], _result: Any) -> Field:
    before, after = args[0].shape[-2:], _pair(args, 1, 1)
    return field.divided((before[0], before[1]), after)


def _reduction(field: Field, args: tuple[Any, ...], _result: Any) -> Field:
    """Over height and width of N×C×H×W it sees everything; over channels alone, nothing new."""
    dims = args[1] if len(args) > 1 and isinstance(args[1], list | tuple) else [0, 1, 2, 3]
    spatial = args[0].ndim == 4 and {dim % 4 for dim in dims} >= {2, 3}
    return replace(field, whole=True) if spatial else field


def _flattening(field: Field, args: tuple[Any, ...], result: Any) -> Field:
    """Maps laid out as one vector: what follows sees all of it."""
    before = args[0]
    spread = before.ndim == 4 and result.ndim == 2 and before.shape[-1] * before.shape[-2] > 1
    return replace(field, whole=True) if spread else field


def _slicing(field: Field, args: tuple[Any, ...], _result: Any) -> Field:
    """Every second place of N×H×W×C, as Swin merges patches: the others are put beside it."""
    step = args[4] if len(args) > 4 else 1
    dim = args[1] % args[0].ndim if len(args) > 1 else 0
    if step == 1 or args[0].ndim != 4 or dim not in (1, 2):
        return field
    window = (step, 1) if dim == 1 else (1, step)
    return field.widened(window, window)


def _pair(args: tuple[Any, ...], place: int, default: Any) -> tuple[int, int]:
    value = args[place] if len(args) > place else default
    values = list(value) if isinstance(value, list | tuple | torch.Size) else [value]
    return (values[0], values[-1])


_RULES: dict[str, Callable[[Field, tuple[Any, ...], Any], Field]] = {
    "convolution": _convolution,
    "conv2d": _convolution,
    "conv_transpose2d": _transposed,
    "max_pool2d": _max_pooling,
    "max_pool2d_with_indices": _max_pooling,
    "avg_pool2d": _pooling,
    "adaptive_avg_pool2d": _adaptive_pooling,
    "_adaptive_avg_pool2d": _adaptive_pooling,
    "adaptive_max_pool2d": _adaptive_pooling,
    "mean": _reduction,
    "flatten": _flattening,
    "reshape": _flattening,
    "view": _flattening,
    "slice": _slicing,
}
"""By operation. All others pass on the joined fields of what they are given."""
