"""Settings as a small readable file: only what a person chose."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from PySide6 import QtCore

from cnnstudio.core import FormatError, Watch, config_folder
from cnnstudio.core.codec import load_json, save_json
from cnnstudio.jobs import Job, Lane

MAX_RECENT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkChoice:
    """The network that a person chose last, for a folder of pictures."""

    folder: str
    """Empty where none was open."""
    network: str
    weights: str = ""
    """File or folder; empty for the published ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What is remembered between sessions."""

    scheme: str = "system"
    contrast: bool = False
    """High contrast, also where the system does not ask for it."""
    still: bool = False
    """Nothing moves by itself, also where the system allows it."""
    recent: tuple[str, ...] = ()
    """Folders of pictures, newest first."""
    cores: int = 0
    """Processor cores that may be used; 0 for all of them. Holds from the next start on."""
    cache_gb: int = 0
    """What the cache may take, in GB; 0 for whatever it needs."""
    notify: bool = True
    """Whether the system shows a message when a long job has ended."""
    hints: tuple[str, ...] = ()
    """Hints of the first minute that were closed or have done their work."""
    choice: NetworkChoice | None = None
    network_view: str = ""
    """How all networks were looked at last: ``plot``, ``table`` or ``cards``; empty for the suggestions."""
    asked: tuple[str, ...] = ()
    """What the home page has asked once: ``desktop``, ``updates``."""
    updates: bool = False
    """Whether to look for a new version once a week."""
    looked: str = ""
    """The day when that was done last, as 2026-11-26."""
    sessions: int = 0
    """Starts of the window, counted as far as somebody wants to know."""
    results_tab: str = ""
    """Which tab of Results was open last."""

    @property
    def usual_place(self) -> str:
        """Where a dialog for folders of pictures begins: beside the last one, else where the system keeps pictures."""
        if self.recent:
            return str(Path(self.recent[0]).parent)
        return QtCore.QStandardPaths.writableLocation(QtCore.QStandardPaths.StandardLocation.PicturesLocation)

    def with_recent(self, folder: Path) -> "Preferences":
        """The same with ``folder`` at the top of the recent ones."""
        others = [path for path in self.recent if path != str(folder)]
        return replace(self, recent=(str(folder), *others)[:MAX_RECENT])

    def without_recent(self, folder: Path) -> "Preferences":
        """The same without ``folder`` among the recent ones."""
        return replace(self, recent=tuple(path for path in self.recent if path != str(folder)))


def load_preferences() -> Preferences:
    """What was saved; the defaults when there is nothing usable."""
    try:
        return load_json(_file(), Preferences)
    except (OSError, FormatError):
        return Preferences()


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePreferences(Job[None]):
    """Write what a person chose."""

    lane: ClassVar[Lane] = "files"
    preferences: Preferences

    def handle(self, watch: Watch) -> None:
        """Raises StorageError when it cannot be written."""
        save_json(_file(), self.preferences)


def _file() -> Path:
    return config_folder() / "settings.json"
