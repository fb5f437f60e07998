"""Training all layers, beside the plain loop and the best step found by hand, in images per second.

    python benchmarks/fine_tune_speed.py ../shared/data/clothing

First from file to step, then the step alone beside {fp32, bf16} × {contiguous, channels-last}. The plain loop: batch
32, float32, SGD, RandomResizedCrop and flip, a DataLoader with 2 workers. Ours: the plan a run has, with the step that
was measured to be the fastest; its first epoch decodes, later ones find decoded pictures in memory. Both in turns, on
the same pictures; the plain loop in a fresh process each round, since our allocator settings belong to ours.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

BATCH = 32
NETWORKS = ("resnet18", "resnet50", "squeezenet1_0", "mobilenet_v3_large")


def plain_loop(folder: Path, name: str, pictures: int) -> float:
    """Images per second of the loop every tutorial shows, after its first step."""
    import torch
    from torch import nn
    from torchvision import datasets, models, transforms

    transform = transforms.Compose(
        [
            transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )  # fmt: skip
    data = torch.utils.data.Subset(datasets.ImageFolder(folder / "train", transform), range(pictures))
    loader = torch.utils.data.DataLoader(data, batch_size=BATCH, shuffle=True, num_workers=2, drop_last=True)
    network = models.get_model(name, num_classes=10).train()
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9)
    start, done = 0.0, 0
    for number, (images, targets) in enumerate(loader):
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(images), targets).backward()
        optimizer.step()
        if number == 0:
            start = time.perf_counter()
        else:
            done += len(targets)
    return done / (time.perf_counter() - start)


def our_plan(folder: Path, name: str, pictures: int, out: Path) -> Callable[[int], float]:
    """Images per second of an epoch, by its number."""
    from dataclasses import replace

    import torch

    from cnnstudio.compute.device import float32_depthwise
    from cnnstudio.core.watch import Control
    from cnnstudio.data.dataset import SplitSpec
    from cnnstudio.data.reading.loader import Skips
    from cnnstudio.data.scan import scan_folder
    from cnnstudio.networks.freezing import apply_mode
    from cnnstudio.training.assembly import network_plan
    from cnnstudio.training.base import load_base
    from cnnstudio.training.loop.plan import Context
    from cnnstudio.training.loop.scoring import ScoreCounter
    from cnnstudio.training.loop.step import train_step
    from cnnstudio.training.machine.step_speed import fastest_step
    from cnnstudio.training.recipe import Recipe

    dataset = scan_folder(folder, SplitSpec())
    dataset = replace(dataset, samples=dataset.split("train")[:pictures])
    recipe = Recipe(dataset=str(folder), network=name, mode="scratch", optimizer="sgd").resolved()
    base = load_base(recipe, dataset.classes, None)
    apply_mode(base.network, "all")
    base.network.to(memory_format=torch.channels_last)
    cpu = torch.device("cpu")
    kind = fastest_step(base.network, cpu, (recipe.batch_size, 224), name=f"{name} scratch", control=Control())
    print(name, kind, file=sys.stderr)
    recipe = replace(recipe, precision=kind.precision)
    skips = Skips(total=pictures)
    plan = network_plan(Context(recipe=recipe, base=base, dataset=dataset, device=cpu, skips=skips))

    def epoch(number: int) -> float:
        counter = ScoreCounter(10)
        plan.to_train_mode()
        start, done = 0.0, 0
        with float32_depthwise(plan.model, on=kind.depthwise_fp32):
            for step, batch in enumerate(plan.train.epoch(number)):
                train_step(plan, batch, counter)
                if step == 0:
                    start = time.perf_counter()
                else:
                    done += len(batch.targets)
        return done / (time.perf_counter() - start)

    return epoch


def steps_by_hand(name: str, rounds: int) -> dict[str, float]:
    """Images per second of the bare step in each way, and of ours, best of ``rounds``."""
    import torch
    from torch import nn
    from torchvision import models

    from cnnstudio.compute.device import float32_depthwise
    from cnnstudio.core.watch import Control
    from cnnstudio.training.machine.step_speed import fastest_step

    def step(precision: str, layout: torch.memory_format, *, depthwise: bool) -> Callable[[], None]:
        network = models.get_model(name, num_classes=10).train().to(memory_format=layout)
        optimizer = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9, nesterov=True)
        images = torch.randn(BATCH, 3, 224, 224).contiguous(memory_format=layout)
        targets = torch.zeros(BATCH, dtype=torch.int64)

        def run() -> None:
            with (
                float32_depthwise(network, on=depthwise),
                torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"),
            ):
                loss = nn.functional.cross_entropy(network(images), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        return run

    kind = fastest_step(
        models.get_model(name, num_classes=10).to(memory_format=torch.channels_last), torch.device("cpu"), (32, 224),
        name=f"{name} scratch", control=Control(),
    )  # fmt: skip
    layouts = {"contiguous": torch.contiguous_format, "channels-last": torch.channels_last}
    ways = {
        f"{precision} {layout}": step(precision, layouts[layout], depthwise=False)
        for precision in ("fp32", "bf16") for layout in layouts
    }  # fmt: skip
    ways["ours"] = step(kind.precision, torch.channels_last, depthwise=kind.depthwise_fp32)
    best = dict.fromkeys(ways, 0.0)
    for number in range(rounds + 1):
        for way, run in ways.items():
            start = time.perf_counter()
            run()
            if number:
                best[way] = max(best[way], BATCH / (time.perf_counter() - start))
    return best


def main() -> None:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pictures", type=int, default=192)
    parser.add_argument("--networks", nargs="+", default=NETWORKS)
    parser.add_argument("--plain", help="one plain loop on this network, for the parent process")
    options = parser.parse_args()
    if options.plain:
        print(plain_loop(options.folder, options.plain, options.pictures))
        return
    from cnnstudio.core.machine import keep_large_blocks

    keep_large_blocks()
    print(
        "| network | plain loop | ours, first epoch | later epochs | first / plain | later / plain, median (spread) |"
    )
    print("| --- " * 6 + "|")
    for name in options.networks:
        with tempfile.TemporaryDirectory() as out:
            epoch = our_plan(options.folder, name, options.pictures, Path(out))
            plain, first, later = [], epoch(0), []
            for number in range(options.rounds):
                command = [sys.executable, __file__, str(options.folder), "--plain", name]
                command += ["--pictures", str(options.pictures)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                plain.append(float(done.stdout))
                later.append(epoch(number + 1))
        ratios = [ours / other for ours, other in zip(later, plain, strict=True)]
        middle = statistics.median
        print(
            f"| {name} | {middle(plain):.1f} | {first:.1f} | {middle(later):.1f} | {first / middle(plain):.2f} | "
            f"{middle(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |", flush=True,
        )  # fmt: skip
    print("\n| step alone | fp32 | fp32 channels-last | bf16 | bf16 channels-last | ours | ours / best by hand |")
    print("| --- " * 7 + "|")
    for name in options.networks:
        best = steps_by_hand(name, options.rounds)
        ours = best.pop("ours")
        shown = " | ".join(f"{rate:.1f}" for rate in best.values())
        print(f"| {name} | {shown} | {ours:.1f} | {ours / max(best.values()):.2f} |", flush=True)


if __name__ == "__main__":
    main()
