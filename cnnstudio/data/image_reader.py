"""The one way a picture is read: for training, prediction, thumbnails and export checks.

Files are untrusted: only known formats, at most 64 megapixels, and whatever Pillow raises becomes one sentence.
"""

from pathlib import Path
from typing import cast

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from cnnstudio.core.errors import ImageError
from cnnstudio.data.dataset import FileProblem, ProblemKind

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "PPM", "AVIF")
"""Formats that are opened, by content and not by name. The JPEG plug-in returns MPO by itself; EPS never gets in."""
MAX_PIXELS = 64_000_000
MAX_ASPECT = 50
_JPEG_END = b"\xff\xd9"
_TAIL_BYTES = 4096

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
        with _open(path) as image:
            if at_least:
                image.draft("RGB", (at_least, at_least))
            return _as_rgb(image)
    except ImageError:
        raise
    except Exception as error:
        raise _explained(path, error) from error


def read_thumbnail(path: Path, side: int) -> np.ndarray:
    """A small copy, H×W×3 uint8, with its longer side at most ``side`` pixels.

    Raises:
        ImageError: as read_image.
    """
    try:
        with _open(path) as image:
            image.draft("RGB", (2 * side, 2 * side))
            small = _as_rgb(image)
    except ImageError:
        raise
    except Exception as error:
        raise _explained(path, error) from error
    small.thumbnail((side, side), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(small)


def image_problem(path: Path) -> FileProblem | None:
    """The quick look of a scan: the header, and the end of the file; a full read only where those cannot tell."""
    try:
        with _open(path) as image:
            if image.format in ("JPEG", "MPO") and _ends_well(path):
                return None
        read_image(path)
    except ImageError as error:
        kind = cast("ProblemKind", error.problem.details or "unreadable")
        return FileProblem(path=path, kind=kind, detail=error.problem.title)
    except Exception as error:  # noqa: BLE001 - as in read_image
        explained = _explained(path, error).problem
        return FileProblem(path=path, kind=cast("ProblemKind", explained.details), detail=explained.title)
    return None


def _open(path: Path) -> Image.Image:
    if path.stat().st_size == 0:
        raise _error(path, "empty-file", "the file is empty")
    image = Image.open(path, formats=FORMATS)
    width, height = image.size
    if width * height > MAX_PIXELS:
        image.close()
        raise _error(path, "too-large", f"it has {width * height / 1e6:.0f} megapixels, and 64 are the limit")
    if max(width, height) > MAX_ASPECT * max(1, min(width, height)):
        image.close()
        raise _error(path, "too-large", f"with {width} × {height} pixels it is too long and thin")
    return image


def _as_rgb(image: Image.Image) -> Image.Image:
    image.load()
    if image.mode.startswith("I;16") or image.mode == "I":
        grey = np.asarray(image).astype(np.float64) / 257
        image = Image.fromarray(np.clip(np.round(grey), 0, 255).astype(np.uint8))
    if image.getexif().get(0x0112, 1) != 1:
        image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.new("RGB", rgba.size, "white")
        image.paste(rgba, mask=rgba.getchannel("A"))
    return image if image.mode == "RGB" else image.convert("RGB")


def _ends_well(path: Path) -> bool:
    """Whether the end-of-image marker is there; some cameras write a few bytes after it."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return _JPEG_END in file.read()


def _explained(path: Path, error: Exception) -> ImageError:
    text = str(error).lower()
    if isinstance(error, UnidentifiedImageError):
        if path.suffix.lower() in (".heic", ".heif"):
            return _error(path, "unsupported", "HEIC pictures cannot be read; save them as JPEG first")
        return _error(path, "not-an-image", "it is not a picture in a known format, whatever its name says")
    if isinstance(error, Image.DecompressionBombError):
        return _error(path, "too-large", "it has far more than 64 megapixels, which are the limit")
    if "truncated" in text or "broken" in text or "incomplete" in text or "unexpected end" in text:
        return _error(path, "truncated", "the end of the file is missing")
    if isinstance(error, FileNotFoundError):
        return _error(path, "unreadable", "the file is not there any more")
    if isinstance(error, PermissionError):
        return _error(path, "unreadable", "you may not open it")
    return _error(path, "unreadable", f"its content is damaged ({type(error).__name__})")


def _error(path: Path, kind: ProblemKind, reason: str) -> ImageError:
    """The problem's ``details`` carries the kind for the scan."""
    return ImageError(f"{path.name} could not be read: {reason}.", details=kind)
