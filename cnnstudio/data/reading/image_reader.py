"""The one way a picture is read: for training, prediction, thumbnails and export checks.

Files are untrusted: only known formats, at most 64 megapixels, and whatever Pillow raises becomes one sentence.
"""

import math
import os
import re
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from cnnstudio.core import ImageError
from cnnstudio.data.dataset import FileProblem, ProblemKind, time_of
from cnnstudio.data.decoding import LEVELS, MAX_PIXELS, Levels, Picture, as_rgb, open_picture, orientation_of
from cnnstudio.data.heif import HEAD, is_heif
from cnnstudio.data.reading.bounds import TooSlowError, bounded, check_scans, check_tiles, room_for
from cnnstudio.data.reading.recognition import begins_as_picture, precision_of, recognise_file
from cnnstudio.data.reading.reduced import GAP, Reduced, reduced
from cnnstudio.data.reading.signatures import ENDINGS
from cnnstudio.data.reading.wholeness import CHECKSUM, what_is_missing
from cnnstudio.data.tiff_bands import NotReadable, TooLarge

SUFFIXES = frozenset(
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm",
        ".pbm", ".pnm", ".avif", ".mpo", ".heic", ".heif", ".hif", ".heics", ".heifs",
    }
)  # fmt: skip

NO_PICTURES = frozenset(
    {
        ".txt", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".toml", ".ini", ".md", ".html", ".htm",
        ".css", ".js", ".py", ".ipynb", ".r", ".m", ".sh", ".bat", ".log", ".db", ".tfw", ".jgw", ".pgw", ".wld",
        ".prj", ".aux", ".lnk", ".url", ".webloc", ".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".doc",
        ".docx", ".xls", ".xlsx", ".ods", ".odt", ".ppt", ".pptx", ".rtf", ".tex", ".bib", ".exe", ".dll", ".so", ".pt",
        ".pth", ".onnx", ".pkl", ".pickle", ".safetensors", ".part", ".crdownload", ".sha256", ".md5", ".xmp", ".thm",
        ".icloud",
    }
)  # fmt: skip
"""Endings of what lies beside pictures and is none, so that nobody has to look."""
_CLAIMS = {f".{ending}" for ending, known in ENDINGS.items() if known.is_picture}
"""Endings of what says that it is a picture: it is opened, and named as what it is."""
_LONGER = re.compile(r"[^/]\.(?:jpe?g|jpe|jfif|png|bmp|gif|webp|tiff?|avif|hei[cf])(?![a-z0-9])[^/]*$", re.IGNORECASE)


def suffix_of(name: str) -> str:
    """The ending of a file's name, with its dot, in lower case; empty where there is none."""
    stem, dot, ending = name.rpartition("/")[2].rpartition(".")  # several times as fast as Path.suffix
    return f".{ending.lower()}" if stem and dot else ""


def is_picture(name: str) -> bool:
    """Whether a file's name says that it is a picture, also with something behind its ending.

    As ``photo.jpg_1088Wx1632H``, ``photo.jpg?size=large`` or ``photo.JPG.download`` have it.
    """
    suffix = suffix_of(name)
    return suffix in SUFFIXES or (suffix not in NO_PICTURES and bool(_LONGER.search(name)))


MAX_ASPECT = 50
MAX_BYTES = 8 * MAX_PIXELS
"""Of a file: four channels of 16 bits, stored as they are."""


def read_image(path: Path, levels: Levels = LEVELS) -> Image.Image:
    """A picture as people see it, in mode RGB.

    EXIF orientation is applied, transparency composited on white, more than 8 bits scaled by ``levels``, the first
    page or frame taken, of more than three bands the first three.

    Args:
        path: the file.
        levels: what is black and white in pictures of more than 8 bits.

    Raises:
        ImageError: the file cannot be read; the sentence names it and the reason.
    """
    return _read(path, 0, levels).image


def read_reduced(path: Path, side: int, levels: Levels = LEVELS) -> Reduced:
    """As ``read_image``, faster, for who makes the picture smaller anyway.

    A JPEG is decoded at a half, a fourth or an eighth of its size, where ``GAP`` times ``side`` is left of it. What is
    damaged is looked for less closely.

    Args:
        path: the file.
        side: the shorter side that it will have, in pixels.
        levels: what is black and white in pictures of more than 8 bits.

    Raises:
        ImageError: as ``read_image``.
    """
    return _read(path, math.ceil(GAP * side), levels)


def _read(path: Path, at_least: int, levels: Levels) -> Reduced:
    try:
        with open_checked(path) as image:
            size = image.size
            if at_least:
                image.draft("RGB", (at_least, at_least))
            part = max(1, round(size[0] / image.size[0]))
            with room_for(image) as kept:
                kept.append(picture := as_rgb(image, levels))
                refuse_incomplete(path, image, thorough=not at_least)
            return reduced(picture, size, part, orientation_of(image)) if part > 1 else Reduced(picture, picture.size)
    except ImageError:
        raise
    except Exception as error:
        raise explain_image_error(path, error) from error


def refuse_incomplete(path: str | Path, image: Picture, content: bytes | None = None, *, thorough: bool = True) -> None:
    """Refuse a picture, read by now, of which a part was missing or overwritten.

    Raises:
        ImageError: it is, with a reason.
    """
    if not isinstance(image, Image.Image):
        return
    missing = what_is_missing(image, lambda: content or Path(path).read_bytes(), thorough=thorough)
    if missing:
        raise _error(path, "unreadable" if missing == CHECKSUM else "truncated", missing)


def read_thumbnail(path: Path, side: int, levels: Levels = LEVELS) -> np.ndarray:
    """A small copy, H×W×3 uint8, with its longer side at most ``side`` pixels.

    Raises:
        ImageError: as read_image.
    """
    return _shrunk(read_reduced(path, side, levels).image, side)


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


@contextmanager
def open_checked(path: str | Path, content: bytes | None = None) -> Iterator[Picture]:
    """Open a picture within the limits on format, size, shape and work; its pixels are not read yet.

    Args:
        path: the file, for messages and, without ``content``, to read from.
        content: the file's bytes, where they were read already.

    Raises:
        ImageError: it is empty, too large or too thin.
        Exception: whatever Pillow raises; see ``explain_image_error``.
    """
    _check_bytes(path, Path(path).stat().st_size if content is None else len(content))
    with bounded(path, content) as file, open_picture(file) as image:
        width, height = image.size
        if max(width, height) > MAX_ASPECT * max(1, min(width, height)):
            raise _error(path, "too-large", f"with {width} × {height} pixels it is too long and thin")
        if isinstance(image, Image.Image) and "progressive" in image.info:
            check_scans(file, width * height)
        check_tiles(image)
        file.opened()
        yield image


def why_no_picture(path: Path) -> FileProblem | None:
    """What to say of a file that is none; None where it may be one, so that whoever opens it says what is wrong.

    Only a file is looked into whose ending says nothing.
    """
    suffix = suffix_of(path.name)
    if suffix in SUFFIXES or suffix in _CLAIMS:
        return None
    known = None if suffix in NO_PICTURES else recognise_file(path)
    if known.is_picture if known else suffix not in NO_PICTURES and begins_as_picture(path):
        return None
    return FileProblem(path=path, kind="not-an-image", detail=what_it_is(path))


def what_it_is(path: Path) -> str:
    """A sentence about a file that is not taken for a picture."""
    known = None if suffix_of(path.name) in NO_PICTURES else recognise_file(path)
    return _sentence(path, known.reason) if known else f"{path.name} is not a picture."


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


_REASONS: tuple[tuple[type[Exception], ProblemKind, str], ...] = (
    (TooSlowError, "unreadable", "it takes too long to read"),
    (MemoryError, "unreadable", "it takes too much memory to read"),
    (FileNotFoundError, "unreadable", "the file is no longer there"),
    (PermissionError, "unreadable", "you may not open it"),
)


def explain_image_error(path: str | Path, error: Exception) -> ImageError:
    """What Pillow raised, as one sentence; the problem's ``details`` is its kind."""
    text = str(error).lower()
    if isinstance(error, TooLarge):
        return _error(path, "too-large", str(error))
    if isinstance(error, NotReadable):
        return _error(path, "unsupported", str(error))
    if isinstance(error, UnidentifiedImageError):
        return _unidentified(path)
    for kind, problem, reason in _REASONS:
        if isinstance(error, kind):
            return _error(path, problem, reason)
    if isinstance(error, OSError) and error.errno:
        return _error(path, "unreadable", f"the drive reports an error ({error.strerror})")
    if "truncated" in text or "incomplete" in text or "unexpected end" in text:
        return _error(path, "truncated", "the end of the file is missing")
    if odd := precision_of(path):
        return _error(path, "unsupported", f"it is a JPEG picture of {odd}; save it as an ordinary JPEG or PNG first")
    with suppress(OSError), Path(path).open("rb") as file:
        if is_heif(file.read(HEAD)):  # whatever its name says
            return _error(path, "unreadable", "it is a HEIC picture, and its content is damaged; copy it again")
    return _error(path, "unreadable", "its content is damaged; copy or download it again")


def _unidentified(path: str | Path) -> ImageError:
    if known := recognise_file(path):
        return _error(path, "unsupported" if known.is_picture else "not-an-image", known.reason)
    if odd := precision_of(path):
        return _error(path, "unsupported", f"it is a JPEG picture of {odd}; save it as an ordinary JPEG or PNG first")
    if begins_as_picture(path):
        return _error(path, "unreadable", "its beginning is damaged; copy or download it again")
    return _error(path, "not-an-image", "it is not a picture in a known format, whatever its name says")


def _error(path: str | Path, kind: ProblemKind, reason: str) -> ImageError:
    """The problem's ``details`` carries the kind for the scan."""
    return ImageError(_sentence(path, reason), details=kind)


def _sentence(path: str | Path, reason: str) -> str:
    return f"{Path(path).name} could not be read: {reason}."
