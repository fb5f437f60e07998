"""An ONNX export that several tests look at: torch takes seconds to write one."""

from typing import NamedTuple

import numpy as np
import pytest
import torch

from cnnstudio.data import PreprocessSpec
from cnnstudio.data.dataset import GREY_MEAN, GREY_STD
from cnnstudio.data.practice.sample_dataset import draw_example
from cnnstudio.export.onnx.companions import write_companions
from cnnstudio.export.onnx.writing import write_files
from cnnstudio.inference.session import open_model
from cnnstudio.networks import BundleCard, ModelRef
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.bundle import add_to_bundle, save_bundle
from cnnstudio.networks.refusal import REFUSAL_FILE, Refusal, unit

CLASSES = ("red thing", "grün", "=blue")
SCORES = {"validation": {"accuracy": 0.8, "images": 20, "balanced_accuracy": 0.7}}


class OnnxExport(NamedTuple):
    """What was exported, and where; both are to be left as they are."""

    bundle: object
    folder: object
    files: list
    pictures: list

    @property
    def session(self):
        return open_model(ModelRef(source=str(self.bundle)))


@pytest.fixture(scope="session")
def onnx_export(tmp_path_factory):
    """LeNet-5 for grey pictures of 32 pixels, with what it takes to judge pictures."""
    home = tmp_path_factory.mktemp("onnx")
    spec = PreprocessSpec(resize=36, crop=32, mean=GREY_MEAN, std=GREY_STD)
    network = build_network("lenet5", 3, channels=1, image_size=32).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(3)  # so that what it sees matters
    card = BundleCard(
        network="lenet5", classes=CLASSES, preprocess=spec, scores=SCORES, created="2026-11-26T20:00:00+00:00"
    )
    bundle, folder = home / "bundle", home / "export"
    save_bundle(bundle, network, card)
    add_to_bundle(bundle, REFUSAL_FILE, _refusal().content())
    folder.mkdir()
    files = write_files(network, card, folder, crops=True)
    write_companions(folder, card, files, _refusal())
    pictures = []
    for number in range(4):
        pictures.append(home / f"{number}.png")
        draw_example(number).resize((70 + 31 * number, 90)).save(pictures[-1])
    return OnnxExport(bundle, folder, files, pictures)


def _refusal():
    """Of 84 features as LeNet-5 has them; half of all pictures are refused."""
    rng = np.random.default_rng(0)
    return Refusal(
        features=unit(rng.normal(size=(20, 84))).astype(np.float16),
        places=np.arange(20),
        near=np.linspace(-0.3, 0.5, 50, dtype=np.float32),
        clear=np.linspace(-3, 0, 50, dtype=np.float32),
        threshold=0.5,
    )
