"""Networks that are defined here, and how to build them without this package: the classics and EfficientNet-Lite."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cnnstudio.data import PreprocessSpec
from cnnstudio.networks.classics import CLASSICS
from cnnstudio.networks.efficientnet_lite.weights import EFFICIENTNET_LITE


def is_defined_here(name: str) -> bool:
    """Whether a network's definition is ours and not torchvision's."""
    return name in CLASSICS or name in EFFICIENTNET_LITE


def source_of(name: str) -> str:
    """The Python that defines a network, for use without this package: it needs torch and torchvision only."""
    text = Path(str(sys.modules[_function(name).__module__].__file__)).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("from cnnstudio.")]
    return "\n".join(lines) + "\n"


def call_of(name: str, spec: PreprocessSpec) -> str:
    """The Python that builds it by a function of ``source_of``, for as many classes as there are ``labels``."""
    arguments = ["len(labels)"]
    if name in CLASSICS:
        options = getattr(CLASSICS[name].build, "keywords", {})
        arguments += [str(spec.channels), str(spec.crop), *(f"{key}={value}" for key, value in options.items())]
    return f"{_function(name).__name__}({', '.join(arguments)})"


def _function(name: str) -> Callable[..., Any]:
    build = CLASSICS[name].build if name in CLASSICS else EFFICIENTNET_LITE[name].build
    return getattr(build, "func", build)
