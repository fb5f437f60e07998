"""What a decoder fills in where data is missing is not taken for a picture, and grey is not taken for missing."""

import struct

import numpy as np
import pytest
from PIL import Image, ImageDraw

from cnnstudio.core import ImageError
from cnnstudio.data.checks.facts import examine
from cnnstudio.data.reading import read_image, read_reduced
from cnnstudio.data.reading.wholeness import _data_of
from tests.conftest import SHARED
from tests.picture_files import photo, png_chunk, saved

WAYS = [
    {}, {"quality": 30, "subsampling": 0}, {"quality": 95}, {"optimize": True}, {"progressive": True},
    {"restart_marker_rows": 1},
]  # fmt: skip
MODES = ["RGB", "L", "CMYK"]


def cut(content, share):
    """Its data up to a share, and an end as if it were whole."""
    start, _, end = _data_of(content)
    return content[: start + 12 + int((end - start - 12) * share)] + b"\xff\xd9"


def read(path, side):
    return read_reduced(path, side).image if side else read_image(path)


def kind_of(path, content):
    path.write_bytes(content)
    problems = examine([str(path)])[1]
    return problems[0][1] if problems else ""


@pytest.mark.parametrize(
    ("way", "share"),  # a progressive picture is whole early, and only gets sharper
    [(way, share) for way in WAYS for share in ([0.05] if way.get("progressive") else [0.05, 0.4, 0.8, 0.97])],
)
@pytest.mark.parametrize("mode", MODES)
def test_a_jpeg_that_was_cut_and_closed_is_found(tmp_path, way, mode, share):
    content = saved(photo((400, 300)).convert(mode), "JPEG", **way)
    assert kind_of(tmp_path / "a.jpg", cut(content, share)) == "truncated"
    assert kind_of(tmp_path / "a.jpg", content) == ""
    for side in (0, 50):
        (tmp_path / "b.jpg").write_bytes(cut(content, share))
        with pytest.raises(ImageError, match="lower part is missing"):
            read(tmp_path / "b.jpg", side)


def grey_below(mode="RGB", shade=128, size=(320, 240)):
    picture = photo(size).convert(mode)
    fill = shade if mode == "L" else (shade,) * 3
    ImageDraw.Draw(picture).rectangle((0, size[1] // 2, size[0], size[1]), fill=fill)
    return picture


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("shade", [127, 128, 129, 0, 255])
def test_what_is_grey_by_itself_is_whole(tmp_path, way, mode, shade):
    assert kind_of(tmp_path / "a.jpg", saved(grey_below(mode, shade), "JPEG", **way)) == ""
    assert kind_of(tmp_path / "b.jpg", saved(Image.new(mode, (300, 200), "grey"), "JPEG", **way)) == ""


@pytest.mark.parametrize("size", [(400, 533), (301, 199), (33, 47), (1001, 333)])
@pytest.mark.parametrize("way", WAYS)
def test_nor_does_it_matter_that_a_side_cannot_be_halved(tmp_path, size, way):
    (path := tmp_path / "a.jpg").write_bytes(saved(grey_below(size=size), "JPEG", **way))
    assert kind_of(path, path.read_bytes()) == ""
    for side in (0, 25, 50):
        assert read(path, side).size[0]


@pytest.mark.parametrize("marker", [0xC4, 0xDB, 0xDA, 0xE1, 0xFE, 0xD8])
@pytest.mark.parametrize("size", [(400, 300), (301, 199)])
def test_data_that_looks_like_a_marker_ends_the_picture(tmp_path, marker, size):
    content = saved(photo(size), "JPEG")
    start, _, end = _data_of(content)
    place = (start + end) // 2
    (path := tmp_path / "a.jpg").write_bytes(content[:place] + bytes([0xFF, marker]) + content[place + 2 :])
    assert kind_of(path, path.read_bytes()) in ("truncated", "unreadable")
    for side in (0, 50):
        with pytest.raises(ImageError, match=r"lower part is missing|damaged"):
            read(path, side)


@pytest.mark.parametrize("way", WAYS[:4])
@pytest.mark.parametrize("size", [512, 4096])
def test_zeros_of_a_bad_card_are_found(tmp_path, way, size):
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    content = saved(Image.fromarray(noise), "JPEG", **way)
    start, _, end = _data_of(content)
    place = start + (end - start) // 3
    assert kind_of(tmp_path / "a.jpg", content[:place] + bytes(size) + content[place + size :]) == "truncated"


def test_zeros_in_its_notes_or_its_plain_parts_are_no_damage(tmp_path):
    notes = b"\xff\xe1" + struct.pack(">H", 5002) + bytes(5000)
    content = saved(photo((200, 150)), "JPEG")
    assert kind_of(tmp_path / "a.jpg", content[:2] + notes + content[2:]) == ""
    assert kind_of(tmp_path / "b.jpg", content + bytes(9000)) == ""
    white = saved(Image.new("L", (4000, 3000), "white"), "JPEG", optimize=True)
    assert kind_of(tmp_path / "c.jpg", white) == ""


def test_a_phone_s_second_picture_does_not_matter(tmp_path):
    first, second = photo((200, 150)), photo((40, 30), seed=1)
    content = saved(first, "MPO", save_all=True, append_images=[second])
    assert kind_of(tmp_path / "a.jpg", content) == ""
    assert kind_of(tmp_path / "b.jpg", saved(first, "JPEG") + b"\0\0\0\x18ftypmp42" + bytes(4000)) == "", (
        "a motion photo"
    )


def test_a_png_whose_checksum_is_wrong_is_found(tmp_path):
    content = saved(photo(), "PNG")
    place = content.index(b"IDAT") + 40
    (tmp_path / "a.png").write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    with pytest.raises(ImageError, match=r"damaged|checksum|missing"):
        read_image(tmp_path / "a.png")
    end = content.index(b"IDAT") - 4
    length = struct.unpack(">I", content[end : end + 4])[0]
    crc = end + 8 + length
    (tmp_path / "b.png").write_bytes(content[:crc] + bytes(4) + content[crc + 4 :])
    with pytest.raises(ImageError, match="a checksum in it does not match"):
        read_image(tmp_path / "b.png")
    several = content[:end] + png_chunk(b"IDAT", content[end + 8 : end + 48]) + png_chunk(
        b"IDAT", content[end + 48 : crc]
    )  # fmt: skip
    (tmp_path / "c.png").write_bytes(several + content[crc + 4 :])
    assert read_image(tmp_path / "c.png").size == (96, 72)


@pytest.mark.slow
def test_real_photographs_are_whole_and_their_halves_are_not(tmp_path):
    photographs = sorted((SHARED / "data" / "clothing").rglob("*.jpg"))
    if not photographs:
        pytest.skip("needs the shared photographs")
    assert [path for path in photographs if examine([str(path)])[1]] == []
    for number, path in enumerate(photographs[::8]):
        share = 0.1 + 0.85 * (number % 97) / 97
        assert kind_of(tmp_path / "cut.jpg", cut(path.read_bytes(), share)) == "truncated", (path, share)
