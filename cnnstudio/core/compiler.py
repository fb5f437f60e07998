"""PyTorch's compiler is loaded when somebody compiles, not when somebody imports what could be compiled.

Nothing here compiles. But torchvision, Lightning Fabric and every optimiser name single parts of ``torch._dynamo``, and
loading it brings SymPy and Triton along: 1.1 seconds, and 150 MB of memory with CUDA, 70 without.
"""

import builtins
import sys
from collections.abc import Sequence
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from typing_extensions import override

_COMPILER, _UTILS = "torch._dynamo", "torch._dynamo.utils"
_THEY_NAME_IT = frozenset(
    (
        "lightning_fabric.wrappers",
        "torch._compile",
        "torch.compiler",
        "torch.optim.optimizer",
        "torchvision.ops.roi_align",
    )
)


def load_compiler_late() -> None:
    """Call it before torch is imported; modules that are there already stay as they are."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Gives some modules an ``import`` of their own; all else of them is as it is on disk."""

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        if fullname not in _THEY_NAME_IT:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        spec = next((found for each in others if (found := each.find_spec(fullname, path, target))), None)
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module = partial(_executed, spec.loader.exec_module)  # type: ignore[method-assign]
        return spec


def _executed(execute: Any, module: ModuleType) -> None:
    vars(module)["__builtins__"] = vars(builtins) | {"__import__": _import}
    execute(module)


def _import(name: str, *where: Any, **named: Any) -> Any:
    """As ``import``, but the compiler is what stands in for it until somebody else has loaded it."""
    if name not in _STAND_INS or name in sys.modules:
        return builtins.__import__(name, *where, **named)
    if len(where) > 2 and where[2]:  # from NAME import ...
        return _STAND_INS[name]
    torch = sys.modules["torch"]
    vars(torch).setdefault("_dynamo", _STAND_INS[_COMPILER])
    return torch


class _StandIn(ModuleType):
    """What those modules take of the compiler, for programs that do not compile; anything else loads it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_loaded(self.__name__), name)


class _Compiled:
    """A compiled module, of which there is none."""


def _never_disabled(function: Any, *_how: Any, **_named: Any) -> Any:
    return function


def _not_broken() -> None:
    """Where a compiler would have to begin anew."""


def _is_compile_supported(device: Any) -> Any:
    return _loaded(_UTILS).is_compile_supported(device)


def _loaded(name: str) -> Any:
    return builtins.__import__(name, fromlist=("itself",))


_STAND_INS = {name: _StandIn(name) for name in (_COMPILER, _UTILS)}
vars(_STAND_INS[_COMPILER]).update(OptimizedModule=_Compiled, disable=_never_disabled, graph_break=_not_broken)
vars(_STAND_INS[_UTILS]).update(is_compile_supported=_is_compile_supported)
