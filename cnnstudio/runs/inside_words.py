"""What a look inside a network says, in words, for window and terminal. No torch."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnnstudio.core import BlockSeen, InsideSeen, counted

_APART = 10_000
"""Times that the first and the last gradient per weight differ, where one speaks of vanishing and exploding ones; some
hundred are usual in networks that learn well, since a last layer begins with small weights."""
_MANY = 0.25
"""Share of silent units in one block that is worth a sentence: some are usual."""


class Noticed(NamedTuple):
    """Something that keeps a network from learning."""

    sentence: str
    advice: str


def inside_sentence(look: InsideSeen) -> str:
    """A look in one line."""
    said = [f"inside at step {look.step:,}: {silent_words(look)}"]
    if trained := trained_blocks(look):
        ends = trained[:1] if len(trained) == 1 else (trained[0], trained[-1])
        said.append("gradient " + ", ".join(f"{block.gradient:.2g} in {name_of(block)}" for block in ends))
    return "; ".join(said)


def silent_words(look: InsideSeen) -> str:
    """How many units are silent, on how many pictures."""
    units, silent = sum(block.units for block in look.blocks), sum(block.silent for block in look.blocks)
    if not units:
        return "no units that can fall silent"
    words = f"{silent:,} of {counted(units, 'unit')} silent on {counted(look.pictures, 'training picture')}"
    if not silent:
        return words
    worst = max(look.blocks, key=silent_share)
    return f"{words} (most in {name_of(worst)}: {worst.silent:,} of {worst.units:,})"


def noticed(look: InsideSeen) -> Iterator[Noticed]:
    """What stands out in a look."""
    worst = max(look.blocks, key=silent_share, default=None)
    if worst is not None and silent_share(worst) >= _MANY:
        pictures = counted(look.pictures, "training picture")
        yield Noticed(
            f"{worst.silent:,} of {counted(worst.units, 'unit')} in {name_of(worst)} gave 0 on all of {pictures}.",
            "They learn no more (dead ReLU). A smaller learning rate keeps more of them alive; leaky ReLU lets them "
            "recover.",
        )
    trained = trained_blocks(look)
    if len(trained) > 1:
        yield from _noticed_between(trained[0], trained[-1])


def _noticed_between(first: BlockSeen, last: BlockSeen) -> Iterator[Noticed]:
    """Gradients per weight, since blocks are of very different size."""
    near, far = first.gradient / first.weights, last.gradient / last.weights
    if far and not near:
        yield Noticed(f"No gradient reaches {name_of(first)}.", _FADING)
    elif far > _APART * near:
        times = counted(round(far / near), "time")
        yield Noticed(
            f"The gradient fades towards the picture: per weight it is {times} smaller in {name_of(first)} than in "
            f"{name_of(last)}.",
            _FADING,
        )
    elif near > _APART * far > 0:
        times = counted(round(near / far), "time")
        yield Noticed(
            f"The gradient grows towards the picture: per weight it is {times} larger in {name_of(first)} than in "
            f"{name_of(last)}.",
            "Single batches may throw the network off (exploding gradient). A smaller learning rate or a limit of the "
            "gradient's size helps.",
        )


_FADING = (
    "The first blocks hardly learn (vanishing gradient). Batch norm, residual blocks, and ReLU in place of sigmoid or "
    "tanh help."
)


def trained_blocks(look: InsideSeen) -> Sequence[BlockSeen]:
    """Those with weights that are trained, from picture to answer."""
    return [block for block in look.blocks if block.weights > 0]


def silent_share(block: BlockSeen) -> float:
    """Of the units that can fall silent, from 0 to 1."""
    return block.silent / block.units if block.units else 0.0


def name_of(block: BlockSeen) -> str:
    """Its dotted name, or what it is where it has none."""
    return block.name or block.kind
