"""Which pictures a network should rather not answer: unlike all it was shown, or between two classes. No torch.

Distances see what is foreign, probabilities what lies between classes; neither sees both. So a picture is ranked by
each among pictures that the network should answer, and the smaller rank counts. ``near`` is the cosine similarity of
its features to those of the fifth nearest training picture (Sun et al. 2022), ``clear`` is GEN (Liu et al. 2023).
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from cnnstudio.core import FormatError, codec
from cnnstudio.runs import Kind, array_bytes, load_arrays, softmax

REFUSAL_FILE = "refusal.safetensors"
"""In a bundle."""
NEIGHBOURS, GEN_POWER = 5, 0.1
CAREFUL = 0.05
"""Of good pictures, so many are refused where nobody says otherwise."""
Verdict = Literal["answer", "unlike", "between"]
_MOST_BYTES = 64 << 20
_DRAWS = 20_000
_ARRAYS = {
    "features": Kind("float16", 2), "places": Kind("int64", 1), "near": Kind("float32", 1), "clear": Kind("float32", 1),
    "threshold": Kind("float64", 1),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalAbout:
    """What the file says beside its arrays."""

    careful: float
    leave_one_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Refusal:
    """What it takes to judge a picture."""

    features: np.ndarray
    """M×D float16 of length 1, of some training pictures."""
    places: np.ndarray
    """M int64, where those are among the run's answers."""
    near: np.ndarray
    """R float32, sorted: what pictures have that should be answered."""
    clear: np.ndarray
    """R float32, sorted, of the same."""
    threshold: float
    """The smallest rank that is answered, a share."""
    careful: float = CAREFUL
    """The share of pictures like these that is refused."""
    leave_one_out: bool = False
    """Whether training pictures are among these, each without itself, since there were few others."""

    def judge(self, features: np.ndarray, logits: np.ndarray, shift: tuple[float, float] = (0.0, 0.0)) -> "Judged":
        """Judge pictures by their features N×D and logits N×C; ``shift`` is added to nearness and clearness."""
        alike = unit(features) @ self.features.astype(np.float32).T
        near, clear = nearness(alike) + shift[0], clearness(logits) + shift[1]
        ranks = np.stack([_rank(self.near, near), _rank(self.clear, clear)], 1)
        return Judged(ranks=ranks, threshold=self.threshold, nearest=self.places[alike.argmax(1)])

    @property
    def kept(self) -> tuple[float, float]:
        """Between which shares of new good pictures are answered, in 95 of 100 runs with as many to learn from."""
        count = len(self.near)
        below = int(self.careful * count)
        drawn = np.random.default_rng(0).beta(count - below, below + 1, _DRAWS)
        low, high = np.quantile(drawn, [0.025, 0.975])
        return float(low), float(high)

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """All that judges, by name."""
        return {
            "features": self.features.astype(np.float16),
            "places": self.places.astype(np.int64),
            "near": self.near.astype(np.float32),
            "clear": self.clear.astype(np.float32),
            "threshold": np.array([self.threshold], np.float64),
        }

    def content(self) -> bytes:
        """The file."""
        return array_bytes(self.arrays, RefusalAbout(careful=self.careful, leave_one_out=self.leave_one_out))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """Of N pictures."""

    ranks: np.ndarray
    """N×2, by nearness and by clearness: the share of good pictures that have less of it."""
    threshold: float
    nearest: np.ndarray
    """N int64: the most alike training picture among the run's answers."""
    verdicts: tuple[Verdict, ...] = field(init=False)

    def __post_init__(self) -> None:
        found: list[Verdict] = []
        for near, clear in self.ranks.tolist():
            answered = min(near, clear) >= self.threshold
            found.append("answer" if answered else "unlike" if near <= clear else "between")
        object.__setattr__(self, "verdicts", tuple(found))


def unit(features: np.ndarray) -> np.ndarray:
    """Features N×D of length 1, float32; zeros stay."""
    features = features.astype(np.float32)
    found: np.ndarray = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    return found


def nearness(alike: np.ndarray) -> np.ndarray:
    """N: the similarity to the fifth nearest, or the last where there are fewer, of similarities N×M."""
    place = min(NEIGHBOURS, alike.shape[1])
    found: np.ndarray = np.partition(alike, alike.shape[1] - place, axis=1)[:, alike.shape[1] - place]
    return found


def clearness(logits: np.ndarray) -> np.ndarray:
    """N float64: 0 where one class has all the probability, the less the more it is shared out."""
    shares = softmax(logits)
    found: np.ndarray = -(shares**GEN_POWER * (1 - shares) ** GEN_POWER).sum(1)
    return found


def load_refusal(bundle: Path, size: int) -> Refusal | None:
    """That of a bundle whose checksums fit; None where it has none.

    Args:
        bundle: the folder.
        size: D, of the network's features.

    Raises:
        FormatError: it is damaged, or not of this network.
    """
    path = bundle / REFUSAL_FILE
    if not path.is_file():
        return None
    arrays, plain = load_arrays(path, _ARRAYS, _MOST_BYTES)
    about = codec.from_plain(RefusalAbout, codec.format_of(RefusalAbout).upgraded(plain, path.name), what="file")
    found = Refusal(
        features=arrays["features"],
        places=arrays["places"],
        near=arrays["near"],
        clear=arrays["clear"],
        threshold=float(arrays["threshold"][0]) if len(arrays["threshold"]) == 1 else np.nan,
        careful=about.careful,
        leave_one_out=about.leave_one_out,
    )
    finite = all(np.isfinite(arrays[name]).all() for name in ("features", "near", "clear"))
    shapes = found.features.shape == (len(found.places), size) and len(found.places) and len(found.near)
    if not (finite and shapes and len(found.clear) and 0 <= found.threshold <= 1):
        raise FormatError(f"The file {path.name} is damaged, or not of this network.")
    return found


def _rank(known: np.ndarray, values: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.searchsorted(known, values.astype(np.float32), side="left") / len(known)
    return found
