"""Which network to start with. No torch."""

from dataclasses import dataclass

from cnnstudio.networks.catalogue import Catalogue, NetworkEntry, WeightsEntry

MAX_FILE_MB = 50
MAX_GFLOPS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A network and why."""

    network: str
    reason: str
    """One plain sentence."""


def recommended(catalogue: Catalogue) -> Advice:
    """The most accurate network whose weights are here and light enough for a laptop, else the best to download.

    Light means at most 2 GFLOPS per picture and a file of at most 50 MB; weights with a restricting licence are never
    recommended.
    """
    here = [pair for pair in _candidates(catalogue) if pair[1].local]
    network, entry = max(here or _candidates(catalogue), key=lambda pair: (pair[1].acc1 or 0.0, -pair[1].gflops))
    if here:
        reason = "Its weights are on this computer, and it is quick on a laptop."
    else:
        reason = f"Quick on a laptop, accurate for its size, and a download of only {entry.file_size_mb:.0f} MB."
    return Advice(network=network.name, reason=reason)


def _candidates(catalogue: Catalogue) -> list[tuple[NetworkEntry, WeightsEntry]]:
    pairs = [(network, entry) for network in catalogue.networks for entry in network.weights if not entry.licence]
    light = [pair for pair in pairs if pair[1].gflops <= MAX_GFLOPS and pair[1].file_size_mb <= MAX_FILE_MB]
    return light or pairs
