"""Cut a network where training begins: what lies below is frozen and runs once per picture, the rest is trained."""

from collections.abc import Iterable
from dataclasses import dataclass

from torch import fx, nn


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
