"""How well doubtful labels are found: flips some labels of a folder, ranks all, and counts; nothing on disk is changed.

    python benchmarks/doubtful_labels.py RUN [SEEDS]

Flips are uniform (any other class) or confusable (the class that pictures of a class are most often taken for). Then
what it is worth: accuracy on the true labels, out-of-fold, with the flipped labels, after correcting what is wrong
among the 1.5 n most doubtful of n flips, and with the true labels.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from cnnstudio.core import Control, Watch
from cnnstudio.data.project import open_dataset
from cnnstudio.jobs.job import carry
from cnnstudio.runs import open_run
from cnnstudio.understanding.doubts import answer_warily, find_doubts
from cnnstudio.understanding.out_of_fold import OutOfFold, answer_out_of_fold
from cnnstudio.understanding.seen import Seen, see, start_of


def answered(seen: Seen) -> OutOfFold:
    """Out-of-fold answers."""
    return carry(answer_out_of_fold(seen, Control()), lambda _: None)


def with_labels(seen: Seen, labels: np.ndarray) -> Seen:
    """The same pictures with other labels."""
    samples = tuple(replace(sample, label=int(label)) for sample, label in zip(seen.samples, labels, strict=True))
    return replace(seen, samples=samples)


def flipped(truth: np.ndarray, share: float, into: np.ndarray | None, classes: int, seed: int) -> np.ndarray:
    """Labels of which some are wrong: any other class, or the one in ``into`` for each class."""
    random = np.random.default_rng(seed)
    labels = truth.copy()
    chosen = random.permutation(len(truth))[: round(share * len(truth))]
    shift = random.integers(1, classes, len(chosen))
    labels[chosen] = (truth[chosen] + shift) % classes if into is None else into[truth[chosen]]
    return labels


def ranking(seen: Seen, truth: np.ndarray) -> tuple[np.ndarray, float]:
    """Which of the ranked doubts are flipped, and the average precision over all flips."""
    places = {name: place for place, name in enumerate(seen.names)}
    doubts = find_doubts(seen, carry(answer_warily(seen, Control()), lambda _: None)).doubts
    ranked = np.array([places[doubt.name] for doubt in doubts])
    wrong = (seen.labels != truth)[ranked]
    precision = np.cumsum(wrong) / np.arange(1, len(wrong) + 1)
    return ranked, float((precision * wrong).sum() / (seen.labels != truth).sum())


def accuracy(seen: Seen, truth: np.ndarray) -> float:
    """On the true labels, by heads that learned from the labels as they are."""
    return float((answered(seen).answers == truth).mean())


def main() -> None:
    """Print one line per kind of flip."""
    run, seeds = open_run(Path(sys.argv[1])), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    seen = see(open_dataset(run.record.dataset), start_of(run), Watch())
    truth, classes = seen.labels, len(seen.classes)
    mix_ups = np.zeros((classes, classes), int)
    np.add.at(mix_ups, (truth, answered(seen).answers), 1)
    np.fill_diagonal(mix_ups, 0)
    kinds = {"uniform": None, "confusable": mix_ups.argmax(1)}
    print(f"{seen.in_words}, {seeds} seeds")
    for share in (0.01, 0.05, 0.10):
        for kind, into in kinds.items():
            at_50, at_n, average = [], [], []
            for seed in range(seeds):
                now = with_labels(seen, flipped(truth, share, into, classes, seed))
                ranked, found = ranking(now, truth)
                wrong = (now.labels != truth)[ranked]
                at_50.append(wrong[:50].mean())
                at_n.append(wrong[: (now.labels != truth).sum()].mean())
                average.append(found)
            figures = ", ".join(f"{np.mean(each):.3f}" for each in (at_50, at_n, average))
            print(f"{share:4.0%} {kind:10}: precision at 50, at n, average precision: {figures}", flush=True)
    clean = accuracy(seen, truth)
    for kind, into in kinds.items():
        for share in (0.05, 0.10):
            before, after = [], []
            for seed in range(min(4, seeds)):
                now = with_labels(seen, flipped(truth, share, into, classes, seed))
                ranked, _ = ranking(now, truth)
                looked = ranked[: round(1.5 * share * len(truth))]
                labels = now.labels.copy()
                labels[looked] = truth[looked]
                before.append(accuracy(now, truth))
                after.append(accuracy(with_labels(now, labels), truth))
            regained = (np.mean(after) - np.mean(before)) / (clean - np.mean(before))
            told = f"{100 * np.mean(before):.1f} -> {100 * np.mean(after):.1f} of {100 * clean:.1f} %"
            print(f"{share:4.0%} {kind:10}: {told}, {regained:.0%} of the loss regained", flush=True)


if __name__ == "__main__":
    main()
