"""How large a folder's pictures are, from a few of their headers. No torch."""

import statistics
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

_LOOKS = 24


def typical_side(paths: Sequence[Path], looks: int = _LOOKS) -> int:
    """Median of the shorter side in pixels over ``looks`` pictures spread over ``paths``; 0 when none can be read."""
    step = max(1, len(paths) // looks)
    sides = []
    for path in paths[::step][:looks]:
        try:
            with Image.open(path) as image:
                sides.append(min(image.size))
        except Exception:  # noqa: BLE001 - Pillow raises many types on broken headers; the scan reports them
            continue
    return round(statistics.median(sides)) if sides else 0
