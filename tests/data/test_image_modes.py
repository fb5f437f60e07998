"""The image reader against what each mode, depth and container means, pixel by pixel."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cnnstudio.core import ImageError
from cnnstudio.data.reading import read_bytes, read_image, read_reduced, read_thumbnail, typical_side
from cnnstudio.data.reading.reduced import GAP

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (7, 9, 3), dtype=np.uint8)
GREY = RNG.integers(0, 256, (7, 9), dtype=np.uint8)
ALPHA = RNG.integers(0, 256, (7, 9), dtype=np.uint8)
LOSSLESS = {"png": {}, "bmp": {}, "tiff": {}, "webp": {"lossless": True}, "ppm": {}}


def pixels(path):
    image = read_image(path)
    assert image.mode == "RGB"
    return np.asarray(image)


def on_white(colour, alpha):
    """Compositing by its formula, which Pillow rounds to the nearest."""
    share = alpha[..., None].astype(float) / 255
    return colour * share + 255 * (1 - share)


def png(width, height, depth, colour_type, rows, *chunks):
    """A PNG of any depth, which Pillow cannot write."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    between = b"".join(chunk(kind, content) for kind, content in chunks)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + between + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", list(LOSSLESS))
def test_what_loses_nothing_comes_back_bit_equal(tmp_path, kind):
    Image.fromarray(COLOUR).save(tmp_path / f"a.{kind}", **LOSSLESS[kind])
    assert (pixels(tmp_path / f"a.{kind}") == COLOUR).all()


@pytest.mark.parametrize("kind", ["png", "bmp", "tiff", "ppm"])
def test_grey_is_the_same_in_all_channels(tmp_path, kind):
    Image.fromarray(GREY).save(tmp_path / f"a.{kind}")
    assert (pixels(tmp_path / f"a.{kind}") == GREY[..., None]).all()


@pytest.mark.parametrize("kind", ["png", "bmp", "tiff", "gif"])
def test_black_and_white_is_0_and_255(tmp_path, kind):
    Image.fromarray(GREY > 127).save(tmp_path / f"a.{kind}")
    assert (pixels(tmp_path / f"a.{kind}") == 255 * (GREY > 127)[..., None]).all()


@pytest.mark.parametrize("kind", ["png", "tiff", "webp"])
def test_colour_with_transparency_lies_on_white(tmp_path, kind):
    Image.fromarray(np.dstack([COLOUR, ALPHA])).save(tmp_path / f"a.{kind}", **LOSSLESS[kind])
    shown = pixels(tmp_path / f"a.{kind}")
    opaque = ALPHA > 0  # WebP may forget the colour of what nobody sees
    assert np.abs(shown - on_white(COLOUR, ALPHA))[opaque].max() <= 1
    assert (shown[~opaque] == 255).all()


@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_grey_with_transparency_lies_on_white(tmp_path, kind):
    Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(ALPHA)]).save(tmp_path / f"a.{kind}")
    assert np.abs(pixels(tmp_path / f"a.{kind}") - on_white(GREY[..., None], ALPHA)).max() <= 1


def test_a_palette_with_its_own_transparency_lies_on_white(tmp_path):
    indices = RNG.integers(0, 4, (7, 9), dtype=np.uint8)
    palette, alphas = RNG.integers(0, 256, (4, 3), dtype=np.uint8), bytes([0, 85, 170, 255])
    image = Image.fromarray(indices, "P")
    image.putpalette(palette.tobytes())
    image.save(tmp_path / "a.png", transparency=alphas)
    expected = on_white(palette[indices], np.frombuffer(alphas, np.uint8)[indices])
    assert np.abs(pixels(tmp_path / "a.png") - expected).max() <= 1


def test_one_colour_that_stands_for_transparent_is_white(tmp_path):
    """A PNG's tRNS chunk, for colour and for grey."""
    Image.fromarray(COLOUR).save(tmp_path / "a.png", transparency=tuple(map(int, COLOUR[2, 3])))
    Image.fromarray(GREY).save(tmp_path / "b.png", transparency=int(GREY[2, 3]))
    for name, source in (("a.png", COLOUR), ("b.png", np.dstack([GREY] * 3))):
        shown = pixels(tmp_path / name)
        assert shown[2, 3].tolist() == [255, 255, 255]
        same = (source == source[2, 3]).all(-1)
        assert (shown[~same] == source[~same]).all()


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_grey_of_few_bits_is_spread_from_black_to_white(tmp_path, depth):
    most = 2**depth - 1
    row = int("".join(f"{value % (most + 1):0{depth}b}" for value in range(8)), 2).to_bytes(depth, "big")
    (tmp_path / "a.png").write_bytes(png(8, 2, depth, 0, [row, row]))
    assert pixels(tmp_path / "a.png")[0, :, 0].tolist() == [value % (most + 1) * 255 // most for value in range(8)]


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_a_palette_of_few_bits(tmp_path, depth):
    palette = bytes(range(2**depth * 3 % 256 or 255))[: 3 * min(2**depth, 85)]
    (tmp_path / "a.png").write_bytes(png(8, 1, depth, 3, [bytes(depth)], (b"PLTE", palette)))
    assert pixels(tmp_path / "a.png")[0].tolist() == [[0, 1, 2]] * 8


def test_sixteen_bits_per_colour_keep_their_upper_eight(tmp_path):
    values = RNG.integers(0, 65536, (2, 3, 3)).astype(">u2")
    (tmp_path / "a.png").write_bytes(png(3, 2, 16, 2, [row.tobytes() for row in values]))
    assert np.abs(pixels(tmp_path / "a.png").astype(int) - values / 257).max() <= 1


@settings(max_examples=40)
@given(st.lists(st.integers(0, 65535), min_size=4, max_size=4))
def test_sixteen_bit_grey_is_rounded_and_keeps_its_order(tmp_path_factory, values):
    path = tmp_path_factory.getbasetemp() / "sixteen.png"
    Image.fromarray(np.array([values], np.uint16)).save(path)
    shown = pixels(path)[0, :, 0].tolist()
    assert shown == [round(value / 257) for value in values]


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr"])
def test_print_and_video_colours_are_converted_as_pillow_does(tmp_path, mode):
    path = tmp_path / "a.tif"
    Image.fromarray(COLOUR).convert(mode).save(path)
    with Image.open(path) as opened:
        assert (pixels(path) == np.asarray(opened.convert("RGB"))).all()


def test_a_cmyk_jpeg_of_a_print_shop_is_not_its_negative(tmp_path):
    Image.new("RGB", (32, 32), (200, 40, 30)).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert np.abs(pixels(tmp_path / "a.jpg").mean((0, 1)) - (200, 40, 30)).max() < 6


@pytest.mark.parametrize("kind", ["gif", "webp", "png", "tiff"])
def test_of_several_frames_the_first_is_taken(tmp_path, kind):
    frames = [Image.new("RGB", (16, 12), colour) for colour in ("#c02020", "#2020c0", "#20c020")]
    path = tmp_path / f"a.{kind}"
    frames[0].save(path, save_all=True, append_images=frames[1:], **({"duration": 50} if kind != "tiff" else {}))
    assert np.abs(pixels(path).mean((0, 1)) - (0xC0, 0x20, 0x20)).max() < 4


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff"])
@pytest.mark.parametrize("orientation", [0, 1, 3, 6, 8, 9, 255])
def test_every_container_says_which_side_is_up(tmp_path, kind, orientation):
    notes = Image.Exif()
    notes[0x0112] = orientation
    wide = np.zeros((16, 48, 3), np.uint8)
    wide[:, :16] = 255  # the left third is white
    path = tmp_path / f"a.{kind}"
    Image.fromarray(wide).save(path, exif=notes, **({"lossless": True} if kind == "webp" else {}))
    shown = pixels(path)[..., 0]
    third = {3: shown[:, -16:], 6: shown[:16], 8: shown[-16:]}.get(orientation, shown[:, :16])
    assert third.mean() > 240
    assert shown.mean() < 100
    assert shown.shape == ((48, 16) if orientation in (6, 8) else (16, 48))


@pytest.mark.parametrize("side", [1, 20, 45, 50, 51, 100, 199, 200, 201, 5000])
@pytest.mark.parametrize("kind", ["jpg", "png"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_enough_is_left_and_no_more_than_needed(tmp_path, kind, side, orientation):
    notes = Image.Exif()
    notes[0x0112] = orientation
    noise = RNG.integers(0, 256, (401, 603, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / f"a.{kind}", exif=notes)
    read = read_reduced(tmp_path / f"a.{kind}", side)
    assert read.full == ((603, 401) if orientation == 1 else (401, 603))
    assert read.part == 1 or min(read.full) / read.part >= GAP * side
    assert read.part == (
        1 if kind == "png" else max(part for part in (1, 2, 4, 8) if part == 1 or 401 // part >= GAP * side)
    )
    assert read.image.size == tuple(-(-length // read.part) for length in read.full)


def test_a_thumbnail_is_upright_and_never_larger_than_the_picture(tmp_path):
    notes = Image.Exif()
    notes[0x0112] = 6
    Image.new("RGB", (400, 100)).save(tmp_path / "a.jpg", exif=notes)
    assert read_thumbnail(tmp_path / "a.jpg", 100).shape == (100, 25, 3)
    assert read_thumbnail(tmp_path / "a.jpg", 5000).shape == (400, 100, 3)


def test_all_of_a_file_is_read_with_its_size_and_time(tmp_path):
    (tmp_path / "a.jpg").write_bytes(bytes(range(256)) * 900)
    content, (size, time) = read_bytes(str(tmp_path / "a.jpg"))
    stat = (tmp_path / "a.jpg").stat()
    assert (content, size, time) == (bytes(range(256)) * 900, stat.st_size, stat.st_mtime_ns)
    (tmp_path / "a.jpg").write_bytes(b"")
    with pytest.raises(ImageError, match="empty"):
        read_bytes(str(tmp_path / "a.jpg"))
    with pytest.raises(FileNotFoundError):
        read_bytes(str(tmp_path / "gone.jpg"))


def test_the_typical_side_is_the_median_of_what_can_be_read(tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(5)]
    for path, side in zip(paths, (10, 20, 30, 40, 50), strict=True):
        Image.new("L", (side, 2 * side)).save(path)
    assert typical_side(paths) == 30
    paths[3].write_bytes(b"no picture")
    paths[4].unlink()
    assert typical_side(paths) == 20
    assert typical_side([paths[3]]) == typical_side([]) == 0


def test_the_typical_side_takes_few_looks_spread_over_all(tmp_path, monkeypatch):
    looked, names = [], [tmp_path / f"{number}.png" for number in range(1000)]
    monkeypatch.setattr(
        "cnnstudio.data.reading.image_reader.open_checked",
        lambda path: looked.append(path) or Image.new("L", (7, 9)),
    )
    assert typical_side(names, looks=10) == 7
    assert looked == names[::100]


def test_a_format_that_nobody_asked_for_is_not_opened(tmp_path):
    for kind, name in (("ico", "icon"), ("tga", "TGA"), ("pcx", "PCX"), ("sgi", "SGI")):
        out = io.BytesIO()
        Image.fromarray(COLOUR).save(out, kind)
        (tmp_path / "a.png").write_bytes(out.getvalue())
        with pytest.raises(ImageError, match=f"{name}.*save it as JPEG or PNG"):
            read_image(tmp_path / "a.png")
        assert typical_side([tmp_path / "a.png"]) == 0
