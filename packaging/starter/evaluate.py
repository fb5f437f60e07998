"""Measure networks as the product uses them: frozen, with a linear head on top.

``python packaging/starter/evaluate.py --data ../shared --on test``

Prints, for each task, the accuracy of the same network untrained, of the starter and of the shared ImageNet SqueezeNet,
and how much of the gap between the first and the last the starter closes.
"""

import argparse
import json
import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from pictures import left_out
from torch import nn

from cnnstudio.compute.engines import open_frozen, run_frozen
from cnnstudio.data import PreprocessSpec, Sample
from cnnstudio.data.reading import read_ahead, read_for_evaluation
from cnnstudio.networks import SOURCE
from cnnstudio.networks.builder import build_network, preprocess_of
from cnnstudio.networks.head import feature_network
from cnnstudio.networks.weights.pretrained import load_pretrained, resolve_weights
from cnnstudio.networks.weights.state_file import read_state

log = logging.getLogger("starter")
SMALL_PER_CLASS = 300
"""Pictures a class for the head on CIFAR-10; with all 5,000 it would hardly matter what the features are."""
DECAYS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)


@dataclass(frozen=True, slots=True)
class Task:
    """Pictures and labels to fit a head on, and others to score it on."""

    name: str
    train: list[tuple[Path, int]]
    score: list[tuple[Path, int]]


def main() -> None:
    """Print the table, and the figures as JSON with ``--json``."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = _arguments()
    clothing, cifar = options.data / "data" / "clothing", options.scratch / "cifar10"
    weights = resolve_weights(options.network, str(options.starter or SOURCE))
    assert weights is not None
    networks = {
        "untrained": build_network(options.network, 1000),
        "starter": load_pretrained(options.network, weights, classes=10),
        "SqueezeNet": build_network("squeezenet1_0", 1000),
    }
    networks["SqueezeNet"].load_state_dict(read_state(options.data / "weights" / "squeezenet1_0-imagenet.pth").state)
    figures = {}
    for task in _tasks(clothing, cifar, options.on):
        scores = {}
        for name, network in networks.items():
            spec = preprocess_of("squeezenet1_0" if name == "SqueezeNet" else options.network)
            scores[name] = accuracy(task, network, spec)
        closed = (scores["starter"] - scores["untrained"]) / (scores["SqueezeNet"] - scores["untrained"])
        figures[task.name] = {**scores, "closed": closed, "train": len(task.train), "scored": len(task.score)}
        log.info("%s", f"{task.name}: " + ", ".join(f"{name} {100 * value:.1f} %" for name, value in scores.items())
              + f"; {100 * closed:.0f} % of the gap, scored on {len(task.score)}")  # fmt: skip
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))


def _tasks(clothing: Path, cifar: Path, on: str) -> Iterable[Task]:
    """``on`` validation for choosing among networks and recipes, test for the figures that are reported."""
    classes = sorted(folder.name for folder in (clothing / "train").iterdir())
    unseen = left_out(classes)
    yield Task("clothing", _files(clothing / "train", classes), _files(clothing / on, classes))
    yield Task(f"clothing, only {', '.join(unseen)}", _files(clothing / "train", unseen), _files(clothing / on, unseen))
    unseen = left_out([folder.name for folder in (cifar / "train").iterdir()])
    few, others = [], []
    for name in unseen:
        files = _files(cifar / "train", unseen, only=name)
        few += files[:SMALL_PER_CLASS]
        others += files[-1000:]
    scored = others if on == "validation" else _files(cifar / "test", unseen)
    yield Task(f"CIFAR-10, only {', '.join(unseen)}", few, scored)


def accuracy(task: Task, network: nn.Module, spec: PreprocessSpec) -> float:
    """Share of the scored pictures that a linear head on frozen features gets right."""
    train, score = (_features(network, spec, [path for path, _ in part]) for part in (task.train, task.score))
    mean, deviation = train.mean(0), train.std(0) + 1e-6
    train, score = (train - mean) / deviation, (score - mean) / deviation
    labels, wanted = (torch.tensor([label for _, label in part]) for part in (task.train, task.score))
    inner = torch.from_numpy(np.random.default_rng(0).permutation(len(train)))
    fit, check = inner[len(inner) // 5 :], inner[: len(inner) // 5]
    found = [_right(_logistic(train[fit], labels[fit], decay), train[check], labels[check]) for decay in DECAYS]
    best = DECAYS[max(range(len(DECAYS)), key=found.__getitem__)]
    return _right(_logistic(train, labels, best), score, wanted)


def _features(network: nn.Module, spec: PreprocessSpec, paths: list[Path]) -> torch.Tensor:
    frozen = open_frozen(feature_network(network.eval()), spec, torch.device("cpu"), "fp32")
    samples = [Sample(path=path, label=0, split="train") for path in paths]
    found, chunk = [], []
    for pixels in read_ahead(samples, lambda sample: read_for_evaluation(sample, spec)):
        assert isinstance(pixels, np.ndarray), pixels
        chunk.append(pixels)
        if len(chunk) == 64:
            found.append(run_frozen(frozen, np.stack(chunk)))
            chunk = []
    return torch.cat(found + ([run_frozen(frozen, np.stack(chunk))] if chunk else [])).flatten(1)


def _logistic(features: torch.Tensor, labels: torch.Tensor, decay: float) -> torch.Tensor:
    """Weights and bias (D+1)×classes of a multinomial logistic regression, by L-BFGS."""
    inputs = torch.cat([features, torch.ones(len(features), 1)], 1)
    weight = torch.zeros(inputs.shape[1], int(labels.max()) + 1, requires_grad=True)
    optimiser = torch.optim.LBFGS([weight], max_iter=150, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        value = nn.functional.cross_entropy(inputs @ weight, labels) + decay * weight[:-1].square().sum() / 2
        value.backward()
        return value

    optimiser.step(loss)
    return weight.detach()


def _right(weight: torch.Tensor, features: torch.Tensor, labels: torch.Tensor) -> float:
    predicted = (features @ weight[:-1] + weight[-1]).argmax(1)
    share = (predicted == labels).float().mean().item()
    assert math.isfinite(share)
    return share


def _files(split: Path, classes: list[str], only: str | None = None) -> list[tuple[Path, int]]:
    return [
        (path, label)
        for label, name in enumerate(classes)
        if only in (None, name)
        for path in sorted((split / name).iterdir())
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with data/clothing and weights")
    parser.add_argument("--scratch", type=Path, default=Path("scratch"), help="where CIFAR-10 is unpacked")
    parser.add_argument("--starter", type=Path, help="another weights file than the one in the application")
    parser.add_argument("--network", default="squeezenet1_1")
    parser.add_argument("--on", choices=["validation", "test"], default="validation")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
