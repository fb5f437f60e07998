"""From file to feature through a frozen backbone, in images per second: ours, ONNX Runtime and OpenVINO.

    pip install onnx onnxscript onnxruntime
    python benchmarks/frozen_throughput.py ../shared/data/clothing

Every peer gets what a good engineer would write: pictures decoded ahead in as many threads as ours, preprocessed
like torchvision's preset, the exported network in the runtime's best setting (ONNX Runtime in float32 with batches of
8 or 32; OpenVINO in its throughput mode, in bf16 where the CPU has it, with as many requests as it asks for). All are
timed in turns in one process. Weights are random: they cost as much time as others.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

from cnnstudio.compute.engines import FrozenLayers, to_input
from cnnstudio.compute.fastest import fastest_frozen
from cnnstudio.compute.frozen_pass import Reading, frozen_pass
from cnnstudio.core import Control, decode_threads
from cnnstudio.data import PreprocessSpec, Sample, SplitSpec
from cnnstudio.data.reading import Skips, read_ahead, read_fast, read_for_evaluation
from cnnstudio.data.scan import scan_folder
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.head import feature_network

NETWORKS = ("squeezenet1_0", "mobilenet_v3_large", "resnet18", "efficientnet_b0", "resnet50")
SPEC = PreprocessSpec(resize=256, crop=224)


def batches(samples: tuple[Sample, ...], size: int) -> Iterator[np.ndarray]:
    """Inputs N×3×H×W float32, decoded ahead."""
    starts = range(0, len(samples), size)

    def read(start: int) -> np.ndarray:
        pixels = [read_for_evaluation(sample, SPEC) for sample in samples[start : start + size]]
        return to_input(np.stack(pixels), SPEC).contiguous().numpy()

    return read_ahead(starts, read, ahead=2 * decode_threads())


def ours(name: str, samples: tuple[Sample, ...]) -> Callable[[], None]:
    """What a training does."""
    layers = FrozenLayers(feature_network(build_network(name, 10)), SPEC)
    frozen = fastest_frozen(layers, torch.device("cpu"), name=name)

    def run() -> None:
        reading = Reading(Control(), Skips(total=len(samples)))
        for _ in frozen_pass(
            samples, frozen, lambda index: read_fast(samples[index], SPEC), lambda _indices, _values: None, reading, ""
        ):
            pass

    return run


def onnx_runtime(path: Path, samples: tuple[Sample, ...], size: int) -> Callable[[], None]:
    """ONNX Runtime, one session on all cores."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run() -> None:
        for inputs in batches(samples, size):
            session.run(None, {name: inputs})

    return run


def openvino(path: Path, samples: tuple[Sample, ...], size: int) -> Callable[[], None]:
    """OpenVINO with its queue of asynchronous requests."""
    import openvino as ov

    core = ov.Core()
    model = core.read_model(path)
    model.reshape([size, 3, 224, 224])
    compiled = core.compile_model(model, "CPU", {"PERFORMANCE_HINT": "THROUGHPUT"})
    queue = ov.AsyncInferQueue(compiled)

    def run() -> None:
        for inputs in batches(samples, size):
            if len(inputs) == size:
                queue.start_async({0: inputs})
        queue.wait_all()

    return run


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--pictures", type=int, default=384)
    options = parser.parse_args()
    samples = scan_folder(options.folder, SplitSpec()).split("train")[:: 3068 // options.pictures][: options.pictures]
    samples = samples[: len(samples) // 32 * 32]
    print(
        "| network | ours | ONNX Runtime, 8 | 32 | OpenVINO, 4 | 32 | ours / best peer, median (spread) |\n"
        + "| --- " * 7
        + "|"
    )
    for name in NETWORKS:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "network.onnx"
            network = feature_network(build_network(name, 10).eval())
            torch.onnx.export(
                network, (torch.randn(2, 3, 224, 224),), path, dynamo=True, verbose=False, external_data=False,
                dynamic_shapes=({0: torch.export.Dim("batch")},),
            )  # fmt: skip
            ways = {
                "ours": ours(name, samples),
                "ort 8": onnx_runtime(path, samples, 8), "ort 32": onnx_runtime(path, samples, 32),
                "ov 4": openvino(path, samples, 4), "ov 32": openvino(path, samples, 32),
            }  # fmt: skip
            rates: dict[str, list[float]] = {way: [] for way in ways}
            for _ in range(options.rounds + 1):
                for way, run in ways.items():
                    start = time.perf_counter()
                    run()
                    rates[way].append(len(samples) / (time.perf_counter() - start))
            ratios = [
                rates["ours"][i] / max(rates[way][i] for way in ways if way != "ours")
                for i in range(1, options.rounds + 1)  # the first round warms up
            ]
            shown = " | ".join(f"{statistics.median(rates[way][1:]):.0f}" for way in ways)
            print(
                f"| {name} | {shown} | {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |",
                flush=True,
            )


if __name__ == "__main__":
    main()
