"""Networks that are defined here, and how to build them without this package: the classics and EfficientNet-Lite."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from cnnstudio.data import PreprocessSpec
from cnnstudio.networks.blocks import source
from cnnstudio.networks.blocks.saved import plan_of
from cnnstudio.networks.classics import CLASSICS
from cnnstudio.networks.efficientnet_lite.weights import EFFICIENTNET_LITE


def is_defined_here(name: str) -> bool:
    """Whether a network's definition is ours and not torchvision's."""
    return name in CLASSICS or name in EFFICIENTNET_LITE or plan_of(name) is not None


def source_of(name: str, spec: PreprocessSpec, classes: int) -> str:
    """The Python that defines a network, for use without this package: it needs torch and torchvision only.

    Args:
        name: of a network that is defined here.
        spec: of the pictures that it was trained with.
        classes: that it tells apart.
    """
    if (plan := plan_of(name)) is not None:
        return source.source(replace(plan, channels=spec.channels, input_size=spec.crop), classes)
    text = Path(str(sys.modules[_function(name).__module__].__file__)).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("from cnnstudio.")]
    return "\n".join(lines) + "\n"


def call_of(name: str, spec: PreprocessSpec) -> str:
    """The Python that builds it by a function of ``source_of``, for as many classes as there are ``labels``."""
    if plan_of(name) is not None:
        return source.CALL
    arguments = ["len(labels)"]
    if name in CLASSICS:
        options = getattr(CLASSICS[name].build, "keywords", {})
        arguments += [str(spec.channels), str(spec.crop), *(f"{key}={value}" for key, value in options.items())]
    return f"{_function(name).__name__}({', '.join(arguments)})"


def _function(name: str) -> Callable[..., Any]:
    build = CLASSICS[name].build if name in CLASSICS else EFFICIENTNET_LITE[name].build
    return getattr(build, "func", build)
