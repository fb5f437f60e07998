"""The modes against each other on few or all pictures of a folder: whole runs on the same splits, paired.

    python benchmarks/modes.py FOLDER NETWORK[=WEIGHTS] … [--modes head,last-stage,all] [--splits 5] [--per-class 20]

For each split, so many pictures of each class are known (0: 85 % of all), of which 15 of 85 validate; the others, or
``--held-out`` of them, are the test split, which chooses nothing. Every run has the defaults of its mode and begins
without remembered features. Prints mean and standard error of the accuracy on held-out pictures and of the difference
to the first mode, how often the start was kept, and the seconds until a run had its weights (scoring not counted).
"""

import argparse
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
from heads import divided

from cnnstudio.compute import feature_cache
from cnnstudio.core import Event, RunCompleted, Watch
from cnnstudio.data import SPLITS, Dataset, SplitSpec
from cnnstudio.data.project import open_dataset
from cnnstudio.jobs.job import carry
from cnnstudio.runs import Run
from cnnstudio.training.opening import Place, open_context, open_training
from cnnstudio.training.recipe import Recipe
from cnnstudio.training.run_training import train


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("networks", nargs="+")
    parser.add_argument("--modes", default="head,last-stage,all")
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--per-class", type=int, default=0)
    parser.add_argument("--held-out", type=int, default=0)
    asked = parser.parse_args()
    modes = asked.modes.split(",")
    whole = open_dataset(asked.folder, SplitSpec())
    for named in asked.networks:
        network, _, weights = named.partition("=")
        found: dict[str, list[tuple[float, float, bool]]] = {mode: [] for mode in modes}
        for seed in range(asked.splits):
            dataset = drawn(whole, asked.per_class, asked.held_out, seed)
            for mode in modes:
                recipe = Recipe(
                    dataset=str(asked.folder), network=network, weights=weights or "auto", mode=mode, seed=seed
                )
                run, seconds = trained(recipe, dataset)
                record = run.record
                kept_start = bool(record.epochs_done) and not record.best_epoch
                found[mode].append((100 * record.scores["test"].accuracy, seconds, kept_start))
                print(f"  {network}, split {seed}, {mode}: {found[mode][-1][0]:.1f} %, {seconds:.0f} s", flush=True)
        told(f"{asked.folder.name}, {network}, {asked.per_class or 'all'} a class", found)


def drawn(whole: Dataset, per_class: int, held_out: int, seed: int) -> Dataset:
    """The pictures of a folder, split again."""
    parts = divided(whole.samples, per_class, seed)
    if held_out:
        rest = np.random.default_rng(seed).permutation(parts[2])
        parts = (*parts[:2], np.sort(rest[:held_out]))
    samples = [
        replace(whole.samples[index], split=split) for split, part in zip(SPLITS, parts, strict=True) for index in part
    ]
    return replace(whole, samples=tuple(samples))


def trained(recipe: Recipe, dataset: Dataset) -> tuple[Run, float]:
    """A run, and the seconds until it had its weights."""
    begun, took = time.perf_counter(), list[float]()

    def notice(event: Event) -> None:
        if isinstance(event, RunCompleted):
            took.append(time.perf_counter() - begun)

    with TemporaryDirectory() as folder, ExitStack() as held:
        held.enter_context(patch.object(feature_cache, "cache_folder", lambda: Path(folder) / "cache"))
        training = open_training(open_context(recipe, dataset, Watch()), Place(out=Path(folder) / "run"), held)
        return carry(train(training), notice), took[-1]


def told(title: str, found: dict[str, list[tuple[float, float, bool]]]) -> None:
    """A line for each mode; the first is what the others are compared with."""
    first = np.array(next(iter(found.values())))
    for mode, rows in found.items():
        own = np.array(rows)
        gain = own[:, 0] - first[:, 0]
        print(
            f"{title}, {mode}: {own[:, 0].mean():.1f} ± {error(own[:, 0]):.1f} %, difference {gain.mean():+.1f} "
            f"± {error(gain):.1f} over {len(own)} splits; the start kept in {own[:, 2].sum():.0f}; "
            f"median {np.median(own[:, 1]):.0f} s",
            flush=True,
        )


def error(values: np.ndarray) -> float:
    """Standard error of the mean."""
    return float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else float("nan")


if __name__ == "__main__":
    main()
