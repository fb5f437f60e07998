"""What accuracy can be plotted against. No widgets."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cnnstudio.networks import NetworkEntry, Speeds
from cnnstudio.ui.network.network_table import accuracy_of


@dataclass(frozen=True, slots=True)
class Axis:
    """One measure of cost, on a logarithmic axis."""

    key: str
    title: str
    label: str
    value: Callable[[NetworkEntry, Speeds | None], float | None]
    """Positive, or None where it is not known."""


def _milliseconds(network: NetworkEntry, speeds: Speeds | None) -> float | None:
    seconds = speeds.seconds.get(network.name) if speeds else None
    return 1000 * seconds if seconds else None


def _megabytes(network: NetworkEntry, _speeds: Speeds | None) -> float | None:
    entry = network.shown_weights
    return entry.file_size_mb if entry else None


AXES = (
    Axis("time", "Time on this computer", "Milliseconds per picture on this computer", _milliseconds),
    Axis("work", "Work (GMACs)", "Billion multiply-adds (GMACs) per picture", lambda n, _: n.gflops),
    Axis("weights", "Weights", "Million weights (parameters)", lambda n, _: n.parameters / 1e6),
    Axis("file", "File size", "Size of the weights file in megabytes", _megabytes),
)


@dataclass(frozen=True, slots=True)
class Point:
    """A network's place in the plot."""

    network: NetworkEntry
    cost: float
    accuracy: float


def points_of(networks: Iterable[NetworkEntry], axis: Axis, speeds: Speeds | None) -> list[Point]:
    """Those of which both figures are known."""
    found = []
    for network in networks:
        cost, accuracy = axis.value(network, speeds), accuracy_of(network)
        if cost and accuracy is not None:
            found.append(Point(network, cost, accuracy))
    return found


def best_trade_offs(points: Iterable[Point]) -> list[Point]:
    """Points that no other one beats in both, cheapest first: the Pareto front."""
    front: list[Point] = []
    for point in sorted(points, key=lambda point: (point.cost, -point.accuracy)):
        if not front or point.accuracy > front[-1].accuracy:
            front.append(point)
    return front
