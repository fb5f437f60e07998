"""Which network to start with. No torch."""

from dataclasses import dataclass
from typing import Any

from cnnstudio.core import counted, seconds_in_words
from cnnstudio.networks.catalogue.entries import Catalogue, NetworkEntry, Speeds, WeightsEntry

PATIENCE_SECONDS = 60.0
"""For the network's part of reading a folder; reading the files comes on top."""
MAX_FILE_MB = 120.0
MAX_GFLOPS = 0.6
"""Per picture, where nothing was measured yet."""
BETTER_BY = 4.0
"""Points of ImageNet accuracy that make a download worth proposing where other weights are here."""
SMALL_SIDE = 48
MANY = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """What the advice needs to know of a folder."""

    count: int
    classes: int
    side: int = 0
    """Median of the shorter side in pixels; 0 is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A network and why."""

    network: str
    reason: str
    """One plain sentence."""
    better: str = ""
    """Another network that would be worth its download; empty when there is none."""
    better_reason: str = ""


@dataclass(frozen=True, slots=True)
class _Offer:
    network: NetworkEntry
    entry: WeightsEntry
    seconds: float | None
    """For all pictures, or None without a measurement."""

    @property
    def accuracy(self) -> float:
        return self.entry.acc1 or 0.0


def recommended(catalogue: Catalogue, pictures: Pictures | None = None, speeds: Speeds | None = None) -> Advice:
    """The most accurate network on ImageNet that suits the time, the disk and the licence; what is here comes first.

    Every front end takes this one where a person chose none. Weights with a restricting licence are never recommended.
    Time is what was measured on this computer, or, before that, at most 0.6 GFLOPS per picture.
    """
    offers = [
        _Offer(network, entry, _seconds(network, pictures, speeds))
        for network in catalogue.networks
        for entry in network.weights
        if not entry.restricted and entry.acc1 is not None
    ]
    here = [offer for offer in offers if offer.entry.local]
    away = [offer for offer in offers if not offer.entry.local and not offer.entry.package]
    best = _best([*here, *(offer for offer in away if _fits(offer.entry, catalogue.room_mb))] or away)
    if not here:
        return Advice(network=best.network.name, reason=_why(best, pictures), **_small(catalogue, pictures))
    chosen = _best(here)
    extra: dict[str, Any] = {}
    if not best.entry.local and best.accuracy >= chosen.accuracy + BETTER_BY:
        extra = {"better": best.network.name, "better_reason": _why(best, pictures)}
    return Advice(
        network=chosen.network.name,
        reason=_why_here(chosen, pictures),
        **(extra or _small(catalogue, pictures)),
    )


def _best(offers: list[_Offer]) -> _Offer:
    """The most accurate one that is quick enough, or the quickest."""
    quick = [offer for offer in offers if _is_quick(offer)]
    if quick:
        return max(quick, key=lambda offer: (offer.accuracy, -offer.entry.gflops))
    return min(offers, key=lambda offer: (offer.seconds or 0.0, offer.entry.gflops))


def _is_quick(offer: _Offer) -> bool:
    return offer.entry.gflops <= MAX_GFLOPS if offer.seconds is None else offer.seconds <= PATIENCE_SECONDS


def _seconds(network: NetworkEntry, pictures: Pictures | None, speeds: Speeds | None) -> float | None:
    if pictures is None or speeds is None or network.name not in speeds.seconds:
        return None
    return pictures.count * speeds.seconds[network.name]


def _fits(entry: WeightsEntry, room_mb: float) -> bool:
    """Whether a download takes at most half of the disk's room."""
    return entry.file_size_mb <= MAX_FILE_MB and (not room_mb or entry.file_size_mb < room_mb / 2)


def _why(offer: _Offer, pictures: Pictures | None) -> str:
    size = f"a download of {offer.entry.file_size_mb:,.0f} MB"
    if pictures is None or offer.seconds is None:
        return f"The most accurate one that is quick on any laptop; {size}."
    return (
        f"The most accurate one that computes your {counted(pictures.count, 'picture')} in under a "
        f"minute on this computer (about {seconds_in_words(offer.seconds)}); {size}."
    )


def _why_here(offer: _Offer, pictures: Pictures | None) -> str:
    if pictures is None or offer.seconds is None:
        return "On this computer, so it works at once and without internet."
    return (
        "On this computer, so it works at once and without internet; about "
        f"{seconds_in_words(offer.seconds)} for your {counted(pictures.count, 'picture')}."
    )


def _small(catalogue: Catalogue, pictures: Pictures | None) -> dict[str, Any]:
    """Many tiny pictures can also be learned from scratch, by a network that was made for them."""
    name = "resnet18_small"
    tiny = pictures is not None and 0 < pictures.side <= SMALL_SIDE and pictures.count >= MANY
    if pictures is None or not tiny or catalogue.find(name) is None:
        return {}
    return {
        "better": name,
        "better_reason": f"Your pictures are small ({pictures.side} px) and many ({pictures.count:,}), so a network "
        "for small pictures can learn them from scratch; that takes much longer.",
    }
