"""What members of an archive are called on disk: names that every file system takes, and none of them twice."""

import os
import re
import unicodedata
import zlib
from collections.abc import Sequence
from itertools import count
from pathlib import PurePosixPath

from cnnstudio.core import paths, printable
from cnnstudio.data.reading import suffix_of

_IMPOSSIBLE = re.compile(r'[<>:"|?*\x00-\x1f]')
_LONGEST = 200
"""Bytes of a name."""


def possible_name(part: str) -> str:
    """A file's or folder's name that every file system takes; most stay as they are."""
    part = _IMPOSSIBLE.sub("_", printable(part)).rstrip(" .") or "_"
    part = f"_{part}" if paths.is_reserved(part) else part
    if len(os.fsencode(part)) <= _LONGEST:
        return part
    suffix = suffix_of(part)[:20]
    short = part.encode()[: _LONGEST - len(suffix.encode()) - 9].decode(errors="ignore")
    return f"{short}-{zlib.crc32(part.encode()):08x}{suffix}"


class Names:
    """What is taken in a folder; on some disks two spellings are one name."""

    def __init__(self) -> None:
        self._files, self._folders = set[str](), set[str]()

    def expect(self, name: PurePosixPath) -> None:
        """A file of that name will come, so no other is to be called like a folder above it."""
        self._folders.update(_key(parent.parts) for parent in name.parents)

    def free(self, name: PurePosixPath, number: int) -> PurePosixPath:
        """Where the file of that number goes: its own name, or one like it."""
        parts: list[str] = []
        for part in name.parts[:-1]:
            while _key([*parts, part]) in self._files:
                part += "-"
            parts.append(part)
        leaf = name.name
        for again in count(number):
            key = _key([*parts, leaf])
            if key not in self._files and key not in self._folders:
                break
            leaf = f"{name.stem}-{again}{name.suffix}"
        found = PurePosixPath(*parts, leaf)
        self.expect(found)
        self._files.add(key)
        return found


def _key(parts: Sequence[str]) -> str:
    return unicodedata.normalize("NFC", "/".join(parts)).casefold()
