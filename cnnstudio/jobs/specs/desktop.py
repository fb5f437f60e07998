"""Jobs that put CNN Studio into the menu of the desktop, and take it out again."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.jobs.job import Job, Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class DesktopState:
    """Whether it is in the menu."""

    added: bool = False
    """By us; a package of the system does it by itself."""
    whole: bool = False
    """Whether all of it is there, and starts this installation."""
    why_not: str = ""
    """Why it cannot be added; empty where it can."""
    command: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    """That were written for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtDesktop(Job[DesktopState]):
    """Whether CNN Studio is in the menu."""

    lane: ClassVar[Lane] = "files"

    def handle(self, watch: Watch) -> DesktopState:
        """Only looks."""
        from cnnstudio.jobs.desktop.belonging import desktop_state

        watch.check()
        return desktop_state()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddToDesktop(Job[DesktopState]):
    """A menu entry, icons, bundles that open with a double click, and *Open with* for folders."""

    lane: ClassVar[Lane] = "copying"

    def handle(self, watch: Watch) -> DesktopState:
        """Raises StorageError, or a StudioError where there is no such menu."""
        from cnnstudio.jobs.desktop.belonging import add_to_desktop

        watch.check()
        return add_to_desktop()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFromDesktop(Job[DesktopState]):
    """Take out exactly what was added."""

    lane: ClassVar[Lane] = "copying"

    def handle(self, watch: Watch) -> DesktopState:
        """Raises StorageError, or a StudioError where there is no such menu."""
        from cnnstudio.jobs.desktop.belonging import remove_from_desktop

        watch.check()
        return remove_from_desktop()
