r"""Head-only training to a validation accuracy: ours, fastai and the plain loop of tutorials, one after the other.

    python benchmarks/time_to_accuracy.py ../shared/data/clothing ../shared/weights/squeezenet1_0-imagenet.pth \
        --fastai OTHER_ENVIRONMENT/bin/python

Ours runs in a fresh process, ``import torch`` included: read the folder, train with the defaults, score validation and
test, write the run; first with an empty feature cache and nothing measured yet, then again with what that left. Its
time is told twice: until it had the weights, which have to reach the target, and until all is done. fastai (in an
environment of its own) is ``vision_learner`` with a frozen body and one-cycle over three epochs, its imports not
counted; the plain loop a new head with Adam 1e-3, random crop and flip. Both with batches of 32 and two worker
processes. The plain loop ends after ``--epochs``, reached or not: its ratio is then a lower bound.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

TARGET = 0.765


def plain_loop(folder: Path, weights: Path, epochs: int) -> Iterator[tuple[float, float]]:
    """The loop every tutorial shows; seconds since the start and validation accuracy after each epoch."""
    import torch
    from torch import nn
    from torchvision import datasets, models, transforms

    start = time.perf_counter()
    normalise = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    train_transform = transforms.Compose(
        [transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(), normalise]
    )
    eval_transform = transforms.Compose(
        [transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), normalise]
    )
    train = datasets.ImageFolder(folder / "train", train_transform)
    validation = datasets.ImageFolder(folder / "validation", eval_transform)
    loaders = [
        torch.utils.data.DataLoader(data, batch_size=32, shuffle=shuffle, num_workers=2)
        for data, shuffle in ((train, True), (validation, False))
    ]
    network = models.squeezenet1_0()
    network.load_state_dict(torch.load(weights, weights_only=True))
    network.requires_grad_(requires_grad=False)
    network.classifier[1] = nn.Conv2d(512, len(train.classes), 1)
    optimizer = torch.optim.Adam(network.classifier.parameters(), lr=1e-3)
    for _ in range(epochs):
        network.train()
        for images, targets in loaders[0]:
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(images), targets).backward()
            optimizer.step()
        network.eval()
        with torch.no_grad():
            right = sum(int((network(images).argmax(1) == targets).sum()) for images, targets in loaders[1])
        yield time.perf_counter() - start, right / len(validation)


def fastai(python: str, folder: Path, weights: Path, epochs: int) -> Iterator[tuple[float, float]]:
    """The same of fastai."""
    command = [python, str(Path(__file__).with_name("fastai_head.py")), str(folder), str(weights), str(epochs)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            epoch = json.loads(line)
            yield epoch["seconds"], epoch["accuracy"]


def ours(folder: Path, weights: Path, home: Path, out: Path) -> dict[str, float]:
    """The command line in a fresh process: seconds until it has its weights and until its end, and its own report."""
    command = [sys.executable, "-m", "cnnstudio", "train", str(folder), "--model", "squeezenet1_0"]
    command += ["--weights", str(weights), "--device", "cpu", "--out", str(out), "--json"]
    start = time.perf_counter()
    found: dict[str, float] = {}
    with subprocess.Popen(
        command, env={**os.environ, "CNNSTUDIO_HOME": str(home)}, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            event = json.loads(line)
            if event["event"] == "trained":
                found["to_weights"] = time.perf_counter() - start
    found["seconds"] = time.perf_counter() - start
    return {**found, **{key: event[key] for key in ("validation_accuracy", "test_accuracy")}}


def reached(epochs: Iterator[tuple[float, float]], name: str) -> tuple[float, bool]:
    """Seconds until the target, or until the end; and whether it was reached."""
    seconds = 0.0
    for number, (seconds, accuracy) in enumerate(epochs, 1):
        print(f"  {name}, epoch {number}: {seconds:.1f} s, {accuracy:.1%} validation", flush=True)
        if accuracy >= TARGET:
            return seconds, True
    return seconds, False


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--fastai", help="a Python that has fastai")
    parser.add_argument("--epochs", type=int, default=5, help="of the plain loop, at most")
    parser.add_argument("--rounds", type=int, default=3, help="of ours, before and after each peer")
    options = parser.parse_args()
    ours_seconds = []

    def measure_ours() -> None:
        with tempfile.TemporaryDirectory() as temp:
            home = Path(temp)
            for name in ("first", "second"):
                run = ours(options.folder, options.weights, home, home / name)
                shown = {key: f"{value:.3f}" for key, value in run.items()}
                print(f"  ours, {name}: {shown}", flush=True)
                assert run["validation_accuracy"] >= TARGET
                if name == "first":
                    ours_seconds.append(run["to_weights"])

    for _ in range(options.rounds):
        measure_ours()
    peers = {}
    if options.fastai:
        peers["fastai"] = reached(fastai(options.fastai, options.folder, options.weights, 3), "fastai")
        measure_ours()
    peers["plain loop"] = reached(plain_loop(options.folder, options.weights, options.epochs), "plain loop")
    measure_ours()
    middle, low, high = statistics.median(ours_seconds), min(ours_seconds), max(ours_seconds)
    print(f"ours, first training, to the target: {middle:.1f} s ({low:.1f} to {high:.1f})")
    for name, (seconds, done) in peers.items():
        bound = "" if done else f"not reached in {seconds:.0f} s, so at least "
        print(f"{name} / ours: {bound}{seconds / middle:.1f} ({seconds / high:.1f} to {seconds / low:.1f})")


if __name__ == "__main__":
    main()
