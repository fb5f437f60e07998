"""Where training begins: what a mode leaves alone is frozen and stays in eval, and a network is cut there."""

from collections.abc import Iterable
from dataclasses import dataclass

from torch import fx, nn

from cnnstudio.core import NetworkError
from cnnstudio.networks.head import auxiliary_head_names, head_name
from cnnstudio.networks.modes import MODES
from cnnstudio.networks.stages import by_stage, last_stage


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterGroup:
    """Parameters that share a learning rate."""

    name: str
    """``head``, ``last-stage`` or ``backbone``."""
    depth: int = 0
    """0 for the head, 1 for the last stage, then one more for each stage further down."""
    parameters: tuple[str, ...]
    """Dotted names in the network."""
    decayed: frozenset[str] = frozenset()
    """Those of them that weight decay keeps small."""


def decayed_names(network: nn.Module) -> frozenset[str]:
    """The weights of linear layers, convolutions and attention: what multiplies values.

    All else is left alone, whatever its shape: norms and biases, position tables and class tokens of transformers,
    Swin's and MaxViT's relative position biases, ConvNeXt's layer scales.
    """
    return frozenset(
        f"{prefix}.{name}" if prefix else name
        for prefix, module in network.named_modules()
        for name, _ in module.named_parameters(recurse=False)
        if (isinstance(module, _MULTIPLY) and name == "weight")
        or (isinstance(module, nn.MultiheadAttention) and name.endswith("proj_weight"))
    )


_MULTIPLY = (nn.Linear, nn.Bilinear, nn.modules.conv._ConvNd)  # noqa: SLF001 - what all convolutions are


def apply_mode(network: nn.Module, mode: str) -> tuple[ParameterGroup, ...]:
    """Freeze what ``mode`` (see ``modes``) leaves alone; returns the trained groups, head first.

    Raises:
        NetworkError: there is no such mode.
    """
    if mode not in MODES:
        raise NetworkError(f"There is no training mode {mode}.", remedy=f"Choose one of {', '.join(MODES)}.")
    groups, trained = _groups(network), MODES[mode].trains
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(any(name in groups[group] for group in trained))
    found = [
        (name, tuple(groups[name]), depth)
        for depth, name in enumerate(("head", "last-stage"))
        if name in trained and groups[name]
    ]
    if "backbone" in trained:
        stages = by_stage(network, groups["backbone"])
        found += [("backbone", names, 2 + i) for i, names in enumerate(stages)]
    decayed = decayed_names(network)
    return tuple(
        ParameterGroup(name=name, depth=depth, parameters=names, decayed=decayed.intersection(names))
        for name, names, depth in found
    )


def open_groups(network: nn.Module, groups: tuple[ParameterGroup, ...], depth: int) -> None:
    """Train the groups down to ``depth`` and freeze those further down, for gradual unfreezing."""
    parameters = dict(network.named_parameters())
    for group in groups:
        for name in group.parameters:
            parameters[name].requires_grad_(group.depth <= depth)


BATCH_NORM = nn.modules.batchnorm._BatchNorm  # noqa: SLF001 - what all batch norms are


def set_train_mode(network: nn.Module, *, keep_statistics: bool) -> None:
    """Train mode, but frozen parts stay in eval: their batch norms keep their statistics, their dropout is off.

    Args:
        network: after ``apply_mode``.
        keep_statistics: of all batch norms, whose weights learn none the less. A network that knows a million pictures
            has better ones than a few batches of a small dataset give.
    """
    network.train()
    for module in network.modules():
        parameters = list(module.parameters())
        frozen = bool(parameters) and not any(parameter.requires_grad for parameter in parameters)
        if frozen or (keep_statistics and isinstance(module, BATCH_NORM)):
            module.eval()
    _rest_idle_dropout(network)


def _rest_idle_dropout(module: nn.Module) -> None:
    """Turn off modules without parameters, such as dropout, that stand before the first trained layer."""
    begun = False
    for child in module.children():
        parameters = list(child.parameters())
        if not parameters:
            if not begun:
                child.eval()
            continue
        if child.training:
            _rest_idle_dropout(child)
            begun = True


def _groups(network: nn.Module) -> dict[str, list[str]]:
    heads = (head_name(network), *auxiliary_head_names(network))
    stage = last_stage(network)
    groups: dict[str, list[str]] = {"head": [], "last-stage": [], "backbone": []}
    for name, _ in network.named_parameters():
        groups[_group_of(name, heads, stage)].append(name)
    return groups


def _group_of(parameter: str, heads: tuple[str, ...], stage: tuple[str, ...]) -> str:
    for group, modules in (("head", heads), ("last-stage", stage)):
        if any(parameter.startswith(f"{module}.") for module in modules):
            return group
    return "backbone"


@dataclass(frozen=True, slots=True)
class CutNetwork:
    """``top(trunk(images))`` is the network's output in eval mode; both share its layers and weights."""

    trunk: nn.Module
    """Images N×3×H×W to the values at the cut, such as feature maps N×C×H×W."""
    top: nn.Module
    """The values at the cut to logits; parameters have the names they have in the network."""


class _Tracer(fx.Tracer):
    """Leaves torchvision's own operations whole: stochastic depth looks at the mode when it runs."""

    def is_leaf_module(self, module: nn.Module, name: str) -> bool:
        return type(module).__module__.startswith("torchvision.ops") or super().is_leaf_module(module, name)


def cut_below(network: nn.Module, trained: Iterable[str]) -> CutNetwork | None:
    """Cut as late as possible below the first layer with a parameter named in ``trained``.

    None where torch.fx cannot follow the network, or more than one value crosses every possible cut.
    """
    modes = {module: module.training for module in network.modules()}
    try:
        # In eval mode there are no auxiliary heads, which would need values from below.
        graph = _Tracer().trace(network.eval())
    except Exception:  # noqa: BLE001 - fx raises many types on networks it cannot trace
        return None
    finally:
        for module, training in modes.items():
            module.training = training
    place = _latest_cut(list(graph.nodes), frozenset(trained))
    if place is None:
        return None
    return CutNetwork(trunk=_trunk(network, graph, place), top=_top(network, graph, place))


def _latest_cut(nodes: list[fx.Node], trained: frozenset[str]) -> fx.Node | None:
    position = {node: number for number, node in enumerate(nodes)}
    limit = next((number for number, node in enumerate(nodes) if _owns(node, trained)), 0)
    for number in reversed(range(1, limit)):
        before = nodes[: number + 1]
        crossing = {node for node in before if any(position[user] > number for user in node.users)}
        if crossing == {nodes[number]}:
            return nodes[number]
    return None


def _owns(node: fx.Node, trained: frozenset[str]) -> bool:
    if node.op not in ("call_module", "get_attr"):
        return False
    target = str(node.target)
    return any(name == target or name.startswith(f"{target}.") for name in trained)


def _trunk(network: nn.Module, graph: fx.Graph, place: fx.Node) -> fx.GraphModule:
    copied, values = fx.Graph(), dict[fx.Node, fx.Node]()
    for node in graph.nodes:
        values[node] = copied.node_copy(node, values.__getitem__)
        if node is place:
            break
    copied.output(values[place])
    return fx.GraphModule(network, copied)


def _top(network: nn.Module, graph: fx.Graph, place: fx.Node) -> fx.GraphModule:
    copied = fx.Graph()
    values = {place: copied.placeholder("values")}
    nodes = list(graph.nodes)
    for node in nodes[nodes.index(place) + 1 :]:
        values[node] = copied.node_copy(node, values.__getitem__)
    return fx.GraphModule(network, copied)
