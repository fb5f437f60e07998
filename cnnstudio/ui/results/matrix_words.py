"""A confusion matrix in words."""

from cnnstudio.core import counted, isolated
from cnnstudio.jobs.specs.scores import Figures

_MOST = 3


def told_of(figures: Figures) -> str:
    """How many pictures are correct, and the most frequent mix-ups."""
    counts, names = figures.counts, figures.classes
    correct, total = int(counts.trace()), int(counts.sum())
    told = f"{counted(len(names), 'class', 'classes')}, {correct:,} of {counted(total, 'picture')} correct."
    worst = [
        f"{isolated(names[each.true])} → {isolated(names[each.predicted])}, {counted(each.count, 'time')}"
        for each in figures.mix_ups[:_MOST]
    ]
    return f"{told} Most frequent mix-ups: {'; '.join(worst)}." if worst else told
