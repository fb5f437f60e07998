"""What a search for shortcuts has found, and the file that it is kept in. No torch."""

import math
from dataclasses import dataclass, replace

from cnnstudio.core import counted, isolated
from cnnstudio.runs import Run
from cnnstudio.understanding.stress.kept import keep, kept

SHORTCUTS_FILE = "shortcuts.json"
PICTURES, FEWEST = 24, 8
"""Of a class that are looked at, at most and at least."""
ALARM = 5.0
"""Times the even share from which on a place is strange."""
_ROWS, _COLUMNS = ("top", "", "bottom"), ("left", "", "right")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What speaks for one class, over held-out pictures of it."""

    name: str
    """Of the class."""
    times: float
    """How many times the even share the strongest place has."""
    share: float
    """Of all that speaks for the class, in [0, 1]."""
    place: str
    """In words, such as "top left corner"."""
    box: tuple[float, float, float, float]
    """That place as left, top, right, bottom in shares of the square that the network sees."""
    pictures: int
    before: int = 0
    """Where it is an alarm: how many pictures of the class are recognised,"""
    after: int = 0
    """how many with that place covered in grey,"""
    of: int = 0
    """and how many there are."""
    proof: tuple[str, ...] = ()
    """Pictures in which that place says most."""

    @property
    def is_alarm(self) -> bool:
        """Whether there is something to look at."""
        return self.times >= ALARM

    @property
    def lost(self) -> int:
        """Recognised pictures that hang on that place."""
        return self.before - self.after

    def confirmed(self, *, before: int, after: int, of: int, proof: tuple[str, ...]) -> "Look":
        """With what covering the place has shown."""
        return replace(self, before=before, after=after, of=of, proof=proof)

    @property
    def sentence(self) -> str:
        """What to say of an alarm: never more than "may"."""
        name = isolated(self.name)
        said = f"For {name}, the network may look at the {self.place} and not at the object"
        if self.lost <= 0:
            return f"{said}; with that place covered it recognises as many as before."
        covered = (
            f"of {counted(self.of, 'picture')} it recognises {self.before:,}, with that place covered {self.after:,}"
        )
        return f"{said}: {covered}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcuts:
    """A search over the classes of a run; those with too few pictures are missing in ``looks``."""

    classes: tuple[str, ...]
    split: str
    looks: tuple[Look, ...]
    seen: float = 1.0
    """Side of the square that the network sees, as a share of a picture's shorter side."""
    best_epoch: int = 0
    epochs: int = 0

    @property
    def pictures(self) -> int:
        """That were looked at."""
        return sum(look.pictures for look in self.looks)

    @property
    def alarms(self) -> tuple[Look, ...]:
        """The strangest first."""
        return tuple(sorted((look for look in self.looks if look.is_alarm), key=lambda look: -look.times))


def place_words(down: float, across: float) -> str:
    """A place in thirds, such as "top left corner", "right edge" or "middle"; 0 to 1 from the top and from the left."""
    row, column = (min(2, math.floor(3 * share)) for share in (down, across))
    words = " ".join(filter(None, (_ROWS[row], _COLUMNS[column])))
    if not words:
        return "middle"
    return f"{words} corner" if row != 1 and column != 1 else f"{words} edge"


def save_shortcuts(run: Run, found: Shortcuts) -> None:
    """Keep a search in the run's folder.

    Raises:
        RunError: the folder was moved or deleted.
        StorageError: it cannot be written.
    """
    keep(run, SHORTCUTS_FILE, found)


def load_shortcuts(run: Run) -> Shortcuts | None:
    """The last search on a run as it is now; None where there is none that can be used."""
    found = kept(run, SHORTCUTS_FILE, Shortcuts)
    return found if found is not None and all(look.name in found.classes for look in found.looks) else None
