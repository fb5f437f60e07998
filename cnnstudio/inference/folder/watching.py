"""Answer what comes into a folder: each picture once, when it is whole. No torch.

Notices of the system come before a file is whole, get lost in bursts and tell nothing of other computers' drives. So
the folder is looked at every second. A picture counts when its size and time stood still for two looks and it decodes.
A drive that does not answer is waited for in a thread that can be left behind.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core import Problem, StopRequested, Warned, Watch, waited_for
from cnnstudio.data.dataset import stamp, time_of
from cnnstudio.data.layouts.folder import SYSTEM_NAMES
from cnnstudio.data.reading import is_picture
from cnnstudio.inference.folder.listing import Stamp
from cnnstudio.inference.folder.results import WatchState
from cnnstudio.inference.results import Prediction

EVERY_S = 1.0
GIVE_UP_S = 20.0
"""A file that stands still for so long and cannot be read is damaged, not unfinished."""
_SHARE = 3
"""Between two looks at a folder that is large or far away pass so many times as many seconds as a look takes."""
_AT_ONCE = 32
_LOOKS = 2
Answer = Callable[[Sequence[Path]], Iterator[Prediction]]


@dataclass(slots=True)
class _Seen:
    """A file without an answer."""

    stamp: Stamp
    since: float
    """When it was first seen like this."""
    looks: int = 1
    tried: bool = False
    """Whether it could not be read like this."""


class Watching:
    """One folder that is watched, in one thread."""

    def __init__(self, folder: Path, answer: Answer, watch: Watch) -> None:
        """Nothing is looked at yet.

        Args:
            folder: with all folders in it; hidden ones and links to folders do not count.
            answer: gives the answers to pictures, in their order.
            watch: hears of every answer and every change of the state, as Partial, and is warned when the folder goes.
        """
        self._folder, self._answer, self._watch = folder, answer, watch
        self._answered = dict[str, Stamp]()
        self._waiting = dict[str, _Seen]()
        self._there = True
        self._count = self._unreadable = 0
        self._told: WatchState | None = None

    @property
    def state(self) -> WatchState:
        """How it is now."""
        return WatchState(
            there=self._there, waiting=len(self._waiting), answered=self._count, unreadable=self._unreadable
        )

    def until_stopped(self, is_known: Callable[[str], bool], *, new_only: bool = False) -> WatchState:
        """Look, wait and answer until a stop is asked for.

        Args:
            is_known: whether a file that is seen for the first time was answered before, by its name relative to the
                folder.
            new_only: whether what is there at the first look is passed over.

        Raises:
            StudioError: what ``answer`` raises.
        """
        passed_over, pause = new_only, 0.0
        try:
            while not self._watch.control.wait_for_stop(pause):
                start = time.monotonic()
                found = waited_for(lambda: _look(self._folder), self._watch.control, late=self._gone)
                took = time.monotonic() - start
                if found is None:
                    self._gone()
                else:
                    self._there = True
                    if passed_over:
                        self._answered.update(found)
                        passed_over = False
                    self._take(found, is_known)
                    self._tell()
                    self._answer_ready()
                self._tell()
                pause = max(0.0, max(EVERY_S, _SHARE * took) - (time.monotonic() - start))
        except StopRequested:
            pass
        return self.state

    def _take(self, found: dict[str, Stamp], is_known: Callable[[str], bool]) -> None:
        """Note what has come, changed or gone since the last look."""
        now = time.monotonic()
        for name, stamped in found.items():
            if self._answered.get(name) == stamped:
                continue
            seen = self._waiting.get(name)
            if seen is not None and seen.stamp == stamped:
                seen.looks += 1
            elif seen is None and name not in self._answered and is_known(name):
                self._answered[name] = stamped
            else:
                self._waiting[name] = _Seen(stamped, now)
        for name in [name for name in self._waiting if name not in found]:
            del self._waiting[name]

    def _answer_ready(self) -> None:
        now = time.monotonic()
        ready = [
            name
            for name, seen in self._waiting.items()
            if seen.looks >= _LOOKS and (not seen.tried or now - seen.since > GIVE_UP_S)
        ]
        ready.sort(key=lambda name: (self._waiting[name].stamp[1], name))
        for start in range(0, len(ready), _AT_ONCE):
            names = ready[start : start + _AT_ONCE]
            for name, answer in zip(names, self._asked(names), strict=True):
                self._judge(name, answer)
            self._tell()

    def _asked(self, names: list[str]) -> list[Prediction]:
        paths = [self._folder / name for name in names]
        return waited_for(lambda: list(self._answer(paths)), self._watch.control)

    def _judge(self, name: str, answer: Prediction) -> None:
        """Pass an answer on, unless its file was not whole."""
        seen = self._waiting[name]
        if stamp(self._folder / name) != seen.stamp:  # while it was read; another look will tell
            seen.looks = 0
            return
        if answer.error and time.monotonic() - seen.since <= GIVE_UP_S:
            seen.tried = True
            return
        del self._waiting[name]
        self._answered[name] = seen.stamp
        self._count += 1
        self._unreadable += bool(answer.error)
        self._watch.partial(answer)

    def _gone(self) -> None:
        if self._there:
            self._there = False
            problem = Problem(
                kind="file",
                title=f"The folder {self._folder} is not there, or its drive does not answer.",
                meaning="It is waited for.",
            )
            self._watch.emit(Warned(problem=problem))
            self._tell()

    def _tell(self) -> None:
        if self.state != self._told:
            self._told = self.state
            self._watch.partial(self._told)


def _look(folder: Path) -> dict[str, Stamp] | None:
    """Every file that calls itself a picture, by its name; None where the folder cannot be opened."""
    found = dict[str, Stamp]()
    try:
        _look_into(folder, "", found)
    except OSError:
        return None
    return found


def _look_into(folder: Path, start: str, found: dict[str, Stamp]) -> None:
    inner = list[os.DirEntry[str]]()
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.lower() in SYSTEM_NAMES:
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    inner.append(entry)
                elif is_picture(entry.name):
                    stat = entry.stat()
                    found[start + entry.name] = (stat.st_size, time_of(stat))
            except OSError:  # it went between two questions
                continue
    for entry in inner:
        try:
            _look_into(Path(entry.path), f"{start}{entry.name}/", found)
        except OSError:
            continue
