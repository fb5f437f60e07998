"""Open weights files, which are untrusted: no code runs, and whatever is wrong comes out as one sentence.

A stranger's file is opened in a process of its own: ``torch.load(weights_only=True)`` runs no code, but a file made to
confuse can still crash the interpreter, never end or ask for all memory. The child hands over plain tensors in a
.safetensors file, which cannot do any of that.
"""

import contextlib
import json
import pickletools
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from cnnstudio.core import OPEN_WEIGHTS, StudioError, WeightsError, child_command
from cnnstudio.networks.weights.contents import ReadState, gathered

_CALLS = {"REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD"}


def read_state(path: Path) -> ReadState:
    """What a ``.pth``, ``.pt`` or ``.safetensors`` file holds.

    Raises:
        WeightsError: the file is damaged, holds no tensors, or wants to run code when it is opened.
    """
    read = gathered(_open(path))
    if not read.state:
        raise WeightsError(
            f"The file {path.name} holds no network weights.",
            meaning="A weights file is a list of named tensors (a state_dict).",
            remedy="Choose another file.",
        )
    return read


def _open(path: Path) -> Any:
    try:
        if path.suffix.lower() == ".safetensors":
            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise WeightsError(f"The file {path} cannot be opened.", details=repr(error)) from error
    except Exception as error:  # the readers raise a dozen types on files made to confuse them
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


TIMEOUT_S = 300
_MEMORY_FACTOR = 4
_MEMORY_FLOOR = 16 << 30
"""Address space, of which importing torch alone takes a good part."""


def read_untrusted(path: Path) -> ReadState:
    """What a file holds that may come from anywhere; see ``state_file.read_state``.

    Raises:
        WeightsError: the file is damaged, holds something else, wants to run code, or broke the process that opened it.
    """
    if path.suffix.lower() == ".safetensors" or not path.is_file():
        return read_state(path)  # a format that only holds numbers; its reader checks every length
    with tempfile.TemporaryDirectory(prefix="cnnstudio-") as folder:
        tensors, answer = Path(folder) / "state.safetensors", Path(folder) / "answer.json"
        try:
            done = subprocess.run(
                child_command(OPEN_WEIGHTS, str(path.absolute()), str(tensors), str(answer)),
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _broke(path, f"not done after {TIMEOUT_S} s") from error
        if done.returncode or not answer.is_file():
            raise _broke(path, f"exit code {done.returncode}\n{done.stderr.decode(errors='replace')[-2000:]}")
        facts = json.loads(answer.read_text(encoding="utf-8"))
        if "title" in facts:
            raise WeightsError(facts["title"], meaning=facts["meaning"], remedy=facts["remedy"])
        found = load_file(tensors)
        state = {name: found[name] for name in facts["names"]}  # in the file's order, which safetensors do not keep
        return ReadState(state=state, class_names=tuple(map(tuple, facts["class_names"])))


def open_in_child(path: Path, tensors: Path, answer: Path) -> None:
    """The child's part: write the tensors and their names, or the reason why not."""
    _limit_memory(path)
    try:
        read = read_state(path)
        save_file(read.state, tensors)
        facts: dict[str, object] = {"names": list(read.state), "class_names": read.class_names}
    except StudioError as error:
        problem = error.problem
        facts = {"title": problem.title, "meaning": problem.meaning, "remedy": problem.remedy}
    answer.write_text(json.dumps(facts), encoding="utf-8")


def _limit_memory(path: Path) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; the parent still survives the child
        return
    wanted = _MEMORY_FLOOR + _MEMORY_FACTOR * path.stat().st_size
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(OSError, ValueError):  # macOS refuses
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _broke(path: Path, details: str) -> WeightsError:
    return WeightsError(
        f"The file {path.name} is damaged or was made to do harm: opening it broke the process that tried.",
        meaning="That process was a separate one, so nothing else was touched.",
        remedy="Choose another file, or ask for the weights as .safetensors.",
        details=details,
    )
