"""Which picture a table means: by path, bare name, with or without ending, as other computers spell it."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from urllib.parse import unquote

from cnnstudio.data.dataset import Split
from cnnstudio.data.layouts.folder_words import split_of
from cnnstudio.data.reading import SUFFIXES, suffix_of

_AROUND = " \t\r\n\u00a0'"
"""What may stand around a name that does not belong to it."""
_MOST_PARTS, _MOST_ALIKE = 5, 12
_ENDINGS = SUFFIXES | {".dcm", ".txt", ".xml", ".npy"}
"""Of what a table calls a picture that may be here under another ending."""
_ASIDE = frozenset({"mask", "masks", "annotation", "annotations", "segmentation", "groundtruth", "thumbnails", "depth"})
"""Folders that hold something else of the same name."""
Index = dict[str, str | list[str]]
Resolver = Callable[[str], str | None]


@lru_cache(maxsize=1 << 14)
def split_in(name: str) -> Split | None:
    """The split that a name of a file or folder means, or contains as a word."""
    if split := split_of(name):
        return split
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
    found = {split for word in words if (split := split_of(word))}
    return found.pop() if len(found) == 1 else None


def shows_picture(text: str) -> bool:
    """Whether a cell has the ending of a picture."""
    return suffix_of(text.strip(_AROUND)) in SUFFIXES


class Places:
    """The pictures of a folder by every name that a table may call them."""

    def __init__(self, names: Sequence[str]) -> None:
        """Take the names relative to the folder, with forward slashes."""
        self.names = names
        self._folders = {part for name in names for part in name.split("/")[:-1]} if names else set()

    @cached_property
    def _exact(self) -> Index:
        return _indexed(self.names, lambda name: name)

    @cached_property
    def _folded(self) -> Index:
        return _indexed(self.names, _folded)

    @cached_property
    def _ends(self) -> set[str]:
        """The bare names, with and without ending, in one spelling."""
        bare = [_folded(name.rpartition("/")[2]) for name in self.names]
        return {*bare, *map(_stem, bare)} - {""}

    @cached_property
    def _by_number(self) -> Index:
        found: Index = {}
        for name in self.names:
            stem = _stem(name.rpartition("/")[2])
            if stem.isdecimal():
                _add(found, str(int(stem)), name)
        return found

    def resolver(self, table: str, *, by_number: bool = False) -> Resolver:
        """What a table's cells mean.

        Args:
            table: its path relative to the folder. Names relative to it come first.
            by_number: only take numbers, whose leading zeros do not count.
        """
        folder, _, bare = table.rpartition("/")
        start = f"{folder}/" if folder else ""
        exact, own = self._exact, (start, _stem(bare).lower(), split_in(bare))

        get, ends = exact.get, self._ends

        def resolve(text: str) -> str | None:
            found = get(start + text)
            if found.__class__ is str:
                return found
            if (
                found is None and text.isascii() and "%" not in text
            ):  # most lines may be about others: this is for speed
                end = text.strip(_AROUND).casefold().replace("\\", "/").rpartition("/")[2].partition("?")[0]
                if end not in ends and end.rpartition(".")[0] not in ends:
                    return None
            return self._seek(text, start, own)

        def resolve_number(text: str) -> str | None:
            text = text.strip(_AROUND).removesuffix(".0")
            found = self._by_number.get(str(int(text))) if text.isdecimal() and len(text) < 20 else None
            return _chosen(found, own) if found else None

        return resolve_number if by_number else resolve

    def _seek(self, text: str, start: str, own: tuple[str, str, Split | None]) -> str | None:
        text = text.strip(_AROUND).replace("\\", "/").removeprefix("./")
        if not text:
            return None
        stem = _stem(text) if suffix_of(text) in _ENDINGS else ""
        for index, spell in ((self._exact, str), (self._folded, _folded)):
            for form in (text, stem):
                if form and (found := self._by_end(spell(form), spell(start), index, own)):
                    return found
        return None

    def _by_end(self, text: str, start: str, index: Index, own: tuple[str, str, Split | None]) -> str | None:
        """The picture whose path ends as the text does; a line about one folder says nothing of another."""
        if start and (found := index.get(start + text)) and (name := _chosen(found, own)):
            return name
        dropped: list[str] = []
        while True:
            found = index.get(text)
            if found:
                name = _chosen(found, own)
                inside = name and all(folder not in self._folders or f"{folder}/" in name for folder in dropped)
                return name if inside else None
            folder, slash, text = text.partition("/")
            if not slash:
                return None
            dropped.append(folder)


def _indexed(names: Sequence[str], spell: Callable[[str], str]) -> Index:
    index: Index = {}
    for name in names:
        for form in _forms(spell(name)):
            _add(index, form, name)
    full: Index = {}
    for name in names:
        _add(full, spell(name), name)
    return index | full  # full names win


def _forms(name: str) -> Iterator[str]:
    rest = name
    for _ in range(_MOST_PARTS):
        yield rest
        stem = _stem(rest)
        if stem != rest:
            yield stem
        _, slash, rest = rest.partition("/")
        if not slash:
            return


def _add(index: Index, form: str, name: str) -> None:
    before = index.get(form)
    if before is None:
        index[form] = name
    elif isinstance(before, str):
        index[form] = [before, name]
    elif len(before) < _MOST_ALIKE:
        before.append(name)


def _chosen(found: str | list[str], own: tuple[str, str, Split | None]) -> str | None:
    """Of pictures that are called the same, the one that a table can only mean; None where that is not clear."""
    if isinstance(found, str):
        return found
    if len(found) == _MOST_ALIKE:
        return None
    start, table, split = own
    rules: tuple[Callable[[str], bool], ...] = (
        lambda name: bool(start) and name.startswith(start),
        lambda name: table in name.lower().split("/")[:-1],
        lambda name: split is not None and split in map(split_in, name.split("/")[:-1]),
        lambda name: not _ASIDE & set(re.findall(r"[a-z]+", name.rpartition("/")[0].lower())),
    )
    for rule in rules:
        kept = [name for name in found if rule(name)]
        if len(kept) == 1:
            return kept[0]
        found = kept or found
    return None


def _folded(text: str) -> str:
    """As one spelling: other cases, decomposed letters, and what a web address writes for a blank."""
    text = unquote(text.partition("?")[0]) if "%" in text or "?" in text else text
    return (
        text.casefold()
        if text.isascii()
        else unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    )


def _stem(name: str) -> str:
    return name[: len(name) - len(suffix_of(name))]
