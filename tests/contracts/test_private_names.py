"""A class does not replace by accident what a class above it keeps to itself."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import FunctionType

import cnnstudio.ui


def _classes() -> Iterator[type]:
    for module in pkgutil.walk_packages(cnnstudio.ui.__path__, "cnnstudio.ui."):
        for _, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if found.__module__ == module.name:
                yield found


def test_private_methods_are_replaced_on_purpose_only():
    """Three plots stayed empty because their ``_draw`` took the place of the one that puts a plot on the screen."""
    accidents = [
        f"{own.__module__}.{own.__qualname__}.{name} takes the place of {above.__qualname__}.{name}"
        for own in _classes()
        for name, what in vars(own).items()
        if name.startswith("_") and not name.startswith("__") and isinstance(what, FunctionType)
        for above in own.__mro__[1:]
        if above.__module__.startswith("cnnstudio.") and name in vars(above) and not hasattr(what, "__override__")
    ]
    assert not accidents, "\n".join(accidents)
