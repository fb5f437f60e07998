"""Every network that the app knows is written as an ONNX file and gives the same answers from there."""

import gc
import sys
import time

import numpy as np
import pytest
import torch
from PIL import Image

from cnnstudio.compute.engines import to_input
from cnnstudio.data.reading import resize_and_crop
from cnnstudio.export.onnx.running import Running
from cnnstudio.export.onnx.writing import write_files
from cnnstudio.networks import BundleCard
from cnnstudio.networks.blocks.groups import step
from cnnstudio.networks.blocks.saved import remember
from cnnstudio.networks.blocks.table import KINDS, LAST, made
from cnnstudio.networks.blocks.values import Plan
from cnnstudio.networks.builder import all_names, build_network, preprocess_of
from cnnstudio.networks.head import WithFeatures, feature_size, set_head

CLASSES = tuple(f"class {number}" for number in range(10))
MOST_AT_ONCE = 30_000_000
"""Parameters of networks that are also asked about three pictures at once."""
LIMIT = 1e-5
"""Of the largest logit: torch and onnxruntime add in another order."""


def telling_apart(name, **sizes):
    """A network with random weights whose logits are a few, up and down."""
    network = build_network(name, len(CLASSES), **sizes).eval()
    spec = preprocess_of(name)
    generator = torch.Generator().manual_seed(0)
    with torch.inference_mode():
        features = WithFeatures(network)(to_input(np.stack(pictures(spec)[1]), spec))[:, : feature_size(network)]
    weight = torch.randn((len(CLASSES), features.shape[1]), generator=generator) * 3 / features.norm(dim=1).mean()
    set_head(network, weight, torch.zeros(len(CLASSES)))
    return network, BundleCard(network=name, classes=CLASSES, preprocess=spec)


def pictures(spec, count=3):
    """Whole ones, and what the network sees of them."""
    rng = np.random.default_rng(0)
    shape = (count, 3, 4, 3)
    small = rng.integers(0, 256, shape).astype(np.uint8)
    whole = [np.asarray(Image.fromarray(each).resize((spec.resize * 3 // 2, spec.resize * 5 // 4))) for each in small]
    return np.stack(whole), [resize_and_crop(Image.fromarray(each), spec) for each in whole]


def largest_difference(network, card, folder):
    """Of logits relative to the largest one and of features relative to the largest; after checking its outputs."""
    spec = card.preprocess
    start = time.process_time()
    write_files(network, card, folder)
    spent = time.process_time() - start
    running = Running(folder, threads=1)
    whole, pixels = pictures(spec)
    at_once = sum(each.numel() for each in network.parameters()) <= MOST_AT_ONCE
    with torch.inference_mode():
        values = WithFeatures(network)(to_input(np.stack(pixels), spec)).double().numpy()
    worst = []
    for part in (slice(0, 1), slice(0, 3)) if at_once else (slice(0, 1),):
        features, logits = np.split(values[part], [values.shape[1] - len(CLASSES)], 1)
        given = np.log(running.probabilities(whole[part]).astype(np.float64))
        centred = [each - each.mean(1, keepdims=True) for each in (given, logits)]
        seen = running.features(whole[part])
        worst.append(np.abs(centred[0] - centred[1]).max() / np.abs(logits).max())
        worst.append(np.abs(seen - features).max() / np.abs(features).max())
    size = sum(file.stat().st_size for file in folder.iterdir())
    sys.stdout.write(f"\nonnx {card.network}: {spent:.1f} CPU s, {size / 1e6:.1f} MB, {max(worst):.1e}\n")
    return max(worst)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", all_names())
def test_it_answers_as_in_torch(tmp_path, name):
    network, card = telling_apart(name)
    found = largest_difference(network, card, tmp_path)
    for file in tmp_path.iterdir():
        file.unlink()
    gc.collect()
    assert found <= LIMIT


def plan_with(kind, channels=3):
    """A small network that has a block of a kind in it."""
    vector = KINDS[kind].takes == "vector"
    block = made(kind, outputs=12) if kind == "linear" else made(kind)
    before = () if channels == 1 else step(16)
    middle = () if kind == "global_average_pooling" or kind == "flatten" else (block,)
    end = made("flatten") if kind == "flatten" else made("global_average_pooling")
    if vector:
        return Plan(name=f"own {kind}", channels=channels, input_size=32, blocks=(*before, *step(16), end, block, LAST))
    return Plan(name=f"own {kind}", channels=channels, input_size=32, blocks=(*before, *middle, end, LAST))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_so_does_one_that_a_person_built(tmp_path, kind):
    key = remember(plan_with(kind))
    network, card = telling_apart(key)
    assert largest_difference(network, card, tmp_path) <= LIMIT
