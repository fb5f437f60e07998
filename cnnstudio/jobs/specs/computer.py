"""Jobs about this computer and what CNN Studio keeps on it."""

from dataclasses import dataclass
from typing import Any, ClassVar

from cnnstudio.core import Watch
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
