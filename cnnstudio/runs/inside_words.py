"""What a look inside a network says, in words, for window and terminal. No torch."""

from collections.abc import Sequence

from cnnstudio.core import BlockSeen, InsideSeen, counted

_FADED, _GROWN = 1e-2, 1e2
"""First to last gradient per weight, beyond which one speaks of vanishing and exploding gradients."""
_MANY = 0.25
"""Share of silent units in one block that is worth a sentence: some are usual."""


def inside_sentence(look: InsideSeen) -> str:
    """Everything there is to say of one look in one line."""
    units, silent = sum(block.units for block in look.blocks), sum(block.silent for block in look.blocks)
    said = f"inside at step {look.step:,}: "
    if units:
        said += f"{silent:,} of {counted(units, 'unit')} silent on {counted(look.pictures, 'training picture')}"
        worst = max(look.blocks, key=_share)
        said += f" (most in {worst.name}: {worst.silent:,} of {worst.units:,}); " if silent else "; "
    trained = _trained(look.blocks)
    if not trained:
        return said + "no gradients"
    first, last = trained[0], trained[-1]
    return said + f"gradient {first.gradient:.2g} in {first.name or 'all'}, {last.gradient:.2g} in {last.name or 'all'}"


def inside_problems(look: InsideSeen) -> list[tuple[str, str]]:
    """What is wrong inside, and what to do about it, in a sentence each; empty where nothing stands out."""
    found = []
    worst = max(look.blocks, key=_share, default=None)
    if worst is not None and _share(worst) >= _MANY:
        pictures = counted(look.pictures, "training picture")
        found.append(
            (
                f"{worst.silent:,} of {counted(worst.units, 'unit')} in {worst.name} gave 0 on all of {pictures}.",
                "They learn no more (dead ReLU). A smaller learning rate keeps more of them alive; leaky ReLU lets "
                "them recover.",
            )
        )
    trained = _trained(look.blocks)
    if len(trained) > 1:
        first, last = _relative(trained[0]), _relative(trained[-1])
        if last and first / last < _FADED:
            found.append(
                (
                    f"The gradient fades towards the picture: it is {last / first:,.0f} times smaller in "
                    f"{trained[0].name} than in {trained[-1].name}."
                    if first
                    else f"No gradient reaches {trained[0].name}.",
                    "The first blocks hardly learn (vanishing gradient). Batch normalisation and residual blocks help.",
                )
            )
        elif last and first / last > _GROWN:
            found.append(
                (
                    f"The gradient grows towards the picture: it is {first / last:,.0f} times larger in "
                    f"{trained[0].name} than in {trained[-1].name}.",
                    "Single batches may throw the network off (exploding gradient). A smaller learning rate or a limit "
                    "of the gradient's size helps.",
                )
            )
    return found


def _trained(blocks: Sequence[BlockSeen]) -> list[BlockSeen]:
    return [block for block in blocks if block.weights > 0]


def _share(block: BlockSeen) -> float:
    return block.silent / block.units if block.units else 0.0


def _relative(block: BlockSeen) -> float:
    """A gradient per weight, since blocks are of very different size."""
    return block.gradient / block.weights
