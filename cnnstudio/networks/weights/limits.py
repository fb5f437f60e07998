"""What a weights file may ask for: files are strangers', and a kilobyte can claim to be gigabytes."""

import json
import zipfile
from pathlib import Path

import torch

from cnnstudio.core import WeightsError, size_in_words

MOST_BYTES = 64 << 30
"""Of a file."""
_MOST_NAMES = 100_000
"""The largest network here has some 2,000, and a training's checkpoint four times as many."""
_MOST_THINGS = 2_000_000
"""Numbers in lists, such as the losses of a training, count too."""
_DEEPEST, _LONGEST_NAME = 64, 1000
_MOST_HEADER, _MOST_PICKLED = 8 << 20, 16 << 20
"""Bytes of the part of a file that lists names."""
_SPARE_BYTES = 64 << 20
_ARCHIVE = b"PK\x03\x04"


def most_tensor_bytes(file_bytes: int) -> int:
    """Of all tensors of a file together, as float32: a file in half precision doubles."""
    return 2 * file_bytes + _SPARE_BYTES


def check_file(path: Path) -> None:
    """Whether a file's own list of what it holds can be that of a network.

    Reads that list only, before any other reader has to believe it.

    Raises:
        WeightsError: it is not, and what it is instead.
        OSError: the file cannot be read.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise _too_much(path, f"It has {size_in_words(size)}, and no network here has more than a few.")
    if is_safetensors(path):
        _check_header(path, size)
        return
    with path.open("rb") as file:
        is_archive = file.read(len(_ARCHIVE)) == _ARCHIVE
    if is_archive:
        _check_archive(path, size)


def is_safetensors(path: Path) -> bool:
    """Whether a file begins as .safetensors do, whatever it is called: 8 bytes, and a list in JSON.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return file.read(9)[8:] == b"{"


def _check_header(path: Path, size: int) -> None:
    """Of a .safetensors file: 8 bytes tell how many follow that are JSON, then come the numbers."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > size - 8:
            return  # no such file, or cut off; its reader says so
        if length > _MOST_HEADER:
            raise _too_many_names(path)
        header = file.read(length)
    try:
        listed = json.loads(header)
    except (ValueError, RecursionError):
        return
    if isinstance(listed, dict) and len(listed) > _MOST_NAMES:
        raise _too_many_names(path)


def _check_archive(path: Path, size: int) -> None:
    """Of a file of torch.save, which is an archive that is not compressed."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return  # damaged; torch says so
    unpacked = sum(member.file_size for member in members)
    if unpacked > 4 * size + _SPARE_BYTES:
        raise _too_much(path, f"It has {size_in_words(size)} and would unpack to {size_in_words(unpacked)}.")
    pickled = max((member.file_size for member in members if member.filename.endswith(".pkl")), default=0)
    if len(members) > _MOST_NAMES or pickled > _MOST_PICKLED:
        raise _too_many_names(path)


class Budget:
    """Counts what is taken out of a file, and ends it before it is too much.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = path.stat().st_size
        self._things, self._tensors, self._bytes = 0, 0, 0

    def look_at(self, where: tuple[str, ...]) -> None:
        """One more thing, which lies in these others.

        Raises:
            WeightsError: there are too many, too deep in each other, or with names that are no names.
        """
        self._things += 1
        if self._things > _MOST_THINGS or len(where) > _DEEPEST or sum(map(len, where)) > _LONGEST_NAME:
            raise _too_many_names(self._path)

    def take(self, tensor: torch.Tensor) -> None:
        """One more tensor, before it is copied.

        Raises:
            WeightsError: it is of a kind that networks here do not have, or all together claim more than the file has.
        """
        self._check_kind(tensor)
        self._tensors += 1
        if self._tensors > _MOST_NAMES:
            raise _too_many_names(self._path)
        self._bytes += tensor.numel() * (4 if tensor.is_floating_point() else tensor.element_size())
        if self._bytes > most_tensor_bytes(self._size):
            raise _too_much(
                self._path,
                f"The file has {size_in_words(self._size)}, and its weights claim to be more than "
                f"{size_in_words(self._bytes)}.",
            )

    def _check_kind(self, tensor: torch.Tensor) -> None:
        if tensor.is_quantized:
            raise _unusual(self._path, "quantised", "They were made smaller to run faster, and cannot be trained.")
        if tensor.is_meta:
            raise _unusual(self._path, "missing", "The file holds their names and sizes only.")
        if tensor.layout != torch.strided or tensor.is_nested:
            raise _unusual(self._path, "sparse", "Only what is not zero is stored, and networks here need all of it.")
        if tensor.is_complex():
            raise _unusual(self._path, "complex numbers", "The networks here have none.")


def too_large_to_open(path: Path) -> WeightsError:
    """Of a file whose reader ran out of the memory that it may have."""
    return _too_much(path, "Opening it takes far more memory than its size explains.")


def _too_many_names(path: Path) -> WeightsError:
    return _too_much(path, "It holds more names, longer ones or deeper nested ones than any network has.")


def _too_much(path: Path, meaning: str) -> WeightsError:
    return WeightsError(
        f"The file {path.name} is damaged or was made to do harm, so CNN Studio did not open it.",
        meaning=meaning,
        remedy="Choose another file, or ask for the weights as .safetensors.",
    )


def _unusual(path: Path, what: str, meaning: str) -> WeightsError:
    return WeightsError(
        f"The weights in {path.name} are {what}, and CNN Studio cannot use them.",
        meaning=meaning,
        remedy="Ask for the network's ordinary weights, as a state_dict or as .safetensors.",
    )
