"""What keeps a plan from being built or trained, each with a way out. No torch."""

from collections.abc import Iterator

from cnnstudio.core import counted
from cnnstudio.networks.blocks.finding import Finding
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


def stops(plan: Plan, stand: Standing, classes: int | None) -> Iterator[Finding]:
    """Of a plan that was followed, the first thing first; nothing where it can be built for so many classes."""
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
        behind = next((i for i, block in enumerate(plan.blocks) if is_answer(block)), None)
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
    elif not is_answer(last):
        outputs = last.number("outputs")
        there = f", and your pictures have {counted(classes, 'class', 'classes')}" if classes else ""
        if outputs != classes:
            yield Finding(kind="last-layer", sentence=f"The last layer gives {counted(outputs, 'output')}{there}.",
                          place=place, stops=True, mend="Give it as many outputs as there are classes",
                          mended=plan.replaced(place, last.changed(outputs=CLASSES)))  # fmt: skip


def own_outputs(plan: Plan) -> int:
    """So many classes, whatever pictures there are, that its last layer is made for; 0 where it fits any number."""
    last = plan.blocks[-1] if plan.blocks else LAST
    return last.number("outputs") if last.kind == "linear" else 0


def is_answer(block: Block) -> bool:
    """Whether it is a linear layer with an output for each class."""
    return block.kind == "linear" and block.number("outputs") == CLASSES
