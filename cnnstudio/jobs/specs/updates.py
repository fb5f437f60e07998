"""Jobs that look for a newer version, where a person has agreed to that."""

from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.jobs.job import Job, Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePolicy:
    """Whether it may be asked for new versions on this computer."""

    address: str = ""
    """Empty where there is nobody to ask, or where it may not be."""
    why_not: str = ""
    """In words, where somebody has decided so, or the address is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A version that is newer than this one."""

    version: str
    how: str
    """The line that brings it, or a sentence; for a person to use, never run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtUpdatePolicy(Job[UpdatePolicy]):
    """Whether it may be asked at all."""

    lane: ClassVar[Lane] = "files"

    def handle(self, watch: Watch) -> UpdatePolicy:
        """Only looks; asks nobody."""
        from cnnstudio.jobs.updating import update_policy

        watch.check()
        return update_policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class LookForUpdate(Job[Update | None]):
    """Ask for the newest version's number, once and for five seconds at most; None where there is no newer one."""

    lane: ClassVar[Lane] = "downloads"

    def handle(self, watch: Watch) -> Update | None:
        """Fails in silence. Raises StopRequested."""
        from cnnstudio.jobs.updating import newer_version

        return newer_version(watch)
