"""What was found out about every picture of a folder: each decoded completely, all kept as one table in the cache.

60,000 rows take 15 MB. Pictures are looked at in a child process (see ``examiner``), where a decoder that crashes takes
nothing with it.
"""

import hashlib
import io
import json
import os
import sys
import threading
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from cnnstudio.core import ImageError, StorageError, cache_folder, write_atomically
from cnnstudio.core.child import limit_memory, requests
from cnnstudio.data.dataset import FileProblem, ProblemKind, stamp
from cnnstudio.data.decoding import FORMATS, Levels, as_rgb, bands_of, extent, has_frames, is_deep, orientation_of
from cnnstudio.data.heif import PackageMissing
from cnnstudio.data.reading import bounds, explain_image_error, open_checked, read_bytes, refuse_incomplete

TINY = 8
"""Side of the small copy that near-duplicates are compared by."""
ROW = np.dtype(
    [
        ("seen", "?"),  # looked at, so that everything else is known
        ("good", "?"),  # could be read
        ("size", "u8"),  # of the file in bytes, and
        ("time", "i8"),  # when it was changed, in ns: another of either means that it has to be looked at again
        ("content", "u8", 2),  # hash of the file's bytes
        ("look", "u8"),  # perceptual hash
        ("tiny", "u1", (TINY, TINY, 3)),
        ("width", "u4"),  # as stored, before EXIF orientation
        ("height", "u4"),
        ("spread", "f4"),  # standard deviation of the grey values, 0 to 128; of deep ones over their own range
        ("format", "u1"),  # index into image_reader.FORMATS
        ("rotated", "?"),  # turned by EXIF
        ("deep", "u1"),  # 1: whole numbers of more than 8 bits, 2: floating-point numbers; and for these
        ("low", "f8"),  # the lowest and
        ("high", "f8"),  # the highest of its values
        ("bands", "u2"),  # of a TIFF with more than three, else 0
        ("frames", "?"),  # several pages or frames, of which the first is used
        ("grey", "?"),  # no colour in it
    ]
)
_VERSION = "5"
_NOTHING: tuple[np.ndarray, list[str], dict[str, tuple[ProblemKind, str]]] = (np.zeros(0, ROW), [], {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One row per file, in the order in which they were listed."""

    table: np.ndarray
    """Of dtype ROW."""
    problems: dict[int, FileProblem] = field(default_factory=dict)
    """By row, for files that could not be read."""


def is_known(root: Path) -> bool:
    """Whether pictures of a folder were looked at before."""
    return _file(root).is_file()


def load_facts(root: Path, names: Sequence[str]) -> Facts:
    """What is known of some files: rows of zeros where nothing is, or where the file changed.

    Args:
        root: the dataset's folder.
        names: of the files in it, relative, with forward slashes.
    """
    table = np.zeros(len(names), ROW)
    known, known_names, texts = _read(root)
    if not len(known):
        return Facts(table=table)
    if known_names == list(names):
        rows = known_rows = np.arange(len(names))
    else:
        place = {name: row for row, name in enumerate(known_names)}
        pairs = [(row, place[name]) for row, name in enumerate(names) if name in place]
        rows, known_rows = np.array(pairs, np.intp).reshape(-1, 2).T
    stamps = np.array([stamp(f"{root}{os.sep}{names[row]}") for row in rows.tolist()], np.int64).reshape(-1, 2)
    same = (known["size"][known_rows] == stamps[:, 0].astype(np.uint64)) & (known["time"][known_rows] == stamps[:, 1])
    rows, known_rows = rows[same], known_rows[same]
    table[rows] = known[known_rows]
    problems = {}
    for row, known_row in zip(rows.tolist(), known_rows.tolist(), strict=True) if texts else ():
        if str(known_row) in texts:
            kind, detail = texts[str(known_row)]
            problems[row] = FileProblem(path=root / names[row], kind=kind, detail=detail)
    return Facts(table=table, problems=problems)


def save_facts(root: Path, names: Sequence[str], facts: Facts) -> None:
    """Remember; a disk that refuses costs looking again."""
    kept = np.flatnonzero(facts.table["seen"])
    number = {row: index for index, row in enumerate(kept.tolist())}
    texts = {str(number[row]): (p.kind, p.detail) for row, p in facts.problems.items() if row in number}
    words = {"names": [names[row] for row in kept.tolist()], "texts": texts}
    buffer = io.BytesIO()
    text = json.dumps(words).encode("ascii")  # file names that are no UTF-8 are escaped like others
    table, packed = facts.table[kept], np.frombuffer(text, np.uint8)
    seal = np.array(_seal(root, table, packed), np.uint32)
    np.savez(buffer, table=table, words=packed, version=np.array(_VERSION), seal=seal)
    with suppress(StorageError, OSError):
        write_atomically(_file(root), buffer.getvalue())


def _read(root: Path) -> tuple[np.ndarray, list[str], dict[str, tuple[ProblemKind, str]]]:
    try:
        if not _file(root).is_file():  # a pipe would wait for ever
            return _NOTHING
        with _file(root).open("rb") as file, np.load(file, allow_pickle=False) as stored:
            table, words = stored["table"], stored["words"]
            seal = _seal(root, table, words)
            if str(stored["version"]) == _VERSION and table.dtype == ROW and int(stored["seal"]) == seal:
                said = json.loads(words.tobytes())
                return table, said["names"], said["texts"]
    except Exception:  # noqa: BLE001 - numpy and zipfile raise many types on a damaged file, which is then forgotten
        return _NOTHING
    return _NOTHING


def _seal(root: Path, table: np.ndarray, words: np.ndarray) -> int:
    """Of both parts and the folder they are about: each may be whole, and yet not belong to the other."""
    seal = zlib.crc32(os.fsencode(root.resolve()))
    for part in (table, words):
        seal = zlib.crc32(np.ascontiguousarray(part).view(np.uint8).data, seal)
    return seal


def _file(root: Path) -> Path:
    digest = hashlib.blake2b(os.fsencode(root.resolve()), digest_size=8).hexdigest()
    return cache_folder() / "pictures" / f"{digest}.npz"


_LOOK = 32
"""Side of the copy that the perceptual hash is computed from."""
_STEP = 4
"""So many of its pixels a side become one of the small copy."""
_ENOUGH = 2 * _LOOK
"""Large JPEGs are read to their last byte, but only as many pixels made from it as the small copy needs."""
_LOW = 8
"""Frequencies per direction that are kept: 64 bits."""
_ORIENTATION = 0x0112
_FORMATS = {name: index for index, name in enumerate(FORMATS)} | {"MPO": FORMATS.index("JPEG")}
_ALONE = [
    "seen", "good", "size", "time", "width", "height", "format", "rotated", "deep", "low", "high", "bands",
    "frames"]  # fmt: skip
"""Columns that are known of each picture by itself; the others are computed for many at once."""
_GREY = 3
"""Channels that differ by no more, of 255, are the rounding of a JPEG."""
Problem = tuple[int, str, str]
"""Row, kind, detail."""
Shape = tuple[int, int, int, bool, int, float, float, int, bool]
"""The columns from ``width`` to ``frames``."""
_UNKNOWN: Shape = (0, 0, 0, False, 0, 0.0, 0.0, 0, False)


def examine(paths: Sequence[str]) -> tuple[np.ndarray, list[Problem]]:
    """Facts of some pictures, dtype ROW, and why others could not be read.

    At 32 px, Python around the decoder costs as much as the decoder: hence tuples, and one image for all small copies.
    """
    looks = Image.new("RGB", (_LOOK, _LOOK * len(paths)))
    alone: list[tuple[object, ...]] = []
    contents, problems = list[bytes](), list[Problem]()
    for row, path in enumerate(paths):
        stamped, content, shape = None, b"", _UNKNOWN
        _begun[0] = time.process_time()
        try:
            content, stamped = read_bytes(path)
            look, shape = _look_at(path, content)
            looks.paste(look, (0, _LOOK * row))
            good = True
        except Exception as error:  # noqa: BLE001 - Pillow raises dozens of types on files made to confuse it
            good = False
            if isinstance(error, ImageError):
                problem, stamped = error.problem, stamped or stamp(path)
            else:  # without a stamp, as what cannot even be opened, it is tried again next time
                stamped = None if isinstance(error, MemoryError | PackageMissing) else stamped
                problem = explain_image_error(path, error).problem
            problems.append((row, problem.details or "unreadable", problem.title))
        alone.append((stamped is not None, good, *(stamped or (0, 0)), *shape))
        contents.append(hashlib.blake2b(content, digest_size=16).digest())
    table = np.zeros(len(paths), ROW)
    table[_ALONE] = np.array(alone, table[_ALONE].dtype)
    table["content"] = np.frombuffer(b"".join(contents), np.uint64).reshape(-1, 2)
    if paths:
        _fill_in(table, looks)
    return table, problems


TOO_SLOW = 77
"""How a child ends that has worked on one picture for too long, in a decoder that nothing else ends."""
_MEMORY = 1_500_000_000
"""Bytes for a child: what the largest picture takes, and a half more."""
_WATCH_S, _GRACE_S = 0.5, 2.0
_begun = [0.0]
"""Processor time when the child turned to the picture it is working on."""


def serve() -> None:
    """The child's loop: paths come in, a line of problems and the rows go out."""
    out: BinaryIO = sys.stdout.buffer
    limit_memory(_MEMORY)
    _begun[0] = float("inf")
    threading.Thread(target=_end_when_slow, daemon=True).start()
    for request in requests():
        table, problems = examine([os.fsdecode(path) for path in request.split(b"\0")])
        _begun[0] = float("inf")
        answer = json.dumps(problems).encode("ascii", errors="backslashreplace")
        out.write(answer + b"\n" + table.tobytes())
        out.flush()


def _end_when_slow() -> None:
    while True:
        time.sleep(_WATCH_S)
        if time.process_time() - _begun[0] > bounds.SECONDS + _GRACE_S:
            os._exit(TOO_SLOW)


def perceptual_hashes(looks: np.ndarray) -> np.ndarray:
    """64 bits per grey picture N×32×32: the signs of its low frequencies against their median.

    The "pHash" of Zauner 2010, "Implementation and benchmarking of perceptual image hash functions".
    """
    low = _cosines() @ looks.astype(np.float32) @ _cosines().T
    flat = low.reshape(len(looks), -1)
    bits = flat > np.median(flat[:, 1:], axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(np.uint64).reshape(-1)


def _look_at(path: str, content: bytes) -> tuple[Image.Image, Shape]:
    """The picture as 32×32 RGB, and what else there is to know of it alone."""
    deep, low, high = 0, 0.0, 0.0
    with open_checked(path, content) as image:
        width, height = image.size
        kind, bands, frames = _FORMATS[str(image.format)], bands_of(image), has_frames(image)
        if is_deep(image):
            low, high, real = extent(image)
            deep = 2 if real else 1
        else:
            if width > _ENOUGH and height > _ENOUGH:
                image.draft("RGB", (_ENOUGH, _ENOUGH))
            picture = as_rgb(image)
        rotated = orientation_of(image) > 1
        refuse_incomplete(path, image, content)
    if deep:  # over its own range, since nobody knows yet which all of them have
        with open_checked(path, content) as image:
            own = (low, max(high, low + 1e-6))
            picture = as_rgb(image, Levels(whole=own, real=own))
    if picture.size != (_LOOK, _LOOK):
        picture = picture.resize((_LOOK, _LOOK), Image.Resampling.BOX, reducing_gap=1.0)
    return picture, (width, height, kind, rotated, deep, low, high, bands, frames)


def _fill_in(table: np.ndarray, looks: Image.Image) -> None:
    """What is computed for many pictures at once, from their 32×32 copies one below the other."""
    grey = np.asarray(looks.convert("L"), np.float32).reshape(-1, _LOOK, _LOOK)
    table["look"] = perceptual_hashes(grey)
    table["spread"] = grey.reshape(len(grey), -1).std(1)
    tiny = np.asarray(looks.reduce(_STEP)).reshape(table["tiny"].shape)
    table["tiny"] = tiny
    red, green, blue = (tiny[..., channel].astype(np.int16) for channel in range(3))
    colour = np.maximum(abs(red - green), abs(green - blue)).reshape(len(grey), -1).max(1)
    table["grey"] = colour <= _GREY


def _cosines() -> np.ndarray:
    """The lowest rows of the discrete cosine transform, 8×32."""
    k, n = np.arange(_LOW)[:, None], np.arange(_LOOK)[None]
    return np.cos(np.pi / _LOOK * (n + 0.5) * k).astype(np.float32)
