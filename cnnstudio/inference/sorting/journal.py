"""``sorted.journal.jsonl``: a line for everything that sorting makes in a folder, written before it is made. No torch.

So whatever ended the sorting, nothing was made that no line knows; a line of what was never made does no harm. Names
that are no text keep their bytes as JSON's escapes.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from cnnstudio.core import FormatError, StorageError, codec, storage_error, write_atomically
from cnnstudio.inference.sorting.results import JOURNAL_FILE, Way

_FORMAT = 1
_LONGEST = 1 << 16
"""Bytes of a line; names on a disk are shorter."""
MOST_BYTES = 1 << 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One picture that was put into its folder."""

    source: str
    """Absolute."""
    source_size: int
    source_time: int
    target: str
    """``folder/name``, relative to where the journal is."""
    way: Way
    size: int
    """Of what was made, as of all that follows."""
    time: int
    inode: int
    link: str = ""
    """What a symbolic link says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFolder:
    """A folder that was not there before; its name relative to where the journal is, empty for that itself."""

    folder: str


Line = Made | MadeFolder
_KINDS: dict[str, type[Made] | type[MadeFolder]] = {"made": Made, "folder": MadeFolder}


def read_journal(out: Path) -> Iterator[Line]:
    """What was made, in its order; the end of a line that a power cut left is no line.

    Raises:
        FormatError: it is no journal of ours, or of a newer version.
        OSError: there is none, or it cannot be read.
    """
    file = out / JOURNAL_FILE
    if not file.is_file() or file.stat().st_size > MOST_BYTES:
        raise FileNotFoundError(file)
    with file.open("rb") as opened:
        first = opened.readline(_LONGEST)
        codec.FIRST.upgraded(codec.parsed(first.decode("utf-8", "replace"), json.loads, JOURNAL_FILE), JOURNAL_FILE)
        while line := opened.readline(_LONGEST):
            if not line.endswith(b"\n"):
                return
            plain = codec.parsed(line.decode("utf-8", "replace"), json.loads, JOURNAL_FILE)
            kind = _KINDS.get(plain.pop("what", "")) if isinstance(plain, dict) else None
            if kind is None:
                raise FormatError(f"The file {JOURNAL_FILE} is damaged or not ours.", details=repr(line[:200]))
            found: Line = codec.from_plain(kind, plain, what=f"file ({JOURNAL_FILE})")
            _check_name(found.target if isinstance(found, Made) else found.folder)
            yield found


def _check_name(name: str) -> None:
    """Raise FormatError where no disk can have a file of that name, so that nobody has to expect it further on."""
    try:
        if b"\0" not in os.fsencode(name):
            return
    except UnicodeEncodeError:
        pass
    raise FormatError(f"The file {JOURNAL_FILE} is damaged or not ours.", details=ascii(name[:200]))


def made_earlier(out: Path) -> Iterator[Made]:
    """What an earlier sorting put into a folder that is to be sorted into.

    Raises:
        StorageError: a file of the journal's name is there and cannot be read as one: what would be added to it could
            never be undone.
    """
    file = out / JOURNAL_FILE
    try:
        if not os.path.lexists(file) or (file.is_file() and _is_cut_header(file)):
            return
        yield from (line for line in read_journal(out) if isinstance(line, Made))
    except (OSError, FormatError) as error:
        raise StorageError(
            f"In {out} is a file {JOURNAL_FILE} that is damaged or something else.",
            meaning="It would have to say what is made there, and without it nothing could be undone.",
            remedy="Choose another folder, or move that file away.",
            details=repr(error),
        ) from error


def _is_cut_header(file: Path) -> bool:
    """Whether a power cut left no more of a journal; nothing was made then."""
    header = _header()
    with file.open("rb") as opened:
        content = opened.read(len(header))
    return len(content) < len(header) and header.startswith(content)


def keep_journal(out: Path, lines: list[Line]) -> None:
    """Write a journal of these lines only.

    Raises:
        StorageError: it cannot be written.
    """
    write_atomically(out / JOURNAL_FILE, b"".join([_header(), *map(_line, lines)]))


class Journal:
    """The journal of a folder, to be added to, as a context manager."""

    def __init__(self, out: Path) -> None:
        self._path = out / JOURNAL_FILE
        self._file: BinaryIO

    def __enter__(self) -> Self:
        """Raises StorageError when it cannot be written."""
        try:
            self._file = self._path.open("ab")
            if self._file.tell():
                self._end_line()
            if self._file.tell() == 0:
                self._write(_header())
        except OSError as error:
            raise storage_error(self._path, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def note(self, line: Line) -> None:
        """Add what is about to be made.

        Raises:
            StorageError: it cannot be written; so it must not be made.
        """
        try:
            self._write(_line(line))
        except OSError as error:
            raise storage_error(self._path, error) from error

    def to_disk(self) -> None:
        """Bring it to the disk, as far as the system says so.

        Raises:
            StorageError: it cannot be written.
        """
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise storage_error(self._path, error) from error

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._file.flush()

    def _end_line(self) -> None:
        """What a power cut left of a line must not become the beginning of the next one."""
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            whole = file.read(1) == b"\n"
        if not whole:
            with self._path.open("r+b") as file:
                content = file.read()
                file.truncate(content.rfind(b"\n") + 1)
            self._file.seek(0, os.SEEK_END)


def _header() -> bytes:
    return json.dumps(codec.FIRST.stamped({"what": "sorted by CNN Studio"})).encode() + b"\n"


def _line(line: Line) -> bytes:
    what = next(name for name, kind in _KINDS.items() if isinstance(line, kind))
    plain: dict[str, Any] = {"what": what, **codec.to_plain(line)}
    return json.dumps(plain).encode() + b"\n"
