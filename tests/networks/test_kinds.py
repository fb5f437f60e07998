import re
import subprocess
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torchvision.models import _api

from cnnstudio.core import NetworkError
from cnnstudio.networks import SCRATCH_SIZE, BundleCard, NetworkEntry, builder, classics
from cnnstudio.networks.builder import build_network, build_skeleton, check_input_size, has_fixed_size, network_names
from cnnstudio.networks.bundle import load_bundle, save_bundle
from cnnstudio.networks.catalogue import registry
from cnnstudio.networks.catalogue.registry import read_registry
from cnnstudio.networks.classics import CLASSICS
from cnnstudio.networks.family import Family, Structure, spell
from cnnstudio.networks.freezing import apply_mode
from cnnstudio.networks.head import (
    auxiliary_head_names,
    feature_network,
    feature_size,
    has_original_head,
    replace_head,
)
from cnnstudio.networks.kinds import FAMILIES, family_of, structure_of
from cnnstudio.networks.stages import as_maps, last_stage, list_layers
from cnnstudio.networks.weights.contents import ReadState
from cnnstudio.networks.weights.fitting import fit
from cnnstudio.networks.weights.layers import find_layers
from cnnstudio.networks.weights.state_file import read_state
from tests.made_up import NETWORK, SIDE, ZIGZAG, Leg, ZigzagNet, add_family, offer

NAMES = [*network_names(), *CLASSICS]
TITLES = {
    "alexnet": "AlexNet", "convnext_tiny": "ConvNeXt tiny", "densenet121": "DenseNet-121",
    "efficientnet_b0": "EfficientNet B0", "efficientnet_v2_s": "EfficientNetV2 S", "googlenet": "GoogLeNet",
    "inception_v3": "Inception V3", "maxvit_t": "MaxViT T", "mnasnet0_75": "MNASNet 0.75",
    "mobilenet_v2": "MobileNet V2", "mobilenet_v3_small": "MobileNet V3 small", "regnet_x_400mf": "RegNet X 400MF",
    "regnet_y_1_6gf": "RegNet Y 1.6GF", "resnet18": "ResNet-18", "resnext50_32x4d": "ResNeXt 50 32x4d",
    "shufflenet_v2_x0_5": "ShuffleNet V2 x0.5", "squeezenet1_1": "SqueezeNet 1.1", "swin_t": "Swin T",
    "swin_v2_b": "Swin V2 B", "vgg16": "VGG-16", "vgg16_bn": "VGG-16 with batch norm", "vit_b_16": "ViT-B/16",
    "wide_resnet50_2": "Wide ResNet-50-2", "lenet5": "LeNet-5", "tiny_cnn": "TinyCNN",
}  # fmt: skip
ONE_EACH = sorted({family_of(name).title: name for name in reversed(NAMES)}.values())
"""The first network of each family."""


@pytest.fixture
def zigzag(monkeypatch):
    add_family(monkeypatch)


@pytest.fixture
def few(monkeypatch):
    """A torchvision of two networks, and none of ours, so that the catalogue is read in no time."""
    kept = {name: _api.BUILTIN_MODELS[name] for name in ("alexnet", "vgg11")}
    monkeypatch.setattr(_api, "BUILTIN_MODELS", kept)
    monkeypatch.setattr(classics, "CLASSICS", {})
    monkeypatch.setattr(builder, "EFFICIENTNET_LITE", {})


@pytest.fixture
def logged(caplog, monkeypatch):
    """What the registry writes into the log, also after import-linter, which turns off the logs that it finds."""
    monkeypatch.setattr(registry.log, "disabled", False)
    registry.log.addHandler(caplog.handler)
    yield caplog
    registry.log.removeHandler(caplog.handler)


# The table --------------------------------------------------------------------------------------------------------


def test_the_table_needs_no_torch():
    code = (
        "import sys, cnnstudio.networks.kinds, cnnstudio.networks.modes, cnnstudio.networks.catalogue.entries\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_every_network_finds_its_family_and_no_other(name):
    family = family_of(name)
    assert FAMILIES[family.title] is family
    claims = {stem: title for title, other in FAMILIES.items() if (stem := other.stem_of(name))}
    longest = max(claims, key=len)
    assert claims.pop(longest) == family.title
    assert all(longest.startswith(stem) for stem in claims), "a shorter stem is one that a longer one refines"


def test_titles_are_those_of_the_papers():
    assert {name: family_of(name).title_of(name) for name in TITLES} == TITLES
    titles = [family_of(name).title_of(name) for name in network_names()]
    assert len(set(titles)) == len(titles)
    assert not any(re.search(r"_|  |^\W|\W$", title) for title in titles)


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_every_family_is_described(family):
    assert 1998 <= family.year <= 2026
    assert family.paper
    assert family.url.startswith("https://")
    assert family.idea.endswith(".")
    assert family.history in ("", family.history.rstrip(".") + ".")
    assert any(family_of(name) is family for name in NAMES)
    assert all(re.compile(old) for old, _ in family.renamed)


def test_no_stem_is_in_two_families():
    stems = [stem for family in FAMILIES.values() for stem in family.stems]
    assert len(set(stems)) == len(stems)


def test_families_of_one_class_are_put_together_alike():
    structures = {}
    for family in FAMILIES.values():
        structures.setdefault(family.structure.of, []).append(family.structure)
    assert all(len({repr(each) for each in alike}) == 1 for alike in structures.values())
    assert len(structures["ResNet"]) == 3


@pytest.mark.parametrize("name", ONE_EACH)
def test_what_is_said_of_modules_is_true(name):
    network = build_skeleton(name, 4, original_head=True)
    structure = structure_of(network)
    modules = dict(network.named_modules())
    assert {structure.trunk, *structure.last_stage, *structure.auxiliary} <= set(modules)
    assert set(last_stage(network)) <= set(modules)
    if name not in CLASSICS:
        assert structure.of in ("", type(network).__name__)
        assert structure == family_of(name).structure, "by name and by class it is the same"
        assert auxiliary_head_names(network) == structure.auxiliary
        assert bool(family_of(name).head_lines) == has_original_head(network)
        assert not has_original_head(build_skeleton(name, 4))
        state = family_of(name).state_version
        assert state in (0, type(network)._version)  # noqa: SLF001 - torch's own name for it
        assert set(family_of(name).sized_by) <= set(network.state_dict())


@pytest.mark.parametrize("family", [family for family in FAMILIES.values() if family.head_lines], ids=lambda f: f.title)
def test_the_lines_for_a_script_make_the_head_that_was_fine_tuned(family):
    name = next(name for name in network_names() if family_of(name) is family)
    made = build_skeleton(name, 4, original_head=True)
    exec("\n".join(family.head_lines), {"torch": torch, "network": made, "labels": range(4)})
    assert [str(module) for module in made.modules()] == [str(module) for module in build_skeleton(name, 4).modules()]


def test_sizes_are_those_of_the_weights():
    assert {name for name in network_names() if has_fixed_size(name)} == {n for n in network_names() if n[:4] == "vit_"}
    for name, size in (("vit_b_16", 192), ("maxvit_t", 256), ("inception_v3", 128)):
        with pytest.raises(NetworkError, match="pixels"):
            check_input_size(name, size)
    for name, size in (("vit_b_16", 224), ("maxvit_t", 224), ("inception_v3", 299), ("swin_t", 256), ("resnet18", 32)):
        check_input_size(name, size)


def test_from_scratch_small_where_the_family_allows_it():
    def entry(family, min_size=32, **options):
        return NetworkEntry(
            name="x", title="X", family=family, parameters=1, gflops=1.0, input_size=224, min_size=min_size,
            weights=(), **options,
        )  # fmt: skip

    sizes = {family.title: entry(family.title).scratch_size for family in FAMILIES.values()}
    assert {title for title, size in sizes.items() if not size} == {"Inception V3", "MaxViT", "VisionTransformer"}
    assert entry("ResNet", min_size=128).scratch_size == 128
    assert entry("ResNet", classic=True).scratch_size == 0
    assert entry("Never heard of").scratch_size == SCRATCH_SIZE


# Names ------------------------------------------------------------------------------------------------------------


@given(st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True))
def test_every_name_has_a_family_and_a_title(name):
    family = family_of(name)
    assert family.title
    assert family.title_of(name).strip("-_ ") == family.title_of(name) != ""
    assert family_of(name).title == family.title


@pytest.mark.parametrize(
    ("name", "family", "title"),
    [
        ("quirk", "Quirk", "Quirk"), ("quirk_b0", "Quirk", "Quirk b0"), ("quirk50", "Quirk", "Quirk 50"),
        ("quirk_v3_small", "Quirk V3", "Quirk V3 small"), ("quirk_x_1_6gf", "Quirk", "Quirk x 1.6gf"),
        ("resnest50", "Resnest", "Resnest 50"), ("vitamin_b12", "Vitamin", "Vitamin b12"),
        ("inception_v4", "Inception V4", "Inception V4"),
    ],
)  # fmt: skip
def test_a_name_that_nobody_described_makes_its_own_family(name, family, title):
    found = family_of(name)
    assert (found.title, found.title_of(name)) == (family, title)
    assert found.title not in FAMILIES
    assert (found.shrinks, found.constructor_options(image_size=64), found.structure) == (True, {}, Structure())


@given(st.from_regex(r"[a-z0-9_]{1,20}", fullmatch=True))
def test_spelling_keeps_every_letter(rest):
    assert re.sub(r"[_. ]", "", spell(rest)) == rest.replace("_", "")


def test_the_longest_stem_counts_and_only_whole_words_do():
    family = Family(title="A", stems={"net": "Net", "net_v2": "Net II"})
    assert [family.stem_of(name) for name in ("net", "net5", "net_v2", "net_v2_b", "network", "annet")] == [
        "net", "net", "net_v2", "net_v2", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "asked", "given"),
    [
        ({}, {"init_weights": True}, {}),
        ({"init_weights": False}, {"init_weights": True}, {"init_weights": True}),
        ({"aux": 1}, {"image_size": 64}, {"aux": 1}),
    ],
)
def test_a_constructor_is_told_what_it_understands(options, asked, given):
    assert Family(title="A", stems={}, options=options).constructor_options(**asked) == given


# The catalogue ----------------------------------------------------------------------------------------------------


def test_a_family_that_nobody_described_is_listed_and_so_is_what_follows(few, monkeypatch):
    offer(monkeypatch, "quirk_v3_small")
    networks = read_registry().networks
    assert [(each.name, each.family, each.title) for each in networks] == [
        ("alexnet", "AlexNet", "AlexNet"), ("quirk_v3_small", "Quirk V3", "Quirk V3 small"), ("vgg11", "VGG", "VGG-11"),
    ]  # fmt: skip
    quirk = networks[1]
    assert (quirk.parameters, quirk.input_size, quirk.resize_size, quirk.weights[0].acc1) == (
        4321,
        SIDE,
        SIDE + 8,
        12.5,
    )


@pytest.mark.parametrize("missing", ["num_params", "_metrics", "_ops", "min_size", "_file_size"])
def test_a_network_whose_records_cannot_be_read_is_left_out_alone(few, monkeypatch, logged, missing):
    offer(monkeypatch, "quirk_v3_small", **{missing: None})
    assert [network.name for network in read_registry().networks] == ["alexnet", "vgg11"]
    assert "quirk_v3_small" in logged.text
    assert missing in logged.text


def test_a_network_without_any_weights_is_left_out_and_disturbs_nobody(few, monkeypatch, logged):
    def bare(num_classes=1000):
        return ZigzagNet(num_classes, SIDE, 0)

    bare.__module__ = "torchvision.models.made_up"
    monkeypatch.setitem(_api.BUILTIN_MODELS, "bare", bare)
    assert builder.weights_entries("bare") == ()
    assert [network.name for network in read_registry().networks] == ["alexnet", "vgg11"]
    assert "bare" in logged.text


def test_an_undescribed_network_is_built_trained_and_kept_like_others(monkeypatch, tmp_path):
    """By looking at it: here one that has neither a trunk nor stages with names."""

    class Odd(nn.Sequential):
        def __init__(self, classes):
            super().__init__(nn.Conv2d(3, 4, 3, stride=2), nn.Conv2d(4, 6, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
            self.append(nn.Linear(6, classes))

    def odd(*, weights=None, num_classes=1000):
        return Odd(num_classes)

    odd.__module__ = "torchvision.models.made_up"
    monkeypatch.setitem(_api.BUILTIN_MODELS, "odd", odd)
    network = build_network("odd", 3).eval()
    assert last_stage(network) == ("0", "1", "2", "3")
    assert [group.name for group in apply_mode(network, "last-stage")] == ["head", "last-stage"]
    assert feature_network(network)(torch.zeros(2, 3, 32, 32)).shape == (2, 6)
    assert [layer.name for layer in list_layers(network, 32)] == ["0", "1"]


# A made-up family -------------------------------------------------------------------------------------------------


def test_a_new_family_is_in_the_catalogue(few, zigzag):
    offered = read_registry().find(NETWORK)
    assert (offered.family, offered.title, offered.scratch_size) == ("Zigzag", "Zigzag II tiny", 0)
    assert [entry.name for entry in offered.weights] == ["CORNERS_V1"]


def test_a_new_family_is_built_as_it_wants(zigzag):
    network = build_network(NETWORK, 3, image_size=48)
    assert (network.image_size, network.corners) == (48, 3)
    assert network.positions.any(), "filled by its constructor"
    skeleton = build_skeleton(NETWORK, 3)
    assert skeleton.patches.weight.is_meta
    assert not skeleton.positions.any(), "which was told not to"
    assert has_fixed_size(NETWORK)
    check_input_size(NETWORK, SIDE)
    with pytest.raises(NetworkError, match="only takes pictures of 32"):
        check_input_size(NETWORK, 64)


def test_a_new_family_has_its_head_replaced_and_measured(zigzag):
    network = ZigzagNet(1000, SIDE, 0).eval()
    assert auxiliary_head_names(network) == ("early.fc",)
    assert has_original_head(network)
    replace_head(network, 5)
    assert not has_original_head(network)
    assert isinstance(network.tail, nn.Identity)
    assert (network.fc.out_features, network.early.fc.out_features, feature_size(network)) == (5, 5, 8)
    images = torch.randn(2, 3, SIDE, SIDE)
    torch.testing.assert_close(network(images), network.fc(feature_network(network)(images)))


def test_a_new_family_has_a_last_stage_and_maps(zigzag):
    network = build_network(NETWORK, 3).eval()
    assert last_stage(network)[:2] == ("legs.2", "legs.3")
    groups = {group.name: group.parameters for group in apply_mode(network, "last-stage")}
    assert set(groups["head"]) == {"fc.weight", "fc.bias", "early.fc.weight", "early.fc.bias"}
    assert {name.split(".")[0] for name in groups["last-stage"]} == {"legs", "norm"}
    trained = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    assert trained == set(groups["head"] + groups["last-stage"])
    shapes = {layer.name: layer.shape for layer in list_layers(network, SIDE)}
    assert shapes["legs.3"] == (8, 4, 4), "tokens on their grid, without the class token"


def test_weights_of_a_new_family_are_fitted(zigzag, tmp_path):
    original = ZigzagNet(1000, 48, 0)
    state = original.state_dict()
    state["crook.weight"], state["crook.bias"] = state.pop("patches.weight"), state.pop("patches.bias")
    torch.save(dict(state), tmp_path / "zigzag.pth")
    read = read_state(tmp_path / "zigzag.pth").state
    without = {key: value for key, value in read.items() if not key.startswith("early.")}
    assert find_layers(NETWORK, without | {"positions": torch.zeros(1, 17, 8)}).fits
    fitted = fit(NETWORK, ReadState(state=without), "zigzag.pth")
    network = fitted.build(2)
    assert network.image_size == 48, "read from its position table"
    assert torch.equal(network.patches.weight, original.patches.weight), "old names are understood"
    assert network.fc.out_features == 2
    assert isinstance(fitted.build(None).tail, nn.ReLU), "ImageNet's own head"


def test_a_bundle_of_a_new_family_comes_back(zigzag, tmp_path):
    network = build_network(NETWORK, 2, image_size=48).eval()
    spec = builder.preprocess_of(NETWORK)
    card = BundleCard(network=NETWORK, classes=("a", "b"), preprocess=builder.scaled_preprocess(spec, 48))
    save_bundle(tmp_path / "b", network, card)
    again, _ = load_bundle(tmp_path / "b")
    images = torch.randn(1, 3, 48, 48)
    with torch.inference_mode():
        assert torch.equal(again(images), network(images)), "although its file lacks the version"


@pytest.mark.parametrize(
    ("lie", "shape", "expected"),
    [
        ("channels-first", (2, 8, 4, 4), (2, 8, 4, 4)), ("channels-first", (2, 4, 4, 8), (2, 4, 4, 8)),
        ("channels-last", (2, 4, 4, 8), (2, 8, 4, 4)), ("channels-last", (2, 8, 4, 4), (2, 8, 4, 4)),
        ("tokens", (2, 17, 8), (2, 8, 4, 4)), ("tokens", (2, 16, 8), None), ("channels-first", (2, 17, 8), None),
        ("tokens", (2, 8), None),
    ],
)  # fmt: skip
def test_outputs_are_laid_out_as_the_family_says(monkeypatch, lie, shape, expected):
    family = Family(title="Z", stems={}, structure=Structure(of="ZigzagNet", maps=lie))
    monkeypatch.setitem(FAMILIES, "Z", family)
    found = as_maps(torch.arange(2.0 * 8 * 17)[: torch.Size(shape).numel()].reshape(shape), ZigzagNet(2, SIDE, 0))
    assert (tuple(found.shape) if found is not None else None) == expected


@pytest.mark.parametrize(("blocks", "first"), [(1, 3), (3, 1), (4, 0), (0.25, 3), (0.1, 3), (0.6, 2), (0.75, 1)])
def test_a_last_stage_is_a_number_or_a_share_of_the_blocks(monkeypatch, blocks, first):
    structure = Structure(of="ZigzagNet", trunk="legs", last_blocks=blocks)
    monkeypatch.setitem(FAMILIES, "Z", Family(title="Z", stems={}, structure=structure))
    legs = [name for name in last_stage(ZigzagNet(2, SIDE, 0)) if name.startswith("legs")]
    assert legs == [f"legs.{number}" for number in range(first, 4)]


def test_a_class_is_known_by_its_ancestors_too(zigzag):
    class Mine(ZigzagNet):
        pass

    assert structure_of(Mine(2, SIDE, 0)) is ZIGZAG.structure
    assert structure_of(Leg()) == Structure(trunk="")
