"""Format versions: which one each kind of file has today, and how an older file is brought there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from cnnstudio.core.errors import FormatError, NewerFormat

Plain = dict[str, Any]
Migration = Callable[[Plain], Plain]
T = TypeVar("T", bound=type)


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
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise FormatError(f"The file {name} is damaged.", details=f"version {version}: {error!r}") from error
        return content


FIRST = Format()
_FORMATS: dict[type, Format] = {}


def versioned(*migrations: Migration, key: str = FIRST.key) -> Callable[[T], T]:
    """Decorate the class of a file's content whose format has changed; the others are still in their first version."""

    def note(kind: T) -> T:
        _FORMATS[kind] = Format(migrations, key)
        return kind

    return note


def format_of(kind: type) -> Format:
    """How content of this class is written to a file."""
    return _FORMATS.get(kind, FIRST)
