import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import transforms

from cnnstudio.compute.engines import FromPixels, to_input
from cnnstudio.core import NetworkError
from cnnstudio.data import PreprocessSpec
from cnnstudio.data.reading import resize_and_crop
from cnnstudio.networks import BundleCard
from cnnstudio.networks.anatomy.dissect import dissect
from cnnstudio.networks.builder import build_network, check_input_size, preprocess_of, with_channels
from cnnstudio.networks.bundle import load_bundle, save_bundle
from cnnstudio.networks.classics import CLASSICS
from cnnstudio.networks.classics.attentive import SpatialAttention, SqueezeExcitation
from cnnstudio.networks.freezing import apply_mode
from cnnstudio.networks.head import feature_network, feature_size, input_channels
from cnnstudio.networks.stages import list_layers

# Ten classes; the first eleven are the published figures, VGG's classifier is our own size.
PARAMETERS = {
    "lenet5": 61_706, "tiny_cnn": 60_362, "batchnorm_cnn": 60_554, "simple_cnn": 620_362, "gap_cnn": 175_658,
    "cifar_cnn": 1_283_914, "resnet18_small": 11_173_962, "densenet40_small": 1_019_722,
    "resnet18_small_se": 11_261_002, "resnet18_small_sa": 11_174_746, "resnet18_small_se_sa": 11_261_786,
    "vgg11_small": 9_488_266, "vgg11_bn_small": 9_493_770, "vgg16_small": 14_982_474, "vgg16_bn_small": 14_990_922,
    "vgg19_small": 20_292_170, "vgg19_bn_small": 20_303_178,
}  # fmt: skip


def size_of(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_every_classic_has_its_parameters():
    assert {name: dissect(name, classes=10).parameters for name in CLASSICS} == PARAMETERS


def test_the_blocks_have_theirs():
    assert (size_of(SqueezeExcitation(64)), size_of(SpatialAttention())) == (512, 98)
    maps = torch.randn(2, 64, 5, 5)
    assert SpatialAttention()(SqueezeExcitation(64)(maps)).shape == maps.shape


@pytest.mark.parametrize("channels", [1, pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow) if number % 2 else n for number, n in enumerate(CLASSICS)],
)
def test_every_classic_trains_grey_and_colour(name, channels):
    network = build_network(name, 4, channels=channels)
    assert input_channels(network) == channels
    groups = apply_mode(network, "scratch")
    assert {parameter for group in groups for parameter in group.parameters} == dict(network.named_parameters()).keys()
    optimizer = torch.optim.SGD(network.parameters(), 0.01)
    images, labels = torch.randn(5, channels, 32, 32), torch.tensor([0, 1, 2, 3, 0])
    before = {key: value.clone() for key, value in network.named_parameters()}
    torch.nn.functional.cross_entropy(network.train()(images), labels).backward()
    optimizer.step()
    # A bias before a batch norm has no gradient but rounding errors.
    moved = {key for key, value in network.named_parameters() if not torch.equal(value, before[key])}
    assert moved >= {key for key, value in before.items() if value.ndim > 1}
    network.eval()
    with torch.inference_mode():
        features = feature_network(network)(images)
        assert network(images[:1]).shape == (1, 4)
    assert features.shape == (5, feature_size(network))
    assert list_layers(network, 32, channels)


@pytest.mark.parametrize("name", CLASSICS)
def test_every_classic_takes_larger_pictures_too(name):
    with torch.inference_mode():
        assert build_network(name, 3, image_size=64).eval()(torch.randn(2, CLASSICS[name].channels, 64, 64)).shape == (
            2,
            3,
        )


@pytest.mark.parametrize("name", ["lenet5", "tiny_cnn", "gap_cnn", "resnet18_small_se"])
def test_a_bundle_of_a_classic_comes_back(tmp_path, name):
    channels = 3 if name == "lenet5" else 1
    spec = with_channels(PreprocessSpec(resize=48, crop=48), channels)
    network = build_network(name, 2, image_size=48, channels=channels).eval()
    save_bundle(tmp_path / "b", network, BundleCard(network=name, classes=("a", "b"), preprocess=spec))
    again, card = load_bundle(tmp_path / "b")
    assert card.preprocess == spec
    pictures = torch.randn(2, channels, 48, 48)
    with torch.inference_mode():
        assert torch.equal(again(pictures), network(pictures))


def test_grey_is_torchvisions_grey_to_the_bit():
    pixels = np.random.default_rng(0).integers(0, 256, (70, 90, 3), dtype=np.uint8)
    pixels[:2, :2] = [[[0, 0, 0], [255, 255, 255]], [[255, 0, 0], [1, 2, 3]]]
    image, spec = Image.fromarray(pixels), preprocess_of("lenet5")
    steps = [
        transforms.Resize(spec.resize), transforms.CenterCrop(spec.crop), transforms.Grayscale(),
        transforms.ToTensor(), transforms.Normalize(spec.mean, spec.std),
    ]  # fmt: skip
    expected = transforms.Compose(steps)(image)[None]
    seen = resize_and_crop(image, spec)[None]
    assert torch.equal(to_input(seen, spec), expected)
    together = FromPixels(torch.nn.Identity(), spec)(torch.from_numpy(seen.copy()))
    torch.testing.assert_close(together, expected, rtol=0, atol=1e-5)


def test_what_a_classic_cannot_take_is_said():
    with pytest.raises(NetworkError, match="at least 32"):
        check_input_size("vgg16_small", 16)
    with pytest.raises(NetworkError, match="colour pictures only"):
        build_network("resnet18", 2, channels=1)
