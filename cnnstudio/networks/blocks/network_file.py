"""A plan as a small TOML file that a person can read and write; what others wrote is read strictly, and never run."""

import hashlib
import json
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from cnnstudio.core import FormatError, NetworkError, codec, write_atomically
from cnnstudio.core.codec import FIRST
from cnnstudio.networks.blocks.standing import LARGEST_INPUT, MOST_BLOCKS, SMALLEST_INPUT
from cnnstudio.networks.blocks.table import KINDS, made
from cnnstudio.networks.blocks.values import Block, Plan, Value
from cnnstudio.networks.names import did_you_mean, near_names

SUFFIX = ".toml"
_MOST_BYTES, _MOST_DOTS, _LONGEST_NAME, _SHOWN = 1 << 17, 40, 60, 5
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""What some editors of Windows begin a text in UTF-8 with."""
_LINE = re.compile(r"""[{,\s]kind\s*=|^kind\s*=""")
_FORMAT = FIRST
_KEYS = (_FORMAT.key, "name", "input_size", "channels", "blocks")
_HEAD = """\
# A network for CNN Studio, from the picture to the answer. What is not written here is as usual.
"""


def to_toml(plan: Plan) -> str:
    """A plan as text, always the same for the same plan."""
    lines = [
        f"{_FORMAT.key} = {_FORMAT.version}",
        f"name = {_quoted(plan.name)}",
        f"input_size = {plan.input_size}  # side in pixels",
        f"channels = {plan.channels}  # {'grey' if plan.channels == 1 else 'colour'}",
        "",
        "blocks = [",
        *(f"  {{ {', '.join(_pairs(block))} }}," for block in plan.blocks),
        "]",
    ]
    return _HEAD + "\n".join(lines) + "\n"


@lru_cache(maxsize=64)
def from_toml(text: str, file: str = "network file") -> Plan:
    """The inverse of ``to_toml``, for text that anybody wrote.

    Args:
        text: of the file.
        file: what it is called, for sentences.

    Raises:
        NetworkError: what is wrong, with the line or the block.
    """
    if len(text) > _MOST_BYTES or any(line.count(".") > _MOST_DOTS for line in text.splitlines()):
        raise _refused(file, ["it is larger, or deeper, than any network file"])
    try:
        plain = codec.parsed(text, tomllib.loads, file)
    except FormatError as error:
        raise _refused(file, [f"it is not valid TOML: {error.problem.meaning.rstrip('.')}"]) from error
    if unknown := sorted(set(plain) - set(_KEYS)):
        raise _refused(file, [f"{_short(name)} is not known here" for name in unknown[:_SHOWN]])
    try:
        plain = _FORMAT.upgraded({_FORMAT.key: _FORMAT.version, **plain}, file)
    except FormatError as error:
        raise _refused(file, [error.problem.title.rstrip(".")], remedy=error.problem.remedy) from error
    faults: list[str] = []
    blocks = _blocks(plain.get("blocks"), _lines_of_blocks(text), faults)
    name = plain.get("name", Path(file).stem)
    name = composed(name) if isinstance(name, str) else name
    if not is_name(name):
        faults.append(f"name must be 1 to {_LONGEST_NAME} letters, digits, blanks and - _ . , ( ) +")
    size, channels = plain.get("input_size", 32), plain.get("channels", 3)
    if type(size) is not int or not SMALLEST_INPUT <= size <= LARGEST_INPUT:
        faults.append(f"input_size must be a whole number from {SMALLEST_INPUT} to {LARGEST_INPUT:,}")
    if type(channels) is not int or channels not in (1, 3):
        faults.append("channels must be 1 (grey) or 3 (colour)")
    if faults:
        raise _refused(file, faults)
    return Plan(name=name, blocks=tuple(blocks), input_size=size, channels=channels)


def load_plan(path: Path) -> Plan:
    """Read a network file.

    Raises:
        NetworkError: it cannot be read, or what is wrong in it.
    """
    try:
        text = codec.bounded_text(path, _MOST_BYTES)
    except (OSError, ValueError, FormatError) as error:
        why, remedy = _why_unread(error)
        raise NetworkError(
            f"The network file {path} cannot be read.", meaning=why, remedy=remedy, details=repr(error)
        ) from error
    return from_toml(text.removeprefix(_MARK), path.name)


def save_plan(plan: Plan, path: Path) -> None:
    """Write a network file, atomically.

    Raises:
        StorageError: it cannot be written; what was there before stays.
    """
    write_atomically(path, to_toml(plan).encode())


def is_name(name: object) -> bool:
    """Whether a network may be called so: a name that every file system and every table takes."""
    if not isinstance(name, str) or not 1 <= len(name) <= _LONGEST_NAME or name != composed(name):
        return False
    if name != name.strip(" .") or unicodedata.category(name[0])[0] == "M":
        return False
    return all(letter.isalnum() or letter in " -_.,()+" or unicodedata.category(letter)[0] == "M" for letter in name)


def composed(name: str) -> str:
    """A name with each letter and its accents as one character: macOS and some keyboards take them apart."""
    return unicodedata.normalize("NFC", name)


def key_of(plan: Plan) -> str:
    """What a plan is called among networks: its name and eight digits that say what is in it.

    So a run keeps meaning the network that it trained, whatever becomes of the file. Runs and bundles hold keys: what
    they are computed from may never change. It is values, not text, and of settings only those that are not as usual,
    so that files may be written otherwise and blocks get settings.
    """
    blocks = [[block.kind, dict(sorted(_unusual(block)))] for block in plan.blocks]
    content = json.dumps([plan.name, plan.input_size, plan.channels, blocks])
    return f"{plan.name}@{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _unusual(block: Block) -> Iterator[tuple[str, Value]]:
    for setting in KINDS[block.kind].settings:
        if (value := block.values[setting.name]) != setting.default:
            yield setting.name, value


def _pairs(block: Block) -> Iterator[str]:
    yield f"kind = {_quoted(block.kind)}"
    for setting in KINDS[block.kind].settings:
        value = block.values[setting.name]
        if value != setting.default or setting.name in _ALWAYS:
            yield f"{setting.name} = {_quoted(setting.written(value))}"


_ALWAYS = ("channels", "kernel", "function", "p", "outputs")
"""Told in the file even where they are as usual, since they are what a block is."""


def _quoted(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _blocks(plain: object, lines: list[int], faults: list[str]) -> list[Block]:
    if not isinstance(plain, list) or not plain or not all(isinstance(each, dict) for each in plain):
        faults.append('blocks must be a list of at least one block, such as { kind = "flatten" }')
        return []
    if len(plain) > MOST_BLOCKS:
        faults.append(f"there are more than {MOST_BLOCKS} blocks")
        return []
    known = lines if len(lines) == len(plain) else [0] * len(plain)
    blocks = []
    for number, (each, line) in enumerate(zip(plain, known, strict=True), 1):
        where = f"block {number}" + (f" (line {line})" if line else "")
        block, wrong = _block(each)
        faults += [f"{where}: {fault}" for fault in wrong]
        if block is not None:
            blocks.append(block)
    return blocks


def _block(plain: dict[str, Any]) -> tuple[Block | None, list[str]]:
    name = plain.get("kind")
    if not isinstance(name, str) or name not in KINDS:
        if name is None:
            return None, ["it does not say what kind it is"]
        near = did_you_mean(near_names(str(name)[:_LONGEST_NAME], KINDS)) or f"There are {', '.join(KINDS)}."
        return None, [f"there is no kind {_short(name)}. {near.rstrip('.')}"]
    kind, settings, faults = KINDS[name], dict[str, Value](), list[str]()
    for key, value in plain.items():
        if key == "kind":
            continue
        setting = kind.setting(key)
        if setting is None:
            has = ", ".join(each.name for each in kind.settings)
            faults.append(f"{name} has no {_short(key)}" + (f"; it has {has}" if has else "; it has no settings"))
            continue
        try:
            settings[key] = setting.read(value)
        except ValueError as error:
            faults.append(f"{key} of {name} {error}, not {_short(value)}")
    return (None if faults else made(name, **settings)), faults


def _lines_of_blocks(text: str) -> list[int]:
    """Numbers of the lines in which blocks say their kind, for sentences; comments do not count."""
    return [number for number, line in enumerate(text.splitlines(), 1) for _ in _LINE.findall(line.split("#")[0])]


def _why_unread(error: Exception) -> tuple[str, str]:
    if isinstance(error, FileNotFoundError):
        return "There is no such file.", "Give another file."
    if isinstance(error, FormatError) and isinstance(error.__cause__, UnicodeDecodeError):
        return "It is not a text in UTF-8, which some editors have to be told.", "Save it as UTF-8, and try again."
    return (error.problem.title if isinstance(error, FormatError) else ""), "Give another file."


def _short(value: object) -> str:
    text = str(value).replace("\n", " ")
    return text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}…"


def _refused(file: str, faults: list[str], remedy: str = "") -> NetworkError:
    more = [f"{len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
    return NetworkError(
        f"The network in {file} cannot be read: {'; '.join([*faults[:_SHOWN], *more])}.",
        remedy=remedy or "Correct that in the file, and try again.",
    )
