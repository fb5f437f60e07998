"""Pictures that are the same everywhere, and what the publisher of EfficientNet-Lite's weights answers to them."""

from pathlib import Path

import numpy as np

ANSWERS = Path(__file__).parent / "samples" / "efficientnet_lite.json"
"""Written by ``benchmarks/efficientnet_lite_published.py`` with the publisher's code."""
SIDES = (97, 96)
"""Besides the usual one: on the way down, sides are odd and even in other places."""


def draw(side: int, number: int) -> np.ndarray:
    """side×side×3 uint8: rings and stripes on a slope of colours, in whole numbers only."""
    down, across = np.mgrid[:side, :side]
    rings = ((down - side // 3) ** 2 + (across - side // 2) ** 2) // (side * (number + 1)) % 2 * 90
    slope = (down * (number + 1) + across) * 160 // (side * (number + 2))
    stripes = (across + number * down) // (5 + number) % 2 * 70
    return (
        np.stack([slope + rings, (slope + stripes) // 2 + 20, 200 - slope + stripes // 2], -1)
        .clip(0, 255)
        .astype(np.uint8)
    )
