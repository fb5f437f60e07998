"""Where a network's stages lie: the last one, for fine-tuning, and every layer with feature maps, for looking at."""

from collections.abc import Iterator

import torch
from torch import nn
from torchvision.models.swin_transformer import PatchMerging, PatchMergingV2

from cnnstudio.core import NetworkError
from cnnstudio.networks.catalogue.entries import LayerInfo
from cnnstudio.networks.head import head_name
from cnnstudio.networks.kinds import structure_of


def last_stage(network: nn.Module) -> tuple[str, ...]:
    """Dotted names of the modules to fine-tune besides the head: the last residual stage, or what is like it.

    Where a family's stages have no names, the stage begins with the last layer that makes the maps smaller. Hidden
    layers of the classifier belong to it.
    """
    structure, head = structure_of(network), head_name(network)
    if structure.last_stage:
        return structure.last_stage
    blocks = {name: block for name, block in _blocks(network).items() if not head.startswith(f"{name}.")}
    blocks.pop(head, None)
    if share := structure.last_blocks:
        weighty = [name for name, block in blocks.items() if any(True for _ in block.parameters())]
        stage = weighty[-max(1, int(share if share >= 1 else share * len(weighty))) :]
    else:
        stage = _from_last_shrinking(blocks)
    return (*stage, *_between(network, next(reversed(blocks), ""), head))


def by_stage(network: nn.Module, parameters: list[str]) -> list[tuple[str, ...]]:
    """Parameters grouped by the block of the trunk they are in, from the top of the network down."""
    trunk = _blocks(network)
    stages: dict[str, list[str]] = {}
    for name in parameters:
        stage = next((child for child in trunk if name.startswith(f"{child}.")), name.partition(".")[0])
        stages.setdefault(stage, []).append(name)
    return [tuple(names) for names in reversed(stages.values())]


def list_layers(network: nn.Module, input_size: int, channels: int = 3) -> tuple[LayerInfo, ...]:
    """Every layer whose output is a stack of maps, in the order in which one picture passes them.

    Args:
        network: in eval mode.
        input_size: side of the square input, in pixels.
        channels: of the input.
    """
    shapes = _output_shapes(network, input_size, channels)
    ends = _stage_ends(network, shapes)
    return tuple(
        LayerInfo(
            name=name,
            kind=type(network.get_submodule(name)).__name__,
            shape=shape,
            depth=name.count("."),
            is_stage=name in ends,
        )
        for name, shape in shapes.items()
    )


def suggested_layer(layers: tuple[LayerInfo, ...]) -> str:
    """A layer worth showing first: the end of an early stage, whose maps are still large; empty without layers."""
    stages = [layer for layer in layers if layer.is_stage and layer.shape[1] > 1] or list(layers)
    return stages[min(1, len(stages) - 1)].name if stages else ""


def as_maps(output: torch.Tensor, network: nn.Module) -> torch.Tensor | None:
    """A layer's output for a batch as N×C×H×W; None when it is no stack of maps.

    Swin's N×H×W×C is turned; a transformer's tokens N×L×D are laid out on their grid without the class token.
    """
    axis = channel_axis(output, network)
    if axis == 1:
        return output
    if output.ndim == 4 and axis == 3:
        return output.permute(0, 3, 1, 2)
    if axis == 2:
        side = _token_side(network)
        return output[:, 1:].transpose(1, 2).unflatten(2, (side, side))
    return None


def channel_axis(output: torch.Tensor, network: nn.Module) -> int | None:
    """Which axis of a layer's output holds its channels; None when it is no stack of maps."""
    lie = structure_of(network).maps
    if output.ndim == 4:
        turned = lie == "channels-last" and output.shape[1] == output.shape[2] != output.shape[3]
        return 3 if turned else 1
    if output.ndim == 3 and lie == "tokens" and output.shape[1] == _token_side(network) ** 2 + 1:
        return 2
    return None


def last_maps(network: nn.Module, input_size: int, channels: int = 3) -> str:
    """Dotted name of the module whose output is the last to say where in the picture something is.

    Poolings and dropout are passed over: what a pooling makes of the maps is coarser, or the same.

    Args:
        network: in eval mode.
        input_size: side of the square input, in pixels.
        channels: of the input.

    Raises:
        NetworkError: no layer says where.
    """
    if structure_of(network).maps == "tokens":  # the answer is read from the class token alone
        return _before_last_attention(network)
    passed: list[str] = []
    head, begun = network.get_submodule(head_name(network)), list[bool]()

    def remember(name: str, output: object) -> None:
        maps = as_maps(output, network) if isinstance(output, torch.Tensor) and not begun else None
        if maps is not None and maps.shape[2] * maps.shape[3] > 1:
            passed.append(name)

    hooks = [
        module.register_forward_hook(lambda _m, _i, output, name=name: remember(name, output))
        for name, module in network.named_modules()
        if name and not isinstance(module, nn.AdaptiveAvgPool2d | nn.Dropout | nn.Identity)
    ]
    hooks.append(head.register_forward_pre_hook(lambda *_: begun.append(True)))
    try:
        _look_through(network, input_size, channels)
    finally:
        for hook in hooks:
            hook.remove()
    if not passed:
        raise NetworkError("No layer of this network says where in the picture something is.")
    return passed[-1]


def _before_last_attention(network: nn.Module) -> str:
    """Behind it only the class token counts, so that the others have no gradient any more."""
    name, block = list(_blocks(network).items())[-1]
    within = next(part for part, module in block.named_modules() if isinstance(module, nn.LayerNorm))
    return f"{name}.{within}"


def _from_last_shrinking(blocks: dict[str, nn.Module]) -> list[str]:
    """Names of the blocks from the last one that shrinks the maps to the end; the last one where none does."""
    names = list(blocks)
    if names and isinstance(
        blocks[names[-1]], nn.MaxPool2d | nn.AvgPool2d
    ):  # AlexNet and VGG: the stage lies before the pooling
        names.pop()
    shrinking = [name for name in names if any(_shrinks(module) for module in blocks[name].modules())]
    return names[names.index(shrinking[-1]) :] if shrinking else names[-1:]


def _shrinks(module: nn.Module) -> bool:
    if isinstance(module, PatchMerging | PatchMergingV2):
        return True
    if isinstance(module, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
        return module.stride in (2, (2, 2))
    return False


def _between(network: nn.Module, block: str, head: str) -> Iterator[str]:
    """Modules with parameters that come after the last block and before the last layer."""
    names = [name for name, _ in network.named_modules()]
    for name in names[names.index(block) : names.index(head)]:
        module = network.get_submodule(name)
        leaf = not list(module.children()) and any(True for _ in module.parameters())
        if leaf and name != block and not name.startswith(f"{block}."):
            yield name


def _output_shapes(network: nn.Module, input_size: int, channels: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}

    def remember(name: str, output: object) -> None:
        maps = as_maps(output, network) if isinstance(output, torch.Tensor) else None
        if maps is not None:
            shapes.setdefault(name, tuple(maps.shape[1:]))

    hooks = [
        module.register_forward_hook(lambda _m, _i, output, name=name: remember(name, output))
        for name, module in network.named_modules()
        if _worth_showing(name, module)
    ]
    try:
        _look_through(network, input_size, channels)
    finally:
        for hook in hooks:
            hook.remove()
    return shapes


def _look_through(network: nn.Module, input_size: int, channels: int) -> None:
    """A picture without content, for the hooks that are on the network."""
    with torch.inference_mode():
        network(torch.zeros(1, channels, input_size, input_size, device=next(network.parameters()).device))


def _token_side(network: nn.Module) -> int:
    """Tokens in a row of a vision transformer's grid."""
    return int(network.image_size) // int(network.patch_size)  # type: ignore[arg-type]


def _worth_showing(name: str, module: nn.Module) -> bool:
    """Convolutions, blocks and stages; not the small parts in between, whose maps look like their neighbours'."""
    if not name:
        return False
    return isinstance(module, nn.Conv2d | nn.MaxPool2d) or len(list(module.children())) > 0


def _stage_ends(network: nn.Module, shapes: dict[str, tuple[int, ...]]) -> set[str]:
    """The last blocks, on the level where blocks are, before the maps become smaller."""
    trunk = _blocks(network)
    blocks = [name for name in shapes if name in trunk]
    following = [*blocks[1:], ""][: len(blocks)]  # a network may have no maps at all
    return {
        name
        for name, after in zip(blocks, following, strict=True)
        if not after or shapes[after][-2:] != shapes[name][-2:]
    }


def _blocks(network: nn.Module) -> dict[str, nn.Module]:
    """The children of the trunk by dotted name."""
    trunk = structure_of(network).trunk
    return {
        f"{trunk}.{name}" if trunk else name: block for name, block in network.get_submodule(trunk).named_children()
    }
