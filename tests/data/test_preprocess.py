import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from torchvision.transforms import InterpolationMode, RandomResizedCrop
from torchvision.transforms._presets import ImageClassification

from cnnstudio.compute.engines import to_input
from cnnstudio.data import AugmentSpec, PreprocessSpec
from cnnstudio.data.reading import Reduced, augment, resize_and_crop
from cnnstudio.data.reading.loader import random_box

SPECS = [
    PreprocessSpec(resize=256, crop=224),
    PreprocessSpec(resize=236, crop=224, interpolation="bicubic"),
    PreprocessSpec(resize=48, crop=64),
    PreprocessSpec(resize=33, crop=32, interpolation="nearest", mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.4)),
]


def noise(width, height):
    return Image.fromarray(np.random.default_rng(width * height).integers(0, 256, (height, width, 3), dtype=np.uint8))


def whole(image):
    return Reduced(image, image.size)


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
    views = [augment(whole(noise(width, height)), spec, changes, np.random.default_rng([seed, 1])) for _ in range(2)]
    assert views[0].shape == (32, 32, 3)
    assert views[0].dtype == np.uint8
    assert np.array_equal(*views)


@pytest.mark.parametrize("size", [(32, 32), (60, 60), (200, 20), (20, 200), (97, 41)])
@pytest.mark.parametrize("spec", [PreprocessSpec(resize=32, crop=32), PreprocessSpec(resize=36, crop=32), SPECS[2]])
def test_without_changes_a_view_is_what_is_scored(size, spec):
    nothing = AugmentSpec(flip=False, crop=0, colour=0)
    view = augment(whole(noise(*size)), spec, nothing, np.random.default_rng(0))
    assert np.abs(view.astype(int) - resize_and_crop(noise(*size), spec)).max() <= 1


SHAPES = [0.1, 0.2, 1 / 3, 0.5, 9 / 16, 3 / 4, 1, 4 / 3, 3 / 2, 16 / 9, 2, 3, 5, 10]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("strength", [0.05, 0.35, 0.6, 0.95])
def test_a_random_crop_keeps_its_area_and_its_shape(shape, strength):
    """Of wide and high pictures its area is that of their largest part of 4:3."""
    width, height = (600 * shape, 600) if shape > 1 else (600, 600 / shape)
    rng, ratios, areas, places = np.random.default_rng(0), [], [], []
    most = (4 / 3) ** min(1, strength / 0.35)
    largest = min(width, height * most) * min(height, width * most)
    for _ in range(100):
        left, top, right, bottom = random_box((width, height), strength, rng)
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1
        left, top, right, bottom = left * width, top * height, right * width, bottom * height
        ratios.append((right - left) / (bottom - top))
        areas.append((right - left) * (bottom - top) / largest)
        places.append((left + right) / 2 / width)
    assert 1 / most - 1e-9 <= min(ratios) <= max(ratios) <= most + 1e-9
    assert 1 - strength - 1e-9 <= min(areas) <= max(areas) <= 1 + 1e-9
    assert max(ratios) - min(ratios) > 0.5 * (most - 1 / most) * min(1, 2 * strength)
    assert shape < 2 or max(places) - min(places) > 0.4, "it is not always the middle"


@pytest.mark.parametrize("size", [(400, 300), (300, 300), (300, 400), (350, 300)])
def test_random_crops_are_drawn_as_torchvision_s(size):
    rng = np.random.default_rng(0)
    ours = np.array([random_box(size, 0.35, rng) for _ in range(1500)]) * (*size, *size)
    torch.manual_seed(0)
    blank = torch.zeros(1, size[1], size[0])
    theirs = np.array([RandomResizedCrop.get_params(blank, [0.65, 1], [3 / 4, 4 / 3]) for _ in range(1500)])
    mine = np.stack([ours[:, 1], ours[:, 0], ours[:, 3] - ours[:, 1], ours[:, 2] - ours[:, 0]], 1)
    error = 4 * np.sqrt(2) * theirs.std(0) / np.sqrt(1500) + 1
    assert (np.abs(mine.mean(0) - theirs.mean(0)) < error).all()
    assert (np.abs(mine.std(0) - theirs.std(0)) < error).all()


def test_a_wide_picture_is_not_squeezed():
    """A circle stays one, within 4:3."""
    image = Image.new("RGB", (900, 300))
    ImageDraw.Draw(image).ellipse((350, 50, 550, 250), fill="white")
    spec, changes = PreprocessSpec(resize=64, crop=64), AugmentSpec(flip=False, colour=0)
    seen = 0
    for seed in range(40):
        shown = augment(whole(image), spec, changes, np.random.default_rng(seed))[..., 0] > 127
        across, down = shown.any(0), shown.any(1)
        if not (across[0] or across[-1] or down[0] or down[-1]) and across.any():
            seen += 1
            assert 0.7 < across.sum() / down.sum() < 1.45
    assert seen > 5


@pytest.mark.parametrize("flip", [True, False])
def test_mirroring_happens_only_when_asked_for(flip):
    spec, changes = PreprocessSpec(resize=32, crop=32), AugmentSpec(flip=flip, crop=0, colour=0)
    image = noise(32, 32)
    views = [augment(whole(image), spec, changes, np.random.default_rng(seed)) for seed in range(20)]
    mirrored = [np.array_equal(view, np.asarray(image)[:, ::-1]) for view in views]
    assert any(mirrored) == flip
