"""Numbers from a MATLAB file (level 5): only plain numeric arrays, which is all that the practice datasets hold.

SciPy reads every kind of MATLAB file, for 35 MB of installation; this reads one kind. Layout:
https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf
"""

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cnnstudio.core.errors import FormatError

_HEADER = 128
_MATRIX, _COMPRESSED = 14, 15
_TYPES = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4", 9: "<f8", 12: "<i8", 13: "<u8"}
_MOST_BYTES = 1_000_000_000


def read_mat(path: Path) -> dict[str, np.ndarray]:
    """Arrays by name, in MATLAB's own (column-major) shape.

    Raises:
        FormatError: it is no such file, or it is damaged.
    """
    data = path.read_bytes()
    if len(data) < _HEADER or data[126:128] != b"IM":
        raise FormatError(f"{path.name} is not a MATLAB file of level 5.", remedy="Download it again.")
    try:
        return dict(_arrays(data[_HEADER:]))
    except (ValueError, KeyError, zlib.error) as error:
        raise FormatError(f"{path.name} is damaged.", remedy="Download it again.", details=repr(error)) from error


def _arrays(data: bytes) -> Iterator[tuple[str, np.ndarray]]:
    for kind, content in _elements(data):
        if kind == _COMPRESSED:
            yield from _arrays(zlib.decompressobj().decompress(content, _MOST_BYTES))
        elif kind == _MATRIX:
            _flags, (_, sizes), (_, name), (stored, numbers), *_ = _elements(content)
            shape = np.frombuffer(sizes, "<i4")
            yield name.decode("ascii"), np.frombuffer(numbers, _TYPES[stored]).reshape(shape, order="F")


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content, one after the other; up to four bytes may lie inside the tag itself."""
    at = 0
    while at + 8 <= len(data):
        kind, size = (int(each) for each in np.frombuffer(data, "<u4", 2, at))
        if kind >> 16:
            yield kind & 0xFFFF, data[at + 4 : at + 4 + (kind >> 16)]
            at += 8
        else:
            yield kind, data[at + 8 : at + 8 + size]
            at += 8 + (size if kind == _COMPRESSED else -(-size // 8) * 8)
