"""Weights files of strangers, opened in a process of their own.

``torch.load(weights_only=True)`` runs no code, but a file made to confuse can still crash the interpreter, never end or
ask for all memory. The child has little of both, and hands over plain tensors in a .safetensors file, which cannot do
any of that. A .safetensors file needs no child: its list of names is looked at before, and there is nothing else in it.

A file that went well once is known by its content, and opened here from then on.
"""

import json
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from safetensors.torch import load_file, save_file

from cnnstudio import __version__
from cnnstudio.core import (
    OPEN_WEIGHTS,
    Control,
    FormatError,
    StorageError,
    StudioError,
    WeightsError,
    cache_folder,
    child_command,
    codec,
)  # fmt: skip
from cnnstudio.core.child import ask_child, end_with_parent, limit_this_process
from cnnstudio.networks.weights.contents import ReadState
from cnnstudio.networks.weights.limits import is_safetensors, most_tensor_bytes
from cnnstudio.networks.weights.state_file import read_state

START_SECONDS = 120
"""Until torch is imported on a slow computer, from a cold disk."""
_SLOWEST_DISK, _SLOWEST_CORE = 5e6, 20e6
"""Bytes per second."""
_COMPUTE_SECONDS = 20
_SPARE_BYTES = 192 << 20
_MOST_KNOWN = 200


def read_untrusted(path: Path, sha256: str = "", control: Control | None = None) -> ReadState:
    """What a file holds that may come from anywhere; see ``state_file.read_state``.

    Args:
        path: the file.
        sha256: of its content, so that a file that was opened before is opened faster.
        control: asked for a stop while the other process works, which then ends.

    Raises:
        WeightsError: the file is damaged, holds something else, wants to run code, or broke the process that opened it.
        StopRequested: a stop was asked for.
    """
    if not path.is_file() or sha256 in _known().files or is_safetensors(path):
        return read_state(path)
    read = _read_in_child(path, control or Control())
    _remember(sha256)
    return read


def _read_in_child(path: Path, control: Control) -> ReadState:
    seconds = START_SECONDS + path.stat().st_size / _SLOWEST_DISK
    with tempfile.TemporaryDirectory(prefix="cnnstudio-") as folder:
        tensors, answer = Path(folder) / "state.safetensors", Path(folder) / "answer.json"
        command = child_command(OPEN_WEIGHTS, str(path.absolute()), str(tensors), str(answer))
        try:
            ended = ask_child(command, seconds, control)
        except TimeoutError as error:
            raise _broke(path, str(error)) from error
        if ended.code or not answer.is_file():
            raise _broke(path, f"exit code {ended.code}\n{ended.said}")
        facts = json.loads(answer.read_text(encoding="utf-8"))
        if "title" in facts:
            raise WeightsError(facts["title"], meaning=facts["meaning"], remedy=facts["remedy"])
        found = load_file(tensors)
        state = {name: found[name] for name in facts["names"]}  # in the file's order, which safetensors do not keep
        return ReadState(state=state, class_names=tuple(map(tuple, facts["class_names"])))


def open_in_child(path: Path, tensors: Path, answer: Path) -> None:
    """The child's part: write the tensors and their names, or the reason why not."""
    end_with_parent()
    size = path.stat().st_size
    most = most_tensor_bytes(size)
    limit_this_process(
        memory=size + 2 * most + _SPARE_BYTES,
        seconds=_COMPUTE_SECONDS + size / _SLOWEST_CORE,
        file_bytes=most + _SPARE_BYTES,
    )
    try:
        read = read_state(path)
        save_file(read.state, tensors)
        facts: dict[str, object] = {"names": list(read.state), "class_names": read.class_names}
    except StudioError as error:
        problem = error.problem
        facts = {"title": problem.title, "meaning": problem.meaning, "remedy": problem.remedy}
    answer.write_text(json.dumps(facts), encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Files that the child opened without trouble."""

    versions: str
    """Of what opened them."""
    files: tuple[str, ...] = ()
    """SHA-256 of each, the latest last."""


def _known() -> _Known:
    versions = f"cnnstudio {__version__}, torch {version('torch')}"
    with suppress(OSError, FormatError):
        known = codec.load_json(_file(), _Known)
        if known.versions == versions:
            return known
    return _Known(versions=versions)


def _remember(sha256: str) -> None:
    known = _known()
    files = (*(each for each in known.files if each != sha256), sha256)[-_MOST_KNOWN:]
    with suppress(StorageError):
        codec.save_json(_file(), _Known(versions=known.versions, files=tuple(filter(None, files))))


def _file() -> Path:
    return cache_folder() / "opened-weights.json"


def _broke(path: Path, details: str) -> WeightsError:
    return WeightsError(
        f"The file {path.name} is damaged or was made to do harm: opening it broke the process that tried.",
        meaning="That process was a separate one, so nothing else was touched.",
        remedy="Choose another file, or ask for the weights as .safetensors.",
        details=details,
    )
