"""``answers.state.json``, beside a table of answers: what it takes to continue it. No torch.

A table is written in blocks of neighbouring files. Of each block the state has a digest over names, sizes and times of
its files, taken when they were read, and where its rows end. So whoever continues knows what is still true, and that
the table itself is as it was left.
"""

import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from cnnstudio.core import FormatError, codec
from cnnstudio.inference.folder.results import TableFacts

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some neighbouring files, and their rows."""

    digest: str
    end: int
    """Bytes of the table up to its last row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableState:
    """The content of the file."""

    network: str
    """Its title, for people."""
    rules: str
    """Digest of the network and of all else that answers and rows depend on."""
    listing: str
    """Digest of the names of all files."""
    total: int
    done: int
    """Files whose rows are in the table."""
    block: int
    """Files in a block; the last one may be smaller."""
    blocks: tuple[Block, ...]
    begin: int
    """Bytes of the header."""
    checksum: int
    """CRC-32 of the table up to the end of the last block."""
    written: str
    """When, ISO 8601, UTC."""
    before: tuple[Block, ...] = ()
    """Blocks of the table as it was, while another one is taking its place."""
    checksum_before: int = -1

    @property
    def end(self) -> int:
        """Bytes of the table that count."""
        return self.blocks[-1].end if self.blocks else self.begin

    def fitting(self, table: Path) -> "TableState | None":
        """It, as it fits to what the table holds; None where that is something else.

        Raises:
            OSError: it cannot be read.
        """
        if checksum_of(table, self.end) == self.checksum:
            return self
        if not self.before or checksum_of(table, self.before[-1].end) != self.checksum_before:
            return None
        return replace(self, blocks=self.before, checksum=self.checksum_before)


def state_file(table: Path) -> Path:
    """Beside ``answers.csv`` it is ``answers.state.json``."""
    return table.with_suffix(".state.json")


def load_state(table: Path) -> TableState | None:
    """What is known of a table; None where nothing is, or nothing that can be believed."""
    try:
        found = codec.load_json(state_file(table), TableState)
    except (OSError, FormatError):
        return None
    sizes = [found.begin, *(block.end for block in found.blocks)]
    whole = found.block > 0 and 0 <= found.done <= found.total and sizes == sorted(sizes)
    return found if whole and len(found.blocks) == -(-found.done // found.block) else None


def checksum_of(table: Path, end: int) -> int | None:
    """CRC-32 of the beginning of a table; None where it is shorter.

    Raises:
        OSError: it cannot be read.
    """
    found = 0
    with table.open("rb") as file:
        while end and (chunk := file.read(min(_CHUNK, end))):
            found = zlib.crc32(chunk, found)
            end -= len(chunk)
    return None if end else found


def look_at_table(table: Path) -> TableFacts | None:
    """What an earlier beginning left; None where nothing was begun, or nobody can know what."""
    with suppress(OSError, FormatError):
        state = load_state(table)
        if state is not None and state.fitting(table) is not None:
            return TableFacts(
                file=table, done=state.done, total=state.total, network=state.network, written=state.written
            )
    return None
