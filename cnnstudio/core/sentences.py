"""Scores in plain words, the same in the window, the terminal and the log."""

from cnnstudio.core.events import SplitScore


def right_sentence(score: SplitScore) -> str:
    """Such as: Right on 312 of 372 test pictures, 83.9 % (95 % interval 79.8–87.3 %)."""
    right = round(score.accuracy * score.images)
    low, high = (100 * value for value in score.interval)
    return (
        f"Right on {right:,} of {score.images:,} {score.split} pictures, {100 * score.accuracy:.1f} % "
        f"(95 % interval {low:.1f}–{high:.1f} %)."
    )
