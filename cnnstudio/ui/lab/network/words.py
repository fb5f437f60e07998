"""Figures of blocks in words, for the room *Build a network*. No widgets."""

from cnnstudio.networks.blocks.arithmetic import Stand
from cnnstudio.networks.blocks.table import KINDS
from cnnstudio.networks.blocks.values import Block
from cnnstudio.networks.blocks.words import FUNCTION_TITLES, shape_words

CHOICES = {**FUNCTION_TITLES, "values": "Single values", "maps": "Whole maps"}
SPECIAL = {"same": "same size", "window": "as the window", "classes": "one for each class"}


def block_title(block: Block) -> str:
    """What a block is called."""
    return KINDS[block.kind].title


def figures(stand: Stand) -> tuple[str, str, str, str]:
    """Output, weights, million multiply-adds and receptive field, for a row of the list."""
    return (
        shape_words(stand.shape).replace(" ", ""),
        f"{stand.parameters:,}" if stand.parameters else "",
        millions(stand.multiplications) if stand.multiplications else "",
        stand.reach.in_words(),
    )


def millions(number: int) -> str:
    """Of multiply-adds; small ones keep a digit that says something."""
    value = number / 1e6
    return f"{value:,.1f}" if value >= 0.1 else f"{value:.2f}" if value >= 0.01 else "< 0.01"
