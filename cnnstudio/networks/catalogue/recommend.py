"""Which network to start with. No torch."""

from dataclasses import dataclass
from typing import Any

from cnnstudio.core import counted, seconds_in_words
from cnnstudio.networks.catalogue.entries import Catalogue, NetworkEntry, Speeds, WeightsEntry

PATIENCE_SECONDS = 60.0
"""For the network's part of reading a folder; reading the files comes on top."""
LONG_SECONDS = 600.0
"""The same for who wants the best and can wait."""
LONG_GFLOPS = 2.0
"""Per picture, where nothing was measured yet."""
_MIDDLE = 0.4
"""Of these, for what lies between."""
BEST_BY = 1.0
"""Points of ImageNet accuracy that make the long wait worth proposing."""
MAX_FILE_MB = 120.0
MAX_GFLOPS = 0.6
"""Per picture, where nothing was measured yet."""
BETTER_BY = 2.0
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
    best: str = ""
    """The most accurate one for who can wait some minutes; empty when it is hardly better than the others."""


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
        long = _at_length(away, best, catalogue.room_mb)
        return Advice(
            network=best.network.name,
            reason=_why(best, pictures),
            best=long.network.name if long else "",
            **_small(catalogue, pictures),
        )
    chosen = _best(here)
    extra: dict[str, Any] = {}
    if not best.entry.local and best.accuracy >= chosen.accuracy + BETTER_BY:
        extra = {"better": best.network.name, "better_reason": _why(best, pictures)}
    extra = extra or _small(catalogue, pictures)
    long = _at_length([*here, *away], best if extra else chosen, catalogue.room_mb)
    if long is not None and not extra:  # between the two there may be one that takes not quite as long
        middle = _at_length([*here, *away], chosen, catalogue.room_mb, of=_MIDDLE)
        if middle is not None and middle.accuracy < long.accuracy:
            extra = {"better": middle.network.name, "better_reason": _why_longer(middle, pictures)}
    return Advice(
        network=chosen.network.name,
        reason=_why_here(chosen, pictures),
        best=long.network.name if long else "",
        **extra,
    )


def _best(offers: list[_Offer]) -> _Offer:
    """The most accurate one that is quick enough, or the quickest."""
    quick = [offer for offer in offers if _is_quick(offer)]
    if quick:
        return max(quick, key=lambda offer: (offer.accuracy, -offer.entry.gflops))
    return min(offers, key=lambda offer: (offer.seconds or 0.0, offer.entry.gflops))


def _at_length(offers: list[_Offer], known: _Offer, room_mb: float, of: float = 1.0) -> _Offer | None:
    """The most accurate one that is worth minutes of waiting, and a download; None where none is.

    Args:
        offers: to choose from.
        known: what it has to be better than.
        room_mb: free on the disk; 0 is not known.
        of: share of the longest time and the most work that is allowed.
    """
    possible = [
        offer
        for offer in offers
        if _takes(offer, of * LONG_SECONDS, of * LONG_GFLOPS)
        and (offer.entry.local or not room_mb or offer.entry.file_size_mb < room_mb / 2)
        and offer.accuracy >= known.accuracy + BEST_BY
        and offer.network.name != known.network.name
    ]
    return max(possible, key=lambda offer: (offer.accuracy, -offer.entry.gflops), default=None)


def _takes(offer: _Offer, seconds: float, gflops: float) -> bool:
    """Whether it takes no longer, or, where nothing was measured, is no more work."""
    return offer.entry.gflops <= gflops if offer.seconds is None else offer.seconds <= seconds


def _is_quick(offer: _Offer) -> bool:
    return _takes(offer, PATIENCE_SECONDS, MAX_GFLOPS)


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


def _why_longer(offer: _Offer, pictures: Pictures | None) -> str:
    if pictures is None or offer.seconds is None:
        return "More accurate, and more work."
    time, count = seconds_in_words(offer.seconds), counted(pictures.count, "picture")
    return f"More accurate, and longer at work: about {time} for your {count}."


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
