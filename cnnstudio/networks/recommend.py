"""Which network to start with. No torch."""

from dataclasses import dataclass

from cnnstudio.networks.catalogue import Catalogue

MAX_FILE_MB = 50
MAX_GFLOPS = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A network and why."""

    network: str
    reason: str
    """One plain sentence."""


def recommended(catalogue: Catalogue) -> Advice:
    """The most accurate network whose weights are here, a light one if possible; else the best light one to download.

    Light means at most 0.6 GFLOPS per picture and a file of at most 50 MB; weights with a restricting licence are never
    recommended.
    """
    free = [(n, e) for n in catalogue.networks for e in n.weights if not e.licence and e.acc1 is not None]
    here = [pair for pair in free if pair[1].local]
    candidates = here or free
    light = [(n, e) for n, e in candidates if e.gflops <= MAX_GFLOPS and e.file_size_mb <= MAX_FILE_MB]
    network, entry = max(light or candidates, key=lambda pair: (pair[1].acc1 or 0.0, -pair[1].gflops))
    if here:
        reason = "Its weights are on this computer, so it works at once and without internet."
    else:
        reason = f"Quick on a laptop, accurate for its size, and a download of only {entry.file_size_mb:.0f} MB."
    return Advice(network=network.name, reason=reason)
