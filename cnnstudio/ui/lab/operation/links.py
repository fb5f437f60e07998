"""What the chain says of each of its steps."""

from collections.abc import Sequence

import numpy as np

from cnnstudio.core import counted
from cnnstudio.lab import Applied, Tried
from cnnstudio.ui.lab.operation.chain_strip import Link
from cnnstudio.ui.lab.operation.steps import Planned, Step
from cnnstudio.ui.widgets import image_of

_SMALL = 56


def links_of(steps: Sequence[Step], planned: Planned, tried: Tried) -> list[Link]:
    """One for each step; behind a problem there is nothing to tell."""
    links = []
    for place, step in enumerate(steps):
        if place < len(planned.spans) and planned.spans[place][1] <= len(tried.steps):
            first, end = planned.spans[place]
            links.append(_link(step.panel.title, tried.steps[first:end]))
        else:
            problem = planned.problems[0].sentence if planned.problems and place == len(planned.spans) else ""
            links.append(Link(step.panel.title, (), None, problem))
    return links


def together(planned: Planned, tried: Tried) -> str:
    """What the whole chain costs; nothing for a single step."""
    if len(planned.spans) < 2:
        return ""
    weights = sum(step.parameters for step in tried.steps)
    work = sum(step.multiplications for step in tried.steps)
    return f"Together: {_weights(weights)}, {_work(work)}, {_sees(tried.steps[-1])}."


def joined(codes: Sequence[str]) -> str:
    """Lines of code, each applied to what the one before made."""
    return "\n".join((*(code.replace("y = ", "x = ", 1) for code in codes[:-1]), codes[-1]))


def _link(title: str, steps: Sequence[Applied]) -> Link:
    last = steps[-1]
    sees = _sees(last)
    weights, work = (sum(getattr(step, name) for step in steps) for name in ("parameters", "multiplications"))
    costs = ", ".join(([_weights(weights)] if weights else []) + ([_work(work)] if work else []))
    lines = (last.shape.in_words(), sees, costs or "no weights, no multiplications")
    pictures = last.drawn.pictures[0]
    step = max(1, min(pictures.shape[:2]) // _SMALL)  # a copy as small as it is shown
    return Link(title, lines, image_of(np.ascontiguousarray(pictures[::step, ::step])))


def _sees(step: Applied) -> str:
    reach = step.reach
    return "sees the whole picture" if reach.whole else f"sees {reach.height} × {reach.width}"


def _weights(count: int) -> str:
    return counted(count, "weight") if count else "no weights"


def _work(count: int) -> str:
    """Multiplications for one picture, in few letters."""
    if not count:
        return "no multiplications"
    for size, unit in ((10**9, "GMACs"), (10**6, "MMACs")):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:,} MACs"
