"""What a finished training is scored by: exact features, or pictures in full precision."""

from collections.abc import Generator
from dataclasses import replace
from functools import partial

import numpy as np
import torch

from cnnstudio.compute.engines import open_frozen
from cnnstudio.compute.feature_cache import Features
from cnnstudio.core import Event, Problem, StopRequested, Warned, counted
from cnnstudio.data import SPLITS, Split
from cnnstudio.networks.head import WithFeatures, divide_head
from cnnstudio.training.answering import Answered, answered_by, temperature_of
from cnnstudio.training.assembly import FrozenPart
from cnnstudio.training.loop import Context, LinearHead
from cnnstudio.training.loop.scoring import Scored, outputs_of, where_there_is_room


def exact_features(part: FrozenPart, split: Split) -> Generator[Event, None, dict[Split, Features]]:
    """As a prediction has them, on whichever device has room; nothing where the split has no pictures."""
    return (yield from where_there_is_room(part.context.device, partial(part.exact_features, split)))


def score_head(
    context: Context, head: LinearHead, features: dict[Split, Features]
) -> Generator[Event, None, list[Answered]]:
    """On exact features; training pictures on those that it learned from, which are made fast."""
    features = features | (yield from exact_features(FrozenPart(context=context), "test"))
    return [answered_by(head, features[split], split) for split in SPLITS if split in features]


def score_network(context: Context) -> Generator[Event, None, list[Answered]]:
    """On validation and test pictures, and last on those of training, in full precision.

    A stop in the middle of the last leaves them away: all is done then, and they are answered when that is wanted.
    """

    def on(device: torch.device) -> Generator[Event, None, list[Answered]]:
        return (yield from answers_by(context, device))

    return (yield from where_there_is_room(context.device, on))


def answers_by(context: Context, device: torch.device) -> Generator[Event, None, list[Answered]]:
    """Of the context's network to all of its pictures, training pictures first, or without them after a stop."""
    spec, reading = context.base.preprocess, FrozenPart(context=context).reading
    network = WithFeatures(context.base.network)
    frozen, found = open_frozen(network, spec, device, "fp32"), list[Answered]()
    for split in ("validation", "test", "train"):
        text = "Answering the training pictures" if split == "train" else f"Scoring the {split} pictures"
        try:
            values, samples = yield from outputs_of(frozen, context.dataset.split(split), spec, reading, text)
        except StopRequested:
            if split != "train":
                raise
            return found
        if samples:
            features, logits = values.split([network.size, context.classes], 1)
            held_out = np.full(len(samples), split != "train")
            part = Answered(split=split, samples=tuple(samples), logits=logits, features=features, held_out=held_out)
            found.insert(0 if split == "train" else len(found), part)
    return found


def calibrated(context: Context, answered: list[Answered]) -> Context:
    """With the network as it is delivered: its last layer divided by a temperature where that is called for."""
    temperature = temperature_of(answered)
    divide_head(context.base.network, temperature)
    return replace(context, base=replace(context.base, temperature=temperature))


def results(context: Context, answered: list[Answered]) -> list[Scored]:
    """The scores. Pictures that deeper modes learned from are no result, and not scored."""
    on_features = context.recipe.how.on == "features"
    parts = [part for part in answered if part.split != "train" or part.out_of_fold or on_features]
    return [part.scored(context.classes, context.base.temperature) for part in parts]


def with_pictures(context: Context, scored: list[Scored]) -> Generator[Event, None, list[Scored]]:
    """The scores that there are; of pictures that vanished meanwhile there is none, and that is said."""
    scored = [part for part in scored if part.samples]
    known = {part.score.split for part in scored}
    for split in SPLITS[1:]:
        if (wanted := len(context.dataset.split(split))) and split not in known:
            problem = Problem(
                kind="dataset",
                title=f"None of the {counted(wanted, f'{split} picture')} could be read, so there is no {split} score.",
                meaning="The training itself is done, and the network is kept.",
                remedy="Put the pictures back, then score the run on them with: cnnstudio evaluate RUN FOLDER.",
            )
            yield Warned(problem=problem)
    return scored
