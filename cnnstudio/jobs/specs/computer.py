"""Jobs about this computer and what CNN Studio keeps on it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from cnnstudio.core import Watch, config_folder
from cnnstudio.core.chosen_folders import Kind, choose
from cnnstudio.core.motion import asks_for_stillness
from cnnstudio.core.optional_parts import PARTS
from cnnstudio.jobs.job import Job, Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What was found."""

    findings: dict[str, Any]
    """By a word for people: texts, numbers and lists of texts."""
    log: str
    """The end of the log; empty when there is none."""

    @property
    def text(self) -> str:
        """To be copied into a message; nothing but what is shown."""
        lines = [
            f"{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
            for name, value in self.findings.items()
        ]
        return "\n".join([*lines, "", "The end of the log:", self.log or "(empty)"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamineComputer(Job[Examination]):
    """Versions, devices, memory and folders, and the end of the log: what a report of a problem needs."""

    lane: ClassVar[Lane] = "places"

    def handle(self, watch: Watch) -> Examination:
        """Only looks; graphics cards in processes of their own."""
        from cnnstudio.jobs.examining import examine

        return examine(watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepIn(Job[Path]):
    """Move what CNN Studio keeps to another folder, or make new projects there; gives the folder."""

    lane: ClassVar[Lane] = "copying"
    kind: Kind
    folder: Path

    def handle(self, watch: Watch) -> Path:
        """Raises StorageError when there is no room or nothing can be written, StopRequested with all as it was."""
        if self.kind == "projects":
            choose(config_folder(), self.kind, self.folder)
            return self.folder
        from cnnstudio.jobs.moving import move_folder

        return move_folder(self.kind, self.folder, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class CachePart:
    """One kind of what can be computed again."""

    name: str
    """``features``, ``thumbnails``, ``pictures`` (what was found in each), ``pasted`` or ``others``."""
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureCache(Job[tuple[CachePart, ...]]):
    """How large each part of the cache is."""

    lane: ClassVar[Lane] = "places"

    def handle(self, watch: Watch) -> tuple[CachePart, ...]:
        """Only looks."""
        from cnnstudio.jobs.caching import measure_cache

        return measure_cache(watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearCache(Job[tuple[CachePart, ...]]):
    """Remove parts of the cache; gives what is left."""

    lane: ClassVar[Lane] = "chores"
    parts: tuple[str, ...]

    def handle(self, watch: Watch) -> tuple[CachePart, ...]:
        """What is in use, or cannot be removed, stays."""
        from cnnstudio.jobs.caching import clear_cache

        return clear_cache(self.parts, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimCache(Job[tuple[CachePart, ...]]):
    """Remove what was used longest ago; gives what is left."""

    lane: ClassVar[Lane] = "chores"
    limit: int
    """Bytes that all parts but pasted pictures may take together."""

    def handle(self, watch: Watch) -> tuple[CachePart, ...]:
        """Leaves what was used within the hour."""
        from cnnstudio.jobs.caching import trim_cache

        return trim_cache(self.limit, watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOffer:
    """What can be done where an optional part is missing."""

    megabytes: int
    """Of its download; 0 where it is installed and something else is missing."""
    why_not: str
    """A sentence where it cannot be installed from here; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPart(Job[PartOffer]):
    """Whether an optional part can be installed here."""

    lane: ClassVar[Lane] = "places"
    part: str
    """One of ``core.optional_parts.PARTS``."""

    def handle(self, watch: Watch) -> PartOffer:
        """Only looks."""
        from cnnstudio.jobs.parts import part_offer

        watch.check()
        return part_offer(PARTS[self.part])


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallPart(Job[None]):
    """Download and install an optional part, into the environment that is running."""

    lane: ClassVar[Lane] = "downloads"
    part: str
    """One of ``core.optional_parts.PARTS``."""

    def handle(self, watch: Watch) -> None:
        """Raises CannotInstallError with what pip said."""
        from cnnstudio.jobs.parts import install_part

        install_part(PARTS[self.part], watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtMotion(Job[bool]):
    """Whether the system asks programs to move nothing."""

    lane: ClassVar[Lane] = "places"

    def handle(self, watch: Watch) -> bool:
        """Milliseconds; two seconds where a program of the system does not answer."""
        watch.check()
        return asks_for_stillness()
