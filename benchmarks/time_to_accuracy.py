"""Head-only training, ours and the plain loop of tutorials, side by side in one run on the same machine.

    python benchmarks/time_to_accuracy.py ../shared/data/clothing ../shared/weights/squeezenet1_0-imagenet.pth

The plain loop does ONE epoch: frozen backbone, new head, Adam 1e-3, batch 32, random crop and flip, 2 worker
processes. Ours does the whole job in a fresh process, ``import torch`` included: read the folder, train with the
defaults, score validation and test, write the run. Each is timed once per round, in turns; ours first with an empty
feature cache, then again with the features it left.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def plain_epoch(folder: Path, weights: Path) -> tuple[float, float]:
    """The loop every tutorial shows; returns seconds and validation accuracy."""
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
    network.train()
    for images, targets in loaders[0]:
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(images), targets).backward()
        optimizer.step()
    network.eval()
    with torch.no_grad():
        right = sum(int((network(images).argmax(1) == targets).sum()) for images, targets in loaders[1])
    return time.perf_counter() - start, right / len(validation)


def ours(folder: Path, weights: Path, home: Path, out: Path) -> dict[str, float]:
    """The command line in a fresh process; wall-clock seconds and its own report."""
    command = [sys.executable, "-m", "cnnstudio", "train", str(folder), "--model", "squeezenet1_0"]
    command += ["--weights", str(weights), "--device", "cpu", "--out", str(out), "--json"]
    start = time.perf_counter()
    done = subprocess.run(
        command, env={**os.environ, "CNNSTUDIO_HOME": str(home)}, capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - start
    last = json.loads(done.stdout.splitlines()[-1])
    return {"seconds": seconds, **{key: last[key] for key in ("validation_accuracy", "test_accuracy")}}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    first, second, plain = [], [], []
    for number in range(options.rounds):
        with tempfile.TemporaryDirectory() as temp:
            home = Path(temp)
            first.append(ours(options.folder, options.weights, home, home / "first"))
            second.append(ours(options.folder, options.weights, home, home / "second"))
        plain.append(plain_epoch(options.folder, options.weights))
        ratio = plain[-1][0] / first[-1]["seconds"]
        print(f"round {number + 1}: plain epoch {plain[-1][0]:.1f} s ({plain[-1][1]:.1%} validation)")
        print(f"  ours, first  {first[-1]['seconds']:.1f} s {first[-1]}  {ratio:.2f} x faster than one plain epoch")
        print(f"  ours, second {second[-1]['seconds']:.1f} s {second[-1]}", flush=True)
    ratios = [epoch[0] / run["seconds"] for epoch, run in zip(plain, first, strict=True)]
    print(
        f"ratio plain epoch / ours: median {statistics.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}"
    )


if __name__ == "__main__":
    main()
