"""Jobs that find where something is to go, since only the disk knows."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cnnstudio.core import Watch, paths, safe_file_name
from cnnstudio.inference.folder.results import TableFacts
from cnnstudio.jobs.job import Job, Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePlace:
    """Where the answers to a folder go unless a person says otherwise, and what is there already."""

    file: Path
    facts: TableFacts | None
    """Of an earlier beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindTable(Job[TablePlace]):
    """A table in Documents for a folder and a network: the same one whenever it is asked for."""

    lane: ClassVar[Lane] = "places"
    latest_wins: ClassVar[bool] = True
    folder: Path
    model: str
    """Source of the ModelRef."""

    def handle(self, watch: Watch) -> TablePlace:
        """Only looks."""
        from cnnstudio.inference.folder.state import look_at_table

        watch.check()
        tells_apart = zlib.crc32(f"{self.folder}\n{self.model}".encode(errors="surrogateescape")) & 0xFFFF
        name = f"{safe_file_name(self.folder.name or 'pictures')}-answers-{tells_apart:04x}.csv"
        file = paths.documents_folder() / "CNN Studio" / name
        return TablePlace(file=file, facts=look_at_table(file))
