"""HEIC, as phones write it: the same pixels everywhere, upright once, and no half pictures."""

import contextlib
import io
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from cnnstudio.core import ImageError, Watch
from cnnstudio.data import PreprocessSpec, Sample, SplitSpec, heif
from cnnstudio.data.checks.facts import examine
from cnnstudio.data.reading import (
    image_reader,
    is_picture,
    read_fast,
    read_for_evaluation,
    read_image,
    read_thumbnail,
    resize_and_crop,
)  # fmt: skip
from cnnstudio.data.scan import scan_folder
from tests.picture_files import heic, photo, saved

PICTURE = photo((97, 72))
PIXELS = np.asarray(PICTURE)
CORNERS = np.zeros((64, 96, 3), np.uint8)
CORNERS[:32, :32] = 255
"""White where it begins."""


@pytest.fixture(scope="module")
def tiled():
    """Put together from tiles, as every picture of a phone is."""
    with pytest.MonkeyPatch.context() as options:
        options.setattr(pillow_heif.options, "GRID_TILE_SIZE", 64)
        noise = np.random.default_rng(0).integers(0, 256, (192, 256, 3), dtype=np.uint8)
        return heic(Image.fromarray(noise), quality=60)


def pixels(folder, content, name="IMG_1.HEIC"):
    (folder / name).write_bytes(content)
    return np.asarray(read_image(folder / name)).astype(int)


def kind_of(folder, content):
    (folder / "x.heic").write_bytes(content)
    problems = examine([str(folder / "x.heic")])[1]
    return problems[0][1] if problems else ""


@pytest.mark.parametrize("name", ["IMG_1.HEIC", "a.heif", "DSC_1.HIF", "burst.heics", "IMG_2.jpg", "IMG_3.png"])
def test_what_loses_nothing_comes_back_bit_equal_under_every_name(tmp_path, name):
    assert (pixels(tmp_path, heic(PICTURE), name) == PIXELS).all()
    assert is_picture(name)


@pytest.mark.parametrize("brand", [b"mif1", b"mif2", b"heix", b"hevc", b"msf1"])
def test_relatives_of_heic_are_known_by_what_they_hold(tmp_path, brand):
    content = heic(PICTURE)
    assert (pixels(tmp_path, content[:8] + brand + content[12:]) == PIXELS).all()


def test_an_avif_in_the_common_container_is_left_to_its_own_decoder(tmp_path):
    content = saved(PICTURE, "AVIF", quality=90)
    assert not heif.is_heif(content[:64])
    assert not heif.is_heif(content[:8] + b"mif1" + content[12:64])
    assert np.abs(pixels(tmp_path, content[:8] + b"mif1" + content[12:]) - PIXELS).mean() < 6


def test_grey_transparency_and_deep_colours_follow_the_rules_of_all_formats(tmp_path):
    grey = PICTURE.convert("L")
    assert (pixels(tmp_path, heic(grey))[..., 0] == np.asarray(grey)).all()
    alpha = np.tile(np.linspace(0, 255, 97).astype(np.uint8), (72, 1))
    shown = pixels(tmp_path, heic(Image.fromarray(np.dstack([PIXELS, alpha]))))
    share = alpha[..., None] / 255
    assert np.abs(shown - (PIXELS * share + 255 * (1 - share))).max() <= 1
    deep = pillow_heif.from_bytes("RGB;16", (97, 72), (PIXELS.astype(np.uint16) * 257).tobytes())
    deep.save(out := io.BytesIO(), quality=-1, chroma=444, matrix_coefficients=0)
    assert np.abs(pixels(tmp_path, out.getvalue()) - PIXELS).max() <= 1
    values = np.asarray(grey).astype(np.uint16) * 257
    assert np.abs(pixels(tmp_path, heic(Image.fromarray(values)))[..., 0] - np.asarray(grey)).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_turned_once(tmp_path, orientation):
    """A phone says it twice: to the decoder, which turns the picture, and in its notes, which only repeat it."""
    notes = Image.Exif()
    notes[0x0112] = orientation
    image = Image.fromarray(CORNERS)
    options = {"quality": -1, "chroma": 444, "matrix_coefficients": 0, "exif": notes.tobytes()}
    pillow_heif.from_pillow(image).save(out := io.BytesIO(), **options)
    png = saved(image, "PNG", exif=notes)
    assert (pixels(tmp_path, out.getvalue()) == pixels(tmp_path, png, "a.png")).all()
    (row,) = examine([str(tmp_path / "IMG_1.HEIC")])[0]
    assert row["good"]
    assert (row["width"], row["height"]) == ((96, 64) if orientation < 5 else (64, 96))


def test_of_several_pictures_the_main_one_is_taken(tmp_path):
    content = heic(PICTURE, photo((97, 72), seed=1), quality=90, primary_index=1)
    second = np.asarray(photo((97, 72), seed=1)).astype(int)
    assert np.abs(pixels(tmp_path, content) - second).mean() < 8
    (row,) = examine([str(tmp_path / "IMG_1.HEIC")])[0]
    assert row["frames"]
    assert examine([str(tmp_path / "IMG_1.HEIC")])[1] == []


def test_every_way_of_reading_sees_the_same(tmp_path, tiled):
    (tmp_path / "a.heic").write_bytes(tiled)
    whole, spec = read_image(tmp_path / "a.heic"), PreprocessSpec(resize=64, crop=56)
    sample = Sample(tmp_path / "a.heic", 0, "train")
    assert (read_for_evaluation(sample, spec) == resize_and_crop(whole, spec)).all()
    assert np.abs(read_fast(sample, spec).astype(int) - resize_and_crop(whole, spec)).max() <= 1
    assert read_thumbnail(tmp_path / "a.heic", 64).shape == (48, 64, 3)
    with ThreadPoolExecutor(8) as pool:
        assert {read.tobytes() for read in pool.map(read_image, [tmp_path / "a.heic"] * 16)} == {whole.tobytes()}
    with pillow_heif.open_heif(tmp_path / "a.heic").to_pillow() as theirs:
        assert theirs.tobytes() == whole.tobytes()


def test_a_folder_of_phone_pictures_is_a_dataset(tmp_path, tiled):
    for label in "ab":
        (tmp_path / label).mkdir()
        for number in range(4):
            (tmp_path / label / f"IMG_{number}.HEIC").write_bytes(heic(photo((97, 72), seed=ord(label) * number)))
    (tmp_path / "a" / "cut.HEIC").write_bytes(tiled[: int(0.9 * len(tiled))])
    dataset = scan_folder(tmp_path, SplitSpec(), watch=Watch())
    assert len(dataset.samples) == 8
    assert [problem.kind for problem in dataset.problems] == ["truncated"]


# What is damaged or hostile --------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.05, 0.4, 0.6, 0.8, 0.95, 0.999])
def test_what_was_cut_off_is_never_half_a_picture(tmp_path, tiled, share):
    """The decoder leaves out tiles that are missing, and says nothing."""
    for content in (tiled, heic(PICTURE), heic(PICTURE, PICTURE, quality=90)):
        assert kind_of(tmp_path, content) == ""
        part = content[: int(share * len(content))]
        assert kind_of(tmp_path, part) in ("truncated", "unreadable")
        with pytest.raises(ImageError, match=r"missing|damaged"):
            read_image(tmp_path / "x.heic")
    assert share < 0.4 or kind_of(tmp_path, part) == "truncated"


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_zeros_of_a_bad_card_are_found(tmp_path, tiled, share):
    place = tiled.index(b"mdat") + int(share * (len(tiled) - tiled.index(b"mdat")))
    assert kind_of(tmp_path, tiled[:place] + bytes(600) + tiled[place + 600 :]) == "truncated"


def test_zeros_beside_the_picture_are_no_damage(tmp_path, tiled):
    assert kind_of(tmp_path, tiled + b"\0\0\x04\0free" + bytes(1016)) == ""
    notes = Image.Exif()
    notes[0x010E] = "x" + "\0" * 3000
    content = heic(PICTURE, quality=80, exif=notes.tobytes())
    assert bytes(600) in content
    assert kind_of(tmp_path, content) == ""


@pytest.mark.parametrize(
    "tail", [b"\r\n" * 4, b"\0\0\x01\x0aTrailer of a phone" + bytes(40) + b"SEFT", b"\xff\xd8\xff\xe0" * 9]
)
def test_what_some_phones_put_behind_a_picture_is_no_missing_part_of_it(tmp_path, tiled, tail):
    assert kind_of(tmp_path, tiled + tail) == ""


def test_a_cut_is_found_where_the_last_box_says_no_size(tmp_path, tiled):
    place = tiled.index(b"mdat") - 4
    open_ended = tiled[:place] + bytes(4) + tiled[place + 4 :]
    assert kind_of(tmp_path, open_ended) == ""
    assert kind_of(tmp_path, open_ended[: int(0.9 * len(tiled))]) == "truncated"


def test_a_hole_beside_the_picture_hides_none_in_it(tmp_path):
    content = bytearray(heic(PICTURE, photo((97, 72), seed=1), quality=90, primary_index=1))
    (first, _), (main, _) = heif.extents_of(bytes(content))
    content[first + 500 : first + 1100] = bytes(600)
    assert kind_of(tmp_path, bytes(content)) == ""
    content[main + 500 : main + 1100] = bytes(600)
    assert kind_of(tmp_path, bytes(content)) == "truncated"


def test_random_damage_is_never_more_than_an_image_error(tmp_path, tiled):
    rng = np.random.default_rng(0)
    path = tmp_path / "a.heic"
    for number in range(60):
        content = bytearray(heic(PICTURE, quality=50) if number % 2 else tiled)
        for _ in range(4):
            content[rng.integers(8, len(content) if number % 3 else 600)] = rng.integers(256)
        path.write_bytes(content)
        with contextlib.suppress(ImageError):
            assert read_image(path).mode == "RGB"


def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path):
    content = heic(photo((96, 72)))
    place = content.index(b"ispe") + 8
    (tmp_path / "a.heic").write_bytes(content[:place] + b"\0\0\x27\x10\0\0\x27\x10" + content[place + 8 :])
    with pytest.raises(ImageError, match="100 megapixels"):
        read_image(tmp_path / "a.heic")


def test_a_kind_that_its_decoder_does_not_know_is_named(tmp_path):
    content = saved(PICTURE, "AVIF").replace(b"avif", b"heic")
    with pytest.raises(ImageError, match="HEIF picture of a kind that is not read"):
        pixels(tmp_path, content)
    assert kind_of(tmp_path, content) == "unsupported"


def test_damage_is_called_damage_and_not_a_format(tmp_path):
    for content in (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(400), b"\0\0\0\x18ftypheic"):
        assert kind_of(tmp_path, content) in ("unreadable", "truncated")
    with pytest.raises(
        ImageError, match=r"IMG_1.jpg could not be read: it is a HEIC picture, and its content is damaged"
    ):
        pixels(tmp_path, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(400), "IMG_1.jpg")


@pytest.fixture
def without_package(monkeypatch):
    heif.plugin.cache_clear()
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    yield
    heif.plugin.cache_clear()


def test_where_the_package_is_missing_it_is_named_and_other_pictures_are_read(tmp_path, without_package):
    with pytest.raises(ImageError, match="pip install pillow-heif"):
        pixels(tmp_path, heic(PICTURE))
    assert (pixels(tmp_path, saved(PICTURE, "PNG"), "a.png") == PIXELS).all()


def test_once_the_package_is_installed_a_folder_that_was_scanned_before_has_its_pictures(tmp_path, without_package):
    (tmp_path / "1.heic").write_bytes(heic(PICTURE))
    (tmp_path / "2.png").write_bytes(saved(PICTURE, "PNG"))
    table, _ = examine([str(tmp_path / "1.heic"), str(tmp_path / "2.png")])
    assert table["seen"].tolist() == [False, True], "what was not seen is looked at again next time"


def test_the_decoder_without_an_encoder_will_do_and_sees_the_same(tmp_path, monkeypatch, tiled):
    pytest.importorskip("pi_heif")
    ours = [pixels(tmp_path, content) for content in (tiled, heic(PICTURE, quality=70))]
    heif.plugin.cache_clear()
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    try:
        theirs = [pixels(tmp_path, content) for content in (tiled, heic(PICTURE, quality=70))]
        assert heif.plugin().__name__ == "pi_heif"
    finally:
        heif.plugin.cache_clear()
    assert all((one == other).all() for one, other in zip(ours, theirs, strict=True))


def test_it_is_imported_for_such_pictures_only(tmp_path, monkeypatch):
    monkeypatch.setattr(heif, "plugin", pytest.fail)
    assert (pixels(tmp_path, saved(PICTURE, "PNG"), "a.png") == PIXELS).all()
    assert {".heic", ".heif", ".hif"} <= image_reader.SUFFIXES
