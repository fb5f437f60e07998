"""A folder broken in every way that people's folders are; everything in it is made here."""

import os
import struct
import sys
import zlib

import numpy as np
from PIL import Image

BLUE, RED = (40, 60, 200), (200, 50, 40)
HAS_PIPES, ANY_NAME = hasattr(os, "mkfifo"), sys.platform == "linux"
PROBLEMS = {
    "truncated": 2, "not-an-image": 2, "empty-file": 1, "hidden": 2, "system-file": 3, "unsupported": 1,
    "too-large": 4, "empty-class": 1, "outside-classes": 1, "small-class": 1, "loop": 1, "unreadable": 4 + HAS_PIPES,
}  # fmt: skip
"""How many of each kind ``make_messy`` adds."""
USABLE = 14 + ANY_NAME
"""Pictures it adds that can be used."""


def make_messy(root, draw):
    """Add trouble to a folder with the classes blue, green and red; ``draw`` makes a picture of one colour."""
    rng = np.random.default_rng(2)
    red = root / "red"
    whole = draw(red / "photo.jpg", RED, rng, (300, 200)).read_bytes()
    _not_whole(root, red, whole)
    _too_large(red)
    _foreign(root, draw, rng)
    _unusual(root / "green", draw, rng)
    for name in ("nothing here", "single"):
        (root / name).mkdir()
    draw(root / "stray.png", BLUE, rng)
    draw(root / "single" / "only 🌿.png", BLUE, rng)
    (root / "green" / "loop").symlink_to(root / "green", target_is_directory=True)
    return root


def _not_whole(root, red, whole):
    (red / "cut off.jpg").write_bytes(whole[: len(whole) // 2])
    (red / "cut off.png").write_bytes((red / "00.png").read_bytes()[:-40])
    (red / "fake.jpg").write_text("I am not a picture")
    (red / "empty.png").touch()
    (red / "evil.eps.jpg").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    (red / "phone.heic").write_bytes(b"\x00\x00\x00\x18ftypheic" + b"\x00" * 50)
    (red / "damaged.png").write_bytes(png_of(9, 9, b"\x00" * 5))
    (red / "nowhere.jpg").symlink_to(root / "never there.jpg")
    (red / "myself.jpg").symlink_to(red / "myself.jpg")
    if HAS_PIPES:
        os.mkfifo(red / "pipe.jpg")


def _too_large(red):
    Image.new("L", (1, 400)).save(red / "thin.png")
    (red / "long.png").write_bytes(png_of(1, 65535, zlib.compress(b"\x00\x00" * 65535)))
    (red / "bomb.png").write_bytes(png_of(60_000, 60_000, b""))
    with (red / "film.tif").open("wb") as file:  # a hole: it takes no room
        file.truncate(700_000_000)


def _foreign(root, draw, rng):
    (root / "red" / "._00.png").write_bytes(b"\x00\x05\x16\x07")
    (root / "red" / "Thumbs.db").write_bytes(b"x")
    (root / "red" / "desktop.ini").write_bytes(b"x")
    (root / "red" / "notes.txt").write_text("x")
    for name in ("__MACOSX", ".ipynb_checkpoints"):
        draw(root / name / "00.png", BLUE, rng)


def _unusual(green, draw, rng):
    """All of these can be used."""
    picture = Image.open(draw(green / "with spaces and ümläuts.png", (50, 160, 60), rng))
    picture.convert("RGBA").save(green / "transparent.png")
    Image.fromarray(rng.integers(0, 65535, (40, 40), dtype=np.uint16)).save(green / "sixteen bits.png")
    picture.convert("CMYK").save(green / "print.jpg")
    picture.convert("P").save(green / "palette.gif")
    picture.save(green / "moving.webp", save_all=True, append_images=[picture.rotate(90)], duration=100)
    turned = Image.Exif()
    turned[0x0112] = 6
    picture.save(green / "turned.jpg", exif=turned)
    picture.save(green / "really a png.jpg", format="PNG")
    picture.save(green / "NO ENDING", format="BMP")
    picture.save(green / "SHOUTING.JPG", format="JPEG")
    draw(green / f"{'long ' * 40}.png", (50, 160, 60), rng)
    (green / "twice.png").write_bytes((green / "00.png").read_bytes())
    if ANY_NAME:  # no UTF-8
        (green / os.fsdecode(b"latin-\xe9.png")).write_bytes((green / "01.png").read_bytes())


def png_of(width, height, pixels):
    """A PNG file that promises a size; its pixels are another matter."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
