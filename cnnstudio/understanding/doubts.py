"""Labels that are worth a second look: those that a last layer which did not learn from them finds least likely.

Ranked by the probability of the label less a fifth of that of the answer: between self-confidence and the margin of
Northcutt et al. 2021. The first alone takes what is hard to tell, with many answers a little likely, for mislabelled;
the second takes what is nearly as likely as the answer (``benchmarks/README.md``). Most of what ranks high in a tidy
folder is correct and merely hard, so nothing here calls a label wrong.
"""

from collections.abc import Sequence

import numpy as np

from cnnstudio.understanding.out_of_fold import OutOfFold
from cnnstudio.understanding.outcomes import Doubt, Doubts
from cnnstudio.understanding.seen import Seen

STRONGER = 10**0.5
"""Times the strength that cross-validation chooses: labels that may be wrong are to be followed less closely."""
_SURE = 0.2
"""Weight of the probability of the answer."""
_LIKE_IT = 3
_MOST_COMPARED, _ROWS = 2000, 256


def find_doubts(seen: Seen, found: OutOfFold) -> Doubts:
    """Every picture whose label is not the answer, the most doubtful first."""
    places = np.arange(len(seen.samples))
    p_label = found.probabilities[places, seen.labels]
    doubtful = np.flatnonzero(found.answered & (found.answers != seen.labels))
    p_answer = found.probabilities.max(1)
    ranked = doubtful[np.argsort((p_label - _SURE * p_answer)[doubtful], kind="stable")]
    own, others = _alike(seen, found.answers, ranked[:_MOST_COMPARED])
    names, classes = seen.names, seen.classes
    doubts = tuple(
        Doubt(
            name=names[place],
            label=classes[seen.labels[place]],
            answer=classes[found.answers[place]],
            p_label=float(p_label[place]),
            p_answer=float(p_answer[place]),
            split=seen.samples[place].split,
            like_label=tuple(names[each] for each in own.get(place, ())),
            like_answer=tuple(names[each] for each in others.get(place, ())),
        )
        for place in ranked.tolist()
    )
    answered = int(found.answered.sum())
    return Doubts(
        root=seen.root,
        doubts=doubts,
        pictures=answered,
        unanswered=len(seen.samples) - answered,
        tests=sum(sample.split == "test" for sample in seen.samples),
        network=seen.network,
    )


def _alike(
    seen: Seen, answers: np.ndarray, places: np.ndarray
) -> tuple[dict[int, Sequence[int]], dict[int, Sequence[int]]]:
    """For each place the nearest pictures of its class and of the class it is answered as, by cosine."""
    points = seen.features / np.maximum(np.linalg.norm(seen.features, axis=1, keepdims=True), 1e-12)
    found: tuple[dict[int, Sequence[int]], dict[int, Sequence[int]]] = ({}, {})
    for start in range(0, len(places), _ROWS):
        some = places[start : start + _ROWS]
        alike = points[some] @ points.T
        alike[np.arange(len(some)), some] = -np.inf
        for of_class, into in zip((seen.labels, answers), found, strict=True):
            fits = np.where(seen.labels[None] == of_class[some][:, None], alike, -np.inf)
            most = min(_LIKE_IT, fits.shape[1])
            top = np.argpartition(-fits, most - 1, axis=1)[:, :most]
            for row, place in enumerate(some.tolist()):
                nearest = sorted(top[row].tolist(), key=lambda each: (-fits[row, each], each))
                into[place] = [each for each in nearest if np.isfinite(fits[row, each])]
    return found
