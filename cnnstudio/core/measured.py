"""What was measured on this machine, remembered: short measurements are noisy, and a second click should not wait."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

from cnnstudio.core.atomic import write_text_atomically
from cnnstudio.core.errors import StorageError
from cnnstudio.core.paths import cache_folder


def remembered(key: str, measure: Callable[[], Any], fits: Callable[[Any], bool]) -> Any:
    """The outcome of ``measure`` on this machine, measured once.

    Args:
        key: what it depends on: network, size, device, versions.
        measure: gives a JSON value.
        fits: whether a value read from the file is usable; what does not fit is measured anew.
    """
    known = _known()
    if key not in known or not fits(known[key]):
        known = {**known, key: measure()}
        with contextlib.suppress(StorageError):
            write_text_atomically(cache_folder() / "measured.json", json.dumps(known, indent=2) + "\n")
    return known[key]


def _known() -> dict[str, Any]:
    try:
        known = json.loads((cache_folder() / "measured.json").read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
