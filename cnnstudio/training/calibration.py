"""The temperature that makes a network as sure as it is right: found on pictures that did not teach it. No torch.

Dividing all logits by one number changes no answer, only how sure the network says to be (Guo et al. 2017). It is done
where chance does not explain the difference from 1, and to the last layer itself, so that every copy of the network
has it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cnnstudio.core import ALONE

FEWEST = 20
"""Pictures below which nothing is found out."""
FEWEST_JUDGES = 100
"""Validation pictures from which on they alone are the evidence; fewer are joined by training pictures with out-of-fold
answers, where there are such."""
_LOWEST, _HIGHEST = 0.05, 20.0
_STEPS = 60
_DRAWS, _GRID, _REACH = 100, 121, 1.2
"""Of the bootstrap: draws, and temperatures that each is tried at, up to so far away in logarithms."""
_MOST = 5000
"""Pictures of which the bootstrap draws; the interval is narrow by then."""
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Temperature:
    """What the logits should be divided by."""

    value: float
    """Over 1: the network is surer than it is right."""
    interval: tuple[float, float]
    """95 %, by the bootstrap over pictures, or over groups of them."""
    pictures: int

    @property
    def applied(self) -> float:
        """The value where its interval excludes 1, else 1."""
        return 1.0 if self.interval[0] <= 1 <= self.interval[1] else self.value


def find_temperature(logits: np.ndarray, labels: np.ndarray, groups: np.ndarray, seed: int = 0) -> Temperature | None:
    """Search for the temperature with the lowest cross-entropy.

    Args:
        logits: N×C of pictures that the network did not learn from.
        labels: N, their classes.
        groups: N, see ``core.grouped_mean``; what belongs together is drawn together.
        seed: of the bootstrap.

    Returns:
        None for fewer than ``FEWEST`` pictures, or of one class alone.
    """
    if len(labels) < FEWEST or len(np.unique(labels)) < 2:
        return None
    logits = logits.astype(np.float64)
    logits = logits - logits.max(1, keepdims=True)
    value = math.exp(_golden(lambda at: float(_losses(logits, labels, at).mean())))
    return Temperature(value=value, interval=_interval(logits, labels, groups, value, seed), pictures=len(labels))


def _losses(logits: np.ndarray, labels: np.ndarray, at: float) -> np.ndarray:
    """Cross-entropy of each picture, with logits whose largest is 0, at the logarithm of a temperature."""
    scaled = logits / math.exp(at)
    found: np.ndarray = np.log(np.exp(scaled).sum(1)) - scaled[np.arange(len(labels)), labels]
    return found


def _golden(loss: Callable[[float], float]) -> float:
    """The place of the minimum between the ends, by golden section: no gradient that could leave them."""
    low, high = math.log(_LOWEST), math.log(_HIGHEST)
    inner = [high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)]
    values = [loss(inner[0]), loss(inner[1])]
    for _ in range(_STEPS):
        if values[0] < values[1]:
            high, inner[1], values[1] = inner[1], inner[0], values[0]
            inner[0] = high - _GOLDEN * (high - low)
            values[0] = loss(inner[0])
        else:
            low, inner[0], values[0] = inner[0], inner[1], values[1]
            inner[1] = low + _GOLDEN * (high - low)
            values[1] = loss(inner[1])
    return (low + high) / 2


def _interval(
    logits: np.ndarray, labels: np.ndarray, groups: np.ndarray, value: float, seed: int
) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    if len(labels) > _MOST:
        some = np.sort(rng.choice(len(labels), _MOST, replace=False))
        logits, labels, groups = logits[some], labels[some], groups[some]
    grid = math.log(value) + np.linspace(-_REACH, _REACH, _GRID)
    losses = np.stack([_losses(logits, labels, at) for at in grid], 1)
    units = _units(groups)
    of_unit = np.zeros((units.max() + 1, _GRID))
    np.add.at(of_unit, units, losses)
    often = rng.multinomial(len(of_unit), np.full(len(of_unit), 1 / len(of_unit)), _DRAWS)
    found = np.exp(_lowest(often @ of_unit, grid))
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def _units(groups: np.ndarray) -> np.ndarray:
    """N numbers from 0, which pictures share that belong together."""
    alone = groups == ALONE
    own = np.where(alone, -1 - np.arange(len(groups)), groups)
    units: np.ndarray = np.unique(own, return_inverse=True)[1]
    return units


def _lowest(losses: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Where each row of losses on the grid is lowest, between its points by a parabola."""
    place = losses.argmin(1).clip(1, len(grid) - 2)
    rows = np.arange(len(losses))
    before, here, after = losses[rows, place - 1], losses[rows, place], losses[rows, place + 1]
    bend = before - 2 * here + after
    shift = np.divide(before - after, 2 * bend, out=np.zeros_like(bend), where=bend > 0)
    found: np.ndarray = grid[place] + shift.clip(-1, 1) * (grid[1] - grid[0])
    return found
