"""Labels that are worth a second look: those that a last layer which did not learn from them finds least likely.

Every picture is answered twice, the second time by last layers that learned from no label which the first ones found
strange: among pictures of one class with the same wrong label, each vouches for the others. Ranked is by the
probability of the label less a fifth of that of the answer, between self-confidence and the margin of Northcutt et al.
2021, and a little by which of the two classes the most alike pictures have. Self-confidence alone takes what is hard to
tell, with many answers a little likely, for mislabelled; the margin takes what is nearly as likely as the answer
(``benchmarks/README.md``). Most of what ranks high in a tidy folder is correct and merely hard, so nothing here calls a
label wrong.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from cnnstudio.core import ALONE, Control, Event
from cnnstudio.understanding.out_of_fold import OutOfFold, answer_out_of_fold, chosen_strength
from cnnstudio.understanding.outcomes import STRONG, Doubt, Doubts
from cnnstudio.understanding.seen import Seen

_STRONGER, _THEN = 10**0.5, 10**0.25
"""Times the strength that cross-validation chooses, the first and the second time: labels that may be wrong are to be
followed less closely."""
_DIVISIONS = 2
"""Into folds, whose second answers are averaged, of many pictures, too."""
_MOST_STRANGE = 0.5
"""Of a class, what is learned from all the same: the least strange ones."""
_SURE = 0.2
"""Weight of the probability of the answer."""
_VOTES, _VOTERS = 0.07, 15
"""Weight of the most alike pictures, and how many these are."""
_LIKE_IT = 3
_MOST_COMPARED, _ROWS = 2000, 256


def answer_warily(seen: Seen, control: Control) -> Generator[Event, None, OutOfFold]:
    """Answers to every picture by last layers that learned neither from it nor from labels that look strange.

    Yields:
        Progressed.

    Raises:
        StopRequested: a stop was asked for.
        TrainingDiverged: the features are no numbers.
    """
    strength = yield from chosen_strength(seen, control)
    first = yield from answer_out_of_fold(seen, control, 0, _STRONGER * strength)
    trusted = ~_strange(seen.labels, first)
    repeats = max(_DIVISIONS, first.repeats)
    return (yield from answer_out_of_fold(seen, control, repeats, _THEN * strength, trusted))


def _strange(labels: np.ndarray, found: OutOfFold) -> np.ndarray:
    """N truths: whose answer is ten times as likely as the label, but never more than half of a class."""
    p_label = found.probabilities[np.arange(len(labels)), labels]
    times = found.probabilities.max(1) / np.maximum(p_label, 1e-12)
    strange = found.answered & (times >= STRONG)
    for label in np.unique(labels[strange]):
        own = np.flatnonzero(labels == label)
        calmest = own[np.argsort(times[own], kind="stable")[: -int(_MOST_STRANGE * len(own)) or len(own)]]
        strange[calmest] = False
    return strange


def find_doubts(seen: Seen, found: OutOfFold) -> Doubts:
    """Every picture whose label is not the answer, the most doubtful first.

    Args:
        seen: the pictures.
        found: their answers, see ``answer_warily``.
    """
    places = np.arange(len(seen.samples))
    p_label = found.probabilities[places, seen.labels]
    doubtful = np.flatnonzero(found.answered & (found.answers != seen.labels))
    p_answer = found.probabilities.max(1)
    score = p_label - _SURE * p_answer
    ranked = doubtful[np.argsort(score[doubtful], kind="stable")]
    compared = ranked[:_MOST_COMPARED]
    alike = _alike(seen, found.answers, compared)
    order = np.argsort(score[compared] + _VOTES * alike.votes, kind="stable")
    ranked = np.concatenate([compared[order], ranked[_MOST_COMPARED:]])
    names, classes = seen.names, seen.classes
    doubts = tuple(
        Doubt(
            name=names[place],
            label=classes[seen.labels[place]],
            answer=classes[found.answers[place]],
            p_label=float(p_label[place]),
            p_answer=float(p_answer[place]),
            split=seen.samples[place].split,
            like_label=tuple(names[each] for each in alike.own.get(place, ())),
            like_answer=tuple(names[each] for each in alike.others.get(place, ())),
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


@dataclass(frozen=True, slots=True, eq=False)
class _Alike:
    """The pictures most like some others, by cosine."""

    own: dict[int, list[int]]
    """Of each the nearest of the class that its label says,"""
    others: dict[int, list[int]]
    """and of the one that it is answered as."""
    votes: np.ndarray
    """Of each, what share of the nearest of all classes have its label, less what share have its answer."""


def _alike(seen: Seen, answers: np.ndarray, places: np.ndarray) -> _Alike:
    points = seen.features / np.maximum(np.linalg.norm(seen.features, axis=1, keepdims=True), 1e-12)
    groups = np.array(seen.groups)
    own, others = dict[int, list[int]](), dict[int, list[int]]()
    votes = np.zeros(len(places))
    for start in range(0, len(places), _ROWS):
        some = places[start : start + _ROWS]
        alike = points[some] @ points.T
        alike[np.arange(len(some)), some] = -np.inf
        for of_class, into in ((seen.labels, own), (answers, others)):
            fits = np.where(seen.labels[None] == of_class[some][:, None], alike, -np.inf)
            into.update(zip(some.tolist(), _nearest(fits, _LIKE_IT), strict=True))
        alike[(groups[some][:, None] == groups[None]) & (groups[some] != ALONE)[:, None]] = -np.inf
        for row, nearest in enumerate(_nearest(alike, _VOTERS)):
            of_nearest = seen.labels[nearest]
            for_label, for_answer = (of_nearest == of_class[some[row]] for of_class in (seen.labels, answers))
            votes[start + row] = (for_label.sum() - for_answer.sum()) / max(1, len(nearest))
    return _Alike(own, others, votes)


def _nearest(alike: np.ndarray, count: int) -> list[list[int]]:
    """Of each row the columns with the largest values, the largest first; infinitely small ones are none."""
    count = min(count, alike.shape[1])
    top = np.argpartition(-alike, count - 1, axis=1)[:, :count]
    return [
        sorted((each for each in own.tolist() if np.isfinite(row[each])), key=lambda each: (-row[each], each))
        for own, row in zip(top, alike, strict=True)
    ]
