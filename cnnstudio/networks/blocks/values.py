"""What a plan consists of: settings with their ranges, blocks, and the plan itself. No torch."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

Value = bool | int | float | str
Shape = tuple[int, ...]
"""C×H×W of maps, or D of a vector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of a block: how it is called, what it may be, and what it is unless somebody says otherwise."""

    name: str
    """In the file."""
    label: str
    """For people, such as ``Kernel size``."""
    default: Value
    """Its type is the setting's: an on/off, a whole number, a number, or one of ``choices``."""
    low: float = 0
    high: float = 0
    choices: tuple[str, ...] = ()
    word: str = ""
    """What its special number is called, in the file and for people, such as ``same`` for a padding of -1."""
    special: int = 0
    """That number, which lies outside the range or at its lower end."""
    text: str = ""
    """What it does, for a tooltip."""

    def read(self, value: object) -> Value:
        """A value as a file has it; the word becomes its number.

        Raises:
            ValueError: it is none of this setting's, said in words that follow the setting's name.
        """
        if self.word and value == self.word:
            return self.special
        if isinstance(self.default, bool):
            if type(value) is not bool:
                raise ValueError("must be true or false")
            return value
        if self.choices:
            if not isinstance(value, str) or value not in self.choices:
                raise ValueError(f"must be one of {', '.join(self.choices)}")
            return value
        kind = type(self.default)
        if kind is float and type(value) is int:
            value = float(value) if abs(value) < 1 << 40 else math.inf
        if type(value) is not kind or not isinstance(value, int | float):
            raise ValueError(f"must be a {'whole ' if kind is int else ''}number{self._or_word}")
        if value == self.special and self.word:
            return value
        if not self.low <= value <= self.high:
            raise ValueError(f"must lie between {self.low:g} and {self.high:g}{self._or_word}")
        return value

    def written(self, value: Value) -> Value:
        """The inverse of ``read``."""
        return self.word if self.word and not isinstance(value, bool) and value == self.special else value

    @property
    def _or_word(self) -> str:
        return f', or be "{self.word}"' if self.word else ""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a plan, with all of its settings; ``table.made`` makes it."""

    kind: str
    """A name in ``table.KINDS``."""
    settings: tuple[tuple[str, Value], ...] = ()
    """In the order of the table."""

    @property
    def values(self) -> Mapping[str, Value]:
        """The settings by name."""
        return dict(self.settings)

    def number(self, name: str) -> int:
        """A setting that is a whole number."""
        return int(self.values[name])

    def share(self, name: str) -> float:
        """A setting that is a number."""
        return float(self.values[name])

    def is_on(self, name: str) -> bool:
        """A setting that is on or off."""
        return bool(self.values[name])

    def word(self, name: str) -> str:
        """A setting that is a choice."""
        return str(self.values[name])

    def changed(self, **settings: Value) -> "Block":
        """With other settings, of those that it has."""
        return replace(self, settings=tuple((name, settings.get(name, value)) for name, value in self.settings))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A network as somebody builds it: blocks one after the other, and the pictures it is made for."""

    name: str
    """As a person calls it."""
    blocks: tuple[Block, ...]
    input_size: int = 32
    """Side of the square input in pixels."""
    channels: int = 3
    """Of the input: 1 is grey, 3 is colour."""

    def inserted(self, place: int, *blocks: Block) -> "Plan":
        """With blocks before the one at ``place``."""
        return replace(self, blocks=(*self.blocks[:place], *blocks, *self.blocks[place:]))

    def without(self, place: int, count: int = 1) -> "Plan":
        """Without the block at ``place``, or so many from there."""
        return replace(self, blocks=(*self.blocks[:place], *self.blocks[place + count :]))

    def replaced(self, place: int, block: Block) -> "Plan":
        """With another block at ``place``."""
        return replace(self, blocks=(*self.blocks[:place], block, *self.blocks[place + 1 :]))

    def moved(self, place: int, to: int) -> "Plan":
        """With the block at ``place`` at ``to``, counted as the list is then."""
        return self.without(place).inserted(to, self.blocks[place])
