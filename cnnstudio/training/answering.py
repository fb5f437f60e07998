"""What a trained network makes of the pictures of its run, on its way into the run's folder."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from cnnstudio.compute.feature_cache import Features
from cnnstudio.data import Dataset, Sample, Split, sample_key
from cnnstudio.runs import Answers, shown_path
from cnnstudio.training.loop import LinearHead
from cnnstudio.training.loop.scoring import Scored, logits_of, score_logits


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answered:
    """All pictures of a split."""

    split: Split
    samples: tuple[Sample, ...]
    logits: torch.Tensor
    """N×C float32."""
    features: torch.Tensor
    """N×D, which the last layer works on."""
    held_out: np.ndarray
    """N bool, see ``Answers``."""

    def scored(self, classes: int) -> Scored:
        """The score on all of them."""
        return score_logits(self.logits, self.samples, self.split, classes)


def answered_by(head: LinearHead, features: Features, split: Split) -> Answered:
    """By a last layer that has learned from training pictures."""
    held_out = np.full(len(features.samples), split != "train")
    return Answered(
        split=split,
        samples=features.samples,
        logits=logits_of(head, features),
        features=features.values[0],
        held_out=held_out,
    )


def gathered(answered: Sequence[Answered], dataset: Dataset) -> Answers:
    """As they are kept in a run's folder."""
    samples = [sample for part in answered for sample in part.samples]
    keys = b"".join(sample_key(sample.path) for sample in samples)
    return Answers(
        classes=dataset.classes,
        names=tuple(shown_path(sample.path, dataset.root) for sample in samples),
        keys=np.frombuffer(keys, np.uint8).reshape(len(samples), -1),
        labels=np.array([sample.label for sample in samples], np.int64),
        splits=np.array([part.split for part in answered for _ in part.samples]),
        groups=np.array([sample.group for sample in samples], np.int64),
        held_out=np.concatenate([part.held_out for part in answered]),
        logits=torch.cat([part.logits for part in answered]).float().numpy(),
        features=np.concatenate([_halved(part.features) for part in answered]),
    )


def _halved(features: torch.Tensor) -> np.ndarray:
    largest = float(np.finfo(np.float16).max)
    halved: np.ndarray = features.float().clamp(-largest, largest).half().numpy()
    return halved
