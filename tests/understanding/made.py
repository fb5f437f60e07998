"""Features drawn for the occasion: a cloud per class."""

from pathlib import Path

import numpy as np

from cnnstudio.core import ALONE, Control, Watch
from cnnstudio.data import Sample
from cnnstudio.data.project import open_dataset
from cnnstudio.training.recipe import Recipe
from cnnstudio.understanding.out_of_fold import answer_out_of_fold
from cnnstudio.understanding.seen import Seen, see

ROOT = Path("/pictures")


def clouds(labels, *, apart=4.0, size=16, seed=0, truth=None, groups=None):
    """Pictures whose features lie around the centre of their true class."""
    truth = labels if truth is None else truth
    random = np.random.default_rng(seed)
    classes = max(int(max(labels)), int(max(truth))) + 1
    centres = random.normal(0, 1, (classes, size))
    centres *= apart / np.linalg.norm(centres, axis=1, keepdims=True)
    features = (centres[np.asarray(truth)] + random.normal(0, 1, (len(labels), size))).astype(np.float32)
    groups = [ALONE] * len(labels) if groups is None else groups
    samples = tuple(
        Sample(ROOT / f"{number:04}.png", int(label), "train", group)
        for number, (label, group) in enumerate(zip(labels, groups, strict=True))
    )
    names = tuple(f"class {number}" for number in range(classes))
    return Seen(network="made", root=ROOT, classes=names, samples=samples, features=features)


def result_of(events):
    while True:
        try:
            next(events)
        except StopIteration as end:
            return end.value


def answered(seen):
    return result_of(answer_out_of_fold(seen, Control()))


def seen_photographs(shared, network, splits=("train", "validation", "test")):
    """The shared photographs, by a network whose weights are on this computer."""
    weights = {"squeezenet1_0": str(shared / "weights" / "squeezenet1_0-imagenet.pth")}.get(network, "auto")
    recipe = Recipe(dataset=str(shared / "data" / "clothing"), network=network, weights=weights)
    return see(open_dataset(shared / "data" / "clothing"), recipe, Watch(), splits)
