"""What a weights file holds, once it is read: plain tensors under flat names, and lists of names."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from cnnstudio.networks.weights.harmless import Kept, KeptArray
from cnnstudio.networks.weights.limits import Budget

_NAMES_CLASSES = re.compile(
    r"class|categor|label|target|species|names?$|idx|id_?(to|2)|vocab|lbl|mapping|c2i|i2c", re.IGNORECASE
)
_NUMERIC = "biuf"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadState:
    """The content of a weights file of whatever wrapping; nothing in it is the file's own Python any more."""

    state: dict[str, torch.Tensor]
    """Every named tensor, in the file's order, with the names of all that it lies in, joined by dots: a file
    ``{"model": {"fc.bias": …}}`` gives ``model.fc.bias``. Floats are float32, contiguous, and share no memory."""
    class_names: tuple[tuple[str, ...], ...] = ()
    """Lists of distinct names that the file keeps under something like ``classes``, in their order."""


def gathered(content: object, budget: Budget) -> ReadState:
    """What is of use in a file's content: wrapped in whatever dicts, lists and argument lists it comes.

    Tensors under numbers are an optimiser's and stay away. A container that holds itself is looked at once.

    Raises:
        WeightsError: it is more than the budget of its file, or of a kind that cannot be used.
    """
    state: dict[str, torch.Tensor] = {}
    names: dict[tuple[str, ...], None] = {}
    for where, value in _walk(content):
        budget.look_at(where)
        if isinstance(value, np.ndarray) and value.dtype.kind in _NUMERIC:
            value = torch.from_numpy(value)
        if isinstance(value, torch.Tensor):
            budget.take(value)
            state[".".join(where)] = plain(value)
        elif where and _NAMES_CLASSES.search(where[-1]) and (found := _names_in(value)):
            names[found] = None
    return ReadState(state=state, class_names=tuple(names))


def plain(value: torch.Tensor) -> torch.Tensor:
    """Memory of its own, so that training never writes into a mapped file; floats as float32."""
    value = value.detach()
    return (value.float() if value.is_floating_point() else value).contiguous().clone()


def _walk(content: object) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Everything in containers, each with where it lies; no recursion, since nothing says how deep a file is."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), content)]
    seen: set[int] = set()
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, KeptArray):
            value = value.value
        if isinstance(value, dict | list | tuple | Kept):
            if id(value) in seen:
                continue
            seen.add(id(value))
        yield where, value
        inside = value.attributes if isinstance(value, Kept) else value
        if isinstance(inside, dict):
            items: list[tuple[Any, Any]] = list(inside.items())
        elif isinstance(inside, list | tuple):
            items = [(str(number), item) for number, item in enumerate(inside) if not isinstance(item, torch.Tensor)]
        else:
            continue
        waiting += [((*where, key), item) for key, item in reversed(items) if isinstance(key, str)]


def _names_in(value: object) -> tuple[str, ...]:
    """Of ``[cat, dog]``, ``{0: cat, 1: dog}`` or ``{cat: 0, dog: 1}``, or a text of them; empty for all else."""
    if isinstance(value, str):
        value = _written(value)
    if isinstance(value, dict):
        pairs = [(key, item) if isinstance(item, str) else (item, key) for key, item in value.items()]
        if not all(isinstance(number, int | str) and str(number).isdecimal() for number, _ in pairs):
            return ()
        named = {int(str(number)): name for number, name in pairs}
        value = [named.get(number) for number in range(len(pairs))]
    elif isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, list | tuple) or len(value) < 2:
        return ()
    words = tuple(word for word in value if isinstance(word, str) and word)
    return words if len(set(words)) == len(value) else ()


def _written(text: str) -> object:
    """What JSON says, or words with commas between them."""
    try:
        return json.loads(text) if text[:1] in ("[", "{") else [word.strip() for word in text.split(",")]
    except (ValueError, RecursionError):
        return None
