"""Settings as a small readable file: only what a person chose."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cnnstudio.core.codec import load_json, save_json
from cnnstudio.core.errors import FormatError, StorageError
from cnnstudio.core.paths import config_folder

MAX_RECENT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What is remembered between sessions."""

    scheme: str = "system"
    recent: tuple[str, ...] = ()
    """Folders of pictures, newest first."""

    def with_recent(self, folder: Path) -> "Preferences":
        """The same with ``folder`` at the top of the recent ones."""
        others = [path for path in self.recent if path != str(folder)]
        return replace(self, recent=(str(folder), *others)[:MAX_RECENT])


def load_preferences() -> Preferences:
    """What was saved; the defaults when there is nothing usable."""
    try:
        return load_json(_file(), Preferences)
    except (OSError, FormatError):
        return Preferences()


def save_preferences(preferences: Preferences, **changes: Any) -> Preferences:
    """Save with some fields changed; a disk that refuses costs the memory, not the work."""
    changed = replace(preferences, **changes)
    try:
        save_json(_file(), changed)
    except StorageError:
        return changed
    return changed


def _file() -> Path:
    return config_folder() / "settings.json"
