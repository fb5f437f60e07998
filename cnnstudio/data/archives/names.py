"""What members of an archive are called on disk: names that every file system takes, and none of them twice."""

import os
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import count
from pathlib import PurePosixPath

from cnnstudio.core import paths, printable
from cnnstudio.data.archives.members import Member
from cnnstudio.data.layouts.folder import SYSTEM_NAMES
from cnnstudio.data.reading import suffix_of

_IMPOSSIBLE = re.compile(r'[<>:"|?*\x00-\x1f]')
_LONGEST = 200
"""Bytes of a name."""
_PROGRAMS = frozenset({
    ".exe", ".dll", ".com", ".scr", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".wsf", ".hta", ".msi", ".lnk", ".url",
    ".so", ".dylib", ".sh", ".command", ".desktop", ".jar", ".js", ".jse", ".app", ".apk", ".py", ".pyc", ".pif",
    ".cpl", ".reg",
})  # fmt: skip
_ROOT = re.compile(r"^(//[^/]+(?=/)|[A-Za-z]:)?/*")
REFUSED = {
    "program": "programs", "link": "links",
    "file that points outside of it": "files that point outside of it",
}  # fmt: skip
"""What is not unpacked, one and several of it."""


def possible_name(part: str) -> str:
    """A file's or folder's name that every file system takes; most stay as they are."""
    part = _IMPOSSIBLE.sub("_", printable(part)).rstrip(" .") or "_"
    part = f"_{part}" if paths.is_reserved(part) else part
    if len(os.fsencode(part)) <= _LONGEST:
        return part
    suffix = suffix_of(part)[:20]
    short = part.encode()[: _LONGEST - len(suffix.encode()) - 9].decode(errors="ignore")
    return f"{short}-{zlib.crc32(part.encode()):08x}{suffix}"


def inside(member: Member, refused: Counter[str]) -> PurePosixPath | None:
    """Where a file goes; None for links, devices, programs, hidden and system files, and what points outside.

    What packers wrote in front, a drive or the root, is taken away, and names that no file system would take are made
    such. What is refused is counted, unless it is a system's own.
    """
    name = PurePosixPath(_ROOT.sub("", member.name.replace("\\", "/")))
    if not name.parts or any(
        (part.startswith(".") and part != "..") or part.lower() in SYSTEM_NAMES for part in name.parts
    ):
        return None
    if reason := _refusal(member, name):
        refused[reason] += 1
        return None
    return PurePosixPath(*map(possible_name, name.parts)) if member.is_file else None


def _refusal(member: Member, name: PurePosixPath) -> str:
    if member.is_folder:
        return ""
    if ".." in name.parts:
        return "file that points outside of it"
    if not member.is_file:
        return "link"
    return "program" if suffix_of(name.name) in _PROGRAMS else ""


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
