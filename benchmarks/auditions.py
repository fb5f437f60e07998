"""Whether an audition tells what a training comes to, and whether its time per picture is that of a real pass.

    python benchmarks/auditions.py FOLDER [NETWORK | NETWORK=WEIGHTS ...] [--times NETWORK ...]

For each network the audition's share of correct pictures, on 1,500 training pictures at most, beside that of a real
training of the last layer: all training pictures, each answered by a layer that did not learn from it, and validation.
For ``--times``, which random weights are enough for, the time per picture that an audition tells beside that of a pass
over other pictures that are in memory already, five times in turns, since other programs may be computing.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from cnnstudio.compute.device import choose_device
from cnnstudio.compute.fastest import fastest_frozen
from cnnstudio.compute.frozen_pass import frozen_outputs
from cnnstudio.compute.network_timing import seconds_per_picture
from cnnstudio.core import Watch
from cnnstudio.data import Dataset
from cnnstudio.data.project import open_dataset
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.specs import FineTune
from cnnstudio.networks.weights.pretrained import resolve_weights
from cnnstudio.training.base import load_base
from cnnstudio.training.recipe import Recipe
from cnnstudio.understanding.answers import read_answers
from cnnstudio.understanding.trying import Candidate, audition, some_of

TURNS, PICTURES = 5, 192


def told(network: str, weights: str, dataset: Dataset) -> tuple[float, float, float, int, float, float]:
    """Share correct by the audition, its interval, its pictures; then by a training, out of fold and on validation."""
    file = resolve_weights(network, weights)
    assert file is not None, f"there are no weights of {network} here"
    found = audition(Candidate(network, network, file), some_of(dataset), dataset, Watch())
    with tempfile.TemporaryDirectory() as folder:
        recipe = Recipe(dataset=str(dataset.root), network=network, weights=weights)
        run = run_inline(FineTune(recipe=recipe, out=Path(folder) / "run"))
        answers = read_answers(run)
        train = answers.of_split("train", held_out=True)
        whole = float((answers.predicted[train] == answers.labels[train]).mean())
        validation = run.record.scores["validation"].accuracy
    return found.accuracy, *found.interval, len(found.right), whole, validation


def seconds_of_a_pass(network: str, dataset: Dataset) -> float:
    """Per picture, of a network with random weights, over noise."""
    recipe = Recipe(dataset=str(dataset.root), network=network, weights="none", mode="scratch")
    base = load_base(recipe, dataset.classes, None)
    frozen = fastest_frozen(base.without_head, choose_device("auto"), name=network)
    side = base.preprocess.crop
    pixels = np.random.default_rng(0).integers(0, 256, (PICTURES, side, side, 3)).astype(np.uint8)
    for _ in frozen_outputs(frozen.batch_size, frozen, pixels.__getitem__):  # warms up
        pass
    begun = time.perf_counter()
    for _ in frozen_outputs(PICTURES, frozen, pixels.__getitem__):
        pass
    return (time.perf_counter() - begun) / PICTURES


def main() -> None:
    """Print a line per network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("networks", nargs="*", metavar="NETWORK")
    parser.add_argument("--times", nargs="*", default=[], metavar="NETWORK")
    options = parser.parse_args()
    dataset = open_dataset(options.folder)
    for words in options.networks:
        network, _, weights = words.partition("=")
        share, low, high, count, whole, validation = told(network, weights or "auto", dataset)
        print(
            f"{network}: audition {100 * share:.1f} % ({100 * low:.1f} to {100 * high:.1f}) of {count:,}; training "
            f"{100 * whole:.1f} % out of fold, {100 * validation:.1f} % of validation",
            flush=True,
        )
    device = choose_device("auto")
    for network in options.times:
        said, passed = [], []
        for _ in range(TURNS):
            said.append(seconds_per_picture(network, device))
            passed.append(seconds_of_a_pass(network, dataset))
        ratios = sorted(one / other for one, other in zip(said, passed, strict=True))
        best, middle = min(said) / min(passed), statistics.median(ratios)
        print(
            f"{network}: told {1000 * min(said):.1f} ms, a pass {1000 * min(passed):.1f} ms; ratio of the best "
            f"{best:.2f}, by turns {middle:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})",
            flush=True,
        )


if __name__ == "__main__":
    main()
