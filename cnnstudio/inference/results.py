"""What a prediction gives, as values with numpy arrays and as a table for spreadsheets. No torch."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnstudio.core import isolated, printable, write_csv
from cnnstudio.networks import LayerInfo
from cnnstudio.networks.refusal import Verdict

UNSURE = 0.7
"""An answer with a smaller probability is unsure: somebody should look at it."""


@dataclass(frozen=True, slots=True)
class ClassScore:
    """A label and its softmax probability in [0, 1]."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The most likely classes of one picture, best first; empty, with an error, when it could not be read."""

    path: Path
    top: tuple[ClassScore, ...]
    error: str | None = None
    """One plain sentence."""
    milliseconds: float = 0.0
    verdict: Verdict | None = None
    """Whether it should be answered at all: ``unlike`` anything that was learned from, or ``between`` classes; None
    where the network does not know that."""
    rank: float | None = None
    """Which share of good pictures is less like what was learned from, or less clear; the verdict goes by it."""
    nearest: Path | None = None
    """The training picture that it is most like, where that is known."""


def verdict_words(prediction: Prediction) -> str:
    """Why it should not be relied on, for people; empty where it may be, or nobody knows."""
    if prediction.verdict == "unlike":
        return "Unlike anything it was shown"
    if prediction.verdict == "between":
        first, second = ((*(score.label for score in prediction.top), "other classes") * 2)[:2]
        return f"Between {isolated(first)} and {isolated(second)}"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureMaps:
    """The output of one layer for one picture, as grey pictures."""

    layer: str
    shape: tuple[int, ...]
    """Of the layer's output without the batch: C×H×W."""
    tiles: np.ndarray
    """N×H×W uint8; each channel stretched over its own range."""
    channels: tuple[int, ...]
    """Channel number of each tile."""
    low: tuple[float, ...]
    """Activation shown as black, per tile."""
    high: tuple[float, ...]
    """Activation shown as white, per tile."""
    total_channels: int
    input_image: np.ndarray
    """H×W×3 uint8: the crop of the picture that the network saw."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Average:
    """What the channels of a layer give on average."""

    values: np.ndarray
    """C float32."""
    pictures: int
    """That it was taken over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """A loaded model, described for the window."""

    title: str
    network: str
    classes: tuple[str, ...]
    layers: tuple[LayerInfo, ...]
    suggested_layer: str
    """Worth showing first: an early stage whose maps are large and telling."""


COLUMNS = ("path", "rank", "label", "probability", "error")
VERDICT = "verdict"
"""One more column, where pictures are judged."""


def rows_of(prediction: Prediction, *, judged: bool = False) -> Iterator[tuple[object, ...]]:
    """Of a table with ``COLUMNS``, and ``VERDICT``: one row per answer, or one for a picture that could not be read."""
    shown = printable(str(prediction.path))
    last = (prediction.verdict or "",) if judged else ()
    for rank, score in enumerate(prediction.top, 1):
        yield shown, rank, printable(score.label), f"{score.probability:.6f}", "", *last
    if prediction.error:
        yield shown, "", "", "", printable(prediction.error), *last


def write_table(path: Path, predictions: Iterable[Prediction]) -> None:
    """Write all answers as a CSV.

    Raises:
        StorageError: it cannot be written.
    """
    found = list(predictions)
    judged = any(prediction.verdict for prediction in found)
    header = (*COLUMNS, VERDICT) if judged else COLUMNS
    write_csv(path, [header, *(row for each in found for row in rows_of(each, judged=judged))])
