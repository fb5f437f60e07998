"""What a network should refuse to answer, learned from the pictures of its run, and put into its bundle."""

import numpy as np

from cnnstudio.core import ALONE, RunError, counted
from cnnstudio.networks.bundle import add_to_bundle
from cnnstudio.networks.refusal import CAREFUL, NEIGHBOURS, REFUSAL_FILE, Refusal, clearness, nearness, unit
from cnnstudio.runs import Answers, Run, open_run

FEWEST_VALIDATION = 60
"""Below, training pictures with out-of-fold answers are taken as well, each compared with the others."""
FEWEST = 20
"""Pictures below which nothing is refused, since nobody knows what is usual."""
_MOST_KEPT, _FEWEST_KEPT, _MOST_VALUES = 2000, 256, 1 << 20
_ROWS = 1024


def learned_refusal(answers: Answers, careful: float = CAREFUL) -> Refusal | None:
    """Learn what is usual.

    Args:
        answers: of a run, with features.
        careful: the share of good pictures that may be refused.

    Returns:
        None where there are too few pictures, or no features.
    """
    train = answers.of_split("train")
    if answers.features is None or len(train) <= NEIGHBOURS:
        return None
    kept = _some(train, answers.labels[train], answers.features.shape[1])
    usual = answers.of_split("validation", held_out=True)
    alone = len(usual) < FEWEST_VALIDATION and bool(len(answers.of_split("train", held_out=True)))
    if alone:
        usual = answers.of_split("train", "validation", held_out=True)
    if len(usual) < FEWEST:
        return None
    near, clear = _near(answers, usual, kept), clearness(answers.logits[usual])
    near, clear = near.astype(np.float32), clear.astype(np.float32)
    ranks = [np.searchsorted(np.sort(values), values, side="left") / len(usual) for values in (near, clear)]
    scores = np.sort(np.minimum(*ranks))
    return Refusal(
        features=unit(answers.features[kept]).astype(np.float16),
        places=kept,
        near=np.sort(near),
        clear=np.sort(clear),
        threshold=float(scores[int(careful * len(usual))]),
        careful=careful,
        leave_one_out=alone,
    )


def _some(train: np.ndarray, labels: np.ndarray, size: int) -> np.ndarray:
    """As many as fit into two megabytes, of every class in proportion."""
    most = min(_MOST_KEPT, max(_FEWEST_KEPT, _MOST_VALUES // size))
    if len(train) <= most:
        return train
    rng = np.random.default_rng(0)
    order = rng.permutation(len(train))
    counts = np.bincount(labels)
    wanted = np.maximum(np.minimum(counts, NEIGHBOURS + 1), counts * most // len(train))
    seen = np.zeros(len(counts), np.int64)
    chosen = np.zeros(len(train), np.bool_)
    for index in order.tolist():
        label = labels[index]
        chosen[index] = seen[label] < wanted[label]
        seen[label] += 1
    return train[chosen]


def _near(answers: Answers, usual: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """How near each is to what is kept, without itself and what belongs to it."""
    assert answers.features is not None
    bank, found = unit(answers.features[kept]).astype(np.float16).astype(np.float32), np.zeros(len(usual), np.float32)
    for start in range(0, len(usual), _ROWS):
        rows = usual[start : start + _ROWS]
        alike = unit(answers.features[rows]) @ bank.T
        groups = answers.groups[rows]
        mine = rows[:, None] == kept[None]
        mine |= (groups[:, None] == answers.groups[kept][None]) & (groups != ALONE)[:, None]
        found[start : start + len(rows)] = nearness(np.where(mine, -1, alike))
    return found


def give_refusal(run: Run, answers: Answers, careful: float = CAREFUL) -> Refusal:
    """Put into a run's bundle what it takes to judge pictures.

    Raises:
        RunError: there are too few pictures to learn it from, or the run is being trained.
        CheckpointDamaged, StorageError: the bundle cannot be read or written.
    """
    found = learned_refusal(answers, careful)
    if found is None:
        raise RunError(
            f"The run {run.record.name} has too few pictures to know what is usual.",
            meaning=f"It takes {counted(FEWEST, 'picture')} that it did not learn from.",
            remedy="Train with more validation pictures.",
        )
    if open_run(run.folder).record.state == "running":
        raise RunError(f"The run {run.record.name} is still training.", remedy="Wait until it is done.")
    add_to_bundle(run.bundle, REFUSAL_FILE, found.content())
    return found
