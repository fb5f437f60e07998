"""``answers.csv.state``, beside a table of answers: what it takes to continue it. No torch.

A line of JSON, and behind it, for each file that has rows, how the file was when it was read, where its rows end, and
the checksum of the table up to there. So whoever continues knows of each file whether its answer is still true, and
that the table itself is as it was left. What a file needs is written once, however long a table becomes.
"""

import datetime
import hashlib
import json
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnstudio.core import FormatError, codec, write_atomically
from cnnstudio.inference.folder.listing import Stamp
from cnnstudio.inference.folder.results import TableFacts

_CHUNK = 1 << 20
_MOST_HEAD = 1 << 16
RECORD = np.dtype(
    [
        ("key", "<u8"),  # of the file, see key_of
        ("end", "<u8"),  # bytes of the table up to its last row
        ("checksum", "<u4"),  # CRC-32 of these bytes
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableHead:
    """The first line of the file."""

    network: str
    """Its title, for people."""
    rules: str
    """Digest of the network and of all else that answers and rows depend on."""
    total: int
    """Files that are to have rows."""
    begin: int
    """Bytes of the table's own header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableState:
    """The content of the file."""

    head: TableHead
    records: np.ndarray
    """Of dtype RECORD, in the order of the table."""

    def fits(self, table: Path) -> bool:
        """Whether the table is as it was left; rows that nobody counted may be behind it.

        Raises:
            OSError: it cannot be read.
        """
        last = self.records[-1]
        return checksum_of(table, int(last["end"])) == int(last["checksum"])

    def save(self, file: Path) -> None:
        """Write it whole.

        Raises:
            StorageError: it cannot be written; then the old one stays.
        """
        write_atomically(file, head_bytes(self.head) + self.records.tobytes())


def state_file(table: Path) -> Path:
    """Beside ``answers.csv`` it is ``answers.csv.state``."""
    return table.with_name(f"{table.name}.state")


def next_state_file(table: Path) -> Path:
    """While a table takes the place of another one, the state that will be its own."""
    return table.with_name(f"{table.name}.state.next")


def head_bytes(head: TableHead) -> bytes:
    """The first line."""
    plain = codec.format_of(TableHead).stamped(codec.to_plain(head))
    return json.dumps(plain, ensure_ascii=True).encode() + b"\n"


def key_of(path: str, stamp: Stamp) -> int:
    """64 bits over the name of a file, its size and its time."""
    text = path.encode("utf-8", "surrogateescape") + f"|{stamp[0]}|{stamp[1]}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def load_state(table: Path) -> TableState | None:
    """What is known of a table; None where nothing is, or nothing that can be believed.

    Raises:
        OSError: the table cannot be read.
    """
    states = [state for file in (state_file(table), next_state_file(table)) if (state := _read(file)) is not None]
    return next((state for state in states if state.fits(table)), states[0] if states else None)


def _read(file: Path) -> TableState | None:
    """None where no file has rows."""
    try:
        if not file.is_file() or file.stat().st_size > codec.MOST_BYTES:
            return None
        first, _, rest = file.read_bytes().partition(b"\n")
        plain = codec.parsed(first[:_MOST_HEAD].decode(), json.loads, file.name)
        head = codec.from_plain(TableHead, codec.format_of(TableHead).upgraded(plain, file.name))
    except (OSError, FormatError, UnicodeDecodeError):
        return None
    records = np.frombuffer(rest[: len(rest) // RECORD.itemsize * RECORD.itemsize], RECORD)
    grows = np.diff(records["end"].astype(np.int64), prepend=head.begin) > 0
    records = records[: len(records) if grows.all() else int(grows.argmin())]  # a power cut may leave zeros
    return TableState(head=head, records=records) if len(records) and head.begin > 0 else None


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


def matching(keys: np.ndarray, known: np.ndarray) -> np.ndarray:
    """For each of N keys a place where it is among those that are known, -1 where it is not."""
    order = np.argsort(known, kind="stable")
    places = order[np.searchsorted(known, keys, sorter=order).clip(max=len(known) - 1)]
    return np.where(known[places] == keys, places, -1)


def look_at_table(table: Path) -> TableFacts | None:
    """What an earlier beginning left; None where nothing was begun, or nobody can know what."""
    with suppress(OSError):
        state = load_state(table)
        if state is not None and state.fits(table):
            written = datetime.datetime.fromtimestamp(state_file(table).stat().st_mtime, datetime.UTC)
            return TableFacts(
                file=table,
                done=len(state.records),
                total=state.head.total,
                network=state.head.network,
                written=written.isoformat(timespec="seconds"),
            )
    return None
