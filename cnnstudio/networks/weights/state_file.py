"""Open weights files, which are untrusted: no code runs, and whatever is wrong comes out as one sentence."""

import pickletools
import zipfile
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load

from cnnstudio.core import WeightsError
from cnnstudio.networks.weights.contents import ReadState, gathered
from cnnstudio.networks.weights.limits import Budget, check_file, too_large_to_open

_CALLS = {"REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD"}


def read_state(path: Path) -> ReadState:
    """What a ``.pth``, ``.pt`` or ``.safetensors`` file holds.

    Raises:
        WeightsError: the file is damaged, holds no tensors, claims more than it has, or wants to run code when it is
            opened.
    """
    read = gathered(_open(path), Budget(path))
    if not read.state:
        raise WeightsError(
            f"The file {path.name} holds no network weights.",
            meaning="A weights file is a list of named tensors (a state_dict).",
            remedy="Choose another file.",
        )
    return read


def _open(path: Path) -> Any:
    try:
        check_file(path)
        if path.suffix.lower() == ".safetensors":
            return load(path.read_bytes())  # not mapped: a drive that is pulled out would end the process
        return torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise WeightsError(f"The file {path} cannot be opened.", details=repr(error)) from error
    except WeightsError:
        raise
    except Exception as error:  # the readers raise a dozen types on files made to confuse them
        if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
            raise too_large_to_open(path) from error
        raise (_refused(path) if _wants_to_run(path, str(error)) else _damaged(path)) from error


def _wants_to_run(path: Path, complaint: str) -> bool:
    """Whether a file that torch refused holds calls, rather than being broken. Looks at it without running it."""
    if "GLOBAL" in complaint or "Unsupported global" in complaint or "TorchScript" in complaint:
        return True
    if zipfile.is_zipfile(path):
        return False
    try:
        with path.open("rb") as file:
            return file.peek(1)[:1] == b"\x80" and any(step.name in _CALLS for step, _, _ in pickletools.genops(file))
    except Exception:  # noqa: BLE001 - random bytes confuse the disassembler in many ways; they are no program
        return False


def _refused(path: Path) -> WeightsError:
    return WeightsError(
        f"The file {path.name} wants to run a program when it is opened, so CNN Studio refused it.",
        meaning="A weights file needs no program. It may be harmless, or an attack; nothing was run.",
        remedy="Ask for the weights as a plain state_dict or as .safetensors.",
    )


def _damaged(path: Path) -> WeightsError:
    return WeightsError(
        f"The file {path.name} is not a weights file, or it is damaged.",
        meaning="Perhaps its download was interrupted.",
        remedy="Download it again, or choose another file (.pth, .pt or .safetensors).",
    )
