"""Where a network's stages lie: the last one, for fine-tuning, and every layer with feature maps, for looking at."""

from collections.abc import Iterator

import torch
from torch import nn
from torchvision import models
from torchvision.models.squeezenet import Fire
from torchvision.models.swin_transformer import PatchMerging, PatchMergingV2

from cnnstudio.networks.catalogue.entries import LayerInfo
from cnnstudio.networks.head import head_name

_NAMED_STAGES: dict[type[nn.Module], tuple[str, ...]] = {
    models.ResNet: ("layer4",),
    models.RegNet: ("trunk_output.block4",),
    models.GoogLeNet: ("inception5a", "inception5b"),
    models.Inception3: ("Mixed_7a", "Mixed_7b", "Mixed_7c"),
    models.ShuffleNetV2: ("stage4", "conv5"),
    models.MaxVit: ("blocks.3", "classifier"),
}
_TRANSFORMER_SHARE = 4
"""The last fourth of a vision transformer's blocks is its last stage."""


def last_stage(network: nn.Module) -> tuple[str, ...]:
    """Dotted names of the modules to fine-tune besides the head: the last residual stage, or what is like it.

    Where a family's stages have no names, the stage begins with the last layer that makes the maps smaller. Hidden
    layers of the classifier belong to it.
    """
    named = _NAMED_STAGES.get(type(network))
    if named:
        return named
    if isinstance(network, models.VisionTransformer):
        blocks = [f"encoder.layers.{name}" for name, _ in network.encoder.layers.named_children()]
        return (*blocks[-max(1, len(blocks) // _TRANSFORMER_SHARE) :], "encoder.ln")
    trunk = "layers" if isinstance(network, models.MNASNet) else "features"
    stage = tuple(f"{trunk}.{name}" for name in _last_part(network.get_submodule(trunk)))
    return (*stage, *_between(network, trunk))


def by_stage(network: nn.Module, parameters: list[str]) -> list[tuple[str, ...]]:
    """Parameters grouped by the block of the trunk they are in, from the top of the network down."""
    trunk = _trunk_children(network)
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
    if output.ndim == 4:
        channels_last = isinstance(network, models.SwinTransformer) and output.shape[1] == output.shape[2]
        turned = channels_last and output.shape[3] != output.shape[2]
        return output.permute(0, 3, 1, 2) if turned else output
    if output.ndim == 3 and isinstance(network, models.VisionTransformer):
        side = network.image_size // network.patch_size
        if output.shape[1] == side * side + 1:
            return output[:, 1:].transpose(1, 2).unflatten(2, (side, side))
    return None


def _last_part(trunk: nn.Module) -> list[str]:
    """Names of the trunk's children from the last one that shrinks the maps to the end."""
    children = list(trunk.named_children())
    fires = [name for name, child in children if isinstance(child, Fire)]
    if fires:
        return fires[-2:]
    if isinstance(children[-1][1], nn.MaxPool2d | nn.AvgPool2d):  # AlexNet and VGG: the stage lies before the pooling
        children.pop()
    shrinking = [number for number, (_, child) in enumerate(children) if any(_shrinks(m) for m in child.modules())]
    return [name for name, _ in children[shrinking[-1] :]]


def _shrinks(module: nn.Module) -> bool:
    if isinstance(module, PatchMerging | PatchMergingV2):
        return True
    if isinstance(module, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
        return module.stride in (2, (2, 2))
    return False


def _between(network: nn.Module, trunk: str) -> Iterator[str]:
    """Modules with parameters that come after the trunk and before the last layer."""
    last = head_name(network)
    for name, module in network.named_modules():
        leaf = not list(module.children()) and any(True for _ in module.parameters())
        if leaf and name != last and not name.startswith(f"{trunk}."):
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
        with torch.inference_mode():
            network(torch.zeros(1, channels, input_size, input_size, device=next(network.parameters()).device))
    finally:
        for hook in hooks:
            hook.remove()
    return shapes


def _worth_showing(name: str, module: nn.Module) -> bool:
    """Convolutions, blocks and stages; not the small parts in between, whose maps look like their neighbours'."""
    if not name:
        return False
    return isinstance(module, nn.Conv2d | nn.MaxPool2d) or len(list(module.children())) > 0


def _stage_ends(network: nn.Module, shapes: dict[str, tuple[int, ...]]) -> set[str]:
    """The last blocks, on the level where blocks are, before the maps become smaller."""
    trunk = _trunk_children(network)
    blocks = [name for name in shapes if name in trunk]
    following = [*blocks[1:], ""]
    return {
        name
        for name, after in zip(blocks, following, strict=True)
        if not after or shapes[after][-2:] != shapes[name][-2:]
    }


def _trunk_children(network: nn.Module) -> set[str]:
    for trunk in ("features", "layers", "trunk_output", "blocks", "encoder.layers"):
        try:
            children = network.get_submodule(trunk).named_children()
        except AttributeError:
            continue
        return {f"{trunk}.{name}" for name, _ in children}
    return {name for name, _ in network.named_children()}
