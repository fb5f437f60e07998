"""Look at pictures, completely: decode each with the one image loader, and note what tells good data from bad.

Runs in a child process (see ``examiner``), where a decoder that crashes takes nothing with it.
"""

import hashlib
import io
import json
import os
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from cnnstudio.core.errors import ImageError
from cnnstudio.data.facts import ROW, TINY
from cnnstudio.data.fingerprint import sample_key
from cnnstudio.data.image_reader import FORMATS, as_rgb, explain_image_error, open_checked

_LOOK = 32
"""Side of the copy that the perceptual hash is computed from."""
_ENOUGH = 2 * _LOOK
"""Large JPEGs are read to their last byte, but only as many pixels made from it as the small copy needs."""
_LOW = 8
"""Frequencies per direction that are kept: 64 bits."""
_ORIENTATION = 0x0112
_FORMATS = {name: index for index, name in enumerate(FORMATS)} | {"MPO": FORMATS.index("JPEG")}
_NAMES = ["content", "width", "height", "format", "rotated", "good"]
"""Columns that are known of each picture by itself."""
_GREY = 3
"""Channels that differ by no more, of 255, are the rounding of a JPEG."""
Problem = tuple[int, str, str]
"""Row, kind, detail."""


def examine(paths: Sequence[Path]) -> tuple[np.ndarray, list[Problem]]:
    """Facts of some pictures, dtype ROW, and why others could not be read."""
    table = np.zeros(len(paths), ROW)
    table["key"] = np.frombuffer(b"".join(map(sample_key, paths)), np.uint64).reshape(-1, 2)
    looks = Image.new("RGB", (_LOOK, _LOOK * len(paths)))
    own, problems = table[_NAMES], list[Problem]()
    for row, path in enumerate(paths):
        try:
            own[row], look = _examine_one(path)
            looks.paste(look, (0, _LOOK * row))
        except ImageError as error:
            problems.append((row, error.problem.details or "unreadable", error.problem.title))
        except Exception as error:  # noqa: BLE001 - Pillow raises dozens of types on files made to confuse it
            explained = explain_image_error(path, error).problem
            problems.append((row, explained.details, explained.title))
    _fill_in(table, np.asarray(looks).reshape(-1, _LOOK, _LOOK, 3))
    return table, problems


def serve() -> None:
    """The child's loop: a line with a list of paths comes in, a line of problems and the rows go out."""
    out: BinaryIO = sys.stdout.buffer
    for line in sys.stdin.buffer:
        paths = [Path(os.fsdecode(bytes.fromhex(text))) for text in json.loads(line)]
        table, problems = examine(paths)
        answer = json.dumps(problems).encode("ascii", errors="backslashreplace")
        out.write(answer + b"\n" + table.tobytes())
        out.flush()


def perceptual_hashes(looks: np.ndarray) -> np.ndarray:
    """64 bits per grey picture N×32×32: the signs of its low frequencies against their median.

    The "pHash" of Zauner 2010, "Implementation and benchmarking of perceptual image hash functions".
    """
    low = _cosines() @ looks.astype(np.float32) @ _cosines().T
    flat = low.reshape(len(looks), -1)
    bits = flat > np.median(flat[:, 1:], axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(np.uint64).reshape(-1)


def _examine_one(path: Path) -> tuple[tuple[object, ...], Image.Image]:
    """What goes under _NAMES, and the picture as 32×32 RGB.

    A tuple and one image for all of a chunk: at 32 px, Python around the decoder costs as much as the decoder.
    """
    data = path.read_bytes()
    content = struct.unpack("=QQ", hashlib.blake2b(data, digest_size=16).digest())
    with open_checked(path, io.BytesIO(data)) as image:
        width, height = image.size
        kind = _FORMATS[str(image.format)]
        rotated = image.getexif().get(_ORIENTATION, 1) not in (0, 1)
        image.draft("RGB", (_ENOUGH, _ENOUGH))
        picture = as_rgb(image)
    if picture.size != (_LOOK, _LOOK):
        picture = picture.resize((_LOOK, _LOOK), Image.Resampling.BOX, reducing_gap=1.0)
    return (content, width, height, kind, rotated, True), picture


def _fill_in(table: np.ndarray, looks: np.ndarray) -> None:
    """What is computed for many pictures at once."""
    if not len(table):
        return
    values = looks.astype(np.float32)
    grey = values @ np.array([0.299, 0.587, 0.114], np.float32)
    table["look"] = perceptual_hashes(grey)
    table["spread"] = grey.reshape(len(looks), -1).std(1)
    table["tiny"] = np.rint(_shrunk(values))
    red, green, blue = (table["tiny"][..., channel].astype(np.int16) for channel in range(3))
    colour = np.maximum(abs(red - green), abs(green - blue)).reshape(len(looks), -1).max(1)
    table["grey"] = colour <= _GREY


def _shrunk(values: np.ndarray) -> np.ndarray:
    """N×32×32×3 to the means of its squares, N×8×8×3; as matrix products, several times as fast as ``mean``."""
    step = _LOOK // TINY
    average = np.kron(np.eye(TINY, dtype=np.float32), np.full((1, step), 1 / step, np.float32))
    lower = (average @ values.reshape(-1, _LOOK, _LOOK * 3)).reshape(-1, TINY, _LOOK, 3)
    return (average @ lower.reshape(-1, _LOOK, 3)).reshape(-1, TINY, TINY, 3)


def _cosines() -> np.ndarray:
    """The lowest rows of the discrete cosine transform, 8×32."""
    k, n = np.arange(_LOW)[:, None], np.arange(_LOOK)[None]
    return np.cos(np.pi / _LOOK * (n + 0.5) * k).astype(np.float32)
