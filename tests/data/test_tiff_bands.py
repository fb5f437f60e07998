"""TIFFs as satellites, microscopes and numerical programs write them, value by value."""

import struct
from io import BytesIO
from itertools import product

import numpy as np
import pytest

from cnnstudio.core import ImageError
from cnnstudio.data.checks.facts import examine
from cnnstudio.data.decoding import Levels, as_rgb, open_picture
from cnnstudio.data.reading import read_image
from tests.picture_files import tiff_of

TYPES = ("u1", "u2", "i2", "u4", "i4", "f2", "f4", "f8")
WAYS = [(1, 1), (8, 1), (8, 2), (8, 3)]


def values_of(kind, bands, shape=(21, 37)):
    values = np.random.default_rng(0).random((*shape, bands))
    most = {"u1": 255, "i2": 32767}.get(kind, 65535)
    return values.astype(kind) if kind[0] == "f" else (values * most).astype(kind)


def shown(values):
    exact = values.astype(float) * (255 if values.dtype.kind == "f" else 1 if values.dtype == np.uint8 else 1 / 257)
    seen = exact[..., :3] if exact.shape[2] >= 3 else exact[..., :1].repeat(3, 2)
    return np.round(seen).astype(np.uint8)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("bands", [1, 2, 3, 4, 7])
def test_the_first_three_bands_of_any_type_are_read_exactly(kind, bands):
    """However they are stored: order of bytes, planes, tiles, compression, predictor, BigTIFF."""
    values = values_of(kind, bands)
    ways = product("<>", (False, True), (0, 16), WAYS, (False, True))
    for order, planar, tile, (packed, predictor), big in ways:
        if (predictor == 2 and kind[0] == "f") or (predictor == 3 and kind[0] != "f"):
            continue
        content = tiff_of(
            values, order=order, planar=planar, tile=tile, packed=packed, predictor=predictor, big=big,
            colours=2 if bands >= 3 else 1,
        )  # fmt: skip
        with open_picture(BytesIO(content)) as picture:
            assert (np.asarray(as_rgb(picture)) == shown(values)).all(), (order, planar, tile, packed, predictor, big)


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
@pytest.mark.parametrize("colours", [1, 2])
@pytest.mark.parametrize("extra", [None, (0,), (0, 0, 0)])
def test_infrared_is_no_transparency(tmp_path, kind, colours, extra):
    values = values_of(kind, 4)
    values[..., 3] = values[..., 3] / 3 + values[..., 3].max() / 3  # never clear, never opaque
    (tmp_path / "tile.tif").write_bytes(tiff_of(values, colours=colours, extra=extra))
    assert (np.asarray(read_image(tmp_path / "tile.tif")) == shown(values)).all()
    assert examine([str(tmp_path / "tile.tif")])[0]["bands"] == 4


def test_a_fourth_band_that_looks_like_transparency_is_one(tmp_path):
    values = values_of("u1", 4)
    values[..., 3] = 255 * (np.arange(37) > 18)
    (tmp_path / "cut out.tif").write_bytes(tiff_of(values, colours=2))
    seen = np.asarray(read_image(tmp_path / "cut out.tif"))
    assert (seen[:, :19] == 255).all()
    assert (seen[:, 19:] == values[:, 19:, :3]).all()


def test_from_white_to_black_is_no_negative(tmp_path):
    values = values_of("u2", 1)
    (tmp_path / "film.tif").write_bytes(tiff_of(values, colours=0))
    assert (np.asarray(read_image(tmp_path / "film.tif")) == 255 - shown(values)).all()


@pytest.mark.parametrize("kind", ["u2", "i2", "f4"])
def test_one_scale_serves_all_types(kind):
    values = (values_of("f8", 3) * 3000 - (1000 if kind != "u2" else 0)).astype(kind)
    levels = Levels(whole=(-500, 1500), real=(-500, 1500))
    with open_picture(BytesIO(tiff_of(values, colours=2))) as picture:
        seen = np.asarray(as_rgb(picture, levels)).astype(int)
    assert np.abs(seen - ((values.astype(float) + 500) * 255 / 2000).clip(0, 255)).max() <= 0.51


def test_what_is_no_number_is_black_and_what_has_no_end_white():
    values = np.array([[[np.nan], [0.5], [np.inf]]], np.float32)
    with open_picture(BytesIO(tiff_of(values))) as picture:
        assert np.asarray(as_rgb(picture))[0, :, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colours": 32803}, "camera's raw picture"),
        ({"more": [(50706, [1])]}, r"camera's raw picture \(DNG\)"),
        ({"more": [(254, [1]), (330, [8])]}, "camera's raw picture"),
        ({"packed": 34712}, "4 bands of 16 bits in a compression"),
        ({"colours": 5, "extra": (1, 0)}, "print colours"),
        ({"more": [(258, [16, 8, 8, 8])]}, "4 bands of 16 bits"),
        ({"more": [(258, [12] * 4)]}, "4 bands of 12 bits"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, change, words):
    (tmp_path / "a.tif").write_bytes(tiff_of(values_of("u2", 4), **change))
    with pytest.raises(ImageError, match=words) as refused:
        read_image(tmp_path / "a.tif")
    assert refused.value.problem.details == "unsupported"


def test_a_raw_picture_without_one_in_its_first_directory_is_named(tmp_path):
    tags = struct.pack("<" + "HHII" * 3, 254, 4, 1, 1, 259, 3, 1, 6, 330, 4, 1, 500)
    (tmp_path / "a.jpg").write_bytes(b"II*\0\x08\0\0\0" + struct.pack("<H", 3) + tags + bytes(900))
    with pytest.raises(ImageError, match="camera's raw picture"):
        read_image(tmp_path / "a.jpg")


@pytest.mark.parametrize("at", range(8, 200, 7))
def test_a_damaged_directory_is_one_sentence(tmp_path, at):
    content = bytearray(tiff_of(values_of("u2", 4, (4, 5))))
    content[-at] ^= 0xFF
    (tmp_path / "a.tif").write_bytes(content)
    try:
        assert read_image(tmp_path / "a.tif").mode == "RGB"
    except ImageError as error:
        assert "a.tif" in str(error)  # noqa: PT017 - either is fine
