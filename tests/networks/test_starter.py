"""The network that comes with the application."""

import hashlib

import pytest
import torch
from safetensors.torch import load_file, save_file

from cnnstudio.core import WeightsError
from cnnstudio.inference.session import open_model
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.specs import CheckWeights
from cnnstudio.networks import SOURCE, STARTER_NETWORK, ModelRef, WeightsSources, is_starter, save_sources, starter_file
from cnnstudio.networks.builder import build_network, build_skeleton
from cnnstudio.networks.catalogue.recommend import recommended
from cnnstudio.networks.catalogue.registry import load_catalogue
from cnnstudio.networks.weights.pretrained import find_weights, load_pretrained, resolve_weights


def test_the_file_is_small_half_precision_and_what_its_name_says():
    path = starter_file()
    assert path.stat().st_size < 6_000_000
    assert hashlib.sha256(path.read_bytes()).hexdigest().startswith(path.stem.rpartition("-")[2])
    state = load_file(path)
    wanted = build_skeleton(STARTER_NETWORK, 1000).state_dict()
    assert {key for key in wanted if key.startswith("features.")} == set(state)
    assert {value.dtype for value in state.values()} == {torch.float16}
    assert (path.parent / "MODEL_CARD.md").is_file()


def test_it_is_loaded_in_single_precision_with_a_new_head():
    network = load_pretrained(STARTER_NETWORK, find_weights(STARTER_NETWORK), classes=3)
    assert {value.dtype for value in network.state_dict().values()} == {torch.float32}
    assert network(torch.zeros(1, 3, 224, 224)).shape == (1, 3)


def test_other_weights_on_the_computer_go_first(tmp_path):
    assert is_starter(find_weights(STARTER_NETWORK).path)
    own = tmp_path / f"{STARTER_NETWORK}-mine.pth"
    torch.save(build_network(STARTER_NETWORK, 4).state_dict(), own)
    save_sources(WeightsSources(folders=(str(tmp_path),)))
    assert find_weights(STARTER_NETWORK).path == own
    assert is_starter(resolve_weights(STARTER_NETWORK, SOURCE).path)


def test_other_networks_have_no_starter_weights():
    assert find_weights("resnet18") is None
    with pytest.raises(WeightsError, match="no starter weights for resnet18"):
        resolve_weights("resnet18", SOURCE)


@pytest.mark.parametrize("weights", [None, "the file"])
def test_it_does_not_pretend_to_know_imagenet(weights):
    with pytest.raises(WeightsError, match="no ImageNet weights"):
        open_model(ModelRef(source=STARTER_NETWORK, weights=starter_file() if weights else None))


def test_a_backbone_of_the_users_without_a_last_layer_can_be_fine_tuned_too(tmp_path):
    state = {key: value for key, value in build_network("resnet18", 4).state_dict().items() if "fc." not in key}
    save_file(state, tmp_path / "resnet18-own.safetensors")
    file = resolve_weights("resnet18", str(tmp_path))
    assert load_pretrained("resnet18", file, classes=5)(torch.zeros(1, 3, 64, 64)).shape == (1, 5)
    with pytest.raises(WeightsError, match="no last layer"):
        load_pretrained("resnet18", file, classes=None)
    report = run_inline(CheckWeights(file=file.path))
    assert (report.network, report.classes, report.keeps_head) == ("resnet18", 0, False)
    assert "It has no last layer" in report.note


def test_it_is_recommended_where_nothing_else_is_here_with_a_better_one(tmp_path):
    advice = recommended(load_catalogue())
    assert advice.network == STARTER_NETWORK
    assert "works offline, less accurate than ImageNet weights" in advice.reason
    assert "a download of" in advice.better_reason
    (tmp_path / "resnet18-mine.pth").write_bytes(b"x")
    assert recommended(load_catalogue([tmp_path])).network == "resnet18"


def test_the_catalogue_shows_it_beside_the_published_weights():
    network = load_catalogue().find(STARTER_NETWORK)
    assert network.starter_weights.local == str(starter_file())
    assert not network.is_local
    assert network.shown_weights.name == "IMAGENET1K_V1"
    assert network.local_weights is network.starter_weights


def test_a_copy_without_the_file_works_as_before(monkeypatch, tmp_path):
    monkeypatch.setattr("cnnstudio.core.paths.resource", lambda *_: tmp_path)
    assert starter_file() is None
    assert find_weights(STARTER_NETWORK) is None
    assert recommended(load_catalogue()).network != STARTER_NETWORK
