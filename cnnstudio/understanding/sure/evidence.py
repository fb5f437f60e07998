"""The answers that may decide how a network is used: of pictures that it did not learn from, and none of the test."""

from dataclasses import dataclass

import numpy as np

from cnnstudio.core import RunError, counted
from cnnstudio.runs import Answers
from cnnstudio.training.calibration import FEWEST_JUDGES


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """Of N pictures."""

    places: np.ndarray
    """N int64, in the run's answers."""
    probabilities: np.ndarray
    """N×C float32, as a prediction says them."""
    labels: np.ndarray
    groups: np.ndarray
    out_of_fold: bool
    """Whether training pictures are among them, each answered by a layer that had not learned from it."""

    def __len__(self) -> int:
        return len(self.places)

    @property
    def right(self) -> np.ndarray:
        """N bool."""
        return self.probabilities.argmax(1) == self.labels

    @property
    def words(self) -> str:
        """Such as: 341 validation pictures."""
        if self.out_of_fold:
            pictures = counted(len(self), "training and validation picture")
            return f"{pictures}, each answered by a last layer that did not learn from it"
        return counted(len(self), "validation picture")


def evidence_of(answers: Answers, *, every: bool = False) -> Evidence:
    """The validation pictures; where they are few, or every one is asked for, those with out-of-fold answers as well.

    Args:
        answers: of a run.
        every: ten times as many, but by layers that learned from less and, for training pictures, as they are read for
            learning.

    Raises:
        RunError: there are none.
    """
    validation = answers.of_split("validation", held_out=True)
    both = answers.of_split("train", "validation", held_out=True)
    places = both if every or len(validation) < FEWEST_JUDGES else validation
    if not len(places):
        raise RunError(
            "The run has no validation pictures, so nothing says how sure its network may be.",
            meaning="The pictures that it learned from are easier for it than new ones, and those of the test decide "
            "nothing.",
            remedy="Train on a folder with validation pictures, or let the pictures be split again.",
        )
    return Evidence(
        places=places,
        probabilities=answers.probabilities[places],
        labels=answers.labels[places],
        groups=answers.groups[places],
        out_of_fold=len(places) > len(validation),
    )
