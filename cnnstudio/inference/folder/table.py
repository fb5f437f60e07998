"""A table of answers while it grows: whole rows, on the disk every two seconds, and what continues it. No torch.

Rows are on the disk before the records that count them. So after a kill there may be rows that nobody counted; they are
cut off and written once more. Answers that were missing among others come behind them, until the table is complete and
is put into the order of its files.
"""

import os
import time
import zlib
from array import array
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np

from cnnstudio.core import Control, RunError, StorageError, csv_text, storage_error, write_atomically
from cnnstudio.data.dataset import stamp
from cnnstudio.data.reading import read_ahead
from cnnstudio.inference.folder.listing import Listing, Stamp
from cnnstudio.inference.folder.results import FLUSH_S, Counts
from cnnstudio.inference.folder.rows import Rows, Tally
from cnnstudio.inference.folder.state import (
    RECORD,
    TableHead,
    TableState,
    head_bytes,
    key_of,
    load_state,
    matching,
    next_state_file,
    state_file,
)
from cnnstudio.inference.results import Prediction

_STATS_AT_ONCE, _STATS = 16, 64
"""Files are asked for their times in so many threads, for drives in the network; so many at a time."""


class GrowingTable:
    """The file of a table and its state; an object belongs to one thread."""

    def __init__(self, file: Path, rows: Rows, listing: Listing, *, network: str, rules: str, batch: int) -> None:
        """A table that is not begun yet; nothing is written before there are answers.

        Args:
            file: of the table.
            rows: its form.
            listing: the files it is about.
            network: its title.
            rules: digest of all that answers and rows depend on but the pictures.
            batch: files that are computed together. A table is continued at a multiple of it, so that every picture is
                computed beside the same ones as without an interruption, and to the same last digit.
        """
        self.file, self.kept = file, 0
        self._rows, self._listing, self._batch, self._tally = rows, listing, batch, Tally()
        header = csv_text([rows.header]).encode()
        self._head = TableHead(network=network, rules=rules, total=len(listing), begin=len(header))
        self._records, self._places = bytearray(), array("q")
        """Of the files that have rows, in the order of the table; the second one where they are in the listing."""
        self._missing, self._next = np.arange(len(listing)), 0
        """Places of files without rows when it was begun or continued, and which of them comes next."""
        self._waiting = [header]
        self._end, self._checksum = len(header), zlib.crc32(header)
        self._flushed, self._counted = 0, 0
        """Bytes of the table, and of the records, that are on the disk and count."""
        self._is_cut = False
        """Whether there are no others behind them, unless another program writes some."""
        self._last = time.monotonic()

    @property
    def total(self) -> int:
        """Files that are to have rows."""
        return len(self._listing)

    @property
    def missing(self) -> Sequence[int]:
        """Places in the listing of files without rows, in their order; ``add`` takes their answers."""
        left: list[int] = self._missing[self._next :].tolist()
        return left

    @property
    def done(self) -> int:
        """Files that have their rows."""
        return self.total - len(self._missing) + self._next

    @property
    def counts(self) -> Counts:
        """Over all rows."""
        return self._tally.counts

    def resume(self, control: Control) -> None:
        """Take over the rows of files that are as they were.

        Args:
            control: asked for a stop while files are looked at.

        Raises:
            RunError: it was begun with another network or in another form, or was changed since.
            StorageError: it cannot be read or written.
            StopRequested: a stop was asked for.
        """
        try:
            state = load_state(self.file)
            if state is None:
                return
            self._check(state)
        except FileNotFoundError:
            return
        except OSError as error:
            raise storage_error(self.file, error) from error
        known = state.records
        keys = self._keys_now(control)
        if np.array_equal(known["key"], keys[: len(known)]):  # it was interrupted, or files came behind it
            count = len(known) if len(known) == self.total else len(known) - len(known) % self._batch
            self._take(known[:count], np.arange(count))
        else:
            found = matching(keys, known["key"])
            there = np.flatnonzero(found >= 0)
            places = np.full(len(known), -1)
            places[found[there]] = there
            self._take(known[: len(known) if len(there) else 0], places)
            if (places < 0).any() and len(there):
                self._write_over(found[there], there)
        self.kept = self.done

    def _check(self, state: TableState) -> None:
        if state.head.rules != self._head.rules or state.head.begin != self._head.begin:
            raise RunError(
                f"{self.file.name} was begun with another network, or in another form.",
                meaning=f"Its first {len(state.records):,} answers are those of {state.head.network}.",
                remedy="Give another name, or begin it again without --resume.",
            )
        if not state.fits(self.file):
            raise RunError(
                f"{self.file.name} was changed since its last answers were written.",
                meaning="So it cannot be continued without the risk of spoiling what was changed.",
                remedy="Give another name, or begin it again without --resume.",
            )

    def _keys_now(self, control: Control) -> np.ndarray:
        paths = self._listing.paths
        pieces = read_ahead(
            range(0, len(paths), _STATS),
            lambda start: [key_of(path, stamp(path)) for path in paths[start : start + _STATS]],
            control,
            threads=_STATS_AT_ONCE,
        )
        return np.fromiter((key for piece in pieces for key in piece), np.uint64, len(paths))

    def _take(self, records: np.ndarray, places: np.ndarray) -> None:
        """Go on from these, which begin the table; from none it is begun anew."""
        if not len(records):
            return
        self._records, self._places = bytearray(records.tobytes()), array("q", places.tolist())
        is_there = np.zeros(self.total, bool)
        is_there[places[places >= 0]] = True
        self._missing, self._next = np.flatnonzero(~is_there), 0
        self._end, self._checksum = int(records[-1]["end"]), int(records[-1]["checksum"])
        self._waiting, self._flushed, self._counted, self._is_cut = [], self._end, len(self._records), True
        TableState(head=self._head, records=records).save(state_file(self.file))
        try:
            next_state_file(self.file).unlink(missing_ok=True)
            os.truncate(self.file, self._end)
            self._tally = Tally()
            self._tally.add_file(self.file)
        except OSError as error:
            raise storage_error(self.file, error) from error

    def add(self, answers: Sequence[Prediction], stamps: Sequence[Stamp]) -> None:
        """The answers to the files that are missing next, with their sizes and times.

        Raises:
            StorageError: it is time to write, and that cannot be.
        """
        places = self._missing[self._next : self._next + len(answers)].tolist()
        for answer, place, known in zip(answers, places, stamps, strict=True):
            text = self._rows.text([answer]).encode()
            self._waiting.append(text)
            self._end += len(text)
            self._checksum = zlib.crc32(text, self._checksum)
            key = key_of(self._listing.paths[place], known)
            self._records += np.array((key, self._end, self._checksum), RECORD).tobytes()
            self._places.append(place)
            self._tally.add(answer)
        self._next += len(answers)
        if time.monotonic() - self._last >= FLUSH_S:
            self.flush()

    def flush(self) -> None:
        """Bring to the disk what was added; where that is nothing, an earlier table stays as it is.

        Raises:
            StorageError: the disk is full, or may not be written to; what was flushed before is whole. Or another
                program writes into it as well.
        """
        if self._flushed == self._end or not self._places:
            return
        try:
            if self._is_cut and self.file.stat().st_size != self._flushed:
                raise self._taken()
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if not self._flushed:
                for old in (state_file(self.file), next_state_file(self.file)):
                    old.unlink(missing_ok=True)
            with self.file.open("r+b" if self._flushed else "wb") as file:
                _write_from(file, self._flushed, b"".join(self._waiting))
        except OSError as error:
            with suppress(OSError):
                os.truncate(self.file, self._flushed)
            raise storage_error(self.file, error) from error
        self._flushed, self._waiting, self._is_cut = self._end, [], True
        self._count()
        self._last = time.monotonic()

    def _count(self) -> None:
        """Write the records of rows that are on the disk."""
        head, file = head_bytes(self._head), state_file(self.file)
        try:
            with file.open("r+b" if self._counted else "wb") as written:
                start = len(head) + self._counted if self._counted else 0
                _write_from(written, start, (b"" if self._counted else head) + bytes(self._records[self._counted :]))
        except OSError as error:
            raise storage_error(file, error) from error
        self._counted = len(self._records)

    def _taken(self) -> StorageError:
        return StorageError(
            f"{self.file.name} was changed by another program while it was written.",
            meaning="Perhaps CNN Studio writes into it from another window, or it was saved in a spreadsheet. "
            "It is as that program left it.",
            remedy="Give another name.",
        )

    def finish(self) -> None:
        """All files have their rows: bring them to the disk, in the order of the listing.

        Raises:
            StorageError: as ``flush``.
        """
        self.flush()
        places = np.array(self._places)
        if (np.diff(places) < 0).any():
            order = np.argsort(places, kind="stable")
            self._write_over(order, places[order])

    def _write_over(self, numbers: np.ndarray, places: np.ndarray) -> None:
        """Put some rows in another order into the place of the table, all at once.

        Args:
            numbers: of records, in their new order.
            places: of their files in the listing.
        """
        if self.file.stat().st_size != self._flushed:
            raise self._taken()
        ends = np.frombuffer(bytes(self._records), RECORD)["end"].astype(np.int64)
        begins = np.concatenate([[self._head.begin], ends[:-1]])
        new = np.frombuffer(bytes(self._records), RECORD)[numbers].copy()

        def copy(target: BinaryIO) -> None:
            with self.file.open("rb") as source:
                text = source.read(self._head.begin)
                target.write(text)
                end, checksum = len(text), zlib.crc32(text)
                for place, number in enumerate(numbers.tolist()):
                    source.seek(begins[number])
                    text = source.read(ends[number] - begins[number])
                    target.write(text)
                    end, checksum = end + len(text), zlib.crc32(text, checksum)
                    new[place]["end"], new[place]["checksum"] = end, checksum

        state, upcoming = TableState(head=self._head, records=new), next_state_file(self.file)
        try:
            write_atomically(self.file, copy, verify=lambda _: state.save(upcoming))
            upcoming.replace(state_file(self.file))
        except OSError as error:
            raise storage_error(self.file, error) from error
        self._take(new, places)


def _write_from(file: BinaryIO, start: int, content: bytes) -> None:
    """The end of an open file, on the disk when this returns."""
    file.seek(start)
    file.truncate()
    file.write(content)
    file.flush()
    os.fsync(file.fileno())
