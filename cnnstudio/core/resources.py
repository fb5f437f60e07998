"""Find ``resources/`` in a checkout, an installed wheel and a frozen application; the only place that knows them."""

import sys
from pathlib import Path


def resource(*parts: str) -> Path:
    """Path of a file shipped with the application, such as ``resource("icons", "data.svg")``."""
    package = Path(__file__).resolve().parents[1]
    roots = (Path(getattr(sys, "_MEIPASS", package)) / "resources", package / "resources", package.parent / "resources")
    root = next((root for root in roots if root.is_dir()), roots[-1])
    return root.joinpath(*parts)
