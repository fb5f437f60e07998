"""Everything that a graphics card has to show, in one go of less than ten minutes on a large one.

    python benchmarks/gpu.py ../shared/data/clothing             # on the card
    python benchmarks/gpu.py --device cpu --small                # only to see that it runs

Prints Markdown for ``README.md``: what the card's matrix units do at most (bf16), the losses of every mode beside those
of the CPU, frozen networks and full fine-tuning beside a plain AMP channels-last loop and the loop of torchvision's
reference recipe (references/classification/train.py with --amp). All in turns in one process; weights are random, since
they cost as much time as others. Without a folder, pictures of noise are written into a temporary one.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torchvision
from PIL import Image
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision import datasets, models, transforms

from cnnstudio.compute.device import choose_device, list_devices, without_tf32
from cnnstudio.compute.engines import FrozenLayers
from cnnstudio.compute.fastest import fastest_frozen, run_frozen
from cnnstudio.compute.feature_cache import Features
from cnnstudio.core import Control, usable_cores
from cnnstudio.data import Dataset, PreprocessSpec, Sample, SplitSpec
from cnnstudio.data.reading import Skips, read_for_evaluation
from cnnstudio.data.scan import scan_folder
from cnnstudio.networks import freezing, head
from cnnstudio.training import assembly
from cnnstudio.training.base import load_base
from cnnstudio.training.loop import Batch, Context, Plan, ScoreCounter, train_step
from cnnstudio.training.machine.step_speed import fastest_step
from cnnstudio.training.recipe import DEPTHWISE, Recipe

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is measured, and how much of it."""

    device: torch.device
    folder: Path
    networks: tuple[str, ...] = ("resnet50", "efficientnet_b0", "convnext_tiny", "vit_b_16")
    side: int = 224
    batch: int = 128
    rounds: int = 3
    steps: int = 20
    """Of a round."""
    files: int = 1024
    """Pictures read from disk, in the rows that begin there."""

    @property
    def spec(self) -> PreprocessSpec:
        """Of all networks."""
        return PreprocessSpec(resize=round(self.side * 8 / 7), crop=self.side)


def wait(device: torch.device) -> None:
    """Until the device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    elif device.type == "mps":
        torch.mps.synchronize()


def rates(ways: dict[str, Callable[[], int]], setting: Setting) -> dict[str, list[float]]:
    """Pictures a second of each way, in turns; a call tells how many pictures it did, and the first one warms up."""
    found: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(setting.rounds + 1):
        for way, run in ways.items():
            start = time.perf_counter()
            done = run()
            wait(setting.device)
            if number:
                found[way].append(done / (time.perf_counter() - start))
    return found


def row(name: str, found: dict[str, list[float]], flops: float, limit: float) -> str:
    """Medians, ours in relation to each other way by round, and the share of the card's limit that ours reaches."""
    ours = found["ours"]
    cells = [f"{statistics.median(each):,.0f}" for each in found.values()]
    for way in list(found)[1:]:
        ratios = [one / other for one, other in zip(ours, found[way], strict=True)]
        cells.append(f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    cells.append(f"{100 * flops * statistics.median(ours) / limit:.0f} %")
    return f"| {name} | {' | '.join(cells)} |"


def table(title: str, ways: Iterable[str]) -> None:
    """Its head."""
    names = list(ways)
    columns = ["network", *names, *(f"ours / {way}, median (spread)" for way in names[1:]), "ours, share of the limit"]
    print(f"\n## {title}\n\n| {' | '.join(columns)} |\n{'| --- ' * len(columns)}|", flush=True)


def limit_of(setting: Setting) -> float:
    """Floating-point operations a second of the largest bf16 matrix product that is worth measuring."""
    size = 8192 if setting.device.type == "cuda" else 1024
    left, right = (torch.randn(size, size, device=setting.device, dtype=torch.bfloat16) for _ in range(2))

    def multiply() -> int:
        for _ in range(setting.steps):
            left @ right
        return setting.steps

    return 2 * size**3 * max(rates({"bf16": multiply}, setting)["bf16"])


def flops_of(name: str, side: int) -> float:
    """Of one picture on the way forward."""
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        models.get_model(name, num_classes=10).eval()(torch.zeros(1, 3, side, side))
    return float(counter.get_total_flops())


def context_of(setting: Setting, recipe: Recipe, dataset: Dataset) -> Context:
    """A run's, with random weights whatever the mode."""
    base = load_base(replace(recipe, mode="scratch", weights="none", mix="none"), dataset.classes, None)
    freezing.apply_mode(base.network, recipe.mode)
    base.network.to(memory_format=torch.channels_last)
    skips = Skips(total=len(dataset.samples))
    return Context(recipe=recipe, base=base, dataset=dataset, device=setting.device, skips=skips)


def losses_of(setting: Setting, mode: str, precision: str) -> list[float]:
    """Of the first steps of a mode, on the same pictures in the same order on every device."""
    samples = tuple(Sample(path=Path(str(i)), label=i % 4, split="train") for i in range(48))
    dataset = Dataset(root=Path(), classes=tuple("abcd"), samples=samples, problems=(), split_source="stratified")
    recipe = Recipe(
        dataset="x", network="resnet18", mode=mode, batch_size=8, precision=precision, optimizer="sgd",
        learning_rate=1e-3, frozen_precision=precision,
    ).resolved()  # fmt: skip
    context = context_of(setting, recipe, dataset)
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(
        0, 256, (len(samples), setting.side, setting.side, 3), generator=generator, dtype=torch.uint8
    )
    network, spec = context.base.network, setting.spec
    if mode == "head":
        layers = FrozenLayers(head.feature_network(network), spec)
        frozen = fastest_frozen(layers, setting.device, name="", precision=precision)
        plan = assembly.head_plan(context, Features(run_frozen(frozen, pixels.numpy())[None].float(), samples), None)
        plan.model.dropout.p = 0.0
        batches: Iterator[Batch] = plan.train.epoch(0)
    else:
        plan = assembly.network_plan(context)
        plan.context = replace(context, base=replace(context.base, preprocess=spec))
        batches = (
            Batch(pixels[start : start + 8], torch.arange(start, start + 8) % 4) for start in range(0, len(pixels), 8)
        )
    plan.to_train_mode()
    with without_tf32() if precision == "fp32" else nullcontext():
        return [float(train_step(plan, batch, ScoreCounter(4))) for batch in batches]


def compare_losses(setting: Setting) -> None:
    """Every mode on the device beside the CPU."""
    cpu = replace(setting, device=torch.device("cpu"))
    print("\n## Losses of the first steps, beside the CPU in fp32 (resnet18, pictures of noise)\n")
    print("| mode | precision | CPU, last | device, last | largest difference |\n" + "| --- " * 5 + "|", flush=True)
    for mode in ("head", "last-stage", "all", "scratch"):
        expected = losses_of(cpu, mode, "fp32")
        for precision in ("fp32", "bf16", "fp16") if setting.device.type == "cuda" else ("fp32", "bf16"):
            found = losses_of(setting, mode, precision)
            apart = max(abs(one - other) / abs(other) for one, other in zip(found, expected, strict=True))
            print(f"| {mode} | {precision} | {expected[-1]:.5f} | {found[-1]:.5f} | {100 * apart:.4f} % |", flush=True)


def measure_frozen(setting: Setting, limit: float) -> None:
    """From pixels in the computer's memory to features, in the precision that was measured to be faster."""
    device, spec = setting.device, setting.spec
    pixels = np.random.default_rng(0).integers(
        0, 256, (setting.steps * setting.batch, spec.crop, spec.crop, 3), np.uint8
    )
    table("Frozen pass, from pixels in memory to features, pictures a second", ("ours", "plain"))
    for name in setting.networks:
        network = head.feature_network(models.get_model(name, num_classes=10).eval())
        frozen = fastest_frozen(FrozenLayers(network, spec), device, name=name)
        plain = network.to(device).to(memory_format=torch.channels_last)
        mean, std = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (MEAN, STD))

        def by_hand(plain: nn.Module = plain, mean: torch.Tensor = mean, std: torch.Tensor = std) -> int:
            with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16):
                for start in range(0, len(pixels), setting.batch):
                    inputs = torch.from_numpy(pixels[start : start + setting.batch]).permute(0, 3, 1, 2).to(device)
                    plain(((inputs / 255) - mean) / std).float().cpu()
            return len(pixels)

        def ours(frozen: object = frozen) -> int:
            waiting = []
            for start in range(0, len(pixels), frozen.batch_size):  # type: ignore[attr-defined]
                waiting.append(frozen.submit(pixels[start : start + frozen.batch_size]))  # type: ignore[attr-defined]
                if len(waiting) == frozen.in_flight:  # type: ignore[attr-defined]
                    waiting.pop(0)()
            for result in waiting:
                result()
            return len(pixels)

        found = rates({"ours": ours, "plain": by_hand}, setting)
        print(row(f"{name} ({frozen.precision})", found, flops_of(name, setting.side), limit), flush=True)


def our_plan(setting: Setting, name: str, dataset: Dataset) -> Plan:
    """What a run has, in the precision that was measured to be fastest for its steps."""
    recipe = Recipe(dataset="x", network=name, mode="scratch", optimizer="sgd", batch_size=setting.batch).resolved()
    recipe = replace(recipe, input_size=setting.side)
    context = context_of(setting, recipe, dataset)
    kind = fastest_step(
        context.base.network, setting.device, (setting.batch, setting.side), name=f"{name} scratch", control=Control()
    )
    recipe = replace(recipe, precision=DEPTHWISE if kind.depthwise_fp32 else kind.precision)
    plan = assembly.network_plan(replace(context, recipe=recipe))
    plan.to_train_mode()
    return plan


def loop(
    setting: Setting, name: str, *, reference: bool
) -> Callable[[Iterable[tuple[torch.Tensor, torch.Tensor]]], int]:
    """A step by hand: AMP in bf16 and channels-last; or as torchvision's reference: fp16, metrics read every step."""
    device, layout = setting.device, torch.contiguous_format if reference else torch.channels_last
    network = models.get_model(name, num_classes=10).train().to(device).to(memory_format=layout)
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9, weight_decay=1e-4)
    half = torch.float16 if reference and device.type == "cuda" else torch.bfloat16
    scaler = torch.amp.GradScaler(device.type, enabled=half == torch.float16)

    def run(batches: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> int:
        done = 0
        for images, targets in batches:
            inputs = images.to(device, non_blocking=device.type == "cuda").contiguous(memory_format=layout)
            wanted = targets.to(device)
            with torch.autocast(device.type, half):
                outputs = network(inputs)
                loss = nn.functional.cross_entropy(outputs, wanted)
            optimizer.zero_grad()
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
            if reference:
                loss.item()
                (outputs.argmax(1) == wanted).float().mean().item()
            done += len(targets)
        return done

    return run


def measure_steps(setting: Setting, limit: float, dataset: Dataset) -> None:
    """Steps alone: ours gets bytes, as from its reader; the others float32 in pinned memory, as from a DataLoader."""
    table("Full fine-tuning, the step alone, pictures a second", ("ours", "plain AMP channels-last", "torchvision"))
    size, side = setting.batch, setting.side
    pixels = torch.randint(0, 256, (size, side, side, 3), dtype=torch.uint8)
    images, targets = torch.randn(size, 3, side, side), torch.arange(size) % 4
    if setting.device.type == "cuda":
        images = images.pin_memory()
    same = [(images, targets)] * setting.steps
    for name in setting.networks:
        plan = our_plan(setting, name, dataset)
        plain, reference = (loop(setting, name, reference=each) for each in (False, True))

        def ours(plan: Plan = plan) -> int:
            counter = ScoreCounter(plan.classes)
            for _ in range(setting.steps):
                train_step(plan, Batch(pixels, targets), counter)
            return setting.steps * size

        ways = {"ours": ours, "plain": lambda run=plain: run(same), "torchvision": lambda run=reference: run(same)}
        found = rates(ways, setting)
        shown = f"{name} ({plan.recipe.precision})"
        print(row(shown, found, 3 * flops_of(name, side), limit), flush=True)


def measure_from_files(setting: Setting, limit: float, dataset: Dataset) -> None:
    """From files on disk, augmentation included; ours keeps decoded pictures for later epochs, as it does in a run."""
    table(f"The same from {setting.files} files, in epochs; ours from the second on", ("ours", "torchvision"))
    transform = transforms.Compose(
        [
            transforms.RandomResizedCrop(setting.side), transforms.RandomHorizontalFlip(), transforms.PILToTensor(),
            transforms.ConvertImageDtype(torch.float), transforms.Normalize(MEAN, STD),
        ]
    )  # fmt: skip
    images = datasets.ImageFolder(setting.folder / "train", transform)
    chosen = torch.utils.data.Subset(images, range(min(setting.files, len(images))))
    loader = torch.utils.data.DataLoader(
        chosen, setting.batch, shuffle=True, num_workers=min(16, usable_cores()), drop_last=True,
        pin_memory=setting.device.type == "cuda", persistent_workers=True,
    )  # fmt: skip
    for name in setting.networks[:2]:
        plan, reference = our_plan(setting, name, dataset), loop(setting, name, reference=True)
        epochs = iter(range(10**6))

        def ours(plan: Plan = plan, epochs: Iterator[int] = epochs) -> int:
            counter = ScoreCounter(plan.classes)
            for batch in plan.train.epoch(next(epochs)):
                train_step(plan, batch, counter)
            return counter.images

        found = rates({"ours": ours, "torchvision": lambda run=reference: run(loader)}, setting)
        print(row(name, found, 3 * flops_of(name, setting.side), limit), flush=True)


def draw(folder: Path, count: int) -> None:
    """Pictures of smooth noise, as large as photographs on the web."""
    rng = np.random.default_rng(0)
    for number in range(count):
        place = folder / "train" / "abcd"[number % 4]
        place.mkdir(parents=True, exist_ok=True)
        small = Image.fromarray(rng.integers(0, 256, (12, 16, 3), np.uint8))
        small.resize((533, 400), Image.Resampling.BICUBIC).save(place / f"{number}.jpg", quality=90)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"))
    parser.add_argument("--small", action="store_true", help="a minute on a CPU; its figures mean nothing")
    options = parser.parse_args()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as drawn:
        setting = Setting(device=choose_device(options.device), folder=options.folder or Path(drawn))
        if options.small:
            setting = replace(
                setting, networks=("resnet18", "mobilenet_v3_small"), side=64, batch=4, rounds=1, steps=2, files=16
            )
        if options.folder is None:
            draw(setting.folder, setting.files)
        found = scan_folder(setting.folder, SplitSpec())
        dataset = replace(found, samples=found.split("train")[: setting.files])
        assert isinstance(read_for_evaluation(dataset.samples[0], setting.spec), np.ndarray)
        titles = {device.kind: device.title for device in list_devices()}
        print(f"{titles.get(setting.device.type)}; torch {torch.__version__}, torchvision {torchvision.__version__}, ")
        print(f"Python {sys.version.split()[0]}, {usable_cores()} cores; batches of {setting.batch}, {setting.side} px")
        limit = limit_of(setting)
        print(f"\nLimit, measured: {limit / 1e12:.1f} TFLOPS in bf16", flush=True)
        compare_losses(setting)
        measure_frozen(setting, limit)
        measure_steps(setting, limit, dataset)
        measure_from_files(setting, limit, dataset)
    print(f"\nTook {time.perf_counter() - begun:.0f} seconds.")


if __name__ == "__main__":
    main()
