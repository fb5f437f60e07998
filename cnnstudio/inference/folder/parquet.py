"""A finished table once more as Parquet, a piece at a time; needs the package pyarrow, which is large and optional."""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from cnnstudio.core import StorageError, Watch, read_csv, write_atomically

_ROWS = 8192
_NUMBERS = ("probability", "margin")
_TEXT = "Writing Parquet"


def check_parquet() -> None:
    """Raise StorageError where Parquet cannot be written here; before anything is computed for it."""
    if find_spec("pyarrow") is None:
        raise StorageError(
            "Parquet files cannot be written: the package pyarrow is not installed.",
            meaning="It takes 170 MB, so it does not come along.",
            remedy="Install it with: pip install pyarrow. Or write a table with --csv only.",
        )


def write_parquet(table: Path, target: Path, watch: Watch) -> None:
    """Copy a table; names are as they are, without what keeps spreadsheets from taking them for formulas.

    Raises:
        StorageError: it cannot be written.
        StopRequested: a stop was asked for; nothing is left behind.
    """
    import pyarrow
    from pyarrow import parquet

    rows = read_csv(table)
    names = next(rows)
    types = [_type_of(name, pyarrow) for name in names]
    schema = pyarrow.schema(list(zip(names, types, strict=True)))

    def write(file: Any) -> None:
        with parquet.ParquetWriter(file, schema) as writer:
            done = 0
            while piece := list(islice(rows, _ROWS)):
                watch.check()
                writer.write_batch(pyarrow.record_batch(list(_columns(piece, names)), schema=schema))
                done += len(piece)
                watch.progress(done, 0, _TEXT)

    write_atomically(target, write)


def _type_of(name: str, pyarrow: Any) -> Any:
    if name == "rank":
        return pyarrow.int32()
    return pyarrow.float32() if _is_number(name) else pyarrow.string()


def _is_number(name: str) -> bool:
    return name in _NUMBERS or name.startswith("p_")


def _columns(rows: Sequence[Sequence[str]], names: Sequence[str]) -> Iterator[list[Any]]:
    """An empty cell is null where there would be a number."""
    for place, name in enumerate(names):
        cells = [row[place] for row in rows]
        if name == "rank":
            yield [int(cell) if cell else None for cell in cells]
        elif _is_number(name):
            yield [float(cell) if cell else None for cell in cells]
        else:
            yield list(cells)
