"""What a finished training is scored by: exact features, or pictures in full precision."""

from collections.abc import Generator
from functools import partial

import torch

from cnnstudio.compute.engines import open_frozen
from cnnstudio.compute.feature_cache import Features
from cnnstudio.core import Event, Problem, Warned, counted
from cnnstudio.data import SPLITS, Split
from cnnstudio.training.assembly import FrozenPart
from cnnstudio.training.loop import Context, LinearHead
from cnnstudio.training.loop.scoring import Scored, score_features, score_pictures, where_there_is_room


def exact_features(part: FrozenPart, split: Split) -> Generator[Event, None, dict[Split, Features]]:
    """As a prediction has them, on whichever device has room; nothing where the split has no pictures."""
    return (yield from where_there_is_room(part.context.device, partial(part.exact_features, split)))


def score_head(
    context: Context, head: LinearHead, features: dict[Split, Features]
) -> Generator[Event, None, list[Scored]]:
    """On exact features; training pictures on those that it learned from, which are made fast."""
    features = features | (yield from exact_features(FrozenPart(context=context), "test"))
    return [score_features(head, features[split], split, context.classes) for split in SPLITS if split in features]


def score_network(context: Context) -> Generator[Event, None, list[Scored]]:
    """On validation and test pictures, in full precision."""
    spec, reading = context.base.preprocess, FrozenPart(context=context).reading

    def on(device: torch.device) -> Generator[Event, None, list[Scored]]:
        frozen, scored = open_frozen(context.base.network, spec, device, "fp32"), list[Scored]()
        for split in SPLITS[1:]:
            samples = context.dataset.split(split)
            part = yield from score_pictures(frozen, samples, spec, reading, split=split, classes=context.classes)
            if part.samples:
                scored.append(part)
        return scored

    return (yield from where_there_is_room(context.device, on))


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
