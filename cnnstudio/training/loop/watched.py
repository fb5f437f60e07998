"""A few validation pictures whose answers are told while a network learns, so that a person can watch it learn.

They choose nothing and cost nothing: their answers are among those that are scored anyway.
"""

from collections.abc import Sequence

import torch

from cnnstudio.core import PictureAnswer, PicturesAnswered
from cnnstudio.data import Sample
from cnnstudio.data.watched import watched_places


class Watched:
    """See ``watched_places``."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.places = watched_places(len(samples))
        self._samples = {place: samples[place] for place in self.places}
        self._logits: dict[int, torch.Tensor] = {}

    def note(self, places: Sequence[int], logits: torch.Tensor) -> None:
        """Keep what belongs to them of a batch of answers.

        Args:
            places: in the split, of the N pictures of the batch.
            logits: N×classes, on any device.
        """
        for row, place in enumerate(places):
            if place in self._samples:
                self._logits[place] = logits[row]

    def answered(self) -> PicturesAnswered:
        """Tell what was noted, and forget it; pictures that could not be read are missing."""
        noted, self._logits = dict(sorted(self._logits.items())), {}
        if not noted:
            return PicturesAnswered(answers=())
        return self._told(tuple(noted), torch.stack(tuple(noted.values())).softmax(1))

    def told(self, probabilities: torch.Tensor) -> PicturesAnswered:
        """The same of probabilities, one row for each of ``places``."""
        return self._told(self.places, probabilities)

    def _told(self, places: Sequence[int], probabilities: torch.Tensor) -> PicturesAnswered:
        best = probabilities.max(1)
        found = zip(places, best.indices.tolist(), best.values.tolist(), strict=True)
        samples = self._samples
        return PicturesAnswered(
            answers=tuple(
                PictureAnswer(
                    picture=str(samples[place].path),
                    actual=samples[place].label,
                    predicted=predicted,
                    confidence=confidence,
                )
                for place, predicted, confidence in found
            )
        )
