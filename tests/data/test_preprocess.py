import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms._presets import ImageClassification

from cnnstudio.compute.engines import to_input
from cnnstudio.data import AugmentSpec, PreprocessSpec
from cnnstudio.data.reading import augment, resize_and_crop

SPECS = [
    PreprocessSpec(resize=256, crop=224),
    PreprocessSpec(resize=236, crop=224, interpolation="bicubic"),
    PreprocessSpec(resize=48, crop=64),
    PreprocessSpec(resize=33, crop=32, interpolation="nearest", mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.4)),
]


def noise(width, height):
    return Image.fromarray(np.random.default_rng(width * height).integers(0, 256, (height, width, 3), dtype=np.uint8))


@settings(max_examples=40)
@given(st.integers(20, 400), st.integers(20, 400), st.sampled_from(SPECS))
def test_the_input_tensor_is_bit_equal_to_torchvisions_preset(width, height, spec):
    preset = ImageClassification(
        crop_size=spec.crop, resize_size=spec.resize, mean=spec.mean, std=spec.std,
        interpolation=InterpolationMode(spec.interpolation),
    )  # fmt: skip
    image = noise(width, height)
    assert torch.equal(to_input(resize_and_crop(image, spec)[None], spec)[0], preset(image))


@given(st.integers(30, 300), st.integers(30, 300), st.integers(0, 1000))
@settings(max_examples=30)
def test_augmented_views_have_the_networks_size_and_follow_their_seed(width, height, seed):
    spec, changes = PreprocessSpec(resize=40, crop=32), AugmentSpec(rotate_degrees=20, colour=0.3)
    views = [augment(noise(width, height), spec, changes, np.random.default_rng([seed, 1])) for _ in range(2)]
    assert views[0].shape == (32, 32, 3)
    assert views[0].dtype == np.uint8
    assert np.array_equal(*views)


def test_without_changes_a_view_is_the_whole_picture():
    spec = PreprocessSpec(resize=32, crop=32)
    nothing = AugmentSpec(flip=False, crop=0, colour=0)
    view = augment(noise(32, 32), spec, nothing, np.random.default_rng(0))
    assert np.array_equal(view, np.asarray(noise(32, 32)))


@pytest.mark.parametrize("flip", [True, False])
def test_mirroring_happens_only_when_asked_for(flip):
    spec, changes = PreprocessSpec(resize=32, crop=32), AugmentSpec(flip=flip, crop=0, colour=0)
    image = noise(32, 32)
    views = [augment(image, spec, changes, np.random.default_rng(seed)) for seed in range(20)]
    mirrored = [np.array_equal(view, np.asarray(image)[:, ::-1]) for view in views]
    assert any(mirrored) == flip
