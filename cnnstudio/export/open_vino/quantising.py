"""Weights and arithmetic of 8 bits through NNCF, calibrated on pictures that the network learned from."""

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from cnnstudio.compute.engines import quiet_openvino
from cnnstudio.core import ImageError, StudioError, counted
from cnnstudio.data.reading import read_image, resize_and_crop
from cnnstudio.data.samples import SAMPLES_FILE, load_samples
from cnnstudio.export.onnx.preprocessing import PIXELS, preprocessing
from cnnstudio.inference.session import Session
from cnnstudio.networks import BundleCard
from cnnstudio.runs import open_run

SECTION = "cnnstudio"
"""Of what the file says of itself."""
FEWEST_PICTURES, MOST_PICTURES = 16, 300
_WEIGHTY = ("Convolution", "GroupConvolution", "MatMul")
_ROUNDS = 12


def quantised(crops: Any, card: BundleCard, pictures: Sequence[str], *, careful: bool) -> Any:
    """A model for whole pictures, whose network computes with 8 bits; the part before it stays as it is.

    Args:
        crops: the network alone, ``pixels`` N×crop×crop×3 to its answers.
        card: of the network.
        pictures: files that ranges of values are taken from; those that cannot be read are passed over.
        careful: leave the first convolution and the last layer in full precision, where networks lose most.

    Raises:
        ValueError: fewer than ``FEWEST_PICTURES`` can be read.
    """
    import nncf

    seen = list(_pixels(card, pictures))
    if len(seen) < FEWEST_PICTURES:
        raise ValueError(
            f"it takes {counted(FEWEST_PICTURES, 'picture')} to find the ranges of values, and {len(seen)} can be read"
        )
    weighty = [node.get_friendly_name() for node in crops.get_ordered_ops() if node.get_type_name() in _WEIGHTY]
    kept = nncf.IgnoredScope(names=[weighty[0], weighty[-1]]) if careful and len(weighty) > 1 else None
    network = nncf.quantize(
        crops, nncf.Dataset(seen), subset_size=len(seen), ignored_scope=kept, fast_bias_correction=False
    )
    whole_said = {"speeds": _speeds(crops, network, seen[0]), "kept": ", ".join(kept.names) if kept else ""}
    whole = _with_preprocessing(network, card)
    for key, text in whole_said.items():
        whole.set_rt_info(text, [SECTION, key])
    return whole


def training_pictures(session: Session, most: int) -> tuple[str, ...]:
    """Files that the run of a session was trained with, evenly drawn and still there; none of a bundle elsewhere."""
    if session.folder is None:
        return ()
    run = session.folder.parent
    try:
        record = open_run(run).record
        dataset = load_samples(run / SAMPLES_FILE, Path(record.recipe["dataset"]), record.classes, "stratified")
    except (OSError, KeyError, StudioError):
        return ()
    found = dataset.split("train")
    count = min(most, len(found))
    chosen = [found[number * len(found) // count].path for number in range(count)]
    return tuple(str(path) for path in chosen if path.is_file())


def _pixels(card: BundleCard, pictures: Sequence[str]) -> Any:
    for path in pictures:
        try:
            yield resize_and_crop(read_image(Path(path), card.preprocess.levels), card.preprocess)[None]
        except ImageError:
            continue


def _with_preprocessing(network: Any, card: BundleCard) -> Any:
    openvino = quiet_openvino()
    first = openvino.Core().read_model(preprocessing(card.preprocess).SerializeToString())
    pixels = first.output(PIXELS).get_node().input_value(0)
    for target in network.input(PIXELS).get_target_inputs():
        target.replace_source_output(pixels)
    return openvino.Model(network.get_results(), first.get_parameters(), "model")


def _speeds(full: Any, small: Any, pixels: np.ndarray) -> str:
    """How long the network alone takes for a picture on this computer, in words."""
    core = quiet_openvino().Core()
    able = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    asked = [("8 bits", small, "f32"), ("32 bits", full, "f32")]
    asked += [("16 bits (bfloat16), which needs no preparation", full, "bf16")] if "BF16" in able else []
    found = []
    for words, model, precision in asked:
        network = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": precision})
        seconds = []
        for _ in range(_ROUNDS):
            start = time.perf_counter()
            network([pixels])
            seconds.append(time.perf_counter() - start)
        found.append(f"{1000 * median(seconds):.1f} ms with {words}")
    return ", ".join(found)
