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


def cell_in_words(figures: Figures, row: int, column: int) -> str:
    """A cell in plain words."""
    count, total = int(figures.counts[row, column]), int(figures.figures[row].pictures)
    true, said = isolated(figures.classes[row]), isolated(figures.classes[column])
    if row == column:
        return f"Recognised: {count:,} of {counted(total, 'picture')} of {true}."
    return f"Predicted as {said}: {count:,} of {counted(total, 'picture')} of {true}."
