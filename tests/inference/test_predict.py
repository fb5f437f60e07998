import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import models

from cnnstudio.compute.engines import to_input
from cnnstudio.core import NetworkError
from cnnstudio.data import PreprocessSpec
from cnnstudio.data.reading import read_image, resize_and_crop
from cnnstudio.inference.feature_maps import capture, describe, draw_sheet, feature_maps
from cnnstudio.inference.session import open_model, predict
from cnnstudio.networks import BundleCard, ModelRef
from cnnstudio.networks.builder import build_network, preprocess_of
from cnnstudio.networks.bundle import save_bundle


@pytest.fixture
def session(tmp_path):
    card = BundleCard(network="resnet18", classes=("a", "b", "c"), preprocess=PreprocessSpec(resize=70, crop=64))
    save_bundle(tmp_path / "model", build_network("resnet18", 3), card)
    return open_model(ModelRef(source=str(tmp_path / "model")))


def test_top_five_on_photographs_is_torchvisions_own(shared_data):
    weights = shared_data / "weights" / "squeezenet1_0-imagenet.pth"
    session = open_model(ModelRef(source="squeezenet1_0", weights=weights))
    network = models.squeezenet1_0()
    network.load_state_dict(torch.load(weights, weights_only=True))
    network.eval()
    entry = models.SqueezeNet1_0_Weights.IMAGENET1K_V1
    preset = entry.transforms()
    for path in sorted((shared_data / "data" / "clothing" / "test").glob("*/*.jpg"))[::31]:
        with Image.open(path) as picture:
            by_hand = preset(picture.convert("RGB"))[None]
        ours = to_input(resize_and_crop(read_image(path), session.preprocess)[None], session.preprocess)
        assert torch.equal(ours, by_hand)
        with torch.inference_mode():
            values, indices = network(by_hand).softmax(1)[0].topk(6)
        top = predict(session, path, 5).top
        assert [score.probability for score in top] == pytest.approx(values[:5].tolist(), abs=1e-6)
        gaps = [1.0, *(values[:-1] - values[1:]).tolist()]
        for rank, score in enumerate(top):  # equally likely ones may change places
            if min(gaps[rank], gaps[rank + 1]) > 1e-6:
                assert score.label == entry.meta["categories"][indices[rank]]


def test_an_unreadable_picture_gives_its_reason(session, tmp_path):
    path = tmp_path / "broken.jpg"
    path.write_bytes(b"no picture")
    prediction = predict(session, path)
    assert prediction.top == ()
    assert "broken.jpg" in prediction.error


def test_never_more_answers_than_classes(session, tiny_folder):
    assert len(predict(session, tiny_folder / "red" / "00.png", 5).top) == 3


def test_a_model_that_does_not_exist_is_one_sentence():
    with pytest.raises(NetworkError, match="neither a run"):
        open_model(ModelRef(source="resnet19"))


def test_a_weights_file_in_the_place_of_a_network_is_told_where_it_goes(tmp_path):
    (tmp_path / "mine.pth").write_bytes(b"anything")
    with pytest.raises(NetworkError, match="beside the name of its network, with --weights"):
        open_model(ModelRef(source=str(tmp_path / "mine.pth")))


def test_maps_are_the_layers_output_before_what_follows_changes_it(session, tiny_folder):
    path = tiny_folder / "red" / "00.png"
    maps = feature_maps(session, path, "bn1", max_tiles=5)
    assert maps.shape == (64, 32, 32)
    assert maps.tiles.shape == (5, 32, 32)
    assert min(maps.low) < 0, "the ReLU that follows works in place and must not be seen"
    inputs = to_input(maps.input_image[None], session.preprocess)
    with torch.inference_mode():
        expected = session.network.bn1(session.network.conv1(inputs))[0].numpy()
    for tile, channel, low, high in zip(maps.tiles, maps.channels, maps.low, maps.high, strict=True):
        assert (low, high) == pytest.approx((expected[channel].min(), expected[channel].max()), abs=1e-5)
        restored = low + tile / 255 * (high - low)
        assert np.abs(restored - expected[channel]).max() <= (high - low) / 255
    energies = [np.square(expected[channel]).mean() for channel in maps.channels]
    assert energies == sorted(energies, reverse=True)


def test_layers_are_listed_with_true_shapes(session):
    info = describe(session)
    shapes = {layer.name: layer.shape for layer in info.layers}
    assert shapes["layer1"] == (64, 16, 16)
    assert shapes["layer4"] == (512, 2, 2)
    assert info.suggested_layer in shapes


@pytest.mark.parametrize(
    "name", [pytest.param("vit_b_32", marks=pytest.mark.slow), pytest.param("swin_t", marks=pytest.mark.slow)]
)
def test_transformers_have_maps_too(tmp_path, tiny_folder, name):
    card = BundleCard(network=name, classes=("a", "b"), preprocess=preprocess_of(name))
    save_bundle(tmp_path / "model", build_network(name, 2), card)
    session = open_model(ModelRef(source=str(tmp_path / "model")))
    info = describe(session)
    maps = feature_maps(session, tiny_folder / "red" / "00.png", info.layers[-1].name)
    assert maps.shape == info.layers[-1].shape
    assert maps.shape[1] == maps.shape[2] > 1


def test_a_layer_without_maps_or_a_wrong_name_is_told(session, tiny_folder):
    picture = tiny_folder / "red" / "00.png"
    with pytest.raises(NetworkError, match="gives no maps"):
        feature_maps(session, picture, "fc")
    with pytest.raises(NetworkError, match="no layer called nonsense"):
        feature_maps(session, picture, "nonsense")
    with capture(session.network, "layer1") as taken:
        session.network(torch.zeros(1, 3, 64, 64))
    assert len(taken) == 1
    assert not session.network.layer1._forward_hooks  # noqa: SLF001 - torch has no other way to ask


def test_a_sheet_is_a_picture(session, tiny_folder, tmp_path):
    draw_sheet(feature_maps(session, tiny_folder / "red" / "00.png", "layer1", 9), tmp_path / "maps.png")
    with Image.open(tmp_path / "maps.png") as sheet:
        assert sheet.width > 300
