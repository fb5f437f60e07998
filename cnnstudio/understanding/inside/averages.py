"""What the channels of a layer give on average in one's own pictures.

A channel that gives nothing at all is something that no picture does to the network; its average is what it gives
when a picture has nothing special to say, and so the fairer thing to put in its place.
"""

from collections.abc import Sequence

import numpy as np
import torch

from cnnstudio.compute.engines import to_input
from cnnstudio.core import DatasetError, ImageError, NetworkError, Watch
from cnnstudio.data import Sample
from cnnstudio.data.reading import read_ahead, read_fast
from cnnstudio.inference.feature_maps import capture
from cnnstudio.inference.results import Average
from cnnstudio.inference.session import Session
from cnnstudio.networks.stages import as_maps

PICTURES = 64
"""That an average is taken over at most: it is one number, and some seconds are as long as a click may take."""
_AT_ONCE = 8
_TEXT = "Averaging over your pictures"


def channel_averages(session: Session, samples: Sequence[Sample], layer: str, watch: Watch) -> Average:
    """Over some pictures that lie evenly among all, and all places of each; remembered as long as the model is open.

    Args:
        session: the model.
        samples: the pictures.
        layer: dotted name.
        watch: told of pictures done, asked for a stop between them.

    Raises:
        NetworkError: there is no such layer, or it has no maps.
        DatasetError: none of the pictures can be read.
        StopRequested: a stop was asked for.
    """
    if (known := session.averages.get(layer)) is not None:
        return known
    places = np.unique(np.linspace(0, len(samples) - 1, min(PICTURES, len(samples))).round().astype(int))
    chosen = [samples[place] for place in places.tolist()]
    total: np.ndarray | None = None
    count = 0
    batch: list[np.ndarray] = []
    pictures = read_ahead(
        chosen, lambda sample: read_fast(sample, session.preprocess), watch.control, ahead=2 * _AT_ONCE
    )
    for done, pixels in enumerate(pictures, 1):
        watch.check()
        if not isinstance(pixels, ImageError):
            batch.append(pixels)
        if batch and (len(batch) == _AT_ONCE or done == len(chosen)):
            own = _summed(session, np.stack(batch), layer)
            total = own if total is None else total + own
            count, batch = count + len(batch), []
            watch.progress(done, len(chosen), _TEXT)
    if total is None:
        raise DatasetError(
            "The pictures that it was trained with cannot be read any more.",
            remedy="Put the folder back, or switch channels off to nothing.",
        )
    session.averages[layer] = Average(values=(total / count).astype(np.float32), pictures=count)
    return session.averages[layer]


def _summed(session: Session, pixels: np.ndarray, layer: str) -> np.ndarray:
    """C float64: of each picture the mean of all places."""
    with session.lock, torch.inference_mode(), capture(session.network, layer) as taken:
        session.network(to_input(pixels, session.preprocess).contiguous())
    maps = as_maps(taken[0], session.network) if taken else None
    if maps is None:
        raise NetworkError(f"The layer {layer} gives no maps.", remedy="Choose an earlier layer.")
    found: np.ndarray = maps.to(torch.float64).mean((2, 3)).sum(0).numpy()
    return found
