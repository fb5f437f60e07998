"""A table that a watched folder writes into: a row as soon as there is an answer, and none twice. No torch."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cnnstudio.core import StorageError, csv_text, printable, read_csv, storage_error
from cnnstudio.inference.folder.rows import Rows
from cnnstudio.inference.results import Prediction


class AppendedTable:
    """The file, which may be there already; an object belongs to one thread."""

    def __init__(self, file: Path, rows: Rows) -> None:
        """Open what is there; the end of a row that a power cut left is cut off.

        Raises:
            StorageError: it is another table, or cannot be read or written.
        """
        self._file, self._rows = file, rows
        self._known = set[str]()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.exists() and file.stat().st_size:
                self._open()
            else:
                self._write(csv_text([rows.header]))
        except OSError as error:
            raise storage_error(file, error) from error

    def has(self, path: Path) -> bool:
        """Whether a picture has its rows."""
        return printable(str(path)) in self._known

    def add(self, answer: Prediction) -> None:
        """Write its rows.

        Raises:
            StorageError: that cannot be.
        """
        self._known.add(printable(str(answer.path)))
        try:
            self._write(self._rows.text([answer]))
        except OSError as error:
            raise storage_error(self._file, error) from error

    def _open(self) -> None:
        """Whose file it is comes first: of another one not even the last line is touched."""
        header = csv_text([self._rows.header]).encode()
        with self._file.open("rb") as file:
            begin = file.read(len(header))
        if begin != header:
            if header.startswith(begin):  # a power cut left no more of it
                os.truncate(self._file, 0)
                self._write(header.decode())
                return
            raise StorageError(
                f"{self._file.name} is another table, or no table.",
                meaning="Its columns are others, so nothing is added to it.",
                remedy="Give another name.",
            )
        content = self._file.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self._file, whole)
        rows: Iterator[list[str]] = read_csv(self._file)
        next(rows)
        self._known.update(row[0] for row in rows if row)

    def _write(self, text: str) -> None:
        with self._file.open("ab") as file:
            file.write(text.encode())
            with suppress(OSError):  # some drives cannot be asked to
                file.flush()
                os.fsync(file.fileno())
