"""Kernels that people know, pictures to try them on, and what becomes a grey."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from cnnstudio.lab import PRESETS, Pooling, Shape, each, gabor, kernel_of, mixing
from cnnstudio.lab.applying import apply
from cnnstudio.lab.drawing import drawn, planes_of
from cnnstudio.lab.pictures import drawn_picture, read_alike, read_small
from cnnstudio.lab.presets import SIDES
from cnnstudio.lab.script import reads_alike, script


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("identity", [[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
        ("sharpen", [[-1, -1, -1], [-1, 9, -1], [-1, -1, -1]]),
        ("horizontal-edge", [[-1, -1, -1], [0, 0, 0], [1, 1, 1]]),
        ("vertical-edge", [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]),
        ("laplacian", [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
        ("emboss", [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
        ("box-blur", [[1 / 9] * 3] * 3),
        ("gaussian-blur", [[1 / 16, 2 / 16, 1 / 16], [2 / 16, 4 / 16, 2 / 16], [1 / 16, 2 / 16, 1 / 16]]),
    ],
)
def test_presets_are_the_kernels_that_people_know(name, rows):
    assert np.allclose(kernel_of(name), rows)


@pytest.mark.parametrize("side", [*range(1, 8)])
@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_presets_keep_what_they_promise_at_every_side(preset, side):
    """Blurs, sharpening and identity keep an even surface as it is; edges and Gabor give 0 there."""
    values = np.array(kernel_of(preset.name, side))
    assert values.shape == (side, side)
    assert np.isfinite(values).all()
    if side in SIDES:
        expected = 1 if preset.name in ("identity", "sharpen", "emboss", "box-blur", "gaussian-blur") else 0
        assert values.sum() == pytest.approx(expected, abs=2e-3)


def test_a_gabor_kernel_answers_to_lines_of_its_direction():
    lines = np.zeros((1, 1, 24, 24), np.float32)
    lines[..., ::4] = 1
    upright, flat = (apply([each(gabor(7, angle=angle))], lines).steps[0].planes for angle in (0, 90))
    assert np.abs(upright).max() > 5 * np.abs(flat).max()


def test_signed_values_lie_around_grey_and_others_are_clipped_and_counted():
    edges = drawn(np.array([[[[-0.5, 0.0, 0.25]]]], np.float32))
    assert edges.signed
    assert (edges.low, edges.high) == (-0.5, 0.5)
    assert edges.pictures[0, 0, :, 0].tolist() == [0, 128, 191]
    assert "Grey is 0, black −0.5, white 0.5" in edges.sentence
    outlier = np.tile(np.array([-0.1, 0.1], np.float32), 500).reshape(1, 1, 10, 100)
    outlier[0, 0, 0, 0] = 0.4
    faint = drawn(outlier)
    assert (faint.high, faint.above) == (pytest.approx(0.1), 0.001)
    assert faint.sentence == "Values from −0.1 to 0.4. Grey is 0, black −0.1, white 0.1; less than 1 % above that."
    bright = drawn(np.array([[[[-0.1, 0.0, 0.5, 1.0, 3.0]]]], np.float32))
    assert not bright.signed
    assert bright.pictures[0, 0, :, 0].tolist() == [0, 0, 128, 255, 255]
    assert (bright.below, bright.above) == (0.2, 0.2)
    assert bright.sentence == "Values from −0.1 to 3. Black is 0, white 1; 20 % below and 20 % above that."
    stretched = drawn(np.array([[[[2.0, 3.0, 4.0]]]], np.float32), "stretched")
    assert stretched.pictures[0, 0, :, 0].tolist() == [0, 128, 255]
    even = drawn(np.full((1, 1, 2, 2), 0.5, np.float32), "stretched")
    assert (even.low, even.high) == (0.0, 1.0)


@pytest.mark.parametrize("worst", [np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-40, -1e-40])
@pytest.mark.parametrize("view", ["auto", "clipped", "signed", "stretched"])
def test_every_value_can_be_drawn(worst, view):
    planes = np.zeros((1, 1, 2, 2), np.float32)
    planes[0, 0, 0, 0] = worst
    assert drawn(planes, view).pictures.shape == (1, 2, 2, 3)
    assert drawn(np.full((1, 1, 1, 1), worst, np.float32), view).sentence


def test_three_channels_are_colours_and_others_a_sheet():
    planes = np.zeros((2, 5, 4, 6), np.float32)
    sheet = drawn(planes)
    assert sheet.channels.shape == (2, 5, 4, 6)
    assert sheet.pictures.shape == (2, 2 * 4 + 2, 3 * 6 + 2 * 2, 3)
    assert drawn(planes[:, :3]).pictures.shape == (2, 4, 6, 3)
    assert drawn(planes[:, :1]).pictures.shape == (2, 4, 6, 3)
    assert drawn(planes[:, :3]).beside().shape == (4, 14, 3)


def test_an_untouched_picture_is_drawn_as_it_was():
    pixels = drawn_picture(64)
    assert pixels.shape == (64, 64, 3)
    tried = apply([each(kernel_of("identity"), padding=1)], planes_of(pixels))
    assert np.array_equal(tried.given.pictures[0], pixels)
    assert np.array_equal(tried.steps[0].drawn.pictures[0], pixels)
    grey = drawn(planes_of(pixels, grey=True)[None]).pictures[0, ..., 0]
    assert np.array_equal(grey, np.asarray(Image.fromarray(pixels).convert("L")))


@pytest.fixture
def photographs(tmp_path):
    """Two of different shapes, one that a camera has turned."""
    paths = [tmp_path / "it's one.jpg", tmp_path / "two.png"]
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.tile(drawn_picture(300), (1, 2, 1))).save(paths[0], exif=exif)
    Image.fromarray(drawn_picture(90)).save(paths[1])
    return paths


def in_a_process(text):
    """What a script says its result's shape and bytes are."""
    text += "import hashlib; print(hashlib.sha256(np.ascontiguousarray(y.numpy()).tobytes()).hexdigest())\n"
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.mark.slow
@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("several", [False, True])
def test_the_script_makes_the_same_values_from_the_files(photographs, grey, several):
    """In a process of its own, that knows nothing of this package."""
    import hashlib

    chain = [each(kernel_of("sharpen"), padding=2, padding_mode="reflect"), Pooling(kind="stochastic", training=True)]
    chain.insert(1, mixing([[0.5] * (1 if grey else 3)] * 2, bias=(0.1, 0.2)))
    paths = photographs if several else photographs[:1]
    pixels = read_alike(paths, 96) if several else read_small(paths[0], 96)
    assert pixels.shape == ((2, 96, 96, 3) if several else (96, 48, 3))
    tried = apply(chain, planes_of(pixels, grey=grey))
    shape = Shape(*tried.given.channels.shape)
    said = in_a_process(script(chain, list(map(str, paths)), shape, 96, grey=grey)).split("\n")
    made = tried.steps[-1].planes
    assert said[:2] == [str(made.shape), hashlib.sha256(made.tobytes()).hexdigest()]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "CMYK"])
def test_a_script_sees_what_the_lab_sees_in_pictures_of_every_mode(tmp_path, mode):
    file = tmp_path / ("photo.jpg" if mode == "CMYK" else "photo.png")
    values = np.random.default_rng(0).integers(0, 256, (20, 30, 3 if mode == "P" else len(mode)), dtype=np.uint8)
    image = Image.fromarray(values).quantize(16) if mode == "P" else Image.fromarray(values, mode)
    image.save(file, **({"transparency": 3} if mode == "P" else {}))
    assert reads_alike(file)
    told = {}
    text = script([Pooling(kernel=1)], [str(file)], Shape(1, 3, 20, 30))
    exec(text.replace("print(tuple(y.shape))", ""), told)
    assert np.array_equal(told["y"].numpy()[0], planes_of(read_small(file)))


def test_deep_pictures_are_not_read_alike(tmp_path):
    Image.fromarray(np.full((9, 9), 40_000, np.uint16)).save(tmp_path / "deep.png")
    assert not reads_alike(tmp_path / "deep.png")
    assert not reads_alike(tmp_path / "none.png")
