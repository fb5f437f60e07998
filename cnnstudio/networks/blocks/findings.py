"""What is wrong with a plan, or could be better: a sentence each, and the plan that mends it. No torch."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from cnnstudio.core import counted
from cnnstudio.networks.blocks.groups import step
from cnnstudio.networks.blocks.makers import CLASSES, SAME
from cnnstudio.networks.blocks.standing import (
    MOST_BLOCKS,
    MOST_MULTIPLICATIONS,
    MOST_PARAMETERS,
    MOST_VALUES,
    Standing,
    standing,
)  # fmt: skip
from cnnstudio.networks.blocks.table import KINDS, LAST, made
from cnnstudio.networks.blocks.values import Block, Plan

WEIGHTS_PER_PICTURE = 1000
"""Beyond so many a network that is trained from scratch mostly learns its pictures by rote; ResNet-18 has 223 for each
picture of CIFAR-10."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something to say of a plan."""

    kind: Literal[
        "empty", "setting", "misplaced", "size", "too-large", "last-layer", "linear-chain", "short-sighted",
        "many-weights", "negative", "skipped",
    ]  # fmt: skip
    sentence: str
    place: int | None = None
    """Number of the block it is about, from 0; None for the whole network."""
    stops: bool = False
    """Whether it cannot be built or trained like that."""
    mend: str = ""
    """What one click does, such as ``Add a ReLU``; empty where there is nothing to offer."""
    mended: Plan | None = None
    """The plan after that."""


def findings(plan: Plan, *, classes: int | None = None, pictures: int | None = None) -> tuple[Finding, ...]:
    """Everything there is to say, what stops it first.

    Args:
        plan: to look at.
        classes: of the open pictures, where some are open.
        pictures: for training, where some are open.
    """
    stand = standing(plan, classes or 10)
    found = [*_stopping(plan, stand, classes)]
    if not found:
        found += _linear_chains(plan)
        found += _negative(plan)
        found += _skipped(plan)
        found += _short_sighted(plan, stand)
        found += _many_weights(plan, stand, pictures)
    return tuple(found)


def stopping(plan: Plan, classes: int | None = None) -> Finding | None:
    """What keeps a plan from being built for so many classes; None where nothing does."""
    return next(iter(_stopping(plan, standing(plan, classes or 10), classes)), None)


def _stopping(plan: Plan, stand: Standing, classes: int | None) -> Iterator[Finding]:
    if not plan.blocks:
        yield Finding(kind="empty", sentence="There is no block yet.", stops=True,
                      mend="Add global average pooling and a linear layer",
                      mended=plan.inserted(0, made("global_average_pooling"), LAST))  # fmt: skip
    elif len(plan.blocks) > MOST_BLOCKS:
        yield Finding(kind="too-large", sentence=f"There are more than {MOST_BLOCKS} blocks.", stops=True)
    elif stand.fault is not None:
        yield _broken(plan, stand)
    else:
        yield from _too_large(stand)
        yield from _last_layer(plan, classes)


def _broken(plan: Plan, stand: Standing) -> Finding:
    place, fault = len(stand.stands), stand.fault
    assert fault is not None
    block = plan.blocks[place]
    if fault.mended is not None:
        return Finding(kind="setting", sentence=fault.sentence, place=place, stops=True,
                       mend=fault.mend, mended=plan.replaced(place, fault.mended))  # fmt: skip
    if stand.window is not None:
        mend, mended = _more_room(plan, place)
        return Finding(kind="size", sentence=fault.sentence, place=place, stops=True, mend=mend, mended=mended)
    if KINDS[block.kind].takes == "vector":
        mended = plan.inserted(place, made("global_average_pooling"))
        mend = "Put global average pooling before it"
    else:
        mended, mend = plan.without(place), "Remove it"
    return Finding(kind="misplaced", sentence=fault.sentence, place=place, stops=True, mend=mend, mended=mended)


def _more_room(plan: Plan, place: int) -> tuple[str, Plan]:
    """The gentlest change after which something is left at this block."""
    block = plan.blocks[place]
    tries: list[tuple[str, Plan]] = []
    if block.values.get("padding", SAME) != SAME and "channels" in block.values:
        tries.append(("Pad it to the same size", plan.replaced(place, block.changed(padding=SAME))))
    halving = [
        i for i, each in enumerate(plan.blocks[:place]) if each.kind.endswith("_pooling") and "kernel" in each.values
    ]
    if not block.kind.endswith("pooling") and halving:
        tries.append(("Remove the pooling before it", plan.without(halving[-1])))
    for mend, mended in tries:
        after = standing(mended)
        if (
            after.broken is None
            or after.broken > place
            or (len(mended.blocks) < len(plan.blocks) and after.broken >= place)
        ):
            return mend, mended
    return "Remove this block", plan.without(place)


def _too_large(stand: Standing) -> Iterator[Finding]:
    bounds = (
        (stand.parameters, MOST_PARAMETERS, "weights"),
        (stand.values, MOST_VALUES, "values for a single picture"),
        (stand.multiplications, MOST_MULTIPLICATIONS, "multiplications for a single picture"),
    )
    for value, most, what in bounds:
        if value > most:
            yield Finding(kind="too-large", stops=True,
                          sentence=f"This network is too large to build: {value:,} {what}, and {most:,} are the most."
                          )  # fmt: skip
            return


def _last_layer(plan: Plan, classes: int | None) -> Iterator[Finding]:
    place = len(plan.blocks) - 1
    last = plan.blocks[place]
    if last.kind != "linear":
        behind = next((i for i, block in enumerate(plan.blocks) if _is_last(block)), None)
        if behind is not None:
            mended = plan.without(behind + 1, place - behind)
            sentence = "Nothing may come behind the layer that answers."
            yield Finding(kind="last-layer", sentence=sentence, place=behind + 1, stops=True,
                          mend="Remove what is behind it", mended=mended)  # fmt: skip
            return
        vector = len(standing(plan).stands[-1].shape) == 1
        added = (LAST,) if vector else (made("global_average_pooling"), LAST)
        sentence = "The network does not end in a linear layer with an output for each class."
        mend = "Add a linear layer" if vector else "Add global average pooling and a linear layer"
        yield Finding(kind="last-layer", sentence=sentence, place=place, stops=True,
                      mend=mend, mended=plan.inserted(place + 1, *added))  # fmt: skip
    elif not last.is_on("bias"):
        yield Finding(kind="last-layer", sentence="The layer that answers needs its bias.", place=place, stops=True,
                      mend="Give it one", mended=plan.replaced(place, last.changed(bias=True)))  # fmt: skip
    elif not _is_last(last):
        outputs = last.number("outputs")
        there = f", and your pictures have {counted(classes, 'class', 'classes')}" if classes else ""
        if outputs != classes:
            yield Finding(kind="last-layer", sentence=f"The last layer gives {counted(outputs, 'output')}{there}.",
                          place=place, stops=True, mend="Give it as many outputs as there are classes",
                          mended=plan.replaced(place, last.changed(outputs=CLASSES)))  # fmt: skip


def _is_last(block: Block) -> bool:
    return block.kind == "linear" and block.number("outputs") == CLASSES


def _linear_chains(plan: Plan) -> Iterator[Finding]:
    before: int | None = None  # the last block with weights that nothing has bent since
    for place, block in enumerate(plan.blocks):
        kind = KINDS[block.kind]
        if kind.weighty and not kind.opens_bent and before is not None:
            sentence = (
                f"Between block {before + 1} and block {place + 1} nothing is bent, so the two can do no more than one."
            )
            after = before + 2 if plan.blocks[before + 1].kind == "batch_norm" else before + 1
            yield Finding(kind="linear-chain", sentence=sentence, place=place, mend="Add a ReLU between them",
                          mended=plan.inserted(after, made("activation")))  # fmt: skip
        if kind.bends:
            before = None
        elif kind.weighty:
            before = place


def _negative(plan: Plan) -> Iterator[Finding]:
    positive = False
    for place, block in enumerate(plan.blocks):
        if block.kind == "stochastic_pooling" and not positive:
            yield Finding(kind="negative", sentence="Stochastic pooling draws by size, and takes values below 0 for 0.",
                          place=place, mend="Add a ReLU before it", mended=plan.inserted(place, made("activation"))
                          )  # fmt: skip
        if block.kind in ("activation", "residual", "inception"):
            positive = block.kind != "activation" or block.word("function") in ("relu", "sigmoid")
        elif not (block.kind.endswith("pooling") or block.kind == "dropout"):
            positive = False


def _skipped(plan: Plan) -> Iterator[Finding]:
    for place, block in enumerate(plan.blocks):
        stride, kernel = int(block.values.get("stride", 0)), int(block.values.get("kernel", 3))
        if stride > kernel:
            yield Finding(kind="skipped", place=place, mend=f"Make the stride {kernel}",
                          sentence=f"With steps of {stride} and a window of {kernel}, it never sees part of the maps.",
                          mended=plan.replaced(place, block.changed(stride=kernel)))  # fmt: skip


def _short_sighted(plan: Plan, stand: Standing) -> Iterator[Finding]:
    """Where places are averaged, no value has seen more than its own field, whatever comes later."""
    for place, block in enumerate(plan.blocks):
        if block.kind != "global_average_pooling" or place == 0:
            continue
        before = stand.stands[place - 1]
        if before.reach.whole or before.reach.height >= plan.input_size:
            continue
        seen = f"{before.reach.height} of {plan.input_size} pixels"
        more = (*step(min(2 * before.shape[0], 512)),)
        added = (*((made("max_pooling"),) if before.side > 3 else ()), *more)
        yield Finding(kind="short-sighted", place=place, mend="Add another stage before it",
                      sentence=f"Before it is averaged, each value sees {seen} across: parts, and not the whole thing.",
                      mended=plan.inserted(place, *added))  # fmt: skip


def _many_weights(plan: Plan, stand: Standing, pictures: int | None) -> Iterator[Finding]:
    if not pictures or stand.parameters <= WEIGHTS_PER_PICTURE * pictures:
        return
    place = max(range(len(stand.stands)), key=lambda i: stand.stands[i].parameters)
    sentence = (
        f"{stand.parameters:,} weights are more than {counted(pictures, 'picture')} can teach: about "
        f"{stand.parameters / pictures:,.0f} for each. It will know the training pictures and few others."
    )
    flat = next((i for i, block in enumerate(plan.blocks[:place]) if block.kind == "flatten"), None)
    if flat is not None and stand.stands[place].parameters > stand.parameters / 2:
        mended = plan.replaced(flat, made("global_average_pooling"))
        yield Finding(kind="many-weights", sentence=sentence, place=place, mended=mended,
                      mend="Average each map instead of laying it out")  # fmt: skip
    else:
        yield Finding(kind="many-weights", sentence=sentence, mended=_halved(plan), mend="Halve all channels")


def _halved(plan: Plan) -> Plan:
    """With half of the channels in every block that has some of its own."""

    def half(block: Block) -> Block:
        names = ("channels", "growth", "one", "reduce_3", "three", "reduce_5", "five", "pool")
        told = {name: max(1, int(block.values[name]) // 2) for name in names if name in block.values}
        if block.kind == "linear" and not _is_last(block):
            told["outputs"] = max(1, block.number("outputs") // 2)
        return block.changed(**told)

    return replace(plan, blocks=tuple(half(block) for block in plan.blocks))
