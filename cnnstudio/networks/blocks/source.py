"""A plan as Python that builds the same network with torch alone, for exports and for reading. No torch."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import cnnstudio.networks as home
from cnnstudio.networks.blocks.parts import OURS, Branches, Chain, Dense, Layer, Part, Residual
from cnnstudio.networks.blocks.standing import is_sized, standing
from cnnstudio.networks.blocks.table import KINDS
from cnnstudio.networks.blocks.values import Plan

CALL = "network()"
"""Builds it, in the source."""
_DEFINED = ("blocks/modules.py", "classics/attentive.py")
_JOINS: dict[type[Part], str] = {Residual: "ResidualBlock", Dense: "DenseBlock", Branches: "Branches"}
_WIDE = 100


def source(plan: Plan, classes: int) -> str:
    """Python with a function ``network``, for so many classes; its state_dict fits the network that was trained.

    Args:
        plan: that can be built, for the pictures that it was trained with.
        classes: of the last layer.
    """
    stood, cut = standing(plan, classes), standing(plan, classes).first_of_head
    titles = [KINDS[block.kind].title for block in plan.blocks]
    lines = [
        f'"""{plan.name}: a network of {len(plan.blocks)} blocks, built with CNN Studio."""',
        "",
        "import torch",
        "from torch import nn",
        "",
        "",
        *(line for name in _used(stood.parts) for line in (*_definition(name).splitlines(), "", "")),
        "def network():",
    ]
    for part, start, end in (("features", 0, cut), ("classifier", cut, len(titles))):
        lines.append(f"    {part} = nn.Sequential(")
        for each, title in zip(stood.parts[start:end], titles[start:end], strict=True):
            lines += [*(() if isinstance(each, Layer) else (f"        # {title}",)), *_text(each, 8)]
            lines[-1] += ","
        lines.append("    )")
    size = plan.input_size if is_sized(plan) else 0
    lines.append(f"    return BuiltNetwork(features, classifier, {plan.channels}, {size})")
    return "\n".join(lines) + "\n"


def one_line(part: Part) -> str:
    """The Python that makes a part, on one line."""
    if isinstance(part, Layer):
        options = (f"{name}={value!r}" for name, value in part.options)
        return f"{part.make}({', '.join([*map(repr, part.args), *options])})"
    return f"{_name(part)}({', '.join(map(one_line, _inner(part)))})"


def _text(part: Part, indent: int) -> list[str]:
    text = " " * indent + one_line(part)
    if len(text) <= _WIDE or isinstance(part, Layer):
        return [text]
    lines = [" " * indent + f"{_name(part)}("]
    for inner in _inner(part):
        lines += _text(inner, indent + 4)
        lines[-1] += ","
    return [*lines, " " * indent + ")"]


def _name(part: Part) -> str:
    return _JOINS.get(type(part), "nn.Sequential")


def _inner(part: Part) -> tuple[Part, ...]:
    if isinstance(part, Chain):
        return part.parts
    if isinstance(part, Residual):
        return part.main, part.shortcut
    if isinstance(part, Dense):
        return part.layers
    return part.branches if isinstance(part, Branches) else ()


def _used(parts: tuple[Part, ...]) -> list[str]:
    """Names of the classes that a source has to bring along, each once."""

    def names(part: Part) -> Iterator[str]:
        if isinstance(part, Layer):
            yield from (part.make,) if part.make in OURS else ()
            return
        yield from (_JOINS[type(part)],) if type(part) in _JOINS else ()
        for inner in _inner(part):
            yield from names(inner)

    return list(dict.fromkeys([*(name for part in parts for name in names(part)), "BuiltNetwork"]))


@lru_cache(maxsize=16)
def _definition(name: str) -> str:
    """The text of one class of ours, with the constants that it uses."""
    for file in _DEFINED:
        text = (Path(home.__path__[0]) / file).read_text(encoding="utf-8")
        lines, tree = text.splitlines(), ast.parse(text)
        found = next((node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name), None)
        if found is None:
            continue
        body = "\n".join(lines[found.lineno - 1 : found.end_lineno])
        constants = [
            f"{target.id} = {ast.unparse(node.value)}"
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and target.id in body
        ]
        return "\n".join([*constants, *([""] * 2 if constants else []), body])
    raise LookupError(name)
