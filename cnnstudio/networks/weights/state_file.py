"""Open weights files, which are untrusted: no code runs, and whatever is wrong comes out as one sentence."""

import errno
import json
import pickletools
import warnings
from pathlib import Path
from typing import Any, BinaryIO

import torch
from safetensors.torch import load

from cnnstudio.core import WeightsError
from cnnstudio.networks.weights.contents import ReadState, gathered
from cnnstudio.networks.weights.foreign import named
from cnnstudio.networks.weights.harmless import allowed, attack, in_the_way, refused
from cnnstudio.networks.weights.limits import Budget, check_file, is_safetensors, too_large_to_open

_ARCHIVE = b"PK\x03\x04"
_OLD = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19"
"""Of the files that torch.save wrote before it wrote archives: a pickle of the number that torch looks for."""
_CALLS = {"REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD"}


def read_state(path: Path) -> ReadState:
    """What a ``.pth``, ``.pt`` or ``.safetensors`` file holds.

    Raises:
        WeightsError: the file is damaged, holds no tensors, claims more than it has, or wants to run code when it is
            opened.
    """
    read = gathered(_open(path), Budget(path))
    if not read.state:
        raise named(path) or WeightsError(
            f"The file {path.name} holds no network weights.",
            meaning="A weights file is a list of named tensors (a state_dict).",
            remedy="Choose another file.",
        )
    return read


def _open(path: Path) -> Any:
    try:
        check_file(path)
        if is_safetensors(path):
            content = path.read_bytes()  # not mapped: a drive that is pulled out would end the process
            return {**load(content), **_notes_of(content)}
        with path.open("rb") as file, allowed(path), warnings.catch_warnings():  # torch would go by its name
            warnings.simplefilter("ignore")  # of unusual pickles, which go well or fail
            return torch.load(file, map_location="cpu", weights_only=True)
    except WeightsError:
        raise
    except Exception as error:  # the readers raise a dozen types on files made to confuse them
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # which is torch, seeking before half an archive
            raise WeightsError(
                f"The file {path} cannot be opened.",
                remedy="Check that its disk is connected and that you may read it, then try again.",
                details=repr(error),
            ) from error
        if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
            raise too_large_to_open(path) from error
        raise (attack(path) or named(path) or in_the_way(path) or _broken(path)) from error


def _notes_of(content: bytes) -> dict[str, Any]:
    """What a .safetensors file says besides its tensors, always in words."""
    listed = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return {"__metadata__": listed.get("__metadata__", {})}


def _broken(path: Path) -> WeightsError:
    """Of a file that nothing is known of: calls without names, half a file, or anything."""
    with path.open("rb") as file:
        head = file.read(len(_OLD))
        if head[:1] == b"\x80" and _calls(file):
            return refused(path)
    if head.startswith((_ARCHIVE, _OLD)) or is_safetensors(path) or path.suffix.lower() == ".safetensors":
        return WeightsError(
            f"The file {path.name} is damaged.",
            meaning="Perhaps its download was interrupted, or it was not copied to its end.",
            remedy="Download it again, or choose another file (.pth, .pt or .safetensors).",
        )
    return WeightsError(
        f"The file {path.name} is no weights file of PyTorch, or it is damaged.",
        meaning="Neither its beginning nor its ending tells what it is.",
        remedy="Choose another file (.pth, .pt or .safetensors).",
    )


def _calls(file: BinaryIO) -> bool:
    """Whether a pickle calls anything, which is found out without running it."""
    file.seek(0)
    try:
        return any(step.name in _CALLS for step, _, _ in pickletools.genops(file))
    except Exception:  # noqa: BLE001 - random bytes confuse the disassembler in many ways; they are no program
        return False
