"""Open a stranger's weights file in a process of its own: whatever it does, it does it there.

``torch.load(weights_only=True)`` runs no code, but a file made to confuse can still crash the interpreter, never end or
ask for all memory. The child hands over plain tensors in a .safetensors file, which cannot do any of that.
"""

import contextlib
import json
import subprocess
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from cnnstudio.core.errors import Problem, StudioError, WeightsError
from cnnstudio.core.processes import OPEN_WEIGHTS, child_command
from cnnstudio.networks.weights.state_file import read_state

TIMEOUT_S = 300
_MEMORY_FACTOR = 4
_MEMORY_FLOOR = 16 << 30
"""Address space, of which importing torch alone takes a good part."""


def read_untrusted(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a file that may come from anywhere; see ``state_file.read_state``.

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
        if answer.is_file():
            raise _refused(answer)
        if done.returncode or not tensors.is_file():
            raise _broke(path, f"exit code {done.returncode}\n{done.stderr.decode(errors='replace')[-2000:]}")
        return load_file(tensors)


def open_in_child(path: Path, tensors: Path, answer: Path) -> None:
    """The child's part: write the tensors, or the reason why not."""
    _limit_memory(path)
    try:
        save_file(read_state(path), tensors)
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


def _refused(answer: Path) -> WeightsError:
    facts = json.loads(answer.read_text(encoding="utf-8"))
    problem = Problem(kind=WeightsError.kind, **facts)
    return WeightsError(problem.title, meaning=problem.meaning, remedy=problem.remedy)


def _broke(path: Path, details: str) -> WeightsError:
    return WeightsError(
        f"The file {path.name} is damaged or was made to do harm: opening it broke the process that tried.",
        meaning="That process was a separate one, so nothing else was touched.",
        remedy="Choose another file, or ask for the weights as .safetensors.",
        details=details,
    )
