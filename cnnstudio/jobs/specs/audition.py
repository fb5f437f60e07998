"""The job that tries networks on a person's own pictures."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch
from cnnstudio.data import Dataset
from cnnstudio.jobs.job import Lane, Streaming
from cnnstudio.understanding.auditions import Audition, Auditions


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditionNetworks(Streaming[Auditions, Audition]):
    """Accuracy and time of every network whose weights are here, the cheapest first; nothing is downloaded."""

    lane: ClassVar[Lane] = "judging"
    folder: Path
    """Of pictures."""
    dataset: Dataset | None = None
    """As the window has it open."""
    networks: tuple[str, ...] = ()
    """Only these; empty for all."""

    def handle(self, watch: Watch) -> Auditions:
        """Raises StoppedWith those that are through, WeightsError where no network is here."""
        from cnnstudio.jobs.auditioning import audition_networks

        return audition_networks(self, watch)
