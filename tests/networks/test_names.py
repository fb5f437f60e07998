"""Network names as people write them."""

import pytest

from cnnstudio.cli.main import main
from cnnstudio.core import NetworkError
from cnnstudio.inference.session import open_model
from cnnstudio.networks import ModelRef
from cnnstudio.networks.builder import all_names, build_network, is_network
from cnnstudio.networks.names import near_names


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ResNet18", "resnet18"), ("resnet-18", "resnet18"), ("resnet 18", "resnet18"), ("Resnet_18", "resnet18"),
        ("RESNET18", "resnet18"), ("efficientnetb0", "efficientnet_b0"), ("EfficientNet-B0", "efficientnet_b0"),
        ("mobilenetv2", "mobilenet_v2"), ("MobileNetV3-Large", "mobilenet_v3_large"), ("ViT-B/16", "vit_b_16"),
        ("resnet50.a1_in1k", "resnet50"), ("timm/resnet50.a1_in1k", "resnet50"), ("microsoft/resnet-50", "resnet50"),
        ("torchvision.models.vgg16_bn", "vgg16_bn"), ("LeNet-5", "lenet5"), ("densenet-121", "densenet121"),
        ("resnet18_", "resnet18"), (" squeezenet 1.1", "squeezenet1_1"), ("ConvNeXt Tiny", "convnext_tiny"),
    ],
)  # fmt: skip
def test_another_spelling_means_one_network(written, meant):
    assert near_names(written, all_names()) == (meant,)


@pytest.mark.parametrize(
    ("written", "among"),
    [("mobilenetv3", "mobilenet_v3_small"), ("vgg", "vgg11"), ("resnet", "resnet18"), ("inceptionv3", "inception_v3"),
     ("resnt18", "resnet18"), ("eficientnet_b0", "efficientnet_b0"), ("resnet19", "resnet18"),
     ("google_net", "googlenet")],
)  # fmt: skip
def test_what_is_near_is_among_at_most_three(written, among):
    assert among in near_names(written, all_names())
    assert len(near_names(written, all_names())) <= 3


@pytest.mark.parametrize("written", ["", "-", "yolo", "???", "/home/me/photos"])
def test_where_nothing_is_near_nothing_is_suggested(written):
    assert near_names(written, all_names()) == ()


def test_every_name_means_itself():
    for name in all_names():
        assert near_names(name, all_names()) == (name,)


def test_every_place_that_takes_a_name_suggests(tiny_folder, tmp_path, capsys):
    assert not is_network("ResNet18")
    with pytest.raises(NetworkError, match=r"no network called ResNet18\. Did you mean resnet18\?"):
        build_network("ResNet18", 3)
    with pytest.raises(NetworkError, match=r"Did you mean resnet18\?"):
        open_model(ModelRef(source="ResNet18"))
    weights = tmp_path / "mine.pth"
    weights.write_bytes(b"x")
    for command in (
        ["train", str(tiny_folder), "--model", "ResNet18", "--out", str(tmp_path / "run")],
        ["check-weights", str(weights), "--model", "ResNet18"],
        ["download", "ResNet18"],
        ["anatomy", "ResNet18"],
        ["predict", "ResNet18", str(next(tiny_folder.rglob("*.png")))],
    ):
        assert main(command) != 0
        assert "Did you mean resnet18?" in capsys.readouterr().err, command
