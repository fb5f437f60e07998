"""Python values beside the weights that are harmless, and what to say of all others.

A file of torch.save is a pickle: it names classes and functions, and what to call them with. Of those listed here none
is ever called. Stand-ins take their places, which keep what they are given and do nothing with it, so that an entry too
many could lose a value but never run anything.
"""

import pickletools
import re
import zipfile
from collections import OrderedDict
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch

from cnnstudio.core import WeightsError, counted

_SAVE_AGAIN = 'Where the file was made, save the weights alone: torch.save(model.state_dict(), "weights.pth").'


class Kept:
    """Stands in for an object: its attributes, and nothing else."""

    attributes: dict[str, Any] = {}  # noqa: RUF012 - never changed, only replaced: pickles skip __init__

    def __init__(self, *given: object) -> None:
        """What it is made from does not matter."""

    def __setstate__(self, state: object) -> None:
        if isinstance(state, dict):
            self.attributes = state


class KeptArray:
    """Stands in for a numpy array of numbers or words."""

    value: np.ndarray | None = None

    def __init__(self, *given: object) -> None:
        """An empty one, which numpy's pickles fill afterwards."""

    def __setstate__(self, state: tuple[int, tuple[int, ...], "_KeptType", bool, bytes | list[Any]]) -> None:
        _, shape, kind, fortran, raw = state
        if isinstance(raw, bytes) and (dtype := kind.dtype()) is not None:
            numbers = np.frombuffer(raw, dtype).astype(dtype.newbyteorder("="))
            self.value = numbers.reshape(shape, order="F" if fortran else "C")
        elif isinstance(raw, list) and all(isinstance(word, str) for word in raw):
            self.value = np.array(raw)


class _KeptType:
    """Stands in for numpy's kind of number, such as ``f8``."""

    def __init__(self, name: object = "", *given: object) -> None:
        self._name, self._order = str(name), "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._order = state[1] if state[1] in ("<", ">") else "="

    def dtype(self) -> np.dtype[Any] | None:
        """None for anything but plain numbers and words."""
        return np.dtype(self._order + self._name) if re.fullmatch(r"[biufSU]\d{1,6}", self._name) else None


def _number(kind: _KeptType, raw: object = b"") -> object:
    dtype = kind.dtype()
    return np.frombuffer(raw, dtype)[0].item() if dtype is not None and isinstance(raw, bytes) else None


def _kept_list(*_given: object) -> list[Any]:
    """Stands in for a list with a class of its own, which is filled afterwards."""
    return []


class _KeptDict:
    """Stands in for dicts that have a class of their own; torch fills nothing but its known ones."""

    def __new__(cls, *_given: object) -> OrderedDict[Any, Any]:  # type: ignore[misc]
        """An ordinary one."""
        return OrderedDict()


_LISTED: tuple[tuple[Any, str], ...] = (
    (Kept, "argparse.Namespace types.SimpleNamespace datetime.datetime datetime.date datetime.time datetime.timedelta"),
    (Kept, "datetime.timezone uuid.UUID decimal.Decimal fractions.Fraction numpy.ndarray builtins.list builtins.dict"),
    (Kept, "builtins.tuple builtins.int builtins.float builtins.str builtins.bool builtins.range builtins.slice"),
    (Kept, "builtins.frozenset builtins.object __builtin__.list __builtin__.dict __builtin__.int __builtin__.object"),
    (Kept, "builtins.bytes __builtin__.bytes __builtin__.frozenset __builtin__.xrange __builtin__.slice"),
    (Kept, "__builtin__.tuple __builtin__.str __builtin__.unicode __builtin__.float __builtin__.bool __builtin__.long"),
    (Kept, "torch.torch_version.TorchVersion numpy.core.numeric._frombuffer numpy._core.numeric._frombuffer"),
    (_kept_list, "collections.deque"),
    (Kept, "pathlib.PosixPath pathlib.WindowsPath pathlib.PurePosixPath pathlib.PureWindowsPath pathlib.Path"),
    (Kept, "pathlib._local.PurePosixPath pathlib._local.PureWindowsPath pathlib._local.Path"),  # of Python 3.13
    (Kept, "pathlib._local.PosixPath pathlib._local.WindowsPath sklearn.preprocessing._label.LabelEncoder"),
    (Kept, "sklearn.preprocessing.label.LabelEncoder omegaconf.dictconfig.DictConfig omegaconf.nodes.AnyNode"),
    (Kept, "omegaconf.listconfig.ListConfig omegaconf.base.ContainerMetadata omegaconf.base.Metadata typing.Any"),
    (_KeptDict, "collections.defaultdict easydict.EasyDict addict.addict.Dict yacs.config.CfgNode munch.Munch"),
    (_KeptDict, "pytorch_lightning.utilities.parsing.AttributeDict lightning.pytorch.utilities.parsing.AttributeDict"),
    (_KeptDict, "lightning.fabric.utilities.data.AttributeDict lightning_fabric.utilities.data.AttributeDict"),
    (KeptArray, "numpy.core.multiarray._reconstruct numpy._core.multiarray._reconstruct"),
    (_number, "numpy.core.multiarray.scalar numpy._core.multiarray.scalar"),
    (_KeptType, "numpy.dtype"),
    (Kept, "numpy.float64 numpy.float32 numpy.int64 numpy.int32 numpy.bool_"),
)
_ALLOWED = {name: stand_in for stand_in, names in _LISTED for name in names.split()}
_OF_TRAININGS = re.compile(
    r"torch\.optim\.[\w.]+|torch\.nn\.modules\.(loss|activation)\.\w+|torchvision\.transforms\.[\w.]+|numpy\.random\.[\w.]+"
)
"""What else a training keeps beside its weights: its optimiser, its loss, its transforms, its random numbers."""
_TORCHS = re.compile(
    r"torch\.(\w*Storage|Size|device|Tensor|u?int\d+|b?float\w+|bool|half|double|long|storage\.\w+|_utils\._rebuild\w+"
    r"|_tensor\.\w+|nn\.parameter\.\w+|serialization\._get_layout)|collections\.(OrderedDict|Counter)|_codecs\.encode"
    r"|(builtins|__builtin__)\.(set|bytearray|complex)"
)
_LAYERS = re.compile(r"torch\.nn\.modules\.")
_NETWORKS = re.compile(r"(__main__|torchvision\.models|timm|ultralytics|models?|fastai|transformers)\.|torch\.nn\.")
_ATTACKS = re.compile(
    r"(os|posix|nt|_?io|subprocess|sys|importlib|runpy|shutil|socket|pty|ctypes|_?pickle|marshal|code|codeop|webbrowser|bdb"
    r"|urllib|http|requests|asyncio|multiprocessing|signal|pdb|timeit|site|commands|platform|torch\.hub|numpy\.load)\b"
    r"|(builtins|__builtin__)\.(eval|exec|execfile|compile|__import__|open|input|setattr|globals|vars|breakpoint)$"
    r"|torch\.(load|serialization\.load|jit\.|storage\._load_from_bytes|package)"
)


def allowed(path: Path) -> AbstractContextManager[None]:
    """While it lasts, torch takes the stand-ins for what is listed, of a file's own names."""
    kept = {name: Kept for name in _names(path)[0] if _OF_TRAININGS.fullmatch(name)} | _ALLOWED
    found: AbstractContextManager[None] = torch.serialization.safe_globals(
        [(stand_in, name) for name, stand_in in kept.items()]
    )
    return found


def _is_harmless(name: str) -> bool:
    return name in _ALLOWED or bool(_OF_TRAININGS.fullmatch(name) or _TORCHS.fullmatch(name))


def attack(path: Path) -> WeightsError | None:
    """Of a file that calls what no weights file needs, by its names; None for any other."""
    by_pickle = {_TENSOR_IN_PICKLE} if _is_plain_pickle(path) else set()
    names = [name for name in _names(path)[0] if name not in _ALLOWED.keys() | by_pickle and _ATTACKS.match(name)]
    return refused(path, f"It calls {_listed(names)}.") if names else None


def in_the_way(path: Path) -> WeightsError | None:
    """What in a file of torch.save CNN Studio does not open, by its names; None where there is nothing of the kind."""
    found, protocol = _names(path)
    names = [name for name in found if not _is_harmless(name)]
    if not names and (found or protocol > _NEWEST_PROTOCOL) and _is_plain_pickle(path):
        return WeightsError(
            f"The file {path.name} was written by Python's pickle, not by torch.save.",
            meaning="To open such a file, Python has to run what it asks for, and CNN Studio never does.",
            remedy=_SAVE_AGAIN,
        )
    if not names and protocol > _NEWEST_PROTOCOL:
        return WeightsError(
            f"The file {path.name} was saved with pickle_protocol={protocol}, which cannot be opened safely.",
            meaning=f"PyTorch's safe reader knows protocol {_NEWEST_PROTOCOL}, which torch.save writes by itself.",
            remedy=_SAVE_AGAIN,
        )
    if not names:
        return None
    if any(map(_LAYERS.match, names)):
        networks = [name for name in names if _NETWORKS.match(name)]
        return WeightsError(
            f"The file {path.name} holds a whole network as a Python object ({networks[0]}), not its weights alone.",
            meaning="To open it, Python has to run what the object brings along, and CNN Studio never does.",
            remedy=_SAVE_AGAIN,
        )
    return WeightsError(
        f"The file {path.name} holds Python objects that CNN Studio does not know: {_listed(names)}.",
        meaning="They may be harmless, but to open them could run a program; nothing was run.",
        remedy=_SAVE_AGAIN,
    )


def refused(path: Path, what: str = "") -> WeightsError:
    """Of a file that calls what no weights file needs."""
    return WeightsError(
        f"The file {path.name} wants to run a program when it is opened, so CNN Studio refused it.",
        meaning=f"{what} A weights file needs no program. It may be harmless, or an attack; nothing was run.".strip(),
        remedy="Ask for the weights as a plain state_dict or as .safetensors.",
    )


_TENSOR_IN_PICKLE = "torch.storage._load_from_bytes"
"""What Python's own pickle calls for every tensor."""
_PICKLES = 5
"""In one of torch's older files, before the numbers."""
_NEWEST_PROTOCOL = 2
"""That PyTorch's safe reader knows; torch.save writes it unless told otherwise."""


_MAGIC = b"l\xfc\x9cF\xf9 j\xa8P\x19"
"""In the first bytes of torch's older files."""


def _is_plain_pickle(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(40)
    return head.startswith(b"\x80") and _MAGIC not in head


def _names(path: Path) -> tuple[list[str], int]:
    """Classes and functions that a pickle names, up to what confuses the reader, and its protocol. Opens nothing."""
    found = _Found()
    with suppress(Exception):  # random bytes confuse the disassembler in many ways
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for member in archive.namelist():
                    if member.endswith("data.pkl"):
                        with archive.open(member) as file:
                            found.look(file)
        else:
            with path.open("rb") as file:
                for _ in range(_PICKLES):
                    found.look(file)
    return list(found.names), found.protocol


class _Found:
    """What pickles name."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self.protocol = 0

    def look(self, file: IO[bytes]) -> None:
        words: list[str] = []
        kept: dict[int, str] = {}
        last = ""
        for step, argument, _ in pickletools.genops(file):
            if step.name in ("GLOBAL", "INST"):
                self.names[str(argument).replace(" ", ".")] = None
            elif step.name == "STACK_GLOBAL" and len(words) > 1:
                self.names[".".join(words[-2:])] = None
            elif step.name == "PROTO":
                self.protocol = max(self.protocol, int(argument or 0))
            if step.name == "MEMOIZE" or "PUT" in step.name:  # a word that is kept to be said again
                kept[len(kept) if step.name == "MEMOIZE" else int(argument or 0)] = last
                continue
            last = kept.get(int(argument or 0), "") if step.name.endswith("GET") else ""
            last = argument if isinstance(argument, str) else last
            if last:
                words.append(last)


def _listed(names: list[str]) -> str:
    more = f" and {counted(len(names) - 3, 'other')}" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
