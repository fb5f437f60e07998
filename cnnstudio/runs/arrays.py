"""Arrays of numbers in a file, with what there is to know of them: .safetensors, which never runs code. No torch.

Whoever wrote such a file, its reader opens regular files of a bounded size only, and nothing but arrays of the names,
types and dimensions that it was told to expect.
"""

import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cnnstudio.core import FormatError, codec, write_atomically

_MOST_HEADER = 1 << 20
_ABOUT = "about"


class Kind(NamedTuple):
    """What an array has to be."""

    dtype: str
    dimensions: int


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray], about: Any) -> None:
    """Write arrays, and a dataclass of plain fields with its ``format_version``, atomically.

    Raises:
        StorageError: they cannot be written.
    """
    write_atomically(path, array_bytes(arrays, about))


def array_bytes(arrays: Mapping[str, np.ndarray], about: Any) -> bytes:
    """What ``save_arrays`` writes."""
    from safetensors.numpy import save

    told = json.dumps(codec.format_of(type(about)).stamped(codec.to_plain(about)))
    return save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, {_ABOUT: told})


def load_arrays(path: Path, expected: Mapping[str, Kind], most: int) -> tuple[dict[str, np.ndarray], Any]:
    """The inverse of ``save_arrays``.

    Args:
        path: the file.
        expected: what is in it; others are refused.
        most: bytes that it may have.

    Returns:
        The arrays, and the plain values beside them with their version, for ``codec``.

    Raises:
        FormatError: it is no such file, larger, or holds something else.
        OSError: it is not there or cannot be read.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    known = path.stat()
    if not stat.S_ISREG(known.st_mode) or known.st_size > most:
        raise _damaged(path, f"{known.st_size} bytes, mode {known.st_mode:o}")
    with path.open("rb") as file:
        content = file.read(most + 1)
    length = int.from_bytes(content[:8], "little")
    if not 0 < length <= min(_MOST_HEADER, len(content) - 8):
        raise _damaged(path, f"a header of {length} bytes")
    try:
        header = codec.parsed(content[8 : 8 + length].decode("utf-8"), json.loads, path.name)
        about = codec.parsed(header["__metadata__"][_ABOUT], json.loads, path.name)
        arrays = load(content)
    except (SafetensorError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise _damaged(path, repr(error)) from error
    found = {name: Kind(str(array.dtype), array.ndim) for name, array in arrays.items()}
    if found != expected:
        raise _damaged(path, f"{found}")
    return arrays, about


def _damaged(path: Path, details: str) -> FormatError:
    return FormatError(f"The file {path.name} is damaged or not ours.", details=f"{path}: {details}"[:8000])
