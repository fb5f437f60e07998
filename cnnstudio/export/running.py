"""Exports opened as their receivers open them, to be asked for answers; see ``formats.Answerer``."""

import os
import runpy
import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from cnnstudio.export.companions import SCRIPT_FILE

_HIDDEN: dict[str, tuple[str, ...]] = {
    "onnxruntime": ("torch", "torchvision", "onnx", "openvino"),
    "openvino": ("torch", "torchvision", "onnx", "onnxruntime"),
}
"""What a script must do without, by what it computes with: its receiver does not have it."""
alone = False
"""Whether this process is there for one script only, so that packages can be hidden from it."""


class BundleAnswers:
    """As CNN Studio opens a bundle that came from elsewhere."""

    engine = "torch"

    def __init__(self, folder: Path) -> None:
        import torch

        from cnnstudio.inference.session import open_model
        from cnnstudio.networks import ModelRef

        self._session = open_model(ModelRef(source=str(folder)))
        self.version = version("torch")
        self.threads = torch.get_num_threads()

    def answer(self, picture: Path) -> np.ndarray:
        """One picture at a time, in full precision."""
        from cnnstudio.inference.session import predict_probabilities, read_pixels

        return predict_probabilities(self._session, read_pixels(self._session, picture)[None])[0]


class ScriptAnswers:
    """By the ``predict.py`` of an export: it has ``answer(path)``, whose first value are the probabilities.

    Its ``ready`` and ``judge``, where it has them, open what it needs.
    """

    def __init__(self, folder: Path, engine: str) -> None:
        if alone:
            hide_this_package(_HIDDEN.get(engine, ()))
        sys.path.insert(0, os.fspath(folder))
        before, sys.argv = sys.argv, [str(folder / SCRIPT_FILE)]
        compiled, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # nothing of it is to stay in the export
        try:
            self._script: dict[str, Any] = runpy.run_path(str(folder / SCRIPT_FILE), run_name="export")
            for prepare in ("ready", "judge"):  # what it would do for its first picture
                self._script.get(prepare, lambda: None)()
        finally:
            sys.argv, sys.dont_write_bytecode = before, compiled
            sys.path.remove(os.fspath(folder))
        self.engine, self.version = engine, version(engine)
        torch: ModuleType | None = sys.modules.get("torch") if engine == "torch" else None
        self.threads = torch.get_num_threads() if torch is not None else int(self._script.get("THREADS", 1))

    def answer(self, picture: Path) -> np.ndarray:
        """What its ``main`` would print of the picture, in full."""
        return np.asarray(self._script["answer"](os.fspath(picture))[0], np.float32)


def hide_this_package(others: tuple[str, ...] = ()) -> None:
    """From now on, importing it raises ModuleNotFoundError, as for the receiver of an export, who does not have it.

    Another interpreter would not have it either, but an installed application brings none along.
    """
    ours = __name__.partition(".")[0]
    for name in [name for name in sys.modules if name.partition(".")[0] in (ours, *others)]:
        del sys.modules[name]
    for name in (ours, *others):
        sys.modules[name] = None  # type: ignore[assignment]  # how Python is told that there is no such package
