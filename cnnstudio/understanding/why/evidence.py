"""Where the network found reasons for an answer, and against it: signed HiResCAM on the last maps.

Draelos & Carin 2020, "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural networks".
Where everything behind the last maps is linear, as in most networks, the map adds up to the answer's score exactly.
"""

from collections.abc import Sequence

import numpy as np

from cnnstudio.inference.session import Session
from cnnstudio.networks.stages import last_maps
from cnnstudio.understanding.taps import tap
from cnnstudio.understanding.why.values import Evidence

_EXACT, _ROUNDING = 1e-4, 1e-6
"""What may be missing: a share of all that the places say, and what float32 loses of the scores themselves."""


def evidence(session: Session, pixels: np.ndarray, classes: Sequence[int] = ()) -> Evidence:
    """What speaks for and against some answers.

    Args:
        session: the model.
        pixels: what it sees, crop×crop×3 uint8.
        classes: by number; without any, the answer and the runner-up.

    Raises:
        NetworkError: the network has no layer that says where.
    """
    layer = last_layer(session)
    tapped = tap(session, pixels, layer, classes, without=True)
    chosen = list(tapped.classes)
    maps = (tapped.activations * tapped.gradients).sum(1)
    assert tapped.without is not None
    logits, rest = tapped.logits[chosen], tapped.without[chosen]
    missing = np.abs(maps.sum((1, 2), dtype=np.float64) + rest - logits)
    allowed = _EXACT * np.abs(maps).sum((1, 2)) + _ROUNDING * (np.abs(rest) + np.abs(logits))
    shifted = np.exp(tapped.logits - tapped.logits.max())
    return Evidence(
        layer=layer,
        classes=tapped.classes,
        maps=maps,
        logits=logits,
        rest=rest,
        exact=bool((missing <= allowed).all()),
        probabilities=shifted / shifted.sum(),
    )


def last_layer(session: Session) -> str:
    """Where the last maps of a model are; looked for once."""
    if (known := session.found.get("last maps")) is None:
        with session.lock:
            known = last_maps(session.network, session.preprocess.crop, session.preprocess.channels)
        session.found["last maps"] = known
    return known
