"""Whether "90 % sure" is right nine times of ten, beside what a perfectly honest network shows on as few pictures."""

from dataclasses import dataclass

import numpy as np

from cnnstudio.core import wilson_interval

FEWEST_IN_BIN = 30
_MOST_BINS = 15
_DRAWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Pictures whose answers are about equally sure."""

    pictures: int
    sure: float
    """Mean probability of their answers."""
    right: float
    """Share that is correct."""
    interval: tuple[float, float]
    """95 %, Wilson's, of that share."""
    honest: tuple[float, float]
    """Where that share lies for a perfectly honest network, in 95 of 100 samples as small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """All of it, the least sure first."""

    bins: tuple[ReliabilityBin, ...]
    error: float
    """Mean distance between sure and right over the pictures (expected calibration error)."""
    honest_error: float
    """Mean of it for a perfectly honest network on as many pictures; never 0."""
    honest_limit: float
    """Below which it stays then, in 95 of 100 samples."""
    pictures: int

    @property
    def is_honest(self) -> bool:
        """Whether chance alone explains the error."""
        return self.error <= self.honest_limit


def reliability(probabilities: np.ndarray, labels: np.ndarray, seed: int = 0) -> Reliability:
    """Compare how sure the answers are with how many are correct, in bins of equally many pictures.

    Args:
        probabilities: N×C of pictures that the network did not learn from, one or more.
        labels: N.
        seed: of the draws.
    """
    sure, right = probabilities.max(1).astype(np.float64), probabilities.argmax(1) == labels
    order = np.argsort(sure, kind="stable")
    sure, right = sure[order], right[order]
    parts = np.array_split(np.arange(len(sure)), max(1, min(_MOST_BINS, len(sure) // FEWEST_IN_BIN)))
    starts, sizes = np.array([part[0] for part in parts]), np.array([len(part) for part in parts])
    means = np.add.reduceat(sure, starts) / sizes
    drawn = np.random.default_rng(seed).random((_DRAWS, len(sure))) < sure
    shares = np.add.reduceat(drawn, starts, axis=1) / sizes
    errors = (np.abs(shares - means) * sizes).sum(1) / len(sure)
    found = np.add.reduceat(right, starts, dtype=np.int64)
    low, high = np.quantile(shares, [0.025, 0.975], axis=0)
    return Reliability(
        bins=tuple(
            ReliabilityBin(
                pictures=int(sizes[each]),
                sure=float(means[each]),
                right=float(found[each] / sizes[each]),
                interval=wilson_interval(int(found[each]), int(sizes[each])),
                honest=(float(low[each]), float(high[each])),
            )
            for each in range(len(parts))
        ),
        error=float((np.abs(found / sizes - means) * sizes).sum() / len(sure)),
        honest_error=float(errors.mean()),
        honest_limit=float(np.quantile(errors, 0.95)),
        pictures=len(sure),
    )
