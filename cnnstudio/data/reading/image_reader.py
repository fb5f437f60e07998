"""The one way a picture is read: for training, prediction, thumbnails and export checks.

Files are untrusted: only known formats, at most 64 megapixels, and whatever Pillow raises becomes one sentence.
"""

import io
import os
import statistics
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from cnnstudio.core import ImageError, StorageError, cache_folder, write_atomically
from cnnstudio.data.dataset import ProblemKind, sample_key, stamp, time_of

SUFFIXES = frozenset(
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm",
        ".pbm", ".pnm", ".avif", ".mpo",
    }
)  # fmt: skip


def suffix_of(name: str) -> str:
    """The ending of a file's name, with its dot, in lower case; empty where there is none."""
    stem, dot, ending = name.rpartition("/")[2].rpartition(".")  # several times as fast as Path.suffix
    return f".{ending.lower()}" if stem and dot else ""


def is_picture(name: str) -> bool:
    """Whether a file's name says that it is a picture."""
    return suffix_of(name) in SUFFIXES


FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "PPM", "AVIF")
"""Formats that are opened, by content and not by name. The JPEG plug-in returns MPO by itself; EPS never gets in."""
MAX_PIXELS = 64_000_000
MAX_ASPECT = 50
MAX_BYTES = 8 * MAX_PIXELS
"""Of a file: four channels of 16 bits, stored as they are."""

_UNKNOWN_RANGE = "grey values of an unknown range"
_TURN = Image.Transpose
_TURNS = {
    2: _TURN.FLIP_LEFT_RIGHT, 3: _TURN.ROTATE_180, 4: _TURN.FLIP_TOP_BOTTOM, 5: _TURN.TRANSPOSE, 6: _TURN.ROTATE_270,
    7: _TURN.TRANSVERSE, 8: _TURN.ROTATE_90,
}  # fmt: skip
"""By EXIF orientation, what makes a picture upright."""

Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # twice this raises in Pillow itself; the check below is stricter


def read_image(path: Path, at_least: int = 0) -> Image.Image:
    """A picture as people see it, in mode RGB.

    EXIF orientation is applied, transparency composited on white, 16-bit grey scaled by 1/257, the first frame of an
    animation taken.

    Args:
        path: the file.
        at_least: sides that are enough, in pixels; a JPEG that is at least twice as large is then decoded at a half,
            a fourth or an eighth of its size, many times as fast. 0 decodes everything.

    Raises:
        ImageError: the file cannot be read; the sentence names it and the reason.
    """
    try:
        with open_checked(path) as image:
            if at_least:
                image.draft("RGB", (at_least, at_least))
            return as_rgb(image)
    except ImageError:
        raise
    except Exception as error:
        raise explain_image_error(path, error) from error


def read_thumbnail(path: Path, side: int) -> np.ndarray:
    """A small copy, H×W×3 uint8, with its longer side at most ``side`` pixels.

    Raises:
        ImageError: as read_image.
    """
    try:
        with open_checked(path) as image:
            image.draft("RGB", (2 * side, 2 * side))
            small = as_rgb(image)
    except ImageError:
        raise
    except Exception as error:
        raise explain_image_error(path, error) from error
    return _shrunk(small, side)


def shrink(pixels: np.ndarray, side: int) -> np.ndarray:
    """A thumbnail, H×W×3 uint8, of pixels that were read already."""
    return _shrunk(Image.fromarray(pixels), side)


def _shrunk(image: Image.Image, side: int) -> np.ndarray:
    image.thumbnail((side, side), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(image)


def typical_side(paths: Sequence[Path], looks: int = 24) -> int:
    """Median of the shorter side in pixels over ``looks`` pictures spread over ``paths``; 0 when none can be read."""
    step = max(1, len(paths) // looks)
    sides = []
    for path in paths[::step][:looks]:
        try:
            with open_checked(path) as image:
                sides.append(min(image.size))
        except Exception:  # noqa: BLE001 - Pillow raises many types on broken headers; the scan reports them
            continue
    return round(statistics.median(sides)) if sides else 0


def open_checked(path: str | Path, content: bytes | None = None) -> Image.Image:
    """Open a picture within the limits on format, size and shape; its pixels are not read yet.

    Args:
        path: the file, for messages and, without ``content``, to read from.
        content: the file's bytes, where they were read already.

    Raises:
        ImageError: it is empty, too large or too thin.
        Exception: whatever Pillow raises; see ``explain_image_error``.
    """
    _check_bytes(path, Path(path).stat().st_size if content is None else len(content))
    image = Image.open(path if content is None else BytesIO(content), formats=FORMATS)
    width, height = image.size
    if width * height > MAX_PIXELS:
        image.close()
        raise _error(path, "too-large", f"it has {width * height / 1e6:.0f} megapixels, and 64 are the limit")
    if max(width, height) > MAX_ASPECT * max(1, min(width, height)):
        image.close()
        raise _error(path, "too-large", f"with {width} × {height} pixels it is too long and thin")
    return image


def read_bytes(path: str) -> tuple[bytes, tuple[int, int]]:
    """A file's content, and its size in bytes and time of last change in ns, all from one look.

    Raises:
        ImageError: it is larger than any picture that could be read.
        OSError: it cannot be opened or read.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))  # a file object takes twice as long
    try:
        stat = os.fstat(descriptor)
        _check_bytes(path, stat.st_size)
        content = os.read(descriptor, stat.st_size + 1)
        while len(content) < stat.st_size and (more := os.read(descriptor, stat.st_size)):
            content += more
    finally:
        os.close(descriptor)
    return content, (stat.st_size, time_of(stat))


def _check_bytes(path: str | Path, size: int) -> None:
    if size == 0:
        raise _error(path, "empty-file", "the file is empty")
    if size > MAX_BYTES:
        raise _error(path, "too-large", f"the file has {size / 1e6:,.0f} MB, and {MAX_BYTES / 1e6:,.0f} are the limit")


def as_rgb(image: Image.Image) -> Image.Image:
    """An opened picture as people see it: upright, without transparency, 8 bits, three channels."""
    image.load()
    turn = _TURNS.get(image.getexif().get(0x0112, 1))
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        image = Image.fromarray(_eight_bits(np.asarray(image)))
    if turn is not None:  # ImageOps.exif_transpose also writes the notes anew, and fails where one of them is odd
        image = image.transpose(turn)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.new("RGB", rgba.size, "white")
        image.paste(rgba, mask=rgba.getchannel("A"))
    return image if image.mode == "RGB" else image.convert("RGB")


def _eight_bits(values: np.ndarray) -> np.ndarray:
    """Grey values of 16 bits, or of 0 to 1, as 0 to 255.

    Raises:
        ValueError: they are neither, so that nobody knows what is black and what is white.
    """
    low, high = float(np.min(values)), float(np.max(values))
    scale = 255 if values.dtype.kind == "f" else 1 / 257
    if not 0 <= low <= high <= 255 / scale:
        raise ValueError(_UNKNOWN_RANGE)
    return np.round(values.astype(np.float64) * scale).astype(np.uint8)


def explain_image_error(path: str | Path, error: Exception) -> ImageError:
    """What Pillow raised, as one sentence; the problem's ``details`` is its kind."""
    text = str(error).lower()
    if isinstance(error, UnidentifiedImageError):
        if Path(path).suffix.lower() in (".heic", ".heif"):
            return _error(path, "unsupported", "HEIC pictures cannot be read; save them as JPEG first")
        return _error(path, "not-an-image", "it is not a picture in a known format, whatever its name says")
    if isinstance(error, Image.DecompressionBombError):
        return _error(path, "too-large", "it has far more than 64 megapixels, which are the limit")
    if "truncated" in text or "broken" in text or "incomplete" in text or "unexpected end" in text:
        return _error(path, "truncated", "the end of the file is missing")
    if text == _UNKNOWN_RANGE:
        return _error(
            path, "unsupported", "its grey values are neither 8 nor 16 bits nor from 0 to 1; save it as one of these"
        )
    if isinstance(error, FileNotFoundError):
        return _error(path, "unreadable", "the file is no longer there")
    if isinstance(error, PermissionError):
        return _error(path, "unreadable", "you may not open it")
    return _error(path, "unreadable", f"its content is damaged ({type(error).__name__})")


def _error(path: str | Path, kind: ProblemKind, reason: str) -> ImageError:
    """The problem's ``details`` carries the kind for the scan."""
    return ImageError(f"{Path(path).name} could not be read: {reason}.", details=kind)


_LARGE = 200_000
"""Bytes; smaller files are read about as fast as their thumbnail would be."""
_SMALL = 256
"""Pixels; larger ones are not kept."""
_QUALITY = 85


def stored_thumbnail(path: Path, side: int) -> np.ndarray:
    """As ``read_thumbnail``, from the cache where it is there.

    Raises:
        ImageError: the picture cannot be read.
    """
    if side > _SMALL or stamp(path)[0] < _LARGE:
        return read_thumbnail(path, side)
    key = sample_key(path).hex()
    stored = cache_folder() / "thumbnails" / key[:2] / f"{key}-{side}.jpg"
    with suppress(OSError, ValueError, SyntaxError), Image.open(stored, formats=("JPEG",)) as image:
        return np.asarray(image.convert("RGB"))
    pixels = read_thumbnail(path, side)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=_QUALITY)
    with suppress(OSError, StorageError):
        write_atomically(stored, buffer.getvalue())
    return pixels
