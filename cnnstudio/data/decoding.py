"""From a picture's file to 8 bits of red, green and blue: one rule for training, prediction and export.

An export carries this file, so that its script reads as the app does: it needs Pillow and NumPy only,
and pillow-heif for HEIC pictures.
"""

import ctypes
import logging
import re
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin, UnidentifiedImageError, _imaging
from PIL.TiffImagePlugin import TiffImageFile

from cnnstudio.data.heif import UNUSUAL, is_unusual, open_heif
from cnnstudio.data.tiff_bands import SHOWN, BandedTiff, NotReadable, TooLarge, as_banded, has_pages, spare_bands

_OF_PILLOW = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "PPM", "AVIF")
"""The JPEG plug-in returns MPO by itself; EPS never gets in."""
FORMATS = (*_OF_PILLOW, "HEIF")
"""Formats that are opened, by content and not by name."""
MAX_PIXELS = 64_000_000
UNKNOWN_RANGE = "its grey values are neither 8 nor 16 bits nor from 0 to 1; save it as one of these"
_TURN = Image.Transpose
_TURNS = {
    2: _TURN.FLIP_LEFT_RIGHT, 3: _TURN.ROTATE_180, 4: _TURN.FLIP_TOP_BOTTOM, 5: _TURN.TRANSPOSE, 6: _TURN.ROTATE_270,
    7: _TURN.TRANSVERSE, 8: _TURN.ROTATE_90,
}  # fmt: skip
"""By EXIF orientation, what makes a picture upright."""
_OF_FRAMES = ("chunk_acTL", "chunk_fcTL", "chunk_fdAT")
_STRIP = 1_000_000
"""Pixels that are worked on at a time."""
_EXTRA_SAMPLES = 338
_HARD_EDGES = 0.9
"""Share of a fourth band that is 0 or 255 where it is transparency though nobody says so."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Which values are black and white in pictures of more than 8 bits; what is beyond them is clipped."""

    whole: tuple[float, float] = (0.0, 65535.0)
    """Of whole numbers: cameras and scanners often use 10, 12 or 14 of the 16 bits that a file has."""
    real: tuple[float, float] = (0.0, 1.0)
    """Of floating-point numbers."""


LEVELS = Levels()
Picture = Image.Image | BandedTiff
Box = tuple[int, int, int, int]


def open_picture(source: str | Path | BinaryIO) -> Picture:
    """Open a picture; its pixels are not read yet.

    Raises:
        TooLarge: it has more than MAX_PIXELS.
        NotReadable: a TIFF or HEIF of a kind that cannot be read; the text says which.
        Exception: whatever Pillow raises.
    """
    try:
        image = open_heif(source) or Image.open(source, formats=_OF_PILLOW)
    except UnidentifiedImageError:
        banded = as_banded(source, None)
        if banded is None:
            raise
        _check_size(banded)
        return banded
    try:
        _check_size(image)
        banded = as_banded(source, image) if image.format == "TIFF" else None
    except Exception:
        image.close()
        raise
    if banded is None:
        return image
    image.close()
    return banded


def _check_size(picture: Picture) -> None:
    pixels = picture.size[0] * picture.size[1]
    if pixels > MAX_PIXELS:
        raise TooLarge(f"it has {pixels / 1e6:.0f} megapixels, and {MAX_PIXELS / 1e6:.0f} are the limit")


def as_rgb(picture: Picture, levels: Levels = LEVELS) -> Image.Image:
    """An opened picture as people see it: upright, on white where it is transparent, 8 bits, three channels.

    Args:
        picture: as ``open_picture`` gives it.
        levels: what is black and white where there are more than 8 bits.

    Raises:
        NotReadable: nobody knows which of its values are black and white.
        Exception: whatever Pillow raises.
    """
    upper_bits_do = _is_deep_png(picture) and levels.whole == LEVELS.whole
    if isinstance(picture, BandedTiff) or (is_deep(picture) and not upper_bits_do):
        image = _from_values(picture, levels)
    else:
        _load(picture)
        image = picture
    for name in ("_decoder", "_heif_file"):  # those of WebP, AVIF and HEIF hold the picture once or twice more
        vars(picture).pop(name, None)
    turn = _TURNS.get(orientation_of(picture))
    if turn is not None:  # ImageOps.exif_transpose also writes the notes anew, and fails where one of them is odd
        image = image.transpose(turn)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        opaque = _says_nothing(picture)
        return _whole(image.size, ((box, _on_white(image.crop(box), opaque)) for box in _boxes(image.size)))
    return image if image.mode == "RGB" else image.convert("RGB")


def _load(picture: Image.Image) -> None:
    try:
        picture.load()
    except Exception as error:
        if picture.format == "HEIF" and is_unusual(error):
            raise NotReadable(UNUSUAL) from error
        raise


def orientation_of(picture: Picture) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none, or where the notes are damaged.

    A HEIF picture is turned by its decoder, and its notes do not count.
    """
    if picture.format == "HEIF":
        return 1
    with suppress(Exception):  # a camera's notes never cost the picture
        found = picture.getexif().get(0x0112, 1)
        return found if found in _TURNS else 1
    return 1


def is_deep(picture: Picture) -> bool:
    """Whether a picture has values of more than 8 bits."""
    if isinstance(picture, BandedTiff):
        return picture.dtype.itemsize > 1
    return picture.mode.startswith("I;16") or picture.mode in ("I", "F") or _is_deep_png(picture)


def bands_of(picture: Picture) -> int:
    """Of a TIFF that has more than are shown, all of them; else 0."""
    if isinstance(picture, BandedTiff):
        return picture.bands if picture.bands > SHOWN else 0
    return spare_bands(picture.tag_v2) if isinstance(picture, TiffImageFile) else 0


def has_frames(picture: Picture) -> bool:
    """Whether a file has further pages, or moves; a phone's second copy in a JPEG does not count."""
    with suppress(Exception):  # what comes behind the first frame may be anything
        if isinstance(picture, BandedTiff):
            return picture.more_pages
        if isinstance(picture, TiffImageFile) and picture.fp is not None:
            return has_pages(picture.fp, picture.tag_v2)
        return picture.format in ("GIF", "PNG", "WEBP", "AVIF", "HEIF") and bool(getattr(picture, "is_animated", False))
    return False


def extent(picture: Picture) -> tuple[float, float, bool]:
    """Lowest and highest value of a deep picture, and whether they are floating-point numbers; zeros for none."""
    low, high, real = np.inf, -np.inf, False
    for _, values in _strips(picture):
        real = values.dtype.kind == "f"
        known = values[np.isfinite(values)] if real else values
        if known.size:
            low, high = min(low, float(known.min())), max(high, float(known.max()))
    return (low, high, real) if low <= high else (0.0, 0.0, real)


def _from_values(picture: Picture, levels: Levels) -> Image.Image:
    parts = ((box, Image.fromarray(_scaled(values, levels))) for box, values in _strips(picture))
    image = _whole(picture.size, parts)
    return ImageOps.invert(image) if isinstance(picture, BandedTiff) and picture.inverted else image


def _whole(size: tuple[int, int], parts: Iterator[tuple[Box, Image.Image]]) -> Image.Image:
    """In mode RGB, put together strip by strip, so that there is no other copy of it on the way."""
    whole = Image.new("RGB", size)
    for box, part in parts:
        whole.paste(part, box)
    return whole


def _boxes(size: tuple[int, int]) -> Iterator[Box]:
    """Strips of a picture from its top to its bottom."""
    width, height = size
    step = max(1, _STRIP // max(1, width))
    for top in range(0, height, step):
        yield 0, top, width, min(height, top + step)


def _on_white(image: Image.Image, opaque: bool) -> Image.Image:
    rgba = image.convert("RGBA")
    if opaque:
        return rgba.convert("RGB")
    white = Image.new("RGB", rgba.size, "white")
    white.paste(rgba, mask=rgba.getchannel("A"))
    return white


def _scaled(values: Any, levels: Levels) -> np.ndarray:
    if values.dtype == np.uint8:
        return values
    real = values.dtype.kind == "f"
    black, white = levels.real if real else levels.whole
    exact: Any = values.astype(np.float32 if values.dtype.itemsize == 2 else np.float64)  # 24 bits are enough for 16
    if real:
        np.nan_to_num(exact, copy=False, nan=black, posinf=white, neginf=black)
    known = (LEVELS.real if real else LEVELS.whole) != (black, white)
    if not known and not (black <= exact.min() and exact.max() <= white):
        raise NotReadable(UNKNOWN_RANGE)
    exact -= black
    exact *= 255 / max(white - black, 1e-9)
    return np.round(exact).clip(0, 255).astype(np.uint8)


def _strips(picture: Picture) -> Iterator[tuple[Box, np.ndarray]]:
    """Parts of a picture with their values, H×W or H×W×3."""
    boxes = _boxes(picture.size)
    if isinstance(picture, BandedTiff):
        yield from picture.strips(boxes)
        return
    if _is_deep_png(picture):
        lower = _lower_half(picture)
        picture.load()
        for box in boxes:
            yield box, np.asarray(picture.crop(box)).astype(np.uint16) << 8 | np.asarray(lower.crop(box))
        return
    for box in boxes:
        yield box, np.asarray(picture.crop(box))


def _is_deep_png(picture: Picture) -> bool:
    """A PNG of 16 bits per colour, of which Pillow gives the upper eight; still to be loaded."""
    tile: Any = getattr(picture, "tile", None)
    deep = picture.format == "PNG" and picture.mode == "RGB" and tile and tile[0].args == "RGB;16B"
    return bool(deep) and "transparency" not in picture.info  # type: ignore[union-attr]


def _lower_half(picture: Image.Image) -> Image.Image:
    """Of a PNG of 16 bits per colour the lower eight, by a decoding of its own in the other order of bytes."""
    file: Any = picture.fp  # type: ignore[attr-defined]
    place = file.tell()
    file.seek(0)
    again = Image.open(BytesIO(file.read()), formats=("PNG",))
    file.seek(place)
    again.tile = [tile._replace(args="RGB;16L") for tile in again.tile]
    again.load()
    return again


def _says_nothing(picture: Picture) -> bool:
    """Whether a TIFF's fourth band is called transparency by nobody and does not look like it: infrared, mostly."""
    if isinstance(picture, BandedTiff) or picture.format != "TIFF" or picture.mode != "RGBA":
        return False
    counts = picture.getchannel("A").histogram()
    return _EXTRA_SAMPLES not in picture.getexif() and counts[0] + counts[255] < _HARD_EDGES * sum(counts)


def _tolerant(read: Callable[[Any, int, int], bytes]) -> Callable[[Any, int, int], bytes]:
    """A reader of what a PNG says beside its pixels; that it is odd, or too long to unpack, costs no picture."""

    def tolerant(stream: Any, pos: int, length: int) -> bytes:
        try:
            return read(stream, pos, length)
        except (ValueError, SyntaxError, LookupError, struct.error):
            stream.fp.seek(pos)
            return bytes(stream.fp.read(length))

    return tolerant


def _keep_quiet() -> None:
    """What Pillow and its libraries would tell a programmer does not reach a person's terminal."""
    Image.MAX_IMAGE_PIXELS = None  # it warns long before it refuses, and open_picture does
    for name, read in vars(PngImagePlugin.PngStream).copy().items():
        if re.fullmatch(r"chunk_[a-z]\w+", name) and name not in _OF_FRAMES:  # small letters: not needed for the pixels
            setattr(PngImagePlugin.PngStream, name, _tolerant(read))
    warnings.filterwarnings("ignore", module=r"PIL\.")
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    with suppress(OSError, AttributeError):  # libtiff prints what is wrong besides reporting it
        ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler(None)


_keep_quiet()
