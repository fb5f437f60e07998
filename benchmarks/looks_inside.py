"""What a look inside a network costs: processor time of a training step with and without one, in turns.

Run from the repository: ``OMP_NUM_THREADS=1 python -m benchmarks.looks_inside``.
"""

import statistics
import time

import torch
from torch.nn import functional

from cnnstudio.networks.builder import build_network, preprocess_of
from cnnstudio.training.loop.inside import Inside, looking
from cnnstudio.training.loop.step import split_outputs
from cnnstudio.training.rules import WATCH_STEPS

NETWORKS = (
    ("lenet5", 32, 32), ("gap_cnn", 32, 32), ("mobilenet_v3_small", 96, 16), ("resnet18", 96, 16),
    ("densenet121", 64, 8), ("googlenet", 96, 8),
)  # fmt: skip
"""Name, side of the picture, batch."""
_TURNS = 7


def main() -> None:
    """Tell the share of a step, and of a training that is looked into as often as ``train --watch`` does."""
    torch.set_num_threads(1)
    for name, side, batch in NETWORKS:
        network = build_network(name, 10, image_size=side).train().to(memory_format=torch.channels_last)
        pictures = torch.randn(batch, preprocess_of(name).channels, side, side)
        plain, looked = [], []
        inside = Inside(network, 1, 100)
        for _ in range(_TURNS):
            plain.append(_step(network, pictures, None))
            looked.append(_step(network, pictures, inside))
        step, look = statistics.median(plain), statistics.median(looked)
        more = look / step - 1
        print(f"{name:20} {1000 * step:7.1f} ms a step, a look {more:5.0%}, every {WATCH_STEPS} steps "
              f"{more / WATCH_STEPS:5.1%}")  # fmt: skip


def _step(network: torch.nn.Module, pictures: torch.Tensor, inside: Inside | None) -> float:
    begun = time.process_time()
    network.zero_grad()
    with looking(inside, 1) as look:
        logits, _ = split_outputs(network(pictures))
        functional.cross_entropy(logits, torch.arange(len(pictures)) % 10).backward()
        if look is not None:
            look.note_gradients(1.0)
    if look is not None:
        look.seen(epoch=1, pictures=len(pictures))
    return time.process_time() - begun


if __name__ == "__main__":
    main()
