"""Weights of others: wrapped, prefixed, with other heads and things beside them."""

from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn
from torchvision import models

from cnnstudio.core import WeightsError
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.head import output_size
from cnnstudio.networks.weights.contents import gathered
from cnnstudio.networks.weights.fitting import fit
from cnnstudio.networks.weights.search import fitting_networks

NAMES = ("shufflenet_v2_x0_5", "squeezenet1_1", "lenet5")
SHUFFLE, LENET, MOBILE = "shufflenet_v2_x0_5", "lenet5", "mobilenet_v3_small"


@pytest.fixture(scope="module")
def networks():
    return {name: build_network(name, 3, seed=5).eval() for name in NAMES}


@pytest.fixture(scope="module")
def state(networks):
    return networks[SHUFFLE].state_dict()


class Boundless:
    """Stands in for the budget of a file."""

    def look_at(self, where):
        pass

    def take(self, tensor):
        pass


def prefixed(prefix, state):
    return {f"{prefix}{key}": value for key, value in state.items()}


def fitted(content, name=SHUFFLE):
    return fit(name, gathered(content, Boundless()), "mine.pth")


def same(network, other):
    mine, others = network.state_dict(), other.state_dict()
    assert set(mine) == set(others)
    assert all(torch.equal(value, others[key]) for key, value in mine.items())


WRAPPINGS = {
    "plain": lambda s: s,
    "network": lambda s: {"network": s, "epoch": 3},
    "averaged": lambda s: {"state_dict_ema": OrderedDict(s), "best": torch.tensor(0.5)},
    "deep": lambda s: {"weights": {"params": {"net": s}}, "optimizer": {"state": {0: {"exp_avg": torch.zeros(9)}}}},
    "list": lambda s: [3, {"lr": 0.1}, s],
    "arrays": lambda s: {key: value.numpy() for key, value in s.items()},
    "named by an accident": lambda s: {"criterion": {"weight": torch.ones(3)}, "run 7": s},
}
PREFIXES = ("", "net.", "model._orig_mod.", "module.", "0.", "features_extractor.model.")


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_weights_are_found_whatever_they_are_wrapped_in(networks, wrapping, prefix):
    for name in (LENET,) if prefix and wrapping != "plain" else NAMES:
        found = fitted(WRAPPINGS[wrapping](prefixed(prefix, networks[name].state_dict())), name)
        assert found.outputs == 3
        same(networks[name], found.build(None))
        assert output_size(found.build(7)) == 7


def test_numbers_of_any_kind_are_used_as_float32(state):
    for convert in (torch.Tensor.half, torch.Tensor.bfloat16, torch.Tensor.double):
        network = fitted({key: convert(value) for key, value in state.items()}).build(None)
        assert {value.dtype for value in network.state_dict().values()} == {torch.float32, torch.int64}
        torch.testing.assert_close(network.conv1[0].weight.data, state["conv1.0.weight"], atol=0.01, rtol=0.01)


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"criterion.weight": torch.ones(3)}, "criterion.weight"),
        ({"val_acc.tp": torch.ones(3), "val_acc.fp": torch.ones(3)}, "val_acc"),
        ({"net.conv1.total_ops": torch.zeros(1), "net.stage2.total_ops": torch.zeros(1)}, "total_ops"),
        ({"net.conv1.0.activation_post_process.min_val": torch.zeros(())}, "min_val"),
        ({"n_averaged": torch.tensor(8)}, "n_averaged"),
        ({"center_loss.weight": torch.zeros(9)}, "center_loss.weight"),
        ({"val.confusion": torch.zeros(3, 3)}, "val.confusion"),
    ],
)
def test_what_is_no_part_of_the_network_is_named(networks, state, extra, said):
    found = fitted({"state_dict": prefixed("net.", state) | extra})
    assert said in " ".join(found.notes)
    same(networks[SHUFFLE], found.build(None))


def test_a_plain_file_has_nothing_to_say(state):
    assert fitted(state).notes == ()
    without = {key: value for key, value in state.items() if not key.endswith("num_batches_tracked")}
    assert fitted(without).notes == ()


def test_of_several_copies_the_first_that_fits_is_used_and_it_is_said(networks, state):
    other = build_network(SHUFFLE, 3, seed=6).state_dict()
    for content in (
        {"model": state, "model_ema": prefixed("module.", other) | {"n_averaged": torch.tensor(2)}},
        prefixed("student.", state) | prefixed("teacher.", other),
        {"teacher": models.shufflenet_v2_x1_0().state_dict(), "student": state},
    ):
        found = fitted(content)
        assert "more than once" in found.notes[0]
        same(networks[SHUFFLE], found.build(None))


ENDS = {
    "dropout": lambda d, n: nn.Sequential(nn.Dropout(0.2), nn.Linear(d, n)),
    "activation last": lambda d, n: nn.Sequential(nn.Linear(d, n), nn.LogSoftmax(1)),
    "named": lambda d, n: nn.Sequential(OrderedDict(drop=nn.Dropout(), logits=nn.Linear(d, n))),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_head_of_one_linear_layer_predicts(end):
    network = models.shufflenet_v2_x0_5(num_classes=3).eval()
    network.fc = ENDS[end](1024, 3)
    found = fitted(network.state_dict())
    assert (found.outputs, found.notes) == (3, ())
    pictures = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(found.build(None)(pictures).softmax(1), network.eval()(pictures).softmax(1))


OTHER_ENDS = {
    "two layers": nn.Sequential(nn.Linear(1024, 64), nn.ReLU(), nn.Linear(64, 3)),
    "norm and layer": nn.Sequential(nn.BatchNorm1d(1024), nn.Linear(1024, 3)),
    "two heads": nn.ModuleDict({"species": nn.Linear(1024, 3), "age": nn.Linear(1024, 2)}),
    "same width": nn.Sequential(nn.Linear(1024, 1024), nn.ReLU(), nn.Linear(1024, 3)),
    "other features": nn.Linear(2048, 3),
}


@pytest.mark.parametrize("end", OTHER_ENDS)
def test_any_other_head_is_replaced_but_cannot_predict(end):
    network = models.shufflenet_v2_x0_5(num_classes=3)
    network.fc = OTHER_ENDS[end]
    found = fitted({"model": network.state_dict()})
    assert found.outputs == 0
    assert "are replaced" in found.notes[0]
    with pytest.raises(WeightsError, match=r"cannot predict here.*model.fc"):
        found.build(None)
    built = found.build(5)
    assert torch.equal(built.conv5[0].weight, network.conv5[0].weight)
    assert output_size(built) == 5


class Wrapped(nn.Module):
    """How people write it themselves."""

    def __init__(self, **parts):
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)


def backbone():
    network = models.shufflenet_v2_x0_5()
    network.fc = nn.Identity()
    return network


def test_a_head_beside_the_backbone_is_found():
    parts = Wrapped(backbone=backbone(), head=nn.Sequential(nn.Dropout(), nn.Linear(1024, 4)))
    found = fitted(parts.state_dict())
    assert found.outputs == 4
    assert torch.equal(found.build(None).fc.weight, parts.head[1].weight)
    assert fitted({"encoder": parts.backbone.state_dict(), "classifier": parts.head.state_dict()}).outputs == 4
    assert fitted(parts.backbone.state_dict()).outputs == 0
    with pytest.raises(WeightsError, match="no last layer"):
        fitted(parts.backbone.state_dict()).build(None)


@pytest.mark.parametrize(
    "parts",
    [
        {"backbone": models.shufflenet_v2_x0_5(num_classes=64), "out": nn.Linear(64, 3)},
        {"backbone": models.shufflenet_v2_x0_5(), "head": nn.Linear(1024, 3)},
        {"net": backbone(), "head": nn.Sequential(nn.Linear(1024, 8), nn.Linear(8, 3))},
        {"net": backbone(), "norm": nn.LayerNorm(1024), "classifier": nn.Linear(1024, 3)},
        {"net": backbone(), "bnneck": nn.BatchNorm1d(1024), "classifier": nn.Linear(1024, 3, bias=False)},
        {"net": backbone(), "neck": nn.BatchNorm1d(1024), "neck2": nn.Linear(1024, 9), "head": nn.Linear(9, 3)},
    ],
)
def test_where_more_than_one_layer_could_be_the_head_nothing_is_predicted(parts):
    found = fitted(Wrapped(**parts).state_dict())
    assert found.outputs == 0
    with pytest.raises(WeightsError, match="cannot predict"):
        found.build(None)
    assert output_size(found.build(2)) == 2


def test_numbers_of_a_normalisation_are_no_part_of_the_head():
    network = models.shufflenet_v2_x0_5(num_classes=3)
    sides = {"mean": torch.zeros(1, 3, 1, 1), "std": torch.ones(1, 3, 1, 1), "criterion.weight": torch.ones(3)}
    assert fitted({"model": network.state_dict(), **sides}).outputs == 3
    assert fitted({"1": network.state_dict(), "0": sides}).outputs == 3


@pytest.mark.parametrize("channels", [1, 4])
def test_a_first_layer_for_other_pictures_is_named(channels):
    network = models.shufflenet_v2_x0_5()
    network.conv1[0] = nn.Conv2d(channels, 24, 3, 2, 1, bias=False)
    with pytest.raises(WeightsError, match=rf"made for pictures of {channels} channels?, and pictures have three"):
        fitted(network.state_dict())


def test_children_cut_off_as_a_sequence_are_known_by_their_numbers(networks):
    network = networks[SHUFFLE]
    trunk = nn.Sequential(*list(network.children())[:-1])
    found = fitted(Wrapped(trunk=trunk, classifier=network.fc).state_dict())
    assert found.outputs == 3
    same(network, found.build(None))
    assert fitted({"model": nn.Sequential(trunk, nn.Flatten(), nn.Linear(1024, 9)).state_dict()}).outputs == 9


def test_layers_beside_the_last_one_may_be_lacking_and_it_is_said():
    network = models.mobilenet_v3_small()
    network.classifier = nn.Sequential(nn.Linear(576, 3))
    found = fitted(network.state_dict(), MOBILE)
    assert found.outputs == 0
    assert "start with random weights" in found.notes[0]
    built = found.build(3)
    assert torch.equal(built.features[0][0].weight, network.features[0][0].weight)
    assert built.classifier[0].weight.std() > 0
    with pytest.raises(WeightsError, match="cannot predict"):
        found.build(None)


def test_one_output_is_a_probability(networks):
    network = models.shufflenet_v2_x0_5(num_classes=1).eval()
    found = fitted({"model": network.state_dict(), "classes": ["healthy", "rust"]})
    assert (found.outputs, found.class_names) == (2, ("healthy", "rust"))
    assert "the probability of rust" in found.notes[0]
    pictures = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        yes = network(pictures).sigmoid()
        torch.testing.assert_close(found.build(None)(pictures).softmax(1), torch.cat([1 - yes, yes], 1))
    assert "class 1" in fitted(network.state_dict()).notes[0]
    assert output_size(found.build(4)) == 4


ANIMALS = ("cat", "dog", "owl")


@pytest.mark.parametrize(
    "beside",
    [
        {"classes": list(ANIMALS)}, {"class_names": ANIMALS}, {"class_to_idx": {"owl": 2, "cat": 0, "dog": 1}},
        {"idx_to_class": dict(enumerate(ANIMALS))}, {"meta": {"id2label": {"0": "cat", "2": "owl", "1": "dog"}}},
        {"labels": np.array(ANIMALS)},
        {"hyper_parameters": {"optimizer": ["a", "b", "c"], "categories": list(ANIMALS)}},
        {"labels": ["yes", "no"], "class_names": list(ANIMALS)},
    ],
)  # fmt: skip
def test_names_in_the_file_are_used(state, beside):
    assert fitted({"model": state, **beside}).class_names == ANIMALS


@pytest.mark.parametrize(
    "beside",
    [{}, {"classes": ["cat", "dog"]}, {"classes": ["cat", "cat", "owl"]}, {"class_to_idx": {"a": 0, "b": 1, "c": 3}},
     {"transforms": ["flip", "turn", "crop"]}, {"labels": torch.zeros(3)}, {"classes": [1, 2, 3]}],
)  # fmt: skip
def test_lists_that_cannot_be_the_classes_are_not(state, beside):
    assert fitted({"model": state, **beside}).class_names == ()


def test_pruned_weights_are_put_together(networks, state):
    pruned = dict(state)
    weight = pruned.pop("conv5.0.weight")
    pruned |= {"conv5.0.weight_orig": weight + 1, "conv5.0.weight_mask": torch.ones_like(weight)}
    assert torch.equal(fitted(pruned).build(None).conv5[0].weight, weight + 1)


def test_another_network_is_not_taken_for_a_part_of_it():
    with torch.device("meta"):
        large = models.resnet34().state_dict()
    large = {key: torch.zeros(value.shape, dtype=value.dtype) for key, value in large.items()}
    with pytest.raises(WeightsError, match=r"does not fit ResNet-18.*looks like weights for ResNet-34"):
        fitted(large, "resnet18")
    assert fitting_networks(prefixed("backbone.body.", large) | {"rpn.head.conv.weight": torch.zeros(2, 2)}) == [
        "resnet34"
    ]


@pytest.mark.slow
def test_a_vision_transformer_of_another_size_is_found():
    tables = {"encoder.pos_embedding": torch.zeros(1, 50, 768)}
    state = build_network("vit_b_32", 2, image_size=64).state_dict()
    assert state["encoder.pos_embedding"].shape != tables["encoder.pos_embedding"].shape
    assert fitting_networks(state) == ["vit_b_32"]


def test_a_container_that_holds_itself_ends(state):
    loop = {"model": state}
    loop["loop"] = loop
    assert fitted(loop).outputs == 3
