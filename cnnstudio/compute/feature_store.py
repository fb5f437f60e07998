"""Features on disk, found by key: appended, never rewritten, read piece by piece, never believed unchecked. No torch.

A store is three files. ``NAME.index`` begins with a header, 256 bytes of JSON; then comes a record for every row, its
key and a CRC-32 over what the store is of, the key and the row. ``NAME-TOKEN.rows`` holds the rows as float32, one
after the other. ``NAME.lock`` is locked by whoever appends.

Rows are on the disk before their records are. So a kill or a full disk leaves a tail that no record names, and the next
one who appends writes over it. A row whose checksum does not fit is as good as none, however that came about.
"""

import json
import logging
import os
import re
import secrets
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from cnnstudio.core import storage_error, write_atomically

log = logging.getLogger(__name__)
KEY_BYTES = 18
_FORMAT = 3
_HEADER = 256
RECORD = np.dtype([("key", "u1", (KEY_BYTES,)), ("checksum", "<u4")])
_VALUE = np.dtype("<f4")
_MOST_VALUES = 1 << 20
_PATIENCE_S = 2.0
"""How long to wait for another one who appends."""


class FeatureStore:
    """The rows that one frozen network gave for the pictures of one folder.

    Nothing but the index is held in memory, 50 bytes per row. Any number of processes and threads may read; one at a
    time appends. An object belongs to one thread.
    """

    def __init__(self, path: Path, identity: str) -> None:
        """Open what is there; a file that is damaged, or of something else, counts as empty and stays until an append.

        Args:
            path: of the files, without an ending.
            identity: what the rows are of; what has another identity is not ours.
        """
        self.path = path
        self._seed = zlib.crc32(identity.encode(errors="surrogateescape"))
        self._identity = f"{self._seed:08x}"
        self._token = ""
        self._width = 0
        self._records = np.zeros(0, RECORD)
        self._bad = np.zeros(0, np.bool_)
        self._sorted: tuple[np.ndarray, np.ndarray] | None = None
        self._load()

    def __len__(self) -> int:
        """Rows that are there, whole or not: damage shows when they are read."""
        return len(self._records)

    @property
    def width(self) -> int:
        """Values in a row; 0 while there is none."""
        return self._width

    def lookup(self, keys: np.ndarray) -> np.ndarray:
        """Where the rows of keys are.

        Args:
            keys: N×KEY_BYTES uint8.

        Returns:
            N int64, -1 where there is no row, or only one that turned out to be damaged.
        """
        if not len(self._records):
            return np.full(len(keys), -1)
        if self._sorted is None:
            short = _short(self._records["key"])
            order = np.argsort(short, kind="stable")
            self._sorted = short[order], order.astype(np.uint32)
        known, order = self._sorted
        places = np.searchsorted(known, _short(keys), side="right") - 1  # of rows with one key, the newest
        rows: np.ndarray = order[places.clip(0)].astype(np.int64)
        found = (self._records["key"][rows] == keys).all(1) & ~self._bad[rows]
        return np.where(found, rows, -1)

    def read(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Read rows and check them; neighbours are read at once.

        Args:
            rows: N int64 of ``lookup``, none of them -1.

        Returns:
            Their values, N×width float32, and which of them are whole, N bool. ``lookup`` forgets the others.
        """
        values = np.zeros((len(rows), self._width), _VALUE)
        whole = np.zeros(len(rows), np.bool_)
        with suppress(OSError), self._rows_path.open("rb", buffering=0) as file:
            for run in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(rows) != 1) + 1):
                if len(run):
                    file.seek(int(rows[run[0]]) * self._row_bytes)
                    _read_into(file, values[run[0] : run[-1] + 1])
            sums = [self._checksum(key, row) for key, row in zip(self._records["key"][rows], values, strict=True)]
            whole = np.array(sums, np.uint32) == self._records["checksum"][rows]
        if not whole.all():
            log.info("%d of %d cached rows of %s are damaged", len(whole) - whole.sum(), len(whole), self.path.name)
            self._bad[rows[~whole]] = True
        return values, whole

    def append(self, keys: np.ndarray, values: np.ndarray) -> bool:
        """Add rows; those that are there already, whole, are left out.

        Args:
            keys: N×KEY_BYTES uint8, each once.
            values: N×width float32.

        Returns:
            False when another process was appending all the while; nothing was added then.

        Raises:
            StorageError: they could not be written. What was there is untouched.
        """
        values = np.ascontiguousarray(values, _VALUE)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with locked(self.with_ending(".lock")) as is_mine:
                if not is_mine:
                    return False
                self._load()
                if values.shape[1] != self._width:
                    self._begin(values.shape[1])
                new = self.lookup(keys) < 0
                if new.any():
                    self._write(keys[new], values[new])
        except OSError as error:
            raise storage_error(self.with_ending(".rows"), error) from error
        return True

    @property
    def _row_bytes(self) -> int:
        return self._width * _VALUE.itemsize

    @property
    def _rows_path(self) -> Path:
        return self.with_ending(f"-{self._token}.rows")

    def with_ending(self, ending: str) -> Path:
        """One of the files of this store."""
        return self.path.with_name(self.path.name + ending)

    def _checksum(self, key: np.ndarray, row: np.ndarray) -> int:
        return zlib.crc32(row.data, zlib.crc32(key.data, self._seed))

    def _load(self) -> None:
        """Take over what is on disk, unless it is what is known."""
        index = self.with_ending(".index")
        try:
            with _open_plain(index) as file:
                token, width = _parse(file.read(_HEADER), self._identity)
                rows = self.with_ending(f"-{token}.rows").stat().st_size // (width * _VALUE.itemsize)
                count = min(rows, (index.stat().st_size - _HEADER) // RECORD.itemsize)
                if (token, width, count) == (self._token, self._width, len(self)):
                    return
                records = np.fromfile(file, RECORD, count)
        except (OSError, ValueError) as error:
            log.info("no cached features: %r", error)
            token, width, records = "", 0, np.zeros(0, RECORD)
        if token != self._token:
            self._bad = np.zeros(0, np.bool_)
        self._token, self._width = token, width
        self._take(records)

    def _take(self, records: np.ndarray) -> None:
        bad = self._bad[: len(records)]
        self._bad = np.concatenate([bad, np.zeros(len(records) - len(bad), np.bool_)])
        self._records, self._sorted = records, None

    def _begin(self, width: int) -> None:
        """An empty store in place of whatever is there. Who still reads the old rows keeps them."""
        token = secrets.token_hex(4)
        header = json.dumps({"format": _FORMAT, "of": self._identity, "width": width, "rows": token})
        self.with_ending(f"-{token}.rows").touch()
        write_atomically(self.with_ending(".index"), header.encode().ljust(_HEADER - 1) + b"\n")
        for old in self.path.parent.glob(f"{self.path.name}-*.rows"):
            if old != self.with_ending(f"-{token}.rows"):
                with suppress(OSError):
                    old.unlink()
        for old in self.path.parent.glob("*.safetensors"):  # of earlier versions
            with suppress(OSError):
                old.unlink()
        self._load()

    def _write(self, keys: np.ndarray, values: np.ndarray) -> None:
        records = np.zeros(len(keys), RECORD)
        records["key"] = keys
        records["checksum"] = [self._checksum(*pair) for pair in zip(records["key"], values, strict=True)]
        _write_at(self._rows_path, len(self) * self._row_bytes, values)
        _write_at(self.with_ending(".index"), _HEADER + len(self) * RECORD.itemsize, records)
        self._take(np.concatenate([self._records, records]))


def _short(keys: np.ndarray) -> np.ndarray:
    """N uint64 to sort by; two keys that share one cost a picture its place in the cache, never its features."""
    first, last = (np.ascontiguousarray(part).view("<u8")[:, 0] for part in (keys[:, :8], keys[:, -8:]))
    return first ^ last


def _parse(header: bytes, identity: str) -> tuple[str, int]:
    """Token and width; ValueError where this is no header, or one of something else."""
    plain: Any = json.loads(header) if len(header) == _HEADER else None
    if not (isinstance(plain, dict) and plain.get("format") == _FORMAT and plain.get("of") == identity):
        raise ValueError("another format or content")
    token, width = plain.get("rows"), plain.get("width")
    if not (isinstance(token, str) and re.fullmatch("[0-9a-f]{8}", token)):
        raise ValueError("damaged header")
    if type(width) is not int or not 0 < width <= _MOST_VALUES:
        raise ValueError("damaged header")
    return token, width


def _open_plain(path: Path) -> BinaryIO:
    if not path.is_file():  # a pipe would wait for ever
        raise FileNotFoundError(path)
    return path.open("rb", buffering=0)


def _read_into(file: Any, values: np.ndarray) -> None:
    """As much as there is: what is missing stays zero, and its checksum will not fit."""
    rest = values.view("u1").data.cast("B")
    while len(rest) and (count := file.readinto(rest)):
        rest = rest[count:]


def _write_at(path: Path, place: int, values: np.ndarray) -> None:
    with path.open("r+b") as file:
        file.truncate(place)
        file.seek(place)
        file.write(values.view("u1").data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Hold a lock of the operating system, which ends with the process; whether it was free in time."""
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=_PATIENCE_S, thread_local=False)
    try:
        lock.acquire()
    except (Timeout, NotImplementedError):  # a network drive that knows no locks keeps no features
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
