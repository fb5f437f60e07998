"""What a learning-rate search found, as a value. No torch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCurve:
    """Loss over learning rates that grew from step to step (Smith 2017)."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    """Smoothed cross-entropy, in nats, after a step at that rate."""
    suggestion: float
    """Where the loss falls most steeply; 0 when it never fell."""


def suggest(rates: tuple[float, ...], losses: tuple[float, ...]) -> float:
    """The rate at which the loss falls most steeply per decade, before its lowest point; 0 when it never fell."""
    lowest = min(range(len(losses)), key=losses.__getitem__, default=0)
    span = max(1, len(losses) // 20)  # slopes over a few points: single ones are noise
    slopes = {
        (start + end) // 2: losses[end] - losses[start]
        for start, end in ((i, i + span) for i in range(max(0, lowest - span + 1)))
    }
    if not slopes or min(slopes.values()) >= 0:
        return 0.0
    return rates[min(slopes, key=slopes.__getitem__)]
