"""What a page tells of its network, as plain values for its script. No torch."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cnnstudio import __version__
from cnnstudio.core import SplitScore, counted, one_spelling, printable, right_sentence
from cnnstudio.export.certificate import Certificate
from cnnstudio.export.certificate_words import pictures_in_words, sentence
from cnnstudio.inference.results import UNSURE
from cnnstudio.networks import BundleCard, network_title
from cnnstudio.networks.refusal import GEN_POWER, NEIGHBOURS, Refusal

_SPLITS = ("test", "validation")
"""Whose accuracy is told, in this order."""
_NOT_COMPARED = "Nothing was compared."
_COMPARED = (
    "When this page was made, it was compared with CNN Studio on {pictures}. That says whether both answer alike, not "
    "how often they are correct."
)
_FINEST = 1e-3
_NO_SCORE = "How good it is was not measured, or not kept."
_READING = (
    "upright, on white where they are transparent, without converting colours, the first frame only; more than 8 bits "
    "per colour as the browser makes 8 of them"
)
_NO_DOUBT = (
    "It always names one of its classes, whatever the picture shows: how pictures look that are none of them, it was "
    "not taught."
)
_DOUBT = (
    "“Unlike anything it was shown” stands where a picture lies far from those that it learned from, and “Between” two "
    "classes where its answer is as spread as it rarely is. Of pictures that it should know, about {careful:.0f} % are "
    "doubted so. A new kind of thing often looks like a known one, and then is not noticed."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that a page shows, all of it text from outside: never markup."""

    title: str
    subtitle: str
    classes: tuple[str, ...]
    """In the order of the outputs."""
    threshold: float
    """Below which an answer is unsure, until a person moves it."""
    scores: tuple[str, ...]
    """Sentences, each with its split and number of pictures."""
    doubt: tuple[str, ...]
    refusal: dict[str, float] | None
    """What the page's ``knownPictures`` wants to know of the bytes of ``known_bytes``; None where it judges nothing."""
    certificate: dict[str, Any]
    """See ``certificate_facts``."""
    origin: tuple[tuple[str, str], ...]
    made: str

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def facts_of(title: str, card: BundleCard, refusal: Refusal | None = None) -> Facts:
    """What there is to tell of a network that was not compared yet."""
    classes = tuple(map(one_spelling, card.classes))
    network = network_title(card.network)
    return Facts(
        title=printable(title),
        subtitle=f"{network}, {counted(len(classes), 'class', 'classes')}",
        classes=classes,
        threshold=UNSURE,
        scores=tuple(_scores(card)) or (_NO_SCORE,),
        doubt=(_DOUBT.format(careful=100 * refusal.careful) if refusal is not None else _NO_DOUBT,),
        refusal=_refusal(refusal) if refusal is not None else None,
        certificate=certificate_facts(None),
        origin=tuple((term, printable(text)) for term, text in _origin(card, network) if text),
        made=f"Made with CNN Studio {__version__}.",
    )


def known_bytes(refusal: Refusal) -> bytes:
    """The pictures that a page compares with, then the sorted ranks, all of them little-endian."""
    parts = (
        refusal.features.astype("<f2"),
        refusal.near.astype("<f4"),
        refusal.clear.astype("<f4"),
    )
    return b"".join(np.ascontiguousarray(part).tobytes() for part in parts)


def _refusal(refusal: Refusal) -> dict[str, float]:
    pictures, size = refusal.features.shape
    return {
        "pictures": pictures,
        "size": size,
        "near": len(refusal.near),
        "clear": len(refusal.clear),
        "threshold": refusal.threshold,
        "neighbours": NEIGHBOURS,
        "power": GEN_POWER,
    }


def _scores(card: BundleCard) -> list[str]:
    return [right_sentence(_as_score(split, card.scores[split])) for split in _SPLITS if split in card.scores]


def _as_score(split: str, told: dict[str, Any]) -> SplitScore:
    """What a card keeps of a score, which is all that its sentence needs."""
    interval = told.get("interval")
    return SplitScore(
        split=split,
        images=told.get("images", 0),
        loss=0.0,
        accuracy=told.get("accuracy", 0.0),
        top5_accuracy=None,
        interval=(float(interval[0]), float(interval[1])) if interval else None,
        confusion=(),
        groups=told.get("groups", 0),
        chosen_among=told.get("chosen_among", 1),
        origin=told.get("origin", "finished"),
    )


def _origin(card: BundleCard, network: str) -> list[tuple[str, str]]:
    weights, _, digest = card.weights_origin.partition(" sha256:")
    return [
        ("Network", network),
        ("Trained", card.created[:10]),
        ("Started from", f"{weights} (SHA-256 {digest[:12]}…)" if digest else weights),
        ("Licence of those weights", card.licence),
        ("Pictures are read", _READING),
    ]


def certificate_facts(certificate: Certificate | None) -> dict[str, Any]:
    """What was compared with the app: ``sentences``, and ``rows`` of a term and its text; no picture is named."""
    if certificate is None or certificate.checked is None:
        return {"sentences": [sentence(certificate) if certificate is not None else _NOT_COMPARED], "rows": []}
    checked = certificate.checked
    compared = certificate.pictures - checked.unread
    return {
        "sentences": [_COMPARED.format(pictures=pictures_in_words(certificate)), *certificate.notes],
        "rows": [
            ["Same first answer", f"{checked.top1_same:,} of {compared:,}"],
            ["Largest difference of a probability", _points(checked.max_dp)],
            ["Mean difference", _points(checked.mean_dp)],
            ["This page in", f"{checked.engine} {checked.version}"],
            ["CNN Studio in", checked.app_engine],
        ],
    }


def _points(share: float) -> str:
    """To two figures."""
    points = 100 * share
    return f"less than {_FINEST} percentage points" if points < _FINEST else f"{points:.2g} percentage points"
