import ast
import re

import pytest
import torch

from cnnstudio.data import PreprocessSpec
from cnnstudio.export.companions import snippet, write_companions
from cnnstudio.networks import BundleCard, family_of
from cnnstudio.networks.builder import build_skeleton, network_names, preprocess_of, with_channels
from cnnstudio.networks.classics import CLASSICS
from cnnstudio.networks.definitions import call_of, is_defined_here, source_of
from tests.made_up import NETWORK, add_family

ONE_EACH = sorted({family_of(name).title: name for name in reversed(network_names())}.values())


def card(name, **options):
    channels = CLASSICS[name].channels if name in CLASSICS else 3
    spec = with_channels(PreprocessSpec(resize=72, crop=64), channels)
    return BundleCard(network=name, classes=("a", "b"), preprocess=spec, **options)


def line_of(text, start):
    return next(line for line in text.splitlines() if line.startswith(start))


@pytest.mark.parametrize("weights", ["weights.safetensors", "x.pth"])
@pytest.mark.parametrize("name", [*ONE_EACH, *CLASSICS])
def test_every_script_is_python_that_needs_torch_and_torchvision_only(name, weights):
    text = snippet(card(name), weights)
    imported = {
        alias.name.split(".")[0] if isinstance(node, ast.Import) else (node.module or "").split(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    usual = {"argparse", "pathlib", "torch", "torchvision", "decoding"}
    assert usual <= imported <= usual | {"safetensors", "collections", "network"}
    assert ("safetensors" in imported) == weights.endswith(".safetensors")
    assert ("network" in imported) == is_defined_here(name)


@pytest.mark.parametrize(
    ("name", "build"),
    [
        ("resnet18", "models.resnet18(weights=None, num_classes=len(labels))"),
        ("vit_b_16", "models.vit_b_16(weights=None, num_classes=len(labels), image_size=64)"),
        (
            "googlenet",
            "models.googlenet(weights=None, num_classes=len(labels), transform_input=True, aux_logits=True, "
            "init_weights=False)",
        ),
        ("lenet5", "definition.lenet5(len(labels), 1, 64)"),
        ("efficientnet_lite1", "definition.efficientnet_lite1(len(labels))"),
        ("vgg11_bn_small", "definition.vgg_small(len(labels), 3, 64, depth=11, norm=True)"),
    ],
)
def test_a_network_is_built_as_it_was_here(name, build):
    assert line_of(snippet(card(name), "x.pth"), "network = ") == f"network = {build}"


@pytest.mark.parametrize("name", ["squeezenet1_0", "squeezenet1_1", "maxvit_t"])
def test_a_head_of_ours_is_put_in_and_the_original_left_alone(name):
    (change,) = family_of(name).head_lines
    assert change in snippet(card(name), "x.pth")
    assert change not in snippet(card(name, linear_head=False), "x.pth")


@pytest.mark.parametrize("name", ["resnet18", "mnasnet0_5"])
def test_only_where_it_is_wanted_a_version_is_given(name):
    text = snippet(card(name), "weights.safetensors")
    assert ("_metadata" in text) == (name == "mnasnet0_5")
    assert ("OrderedDict" in text) == (name == "mnasnet0_5")
    assert "_metadata" not in snippet(card(name), "x.pth"), "torch.save keeps it"


@pytest.mark.parametrize("name", [*CLASSICS, "efficientnet_lite0"])
def test_the_source_of_a_network_of_ours_stands_alone(name):
    source = source_of(name, preprocess_of(name), 3)
    assert "cnnstudio" not in "".join(re.findall(r"^(?:from|import) .*$", source, re.MULTILINE))
    namespace = {"__name__": "network", "labels": range(7)}
    exec(compile(source, "network.py", "exec"), namespace)
    with torch.device("meta"):
        network = eval(call_of(name, preprocess_of(name)), namespace)
    assert {key: value.shape for key, value in network.state_dict().items()} == {
        key: value.shape for key, value in build_skeleton(name, 7).state_dict().items()
    }


def test_labels_are_one_a_line_whatever_they_hold(tmp_path):
    odd = BundleCard(
        network="resnet18", classes=("two\nlines", " wide  gap "), preprocess=PreprocessSpec(resize=72, crop=64)
    )
    names = {path.name for path in write_companions(tmp_path, odd, "x.pth")}
    assert names == {
        "labels.txt",
        "preprocessing.json",
        "predict.py",
        "README.txt",
        "decoding.py",
        "heif.py",
        "tiff_bands.py",
    }
    assert (tmp_path / "labels.txt").read_text() == "two lines\nwide gap\n"


def test_a_note_says_how_good_it_is_and_under_which_licence(tmp_path):
    told = card(
        "lenet5",
        scores={
            "test": {"accuracy": 0.8125, "images": 16},
            "validation": {"accuracy": 0.9, "images": 10, "balanced_accuracy": 0.75, "chosen_among": 40},
            "train": {"accuracy": 1.0, "images": 99},
        },
        weights_origin="a.pth",
        licence="CC-BY-NC 4.0",
    )
    names = {path.name for path in write_companions(tmp_path, told, "x.pth")}
    assert "network.py" in names
    note = (tmp_path / "README.txt").read_text()
    assert "Accuracy on 16 test pictures: 81.2 %." in note
    assert (
        "Accuracy on 10 validation pictures: 90.0 %, with every class counted alike 75.0 %; the best of 40 epochs was "
        "chosen by them." in note
    )
    assert "train pictures" not in note, "what was learned from says nothing to whoever receives it"
    assert "Started from a.pth." in note
    assert "Licence of those weights: CC-BY-NC 4.0." in note


def test_a_new_family_has_a_script_that_fits_it(monkeypatch):
    add_family(monkeypatch)
    text = snippet(card(NETWORK), "weights.safetensors")
    build = "models.zigzag_v2_tiny(weights=None, num_classes=len(labels), image_size=64, corners=3, init_weights=False)"
    assert line_of(text, "network = ") == f"network = {build}"
    assert "network.tail = torch.nn.Identity()  # no corner at the end" in text
    assert 'weights._metadata = {"": {"version": 7}}' in text
    assert "network.tail" not in snippet(card(NETWORK, linear_head=False), "weights.safetensors")
