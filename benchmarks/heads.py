"""The solved last layer against the one trained in epochs: the same features and splits, paired.

    python benchmarks/heads.py FOLDER NETWORK [WEIGHTS] [--splits 10] [--sizes 10,20,50,0]

For each size, so many pictures of each class are known (0: 85 % of all), of which 15 of 85 validate; all others test.
Prints mean and standard error of the accuracy, of the difference, and how long both took in this process.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from cnnstudio.compute.feature_cache import Features
from cnnstudio.core import ALONE, Control, Watch
from cnnstudio.data import Sample
from cnnstudio.jobs.job import carry
from cnnstudio.training.assembly import FrozenPart, head_plan
from cnnstudio.training.head.regression import Pictures, solve
from cnnstudio.training.loop import SECONDS_BETWEEN, Checkpoints, FitState
from cnnstudio.training.loop.fit import fit
from cnnstudio.training.opening import open_context
from cnnstudio.training.recipe import Recipe


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("network")
    parser.add_argument("weights", nargs="?", default="auto")
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--sizes", default="10,20,50,0")
    asked = parser.parse_args()
    recipe = Recipe(dataset=asked.folder, network=asked.network, weights=asked.weights, head_solver="epochs")
    context = open_context(recipe, None, Watch())
    parts = carry(FrozenPart(context=context).features(("train", "validation", "test")), lambda _: None)
    values = torch.cat([part.values for part in parts.values()], 1)
    samples = [sample for part in parts.values() for sample in part.samples]
    for size in map(int, asked.sizes.split(",")):
        rows = []
        for seed in range(asked.splits):
            split = divided(samples, size, seed)
            own = {
                name: Features(values[:, torch.from_numpy(index)], tuple(samples[i] for i in index))
                for name, index in zip(("train", "validation", "test"), split, strict=True)
            }
            begun = time.perf_counter()
            names = [str(sample.path) for sample in own["train"].samples]
            pictures = Pictures(
                train=own["train"],
                validation=own["validation"],
                names=names,
                groups=[sample.group for sample in own["train"].samples],
            )
            solved = carry(solve(pictures, classes=context.classes, balanced=False, control=Control()), lambda _: None)
            between = time.perf_counter()
            with TemporaryDirectory() as folder:
                here = replace(context, checkpoints=Checkpoints(Path(folder), seconds_between=SECONDS_BETWEEN))
                plan = head_plan(here, own["train"], own["validation"])
                carry(fit(plan, FitState()), lambda _: None)
            ended = time.perf_counter()
            heads = (solved.head, plan.model)
            rows.append((*(accuracy(head, own["test"]) for head in heads), between - begun, ended - between))
        found = np.array(rows)
        gain = found[:, 0] - found[:, 1]
        error = gain.std(ddof=1) / len(gain) ** 0.5 if len(gain) > 1 else float("nan")
        print(
            f"{Path(asked.folder).name}, {asked.network}, {size or 'all'} a class: solved {found[:, 0].mean():.1f} %, "
            f"epochs {found[:, 1].mean():.1f} %, difference {gain.mean():+.2f} ± {error:.2f} over {len(gain)} splits; "
            f"time {found[:, 2].sum() / found[:, 3].sum():.2f} of the epochs'",
            flush=True,
        )


def divided(samples: Sequence[Sample], size: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions for training, validation and test, class by class; pictures of a group stay together."""
    rng, parts = np.random.default_rng(seed), []
    labels, groups = (np.array([getattr(each, name) for each in samples]) for name in ("label", "group"))
    for label in np.unique(labels):
        own = rng.permutation(np.flatnonzero(labels == label))
        known = min(size or len(own), round(0.85 * len(own)))
        judged = max(1, round(known * 0.15 / 0.85))
        parts.append((own[judged:known], own[:judged], own[known:]))
    split = np.empty(len(samples), np.int64)
    for number, part in enumerate(zip(*parts, strict=True)):
        split[np.concatenate(part)] = number
    for group in np.setdiff1d(groups, [ALONE]):  # follows its picture that is furthest from being learned
        split[groups == group] = split[groups == group].max()
    train, validation, test = (np.flatnonzero(split == number) for number in range(3))
    return train, validation, test


def accuracy(head: torch.nn.Module, features: Features) -> float:
    """Per cent of the pictures that are recognised."""
    with torch.inference_mode():
        said = head.eval()(features.values[0]).argmax(1)
    return 100 * float((said == features.targets).double().mean())


if __name__ == "__main__":
    main()
