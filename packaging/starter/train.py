"""Train the starter network: ``python packaging/starter/train.py --data ../shared --out resources/starter``.

Interrupt it at any time; the same command goes on where it was.
"""

import argparse
import copy
import hashlib
import logging
import math
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from distil import Student, Teacher
from norms import add_norms, fold_norms
from pictures import Pictures, read_pictures
from safetensors.torch import save
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from views import random_views

from cnnstudio.compute.device import float32_depthwise
from cnnstudio.networks.builder import build_network, preprocess_of
from cnnstudio.networks.head import head_name
from cnnstudio.networks.weights.state_file import read_state

log = logging.getLogger("starter")
BATCH = 96
RATE, WARM_UP, DECAY, AVERAGE = 2e-3, 500, 0.03, 0.999
SMALL, LARGE = (96, 112, 128), (160, 192, 224)
LARGE_FROM = 0.85
"""After this share of the steps the views are as large as the pictures the network will see."""
SAVE_EVERY_S = 120


@dataclass(slots=True)
class Work:
    """What is saved to go on later."""

    student: Student
    average: AveragedModel
    optimiser: torch.optim.Optimizer
    step: int = 0


def main() -> None:
    """Read, train, save."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options = _arguments()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    cifar = _unpacked(options.data / "data" / "cifar10.zip", options.scratch)
    pictures = read_pictures(options.data / "data" / "clothing", cifar)
    log.info("%d photographs, %d small pictures, %d classes", pictures.photos, len(pictures.images) - pictures.photos,
             len(pictures.classes))  # fmt: skip
    teacher_network = build_network("squeezenet1_0", classes=1000)
    teacher_network.load_state_dict(read_state(options.data / "weights" / "squeezenet1_0-imagenet.pth").state)
    work = _begin(options.network, len(pictures.classes))
    checkpoint = options.scratch / f"{options.network}.checkpoint"
    if checkpoint.exists():
        _load(work, checkpoint)
    _train(work, pictures, Teacher(teacher_network), options.steps, checkpoint)
    _write(work, options.network, options.out)


def _train(work: Work, pictures: Pictures, teacher: Teacher, steps: int, checkpoint: Path) -> None:
    """The views of the next step are made while this one runs."""
    saved, recent, start = time.monotonic(), [], time.monotonic()
    schedule = _schedule(steps)
    with ThreadPoolExecutor(1) as ahead, float32_depthwise(work.student.network):
        coming = ahead.submit(_views, pictures, work.step, steps)
        while work.step < steps:
            pixels, labels = coming.result()
            coming = ahead.submit(_views, pictures, work.step + 1, steps)
            for group in work.optimiser.param_groups:
                group["lr"] = RATE * schedule(work.step)
            recent.append(_step(work, pixels, labels, teacher))
            work.step += 1
            if work.step % 100 == 0:
                speed = len(recent) * BATCH / (time.monotonic() - start)
                log.info("step %d of %d, loss %.3f, %.0f pictures a second", work.step, steps, np.mean(recent), speed)
                recent, start = [], time.monotonic()
            if time.monotonic() - saved > SAVE_EVERY_S:
                _save(work, checkpoint)
                saved = time.monotonic()
    _save(work, checkpoint)


def _step(work: Work, pixels: np.ndarray, labels: torch.Tensor, teacher: Teacher) -> float:
    maps, logits = teacher(pixels)
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2)  # this is channels-last already
    with torch.autocast("cpu", torch.bfloat16):
        loss = work.student.loss(images, maps, logits, labels)
    work.optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(work.student.parameters(), 5.0)
    work.optimiser.step()
    work.average.update_parameters(work.student.network)
    return loss.item()


def _views(pictures: Pictures, step: int, steps: int) -> tuple[np.ndarray, torch.Tensor]:
    sides = LARGE if step >= LARGE_FROM * steps else SMALL
    side = sides[np.random.default_rng(step).integers(len(sides))]
    return random_views(pictures, count=BATCH, side=side, seed=step)


def _schedule(steps: int) -> Callable[[int], float]:
    """Warm up, then fall to nothing along a cosine."""
    return lambda step: min((step + 1) / WARM_UP, 0.5 * (1 + math.cos(math.pi * step / steps)))


def _begin(name: str, classes: int) -> Work:
    network = build_network(name, classes=1000)
    if not any(isinstance(module, torch.nn.BatchNorm2d) for module in network.modules()):
        add_norms(network)
    network = network.to(memory_format=torch.channels_last).train()
    student = Student(network, preprocess_of(name), classes)
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(AVERAGE), use_buffers=True)
    plain = [each for each in student.parameters() if each.ndim < 2]
    decayed = [each for each in student.parameters() if each.ndim >= 2]
    groups = [{"params": decayed, "weight_decay": DECAY}, {"params": plain, "weight_decay": 0.0}]
    return Work(student, average, torch.optim.AdamW(groups, lr=RATE))


def _save(work: Work, path: Path) -> None:
    state = {
        "student": work.student.state_dict(), "average": work.average.state_dict(),
        "optimiser": work.optimiser.state_dict(), "step": work.step,
    }  # fmt: skip
    beside = path.with_suffix(".new")
    torch.save(state, beside)
    beside.replace(path)


def _load(work: Work, path: Path) -> None:
    state = torch.load(path, weights_only=True)
    work.student.load_state_dict(state["student"])
    work.average.load_state_dict(state["average"])
    work.optimiser.load_state_dict(state["optimiser"])
    work.step = state["step"]
    log.info("going on at step %d", work.step)


def _write(work: Work, name: str, folder: Path) -> None:
    """The averaged network without its last layer, in half precision, under a name that ends in its SHA-256."""
    network = copy.deepcopy(work.average.module)
    fold_norms(network)
    state = network.state_dict()
    head = head_name(network)
    kept = {key: value for key, value in state.items() if not key.startswith(f"{head}.")}
    content = save({key: value.half().contiguous() for key, value in kept.items() if value.is_floating_point()})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-starter-{hashlib.sha256(content).hexdigest()[:8]}.safetensors"
    path.write_bytes(content)
    log.info("written: %s", path)


def _unpacked(archive: Path, scratch: Path) -> Path:
    if not (scratch / "cifar10").is_dir():
        with zipfile.ZipFile(archive) as content:
            content.extractall(scratch)
    return scratch / "cifar10"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with data/clothing, data/cifar10.zip, weights")
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights file")
    parser.add_argument(
        "--scratch", type=Path, default=Path("scratch"), help="where CIFAR-10 is unpacked and progress is kept"
    )
    parser.add_argument("--network", default="squeezenet1_1")
    parser.add_argument("--steps", type=int, default=4_500)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
