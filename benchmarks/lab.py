"""How many results a second the Lab gives while a slider moves: processor time per result, whatever else runs.

    python benchmarks/lab.py [SIDE]

Each result is a whole job: from the picture's pixels, through the operations, to the picture that is shown. Every call
has other settings, as under a slider.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

from cnnstudio.core import Watch
from cnnstudio.jobs import specs
from cnnstudio.lab import Activation, BatchNorm, Dropout, Operation, Pooling, each, kernel_of, own_kernels, summed
from cnnstudio.lab.pictures import drawn_picture

MIX = (0.3, 0.6, 0.1)
Chain = Callable[[float], Sequence[Operation]]


def kernel(side: int, moved: float, name: str = "gabor") -> tuple[tuple[float, ...], ...]:
    """A preset of which one number is being changed."""
    rows = [list(row) for row in kernel_of(name, side)]
    rows[0][0] += moved
    return tuple(map(tuple, rows))


CHAINS: dict[str, Chain] = {
    "convolution 3×3, each channel": lambda m: [each(kernel(3, m), padding=1)],
    "convolution 7×7, each channel": lambda m: [each(kernel(7, m), padding=3)],
    "convolution 7×7, reflected edge": lambda m: [each(kernel(7, m), padding=3, padding_mode="reflect")],
    "convolution 7×7, all channels": lambda m: [summed(kernel(7, m), MIX, padding=3)],
    "convolution 7×7, depthwise": lambda m: [own_kernels([kernel(7, m), kernel(7, -m), kernel(7, 2 * m)], padding=3)],
    "convolution 3×3, dilation 4": lambda m: [each(kernel(3, m), padding=4, dilation=4)],
    "transposed 4×4, stride 2": lambda m: [each(kernel(4, m), stride=2, padding=1, transposed=True)],
    "max pooling 3, stride 1": lambda _: [Pooling(kernel=3, stride=1, padding=1)],
    "stochastic pooling 2": lambda m: [Pooling(kind="stochastic", training=True, seed=int(1000 * m))],
    "GELU": lambda _: [Activation(kind="gelu")],
    "batch normalisation": lambda m: [BatchNorm(weight=1 + m)],
    "dropout": lambda m: [Dropout(share=0.5, seed=int(1000 * m))],
    "three operations": lambda m: [each(kernel(3, m), padding=1), Activation(), Pooling()],
    "eight operations, full size": lambda m: [
        each(kernel(7, m), padding=3), Activation(), each(kernel(7, m), padding=3), Activation(),
        each(kernel(7, m), padding=3), BatchNorm(), each(kernel(7, m), padding=3), Activation(),
    ],
}  # fmt: skip


def measure(pixels: np.ndarray, chain: Chain, rounds: int = 40) -> tuple[float, float]:
    """Milliseconds of processor time and of the clock for one result; medians."""
    processor, clock = [], []
    for number in range(rounds + 5):
        job = specs.TryOperations(pixels=pixels, operations=tuple(chain(number / 1000)))
        cpu, wall = time.process_time(), time.perf_counter()
        assert job.handle(Watch()).problems == ()
        processor.append(1000 * (time.process_time() - cpu))
        clock.append(1000 * (time.perf_counter() - wall))
    return statistics.median(processor[5:]), statistics.median(clock[5:])


def main() -> None:
    """Print a table."""
    side = int(sys.argv[1]) if len(sys.argv) > 1 else 256
    pixels = drawn_picture(side)
    print(f"{side} × {side} px in colours{'':22} processor ms   clock ms")
    for name, chain in CHAINS.items():
        processor, clock = measure(pixels, chain)
        print(f"{name:44} {processor:12.1f} {clock:10.1f}")


if __name__ == "__main__":
    main()
