"""What a trained network makes of the pictures of its run, on its way into the run's folder."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from cnnstudio.compute.feature_cache import Features
from cnnstudio.data import Dataset, Sample, Split, sample_key
from cnnstudio.runs import Answers, shown_path
from cnnstudio.training.calibration import FEWEST_JUDGES, find_temperature
from cnnstudio.training.loop.scoring import Scored, logits_of, score_logits


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answered:
    """All pictures of a split."""

    split: Split
    samples: tuple[Sample, ...]
    logits: torch.Tensor
    """N×C float32, without a temperature."""
    features: torch.Tensor
    """N×D, which the last layer works on."""
    held_out: np.ndarray
    """N bool, see ``Answers``."""
    out_of_fold: bool = False
    """Whether only pictures that were held out count, as out-of-fold answers."""

    def scored(self, classes: int, temperature: float = 1.0) -> Scored:
        """The score on those that count."""
        if not self.out_of_fold:
            return score_logits(self.logits / temperature, self.samples, self.split, classes)
        own = np.flatnonzero(self.held_out)
        logits, samples = self.logits[torch.from_numpy(own)], [self.samples[index] for index in own]
        return score_logits(logits / temperature, samples, self.split, classes).judged(origin="out-of-fold")


def answered_by(head: torch.nn.Module, features: Features, split: Split) -> Answered:
    """By a last layer that has learned from training pictures."""
    held_out = np.full(len(features.samples), split != "train")
    return Answered(
        split=split,
        samples=features.samples,
        logits=logits_of(head, features),
        features=features.values[0],
        held_out=held_out,
    )


def temperature_of(answered: Sequence[Answered]) -> float:
    """What the last layer is to be divided by, found on the pictures that may choose; test pictures are none."""
    chosen = dict[Split, Answered]()
    for part in answered:
        if part.held_out.any() and part.split != "test":
            chosen[part.split] = part
    judges = chosen.get("validation")
    if judges is not None and judges.held_out.sum() >= FEWEST_JUDGES:
        chosen = {"validation": judges}
    if not chosen:
        return 1.0
    parts = chosen.values()
    logits = np.concatenate([part.logits.float().numpy()[part.held_out] for part in parts])
    samples = [part.samples[index] for part in parts for index in np.flatnonzero(part.held_out)]
    labels, groups = (np.array([getattr(each, name) for each in samples]) for name in ("label", "group"))
    found = find_temperature(logits, labels, groups)
    return found.applied if found else 1.0


def gathered(answered: Sequence[Answered], dataset: Dataset, temperature: float) -> Answers:
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
        logits=(torch.cat([part.logits for part in answered]).float() / temperature).numpy(),
        features=np.concatenate([_halved(part.features) for part in answered]),
        temperature=temperature,
    )


def _halved(features: torch.Tensor) -> np.ndarray:
    largest = float(np.finfo(np.float16).max)
    halved: np.ndarray = features.float().clamp(-largest, largest).half().numpy()
    return halved
