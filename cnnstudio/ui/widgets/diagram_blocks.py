"""Which layers a diagram of a network shows: the chain of its blocks, opened as far as is worth seeing. No widgets."""

from cnnstudio.networks.anatomy.layers import CHAINS, Anatomy, Layer

_ENOUGH = 7
_MOST = 40


def chain(anatomy: Anatomy, opened: frozenset[str] = frozenset()) -> list[Layer]:
    """The blocks from picture to answer.

    The largest chains are opened until there are seven blocks; ``opened`` are those that a person wants to see into.
    """
    blocks = _visible(anatomy.children(""))
    while len(blocks) < _ENOUGH:
        inside = [block for block in blocks if can_open(anatomy, block)]
        if not inside:
            break
        largest = max(inside, key=lambda block: (block.multiplications, block.parameters))
        blocks = _opened(anatomy, blocks, largest)
    while mixed := next((block for block in blocks if _holds_the_border(anatomy, block)), None):
        blocks = _opened(anatomy, blocks, mixed)
    for name in sorted(opened):
        block = next((block for block in blocks if block.name == name), None)
        if block is not None and can_open(anatomy, block):
            blocks = _opened(anatomy, blocks, block)
    return blocks


def can_open(anatomy: Anatomy, block: Layer) -> bool:
    """Whether a block is a chain of others."""
    inside = _visible(anatomy.children(block.name))
    return block.kind in CHAINS and 0 < len(inside) <= _MOST


def _holds_the_border(anatomy: Anatomy, block: Layer) -> bool:
    """Whether the head begins inside a block, which can be opened to show where."""
    holds = any(layer.in_head for layer in anatomy.layers if layer.name.startswith(f"{block.name}."))
    return holds and not block.in_head and can_open(anatomy, block)


def _opened(anatomy: Anatomy, blocks: list[Layer], block: Layer) -> list[Layer]:
    at = blocks.index(block)
    return [*blocks[:at], *_visible(anatomy.children(block.name)), *blocks[at + 1 :]]


def _visible(layers: tuple[Layer, ...]) -> list[Layer]:
    """Without what only training uses, and without the small steps that change nothing one could draw."""
    return [
        layer
        for layer in layers
        if layer.output and (layer.multiplications > 0 or not layer.is_leaf or "Pool" in layer.kind)
    ]
