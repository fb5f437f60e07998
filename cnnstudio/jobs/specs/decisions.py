"""Jobs that change what a person decided about a folder of pictures."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal, cast

from cnnstudio.core import Watch
from cnnstudio.data import Split
from cnnstudio.data.curation import Curation, DrawnSplit, load_curation, load_drawn, save_curation, save_drawn
from cnnstudio.jobs.job import Job, Lane

What = Literal["leave-out", "use-again", "move", "relabel"]
"""What a person decides about single pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(Job[tuple[Curation, Curation]]):
    """Leave pictures out, use them again, move or relabel them; gives all that was decided before, and after."""

    lane: ClassVar[Lane] = "files"
    root: Path
    names: tuple[str, ...]
    """Relative to the folder, with forward slashes."""
    what: What
    to: str = ""
    """The split or the class."""

    def handle(self, watch: Watch) -> tuple[Curation, Curation]:
        """Raises NewerFormat or StorageError; then nothing changed."""
        return _decide(self.root, self._on)

    def _on(self, before: Curation) -> Curation:
        if self.what == "leave-out":
            return before.without(self.names)
        if self.what == "use-again":
            return before.back(self.names)
        if self.what == "move":
            return before.moved(self.names, cast("Split", self.to))
        return before.relabelled(self.names, self.to)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeClasses(Job[tuple[Curation, Curation]]):
    """Make classes parts of others, also for pictures that are added later; gives what Decide gives."""

    lane: ClassVar[Lane] = "files"
    root: Path
    merges: tuple[tuple[str, str], ...]
    """Which class goes into which."""
    anew: bool = False
    """What was merged before is no longer."""

    def handle(self, watch: Watch) -> tuple[Curation, Curation]:
        """Raises NewerFormat or StorageError; then nothing changed."""
        return _decide(self.root, self._on)

    def _on(self, before: Curation) -> Curation:
        return (replace(before, merged={}) if self.anew else before).with_merged(self.merges)


def _decide(root: Path, change: Callable[[Curation], Curation]) -> tuple[Curation, Curation]:
    before = load_curation(root)
    after = change(before)
    if after != before:
        save_curation(root, after)
    return before, after


@dataclass(frozen=True, slots=True, kw_only=True)
class SeparateClass(Job[tuple[Curation, Curation]]):
    """Take back what was merged into a class, whenever that was; gives what Decide gives."""

    lane: ClassVar[Lane] = "files"
    root: Path
    name: str

    def handle(self, watch: Watch) -> tuple[Curation, Curation]:
        """Raises NewerFormat or StorageError; then nothing changed."""
        return _decide(self.root, lambda before: before.separated(self.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore(Job[Curation]):
    """Decide everything as it was at another time; gives what was decided until now."""

    lane: ClassVar[Lane] = "files"
    root: Path
    curation: Curation
    drawn: DrawnSplit | None = None
    """How the split was drawn then; None leaves it as it is."""

    def handle(self, watch: Watch) -> Curation:
        """Raises NewerFormat or StorageError; then nothing changed."""
        before = load_curation(self.root)
        if self.drawn is not None:
            save_drawn(self.root, self.drawn)
        save_curation(self.root, self.curation)
        return before


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDecisions(Job[Curation]):
    """What was decided so far about a folder of pictures."""

    lane: ClassVar[Lane] = "files"
    latest_wins: ClassVar[bool] = True
    root: Path

    def handle(self, watch: Watch) -> Curation:
        """Raises NewerFormat where a newer version wrote it."""
        watch.check()
        return load_curation(self.root)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadProject(Job[tuple[Curation, DrawnSplit]]):
    """All that was decided about a folder, and how its split was drawn."""

    lane: ClassVar[Lane] = "files"
    root: Path

    def handle(self, watch: Watch) -> tuple[Curation, DrawnSplit]:
        """Raises NewerFormat."""
        watch.check()
        return load_curation(self.root), load_drawn(self.root)
