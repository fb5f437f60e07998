from dataclasses import replace

import pytest
import torch

from cnnstudio.networks import BundleCard, kinds
from cnnstudio.networks.builder import build_network, build_skeleton, network_names, preprocess_of
from cnnstudio.networks.bundle import load_bundle, save_bundle
from cnnstudio.networks.catalogue.registry import cached_catalogue, load_catalogue, read_registry, with_local
from cnnstudio.networks.classics import CLASSICS
from cnnstudio.networks.freezing import apply_mode
from cnnstudio.networks.head import (
    auxiliary_head_names,
    feature_network,
    feature_size,
    head_layer,
    replace_head,
    set_head,
)

# One light network of every family; the whole matrix is the slow test.
FAMILIES = (
    "alexnet", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "googlenet", "inception_v3", "mnasnet0_5",
    "mobilenet_v2", "mobilenet_v3_small", "regnet_y_400mf", "resnet18", "shufflenet_v2_x0_5", "squeezenet1_1", "swin_t",
    "vgg11_bn", "convnext_tiny", "maxvit_t", "vit_b_32", "efficientnet_lite0",
)  # fmt: skip
HEAVY = (
    "vgg11_bn", "vit_b_32", "alexnet", "maxvit_t", "inception_v3", "swin_t", "densenet121", "efficientnet_v2_s",
    "convnext_tiny",
)  # fmt: skip
SOME = [pytest.param(name, marks=pytest.mark.slow) if name in HEAVY else name for name in FAMILIES]


@pytest.fixture(scope="module")
def catalogue():
    return read_registry()


def test_the_whole_registry_is_read(catalogue):
    published = [network for network in catalogue.networks if not network.classic]
    assert (len(published), len({network.family for network in published})) == (80 + 3, 20 + 1)
    assert {network.family for network in catalogue.networks} == set(kinds.FAMILIES)
    assert sum(len(network.weights) for network in catalogue.networks) == 115 + 3
    alexnet = catalogue.find("alexnet")
    entry = alexnet.weights[0]
    figures = (entry.acc1, entry.acc5, alexnet.parameters, round(entry.gflops, 2))
    assert figures == (56.522, 79.066, 61_100_840, 0.71)
    assert catalogue.find("vgg16_bn").parameters == 138_365_992
    assert len({network.title for network in catalogue.networks}) == len(catalogue.networks)
    assert sum(entry.restricted for network in catalogue.networks for entry in network.weights) == 12


def test_it_is_remembered_without_torchvision(catalogue):
    assert cached_catalogue() is None
    assert replace(load_catalogue(), room_mb=0) == replace(with_local(catalogue), room_mb=0)
    assert cached_catalogue() == catalogue


def test_preprocessing_comes_from_the_weights():
    assert (preprocess_of("inception_v3").crop, preprocess_of("inception_v3").resize) == (299, 342)
    assert preprocess_of("efficientnet_b0").interpolation == "bicubic"


def check_head(name):
    network = build_network(name, 7).eval()
    size = preprocess_of(name).crop if name.startswith(("vit", "maxvit", "swin")) else 96
    inputs = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        features = feature_network(network)(inputs)
        assert features.shape == (2, feature_size(network))
        weight = torch.randn(7, feature_size(network))
        bias = torch.randn(7)
        set_head(network, weight, bias)
        logits = network(inputs)
        torch.testing.assert_close(logits, features @ weight.T + bias, rtol=1e-3, atol=1e-3)
        replace_head(network, 3)
        assert network(inputs[:1]).shape == (1, 3)
    assert int(head_layer(network).weight.shape[0]) == 3
    if name.startswith(("alexnet", "vgg")) and not name.endswith("_small"):
        assert features.shape == (2, 4096)
    check_step(network, 299 if name == "inception_v3" else size)


def check_step(network, size):
    """An odd last batch, auxiliary heads included."""
    network.train()
    logits = network(torch.randn(3, 3, size, size, generator=torch.Generator().manual_seed(1)))
    parts = logits if isinstance(logits, tuple) else (logits,)
    assert len(parts) == 1 + len(auxiliary_head_names(network))
    sum(torch.nn.functional.cross_entropy(part, torch.tensor([0, 1, 2])) for part in parts).backward()
    heads = [head_layer(network), *(network.get_submodule(name) for name in auxiliary_head_names(network))]
    assert all(head.weight.grad.abs().sum() > 0 for head in heads)
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


@pytest.mark.parametrize("name", SOME)
def test_a_linear_layer_on_the_features_is_the_network(name):
    check_head(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in network_names() if name not in FAMILIES])
def test_a_linear_layer_on_the_features_is_the_network_for_all(name):
    check_head(name)


@pytest.mark.parametrize("name", SOME)
def test_a_skeleton_filled_with_weights_is_the_network(name):
    network = build_network(name, 4).eval()
    skeleton = build_skeleton(name, 4)
    skeleton.load_state_dict(network.state_dict(), assign=True)
    assert not any(value.is_meta for value in [*skeleton.parameters(), *skeleton.buffers()])
    size = preprocess_of(name).crop if name.startswith(("vit", "maxvit", "swin")) else 96
    inputs = torch.randn(1, 3, size, size)
    with torch.inference_mode():
        assert torch.equal(skeleton.eval()(inputs), network(inputs))


@pytest.mark.parametrize("name", SOME)
def test_a_bundle_of_every_family_comes_back(tmp_path, name):
    network = build_network(name, 2)
    save_bundle(tmp_path / "b", network, BundleCard(network=name, classes=("a", "b"), preprocess=preprocess_of(name)))
    again, _ = load_bundle(tmp_path / "b")
    state = again.state_dict()
    assert all(torch.equal(state[key], value) for key, value in network.state_dict().items())
    network.load_state_dict(dict(state), strict=False)  # as a checkpoint is put back


@pytest.mark.parametrize(
    "name",
    [
        *SOME,
        *(pytest.param(name, marks=pytest.mark.slow) for name in (*network_names(), *CLASSICS) if name not in FAMILIES),
    ],
)
def test_every_network_has_a_last_stage_that_is_neither_nothing_nor_everything(name):
    network = build_skeleton(name, 5)
    groups = apply_mode(network, "all")
    assert [group.name for group in groups[:2]] == ["head", "last-stage"]
    assert {group.name for group in groups[2:]} == {"backbone"}
    assert [group.depth for group in groups] == list(range(len(groups)))
    names = [name for group in groups for name in group.parameters]
    assert sorted(names) == sorted(name for name, _ in network.named_parameters())
    own = [name for name, _ in network.named_parameters()]
    tops = [max(own.index(name) for name in group.parameters) for group in groups[2:]]
    assert tops == sorted(tops, reverse=True), "from the top of the network down"


def test_building_leaves_the_random_state_alone():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    first = build_network("mobilenet_v3_small", 3, seed=5)
    assert torch.equal(torch.rand(1), expected)
    second = build_network("mobilenet_v3_small", 3, seed=5)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
