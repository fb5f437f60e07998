"""TIFFs whose bands Pillow does not put together, as rows of bytes: satellite tiles, microscopes, floating point.

libtiff only has to unpack bytes for this: the file is shown to it under a directory that speaks of one wide grey
picture per plane. An export carries this file, so it needs Pillow and NumPy only.
"""

import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np
from PIL import Image, TiffImagePlugin

_PREFIXES = tuple(TiffImagePlugin.PREFIXES)
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _COLOURS, _STRIPS, _SAMPLES, _ROWS, _SIZES, _PLANES = (
    256, 257, 258, 259, 262, 273, 277, 278, 279, 284
)  # fmt: skip
_PREDICTOR, _TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_SIZES, _EXTRA, _NUMBERS = 317, 322, 323, 324, 325, 338, 339
_PACKED = {1: "no", 5: "LZW", 8: "Deflate", 32773: "PackBits", 32946: "Deflate", 34925: "LZMA", 50000: "ZSTD"}
"""Compressions that only pack bytes."""
_UNPREDICTED = (1, 32773)
_KINDS = {1: "u", 2: "i", 3: "f"}
_COLOUR_WORDS = {3: "a palette", 4: "a mask", 5: "print colours (CMYK)", 6: "video colours (YCbCr)", 8: "Lab colours"}
SHOWN = 3
"""Of several bands."""
_MOST = 256_000_000
"""Bytes of all bands together."""
_ALPHA = (1, 2)
_SUBFILE, _MAKE, _SUBIFDS, _DNG = 254, 271, 330, 50706
_SENSOR, _RAW_PACKED = (32803, 34892), (32767, 32769, 34713, 65535)


class NotReadable(ValueError):
    """Why a picture cannot be read, as the end of a sentence."""


class TooLarge(NotReadable):
    """A picture that would take too much memory."""


class BandedTiff:
    """A TIFF of one band or its first three, opened; with as much of Pillow's face as readers need.

    Args:
        content: the whole file.
        tags: its first directory.

    Raises:
        NotReadable: it is of another kind; the text names it.
    """

    format, mode = "TIFF", "bands"

    def __init__(self, content: bytes, tags: Any) -> None:
        self._content, self._tags = content, tags
        self.size: tuple[int, int] = (_one(tags, _WIDTH), _one(tags, _HEIGHT))
        self.bands: int = _one(tags, _SAMPLES, 1)
        self.inverted = _one(tags, _COLOURS, 1) == 0
        """Whether 0 is white."""
        self.dtype = self._kind()
        self._planar = _one(tags, _PLANES, 1) == 2 and self.bands > 1
        self._inside = 1 if self._planar else self.bands
        if self.size[0] * self.size[1] * self.bands * self.dtype.itemsize > _MOST:
            raise TooLarge(f"all its {self.bands} bands together are too large; save the first three as PNG")

    def _kind(self) -> np.dtype[Any]:
        """Of its values, or why not."""
        tags, bits = self._tags, self._tags.get(_BITS, (1,))
        number, packed, colours = _one(tags, _NUMBERS, 1), _one(tags, _COMPRESSION, 1), _one(tags, _COLOURS, 1)
        several = self.bands > 1
        text = f"a TIFF with {self.bands} bands of {bits[0]} bits" if several else f"a TIFF of {bits[0]} bits"
        kind = np.dtype(bool)
        if len(set(bits)) == 1 and number in _KINDS:
            try:
                kind = np.dtype(f"{'<' if self._tags.prefix == b'II' else '>'}{_KINDS[number]}{bits[0] // 8}")
            except TypeError:
                kind = np.dtype(bool)
        what = ""
        if packed not in _PACKED:
            what = f"{text} in a compression that cannot be read here ({packed})"
        elif colours not in (0, 1, 2):
            what = f"{text} in {_COLOUR_WORDS.get(colours, f'colours of an unknown kind ({colours})')}"
        elif kind.kind not in "uif" or 8 * kind.itemsize != bits[0]:
            what = text
        if what:
            raise NotReadable(f"it is {what}; save it as an ordinary TIFF or PNG first")
        return kind

    def strips(self, boxes: Iterator[tuple[int, int, int, int]]) -> Iterator[tuple[tuple[int, int, int, int], Any]]:
        """Parts over the whole width, and their values H×W or H×W×3."""
        planes = [self._plane(number) for number in range(min(SHOWN, self.bands) if self._planar else 1)]
        for box in boxes:
            parts = [self._values(np.asarray(plane.crop((0, box[1], plane.width, box[3])))) for plane in planes]
            values = np.concatenate(parts, -1) if self._planar else parts[0]
            yield box, values[..., :SHOWN] if self.bands >= SHOWN else values[..., 0]

    @property
    def more_pages(self) -> bool:
        """Whether there are others behind the first."""
        return has_pages(BytesIO(self._content), self._tags)

    def getexif(self) -> dict[int, Any]:
        """Its first directory."""
        return dict(self._tags)

    def draft(self, mode: str, size: tuple[int, int]) -> None:
        """Nothing to save."""

    def load(self) -> None:
        """When its values are asked for."""

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> "BandedTiff":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def _plane(self, number: int) -> Image.Image:
        """One plane with its bands beside each other, as grey of 8 bits whatever they are."""
        tags, wide = self._tags, self._inside * self.dtype.itemsize
        pieces, sizes = (_TILES, _TILE_SIZES) if _TILES in tags else (_STRIPS, _SIZES)
        count = len(tags[pieces]) // (self.bands if self._planar else 1)
        own = slice(number * count, (number + 1) * count)
        new: dict[int, tuple[int, ...]] = {
            _WIDTH: (self.size[0] * wide,), _HEIGHT: (self.size[1],), _BITS: (8,), _COLOURS: (1,), _SAMPLES: (1,),
            _COMPRESSION: (_one(tags, _COMPRESSION, 1),), pieces: tuple(tags[pieces])[own],
        }  # fmt: skip
        if sizes in tags:
            new[sizes] = tuple(tags[sizes])[own]
        if _TILES in tags:  # to their edge, which a predictor needs
            side = _one(tags, _TILE_WIDTH)
            new[_WIDTH] = (-(-self.size[0] // side) * side * wide,)
            new |= {_TILE_WIDTH: (side * wide,), _TILE_HEIGHT: (_one(tags, _TILE_HEIGHT),)}
        else:
            new[_ROWS] = (min(_one(tags, _ROWS, self.size[1]), self.size[1]),)
        image = Image.open(BytesIO(_under(new, self._content)), formats=("TIFF",))
        image.load()
        return image

    def _values(self, rows: np.ndarray) -> np.ndarray:
        """H×W×bands of H×bytes, with what a predictor took away."""
        tags, own = self._tags, self.dtype.itemsize * self._inside
        predictor = 1 if _one(tags, _COMPRESSION, 1) in _UNPREDICTED else _one(tags, _PREDICTOR, 1)
        undo = {1: self._plain, 2: self._sums, 3: self._floats}[predictor]
        side = own * _one(tags, _TILE_WIDTH) if _TILES in tags else rows.shape[1]
        parts = [undo(np.ascontiguousarray(rows[:, at : at + side])) for at in range(0, rows.shape[1], side)]
        return np.concatenate(parts, 1)[:, : self.size[0]]

    def _plain(self, rows: np.ndarray) -> np.ndarray:
        return rows.view(self.dtype).reshape(len(rows), -1, self._inside)

    def _sums(self, rows: np.ndarray) -> np.ndarray:
        plain = self.dtype.newbyteorder("=")
        values = rows.view(self.dtype).astype(plain).view(f"u{plain.itemsize}")
        return values.reshape(len(rows), -1, self._inside).cumsum(1, dtype=values.dtype).view(plain)

    def _floats(self, rows: np.ndarray) -> np.ndarray:
        """Adobe's floating-point predictor: the highest bytes of all values first, then the next ones."""
        sums = rows.reshape(len(rows), -1, self._inside).cumsum(1, dtype=np.uint8).reshape(len(rows), -1)
        size = self.dtype.itemsize
        values = np.ascontiguousarray(sums.reshape(len(rows), size, -1).transpose(0, 2, 1))
        return values.view(f">f{size}").reshape(len(rows), -1, self._inside).astype(f"=f{size}")


def as_banded(source: str | Path | BinaryIO, opened: Image.Image | None) -> BandedTiff | None:
    """A TIFF that Pillow cannot open, or only with less than it holds; None for any other file.

    Raises:
        NotReadable: Pillow cannot open it, and neither can this.
    """
    if opened is not None:
        tags: Any = opened.tag_v2  # type: ignore[attr-defined]
        _refuse_raw(tags, _content(source, 16))
        if not _loses(tags):
            return None
    content = _content(source)
    if not content.startswith(_PREFIXES):
        return None
    if opened is None:
        _refuse_raw({}, content)
        tags = _first_directory(content)
    try:
        return BandedTiff(content, tags)
    except NotReadable:
        if opened is None:
            raise
        return None


def spare_bands(tags: Any) -> int:
    """How many bands a TIFF has in colour, where they are more than are shown; else 0."""
    extra, samples = tags.get(_EXTRA, ()), _one(tags, _SAMPLES, 1)
    return samples if samples > SHOWN and _one(tags, _COLOURS, 1) <= 2 and not (extra and extra[0] in _ALPHA) else 0


def has_pages(file: IO[bytes], tags: Any) -> bool:
    """Whether a second page follows that is not the first one again, only smaller."""
    if not tags.next:
        return False
    place = file.tell()
    try:
        file.seek(0)
        start = file.read(16)
        following: Any = TiffImagePlugin.ImageFileDirectory_v2(start[: 16 if start[2] == 43 else 8])
        file.seek(tags.next)
        following.load(file)
    finally:
        file.seek(place)
    return not _one(following, _SUBFILE, 0) & 1


def _refuse_raw(tags: Any, content: bytes) -> None:
    """A camera's raw picture is a TIFF whose first page is a small preview.

    Raises:
        NotReadable: it is one.
    """
    preview = _one(tags, _SUBFILE, 0) & 1 and _SUBIFDS in tags
    canon = content[8:11] == b"CR\x02"
    if (
        canon
        or _DNG in tags
        or preview
        or _one(tags, _COLOURS, 1) in _SENSOR
        or _one(tags, _COMPRESSION, 1) in _RAW_PACKED
    ):
        make = (str(tags.get(_MAKE, "")).replace("\0", " ").split() or [""])[0]
        maker = "CR2, Canon" if canon else "DNG" if _DNG in tags else make
        words = f" ({maker})" if maker else ""
        raise NotReadable(f"it is a camera's raw picture{words}; develop it to JPEG or TIFF first")


def _loses(tags: Any) -> bool:
    """Whether Pillow opens it and gives less than it holds, or something else.

    Of colours of more than 8 bits it gives the upper 8, of values from white to black the negative, and in the order
    of bytes that is not this computer's it mixes up packed values with a sign or a point.
    """
    extra, samples, colours = tags.get(_EXTRA, ()), _one(tags, _SAMPLES, 1), _one(tags, _COLOURS, 1)
    deep, apart = tags.get(_BITS, (1,))[0] > 8, _one(tags, _PLANES, 1) == 2
    if colours > 2 or (extra and extra[0] in _ALPHA):
        return False
    swapped = tags.prefix == b"MM" and (_one(tags, _NUMBERS, 1) != 1 or _one(tags, _COMPRESSION, 1) != 1)
    return (deep and (samples > 1 or swapped or apart or colours == 0)) or (apart and samples > SHOWN)


def _content(source: str | Path | BinaryIO, most: int = -1) -> bytes:
    """A file's bytes, all of them or so many; only the first few where it is no TIFF."""
    if isinstance(source, str | Path):
        with Path(source).open("rb") as file:
            return _content(file, most)
    source.seek(0)
    start = source.read(16)
    return start + source.read(most) if most < 0 and start.startswith(_PREFIXES) else start


def _first_directory(content: bytes) -> Any:
    file = BytesIO(content)
    swapped = content[3] == 43
    try:
        tags: Any = TiffImagePlugin.ImageFileDirectory_v2(content[: 16 if content[2] == 43 else 8])
        if swapped:  # Pillow only knows a large file by the other byte order
            tags._bigtiff = True  # noqa: SLF001
            tags.next = struct.unpack(">Q", content[8:16])[0]
        file.seek(tags.next)
        tags.load(file)
        _refuse_raw(tags, content)  # of which some have no picture in their first directory
        _one(tags, _WIDTH), _one(tags, _HEIGHT), tags[_TILES if _TILES in tags else _STRIPS]
    except NotReadable:
        raise
    except (KeyError, TypeError, ValueError, IndexError, SyntaxError, OSError, struct.error) as error:
        raise NotReadable("it is a TIFF whose directory is damaged; copy or download it again") from error
    return tags


def _one(tags: Any, tag: int, usual: int | None = None) -> int:
    value = tags[tag] if usual is None else tags.get(tag, usual)
    return int(value[0] if isinstance(value, tuple) else value)


def _under(tags: dict[int, tuple[int, ...]], content: bytes) -> bytes:
    """A file's content under another directory, which is put behind it."""
    start = len(content) + len(content) % 2
    behind = start + 2 + 12 * len(tags) + 4
    entries, values = b"", b""
    for tag, numbers in sorted(tags.items()):
        place = numbers[0] if len(numbers) == 1 else behind + len(values)
        entries += struct.pack("<HHII", tag, 4, len(numbers), place)
        values += struct.pack(f"<{len(numbers)}I", *numbers) if len(numbers) > 1 else b""
    directory = struct.pack("<H", len(tags)) + entries + bytes(4) + values
    return struct.pack("<2sHI", b"II", 42, start) + content[8:] + bytes(start - len(content)) + directory
