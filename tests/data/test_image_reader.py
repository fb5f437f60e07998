import contextlib
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from cnnstudio.core import ImageError
from cnnstudio.data.checks.facts import examine
from cnnstudio.data.reading import read_image, read_thumbnail, stored_thumbnail
from tests.messy import png_of
from tests.picture_files import photo, png_chunk, saved


def save(path, image, **options):
    image.save(path, **options)
    return path


def test_exif_orientation_is_applied(tmp_path):
    image = Image.new("RGB", (40, 20), "white")
    image.paste((255, 0, 0), (0, 0, 10, 10))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90° clockwise
    path = save(tmp_path / "turned.png", image, exif=exif)
    read = read_image(path)
    assert read.size == (20, 40)
    assert read.getpixel((19, 0)) == (255, 0, 0)


def test_transparency_is_composited_on_white(tmp_path):
    hidden = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    assert read_image(save(tmp_path / "a.png", hidden)).getpixel((0, 0)) == (255, 255, 255)
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 0, 200, 10, 10])
    path = save(tmp_path / "p.png", palette, transparency=1)
    assert read_image(path).getpixel((0, 0)) == (255, 255, 255)


def test_sixteen_bit_grey_is_scaled(tmp_path):
    grey = Image.fromarray(np.array([[0, 257 * 100, 65535]], dtype=np.uint16))
    read = read_image(save(tmp_path / "grey.png", grey))
    assert read.mode == "RGB"
    assert [read.getpixel((x, 0))[0] for x in range(3)] == [0, 100, 255]


def writable():
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"):
        for kind in ("png", "jpeg", "bmp", "gif", "webp", "tiff", "avif"):
            with contextlib.suppress(OSError, ValueError, KeyError):
                Image.new(mode, (9, 7)).save(io.BytesIO(), kind)
                yield mode, kind


@pytest.mark.parametrize(("mode", "kind"), list(writable()))
def test_every_mode_and_format_becomes_rgb(tmp_path, mode, kind):
    path = tmp_path / f"x.{kind}"
    Image.new(mode, (9, 7)).save(path)
    assert read_image(path).mode == "RGB"
    assert examine([path])[1] == []


def test_the_first_frame_of_an_animation(tmp_path):
    frames = [Image.new("RGB", (5, 5), colour) for colour in ("red", "blue")]
    path = tmp_path / "a.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert read_image(path).getpixel((0, 0)) == (255, 0, 0)


def test_a_wrong_extension_is_opened_by_its_content(tmp_path):
    path = tmp_path / "really-a-png.jpg"
    Image.new("RGB", (5, 5)).save(path, format="PNG")
    assert read_image(path).size == (5, 5)


@pytest.mark.parametrize(
    ("name", "kind", "word"),
    [
        ("cut off.jpg", "truncated", "end of the file is missing"),
        ("cut off.png", "truncated", "end of the file is missing"),
        ("fake.jpg", "not-an-image", "not a picture"),
        ("empty.png", "empty-file", "empty"),
        ("phone.heic", "unreadable", "damaged"),
        ("evil.eps.jpg", "unsupported", "EPS"),
        ("thin.png", "too-large", "too long and thin"),
    ],
)
def test_bad_files_are_one_sentence_that_names_them(messy_folder, name, kind, word):
    path = messy_folder / "red" / name
    _, [(_, found, detail)] = examine([path])
    assert found == kind
    assert name in detail
    assert word in detail
    with pytest.raises(ImageError, match=word):
        read_image(path)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [8_100, 11_000, 12_000, 60_000])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(tmp_path, side):
    path = tmp_path / "bomb.png"
    path.write_bytes(png_of(side, side, b""))  # to decode it would be another error
    with pytest.raises(ImageError, match="megapixels"):
        read_image(path)


@given(
    data=st.binary(max_size=400), start=st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM"])
)
def test_hostile_bytes_are_never_more_than_an_image_error(tmp_path_factory, data, start):
    path = tmp_path_factory.getbasetemp() / "hostile.jpg"
    path.write_bytes(start + data)
    with contextlib.suppress(ImageError):
        read_image(path)


def test_thumbnails_keep_the_shape(tmp_path):
    path = save(tmp_path / "wide.jpg", Image.new("RGB", (800, 400), "green"))
    assert read_thumbnail(path, 100).shape == (50, 100, 3)


def test_thumbnails_of_large_files_are_kept_and_follow_the_file(tmp_path, monkeypatch):
    path = tmp_path / "camera.png"
    noise = np.random.default_rng(0).integers(0, 256, (400, 300, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    first = stored_thumbnail(path, 64)
    with monkeypatch.context() as blocked:
        blocked.setattr("cnnstudio.data.reading.image_reader.read_thumbnail", pytest.fail)
        again = stored_thumbnail(path, 64)
    assert again.shape == first.shape == (64, 48, 3)
    assert np.abs(again.astype(int) - first).mean() < 12
    Image.fromarray(noise[::-1]).save(path)
    assert np.abs(stored_thumbnail(path, 64).astype(int) - first[::-1]).mean() < 12


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_upright_whatever_else_the_notes_say(tmp_path, orientation):
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 256, (3, 4, 3), dtype=np.uint8))
    notes = Image.Exif()
    notes[0x0112] = orientation
    picture.save(tmp_path / "a.png", exif=notes)
    with Image.open(tmp_path / "a.png") as opened:
        expected = ImageOps.exif_transpose(opened)
    assert (np.asarray(read_image(tmp_path / "a.png")) == np.asarray(expected)).all()


@pytest.mark.parametrize(("values", "shown"), [([0.0, 0.5, 1.0], [0, 128, 255]), ([0, 257, 65535], [0, 1, 255])])
def test_scientific_grey_values_of_a_known_range_are_shown(tmp_path, values, shown):
    row = np.array([values], np.float32 if isinstance(values[1], float) else np.int32)
    Image.fromarray(row).save(tmp_path / "a.tif")
    assert np.asarray(read_image(tmp_path / "a.tif"))[0, :, 0].tolist() == shown


@pytest.mark.parametrize("values", [[-1.0, 0.5], [0.0, 300.0], [0, 70_000]])
def test_grey_values_of_an_unknown_range_are_refused(tmp_path, values):
    row = np.array([values], np.float32 if isinstance(values[0], float) else np.int32)
    Image.fromarray(row).save(tmp_path / "a.tif")
    with pytest.raises(ImageError, match="neither 8 nor 16 bits"):
        read_image(tmp_path / "a.tif")


@pytest.mark.parametrize(
    "kind", [b"gAMA", b"cHRM", b"pHYs", b"tRNS", b"eXIf", b"iCCP", b"zTXt", b"tEXt", b"sRGB", b"zzZz"]
)
@pytest.mark.parametrize("content", [b"", b"\0", b"\0" * 3, b"odd\0\0odd"])
def test_what_a_png_says_beside_its_pixels_costs_no_picture(tmp_path, kind, content):
    good = saved(photo(), "PNG")
    for place in (33, len(good) - 12):
        (tmp_path / "a.png").write_bytes(good[:place] + png_chunk(kind, content) + good[place:])
        assert read_image(tmp_path / "a.png").tobytes() == photo().tobytes()
