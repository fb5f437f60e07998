"""Frozen dataclasses to JSON or TOML values and back: strict, unknown keys refused, older formats brought to today."""

import json
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import cattrs

from cnnstudio.core import events
from cnnstudio.core.atomic import write_text_atomically
from cnnstudio.core.errors import FormatError, NewerFormat

Plain = dict[str, Any]
Migration = Callable[[Plain], Plain]
Kind = TypeVar("Kind", bound=type)


@dataclass(frozen=True, slots=True)
class Format:
    """The format of one kind of file."""

    migrations: tuple[Migration, ...] = ()
    """The first makes version 2 of version 1, the next version 3 of that; each gives a new value and changes none."""
    key: str = "format_version"
    """Under which the file keeps its version."""

    @property
    def version(self) -> int:
        """Of the files that are written today."""
        return 1 + len(self.migrations)

    def stamped(self, plain: Plain) -> Plain:
        """With the version, to be written."""
        return {self.key: self.version, **plain}

    def upgraded(self, plain: Any, name: str) -> Plain:
        """What was read from the file ``name``, as today's version has it and without the version.

        Raises:
            NewerFormat: a newer version wrote it.
            FormatError: it has no version, or not the content of its version.
        """
        version = plain.get(self.key) if isinstance(plain, dict) else None
        if type(version) is not int or version < 1:
            raise FormatError(f"The file {name} is damaged or not ours.", details=f"{self.key}: {version!r}")
        if version > self.version:
            raise NewerFormat(
                f"The file {name} was written by a newer CNN Studio.", remedy="Update CNN Studio to open it."
            )
        content = {key: value for key, value in plain.items() if key != self.key}
        try:
            for migration in self.migrations[version - 1 :]:
                content = migration(content)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise FormatError(f"The file {name} is damaged.", details=f"version {version}: {error!r}") from error
        return content


FIRST = Format()
_FORMATS: dict[type, Format] = {}


def versioned(*migrations: Migration, key: str = FIRST.key) -> Callable[[Kind], Kind]:
    """Decorate the class of a file's content whose format has changed; the others are still in their first version."""

    def note(kind: Kind) -> Kind:
        _FORMATS[kind] = Format(migrations, key)
        return kind

    return note


def format_of(kind: type) -> Format:
    """How content of this class is written to a file."""
    return _FORMATS.get(kind, FIRST)


T = TypeVar("T")
MOST_BYTES = 256 << 20
"""Of a file of ours; the largest hold a line for each of a million pictures."""
_DEEPEST = 40
_TOO_DEEP = "It is nested deeper than any of its kind."
_MOST_FAULTS, _LONGEST_FAULT = 5, 200


def _strict_converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)

    def exactly(kind: type) -> Any:
        def check(value: Any, _: type) -> Any:
            if kind is float and type(value) is int:
                return float(value)
            if type(value) is not kind:
                raise TypeError(f"expected {kind.__name__}, got {value!r}")
            return value

        return check

    # cattrs' own hooks are lenient: "false" becomes True and 2.9 becomes 2.
    for kind in (bool, int, float, str):
        converter.register_structure_hook(kind, exactly(kind))
    converter.register_structure_hook(Path, lambda value, _: Path(exactly(str)(value, str)))
    converter.register_unstructure_hook(Path, str)
    return converter


_converter = _strict_converter()


def to_plain(value: Any) -> Any:
    """A dataclass (or a list of them) as dicts, lists, strings and numbers."""
    return _converter.unstructure(value)


def from_plain(kind: type[T], plain: Any, *, what: str = "file") -> T:
    """The inverse of to_plain.

    Raises:
        FormatError: a key is unknown, a type is wrong or a value is missing; every fault is named.
    """
    try:
        return _converter.structure(plain, kind)
    except Exception as error:
        faults = cattrs.transform_error(error) if isinstance(error, cattrs.BaseValidationError) else [str(error)]
        told = [fault if len(fault) <= _LONGEST_FAULT else f"{fault[:_LONGEST_FAULT]}…" for fault in faults]
        raise FormatError(
            f"This {what} cannot be read: {'; '.join(told[:_MOST_FAULTS])}.",
            meaning="It was changed by hand, is damaged, or comes from another version.",
            details=repr(error)[:8000],
        ) from error


def read_json(path: Path, most: int = MOST_BYTES) -> Any:
    """What a JSON file holds, as dicts, lists, strings and numbers; whoever wrote it.

    Args:
        path: the file.
        most: bytes that it may have.

    Raises:
        FormatError: not JSON, too large, or nested deeper than any file of ours.
        OSError: the file is not there or cannot be read.
    """
    return parsed(bounded_text(path, most), json.loads, path.name)


def bounded_text(path: Path, most: int = MOST_BYTES, *, errors: str = "strict") -> str:
    """A text file of at most so many bytes. A device or a pipe is not opened: it might never end.

    With ``errors`` as ``surrogateescape``, names of files in it need not be UTF-8.

    Raises:
        FormatError: it is no file, too large, or no UTF-8.
        OSError: the file is not there or cannot be read.
    """
    known = path.stat()
    if not stat.S_ISREG(known.st_mode):
        raise FormatError(f"{path.name} is not a file.", details=str(path))
    size = min(most, known.st_size)
    with path.open("rb") as file:
        content = file.read(size + 1)  # some of the system's files say that they have none
    if len(content) > size:
        raise FormatError(f"The file {path.name} is larger than any of its kind.", details=f"{path}: over {most} bytes")
    try:
        return content.decode("utf-8", errors)
    except UnicodeDecodeError as error:
        raise FormatError(f"The file {path.name} is damaged or not ours.", details=f"{path}: {error!r}") from error


def parsed(text: str, parse: Callable[[str], Any], name: str) -> Any:
    """What ``json.loads`` or ``tomllib.loads`` makes of a text; see ``read_json``.

    Raises:
        FormatError: it is none, with what is wrong as its meaning; or it is nested too deep.
    """
    try:
        plain = parse(text)
    except (ValueError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        raise FormatError(
            f"The file {name} is damaged or not ours.",
            meaning=_TOO_DEEP if deep else f"{str(error)[:_LONGEST_FAULT]}.",
            details=repr(error)[:_LONGEST_FAULT],
        ) from error
    if _is_deep(plain):
        raise FormatError(f"The file {name} is damaged or not ours.", meaning=_TOO_DEEP)
    return plain


def _is_deep(plain: Any) -> bool:
    """Whether it would be a danger to whoever walks through it, one call deeper for each level."""
    level = [plain] if isinstance(plain, dict | list) else []
    for _ in range(_DEEPEST):
        level = [item for each in level for item in (each.values() if isinstance(each, dict) else each)
                 if isinstance(item, dict | list)]  # fmt: skip
        if not level:
            return False
    return True


def save_json(path: Path, value: Any, *, indent: int | None = 2) -> None:
    """Write a dataclass as JSON with its ``format_version``, atomically; without indent several times as fast."""
    plain = format_of(type(value)).stamped(to_plain(value))
    text = json.dumps(plain, indent=indent, ensure_ascii=False) + "\n"
    try:
        write_text_atomically(path, text)
    except UnicodeEncodeError:  # names of files that are no UTF-8 are escaped
        write_text_atomically(path, json.dumps(plain, indent=indent) + "\n")


def load_json(path: Path, kind: type[T]) -> T:
    """Read what save_json wrote, now or in an earlier version of the format.

    Raises:
        FormatError: not JSON, a newer format, or wrong content.
        OSError: the file is not there or cannot be read.
    """
    plain = read_json(path)
    return from_plain(kind, format_of(kind).upgraded(plain, path.name), what=f"file ({path.name})")


_RUN_EVENTS: dict[str, type] = {kind.__name__: kind for kind in events.RUN_EVENTS}


def event_to_plain(event: events.RunEvent) -> dict[str, Any]:
    """A run event with its type under ``event``."""
    return {"event": type(event).__name__, **to_plain(event)}


def event_from_plain(plain: dict[str, Any]) -> events.RunEvent:
    """The inverse of event_to_plain."""
    values = dict(plain)
    kind = _RUN_EVENTS.get(values.pop("event", ""))
    if kind is None:
        raise FormatError("A line of the run's history has an unknown event.", details=repr(plain)[:200])
    return from_plain(kind, values, what="event")
