"""What this program is made of, by whom, and under which licences."""

from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.jobs.job import Job, Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A package or library that comes with the program."""

    name: str
    version: str
    licence: str
    """An SPDX expression such as ``BSD-3-Clause``; of a package that declares none, what it says in its own words."""
    source: str = ""
    """Where its source is."""
    note: str = ""
    """What a licence asks to be said."""
    text: str = ""
    """Of its licence and notices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Licences:
    """Of everything, in the order of names."""

    parts: tuple[Part, ...]
    bundled: bool = False
    """Whether they come in one folder with the program; else they are packages beside it."""

    @property
    def text(self) -> str:
        """All in one, for a file."""
        line = "=" * 80
        shown = [
            "\n".join(
                each
                for each in (
                    line,
                    f"{part.name} {part.version}: {part.licence}",
                    part.source,
                    part.note,
                    line,
                    "",
                    part.text,
                )
                if each or not part.text
            )
            for part in self.parts
        ]
        return "\n\n".join(shown) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLicences(Job[Licences]):
    """Read what came with the program, or what its packages say of themselves."""

    lane: ClassVar[Lane] = "places"

    def handle(self, watch: Watch) -> Licences:
        """Raises OSError when it cannot be read."""
        from cnnstudio.jobs.licensing import read_licences

        return read_licences(watch)
