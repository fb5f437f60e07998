"""The plan that is built, and every change of it as a step that can be taken back. No widgets."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6 import QtCore

from cnnstudio.core import counted
from cnnstudio.data import Dataset
from cnnstudio.networks.blocks.findings import Finding, findings
from cnnstudio.networks.blocks.groups import EMPTY, GROUPS, group_for
from cnnstudio.networks.blocks.standing import MOST_BLOCKS, Standing, standing
from cnnstudio.networks.blocks.table import KINDS, LAST, made
from cnnstudio.networks.blocks.values import Block, Plan, Value
from cnnstudio.ui.state import Step, Studio

_TOGETHER_S = 1.5
"""Changes of one setting in so short a time are one step: a person is looking for a value."""
_USUAL_CLASSES = 10
_MOST_CHANNELS = 512


@dataclass(slots=True)
class _Change:
    """A step of ours, which later changes of the same setting are added to."""

    before: Plan
    after: Plan
    about: str
    at: float


class Editor(QtCore.QObject):
    """Everything that can be done to a plan; the widgets show it and ask for changes."""

    changed = QtCore.Signal()
    """Plan, standing and findings are others."""
    placed = QtCore.Signal(list)
    """Numbers of the blocks that a change was about, to be selected."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._change: _Change | None = None
        self._step: Step | None = None
        self.plan = EMPTY
        self.opened: Plan | None = None
        """As it is in its file; None for one that was never saved."""
        self.classes: int | None = None
        self.pictures: int | None = None
        self.standing: Standing = standing(EMPTY)
        self.findings: tuple[Finding, ...] = ()
        self._place = 0
        studio.dataset_changed.connect(self._take_dataset)
        self._take_dataset(studio.dataset)

    @property
    def shown_classes(self) -> int:
        """Of the open pictures, or as many as the practice sets have."""
        return self.classes or _USUAL_CLASSES

    @property
    def is_saved(self) -> bool:
        """Whether the file holds what is shown."""
        return self.plan == self.opened

    # Changes --------------------------------------------------------------------------------------------------

    def add(self, name: str, place: int | None = None) -> None:
        """Add a kind of block or a group before the block at ``place``; None is where it fits."""
        place = self._fitting(name) if place is None else place
        if name in GROUPS:
            blocks, text = group_for(name, self.plan, place), f"adding {GROUPS[name].title}"
        else:
            blocks, text = (self._suited(name, place),), f"adding a block: {KINDS[name].title.lower()}"
        if len(self.plan.blocks) + len(blocks) <= MOST_BLOCKS:
            self._do(self.plan.inserted(place, *blocks), text, range(place, place + len(blocks)))

    def remove(self, places: Sequence[int]) -> None:
        """Take blocks out."""
        if not places:
            return
        gone = set(places)
        left = tuple(block for place, block in enumerate(self.plan.blocks) if place not in gone)
        what = KINDS[self.plan.blocks[places[0]].kind].title.lower() if len(gone) == 1 else counted(len(gone), "block")
        after = min(min(gone), len(left) - 1)
        self._do(replace(self.plan, blocks=left), f"deleting {what}", [after] if left else [], was=places)

    def duplicate(self, places: Sequence[int]) -> None:
        """Put copies of blocks behind the last of them."""
        copies = [self.plan.blocks[place] for place in places]
        if copies and len(self.plan.blocks) + len(copies) <= MOST_BLOCKS:
            place = max(places) + 1
            text = f"duplicating {counted(len(copies), 'block')}"
            self._do(self.plan.inserted(place, *copies), text, range(place, place + len(copies)))

    def move(self, places: Sequence[int], to: int) -> None:
        """Move blocks, in their order, before the one that is at ``to`` now."""
        moved = sorted(set(places))
        rest = [place for place in range(len(self.plan.blocks)) if place not in moved]
        at = sum(place < to for place in rest)
        order = [*rest[:at], *moved, *rest[at:]]
        if order != sorted(order):
            blocks = tuple(self.plan.blocks[place] for place in order)
            text = f"moving {counted(len(moved), 'block')}"
            self._do(replace(self.plan, blocks=blocks), text, range(at, at + len(moved)), was=moved)

    def shift(self, places: Sequence[int], by: int) -> None:
        """Move blocks one place up (-1) or down (1)."""
        if places and min(places) + by >= 0 and max(places) + by < len(self.plan.blocks):
            self.move(places, min(places) - 1 if by < 0 else max(places) + 2)

    def set(self, place: int, name: str, value: Value) -> None:
        """Change one setting of a block."""
        block = self.plan.blocks[place]
        setting = KINDS[block.kind].setting(name)
        if setting is not None and block.values[name] != value:
            text = f"changing {setting.label.lower()}"
            self._do(self.plan.replaced(place, block.changed(**{name: value})), text, [place], f"{place} {name}")

    def resize(self, input_size: int, channels: int) -> None:
        """Change what pictures it is made for."""
        if (input_size, channels) != (self.plan.input_size, self.plan.channels):
            changed = replace(self.plan, input_size=input_size, channels=channels)
            self._do(changed, "changing the picture", None, "picture")

    def rename(self, name: str) -> None:
        """Call it something else."""
        if name != self.plan.name:
            self._do(replace(self.plan, name=name), "renaming the network")

    def mend(self, finding: Finding) -> None:
        """Do what a finding offers."""
        if finding.mended is not None:
            place = min(finding.place or 0, max(0, len(finding.mended.blocks) - 1))
            self._do(finding.mended, f"the change “{finding.mend}”", [place])

    def open(self, plan: Plan, *, saved: bool) -> None:
        """Show another network in place of this one."""
        self.opened = plan if saved else None
        if plan != self.plan:
            self._do(plan, f"opening “{plan.name}”", [0] if plan.blocks else [])
        else:
            self.changed.emit()

    def begin(self, plan: Plan, opened: Plan | None) -> None:
        """Go on with what was built before; nothing was done yet that could be taken back."""
        self.opened = opened
        self._show(plan)

    def take_saved(self, plan: Plan) -> None:
        """It is in its file now."""
        self.opened = plan
        self.changed.emit()

    def stand_at(self, place: int) -> None:
        """The keyboard is at this block; -1 for none."""
        self._place = place + 1

    # Inside ---------------------------------------------------------------------------------------------------

    def _fitting(self, name: str) -> int:
        """Behind the chosen block; where none is, before the answer, or before the maps become one vector."""
        count = len(self.plan.blocks)
        if self._place:
            return min(self._place, count)
        if name in KINDS and KINDS[name].takes == "vector":
            return count - 1 if self.plan.blocks and self.plan.blocks[-1] == LAST else count
        return min(self.standing.first_of_head, count)

    def _suited(self, kind: str, place: int) -> Block:
        """With as many channels as there are before it, twice as many behind a pooling."""
        block = made(kind)
        if "channels" not in block.values:
            return block
        before = [stand.shape[0] for stand in self.standing.stands[:place] if len(stand.shape) == 3]
        pooled = place > 0 and self.plan.blocks[place - 1].kind.endswith("_pooling")
        known = before[-1] * (2 if pooled else 1) if before else 0
        return block.changed(channels=min(known, _MOST_CHANNELS)) if known >= block.number("channels") else block

    def _do(
        self,
        plan: Plan,
        text: str,
        places: Sequence[int] | None = None,
        about: str = "",
        was: Sequence[int] | None = None,
    ) -> None:
        """``places`` are selected behind the change, and before it ``was``, else the one that the keyboard is at."""
        history, change, now = self._studio.history, self._change, time.monotonic()
        same = change is not None and about and change.about == about and now - change.at < _TOGETHER_S
        if change is not None and same and history.last is self._step and not history.redo_text:
            change.after, change.at = plan, now
        else:
            self._change = made_now = _Change(self.plan, plan, about, now)
            shown = list(places) if places is not None else None
            before = was if was is not None else [self._place - 1] if self._place else []
            selected = list(before) if places is not None else None  # undone, the selection is what it was, too
            self._step = Step(
                said="",
                text=text,
                undo=lambda: self._show(made_now.before, selected),
                redo=lambda: self._show(made_now.after, shown),
            )
            history.add(self._step)
        self._show(plan, list(places) if places is not None else None)

    def _show(self, plan: Plan, places: list[int] | None = None) -> None:
        self.plan = plan
        self._look()
        if places is not None:
            self.placed.emit([place for place in places if place < len(plan.blocks)])

    def _take_dataset(self, dataset: Dataset | None) -> None:
        self.classes = len(dataset.classes) if dataset is not None else None
        self.pictures = len(dataset.split("train")) if dataset is not None else None
        self._look()

    def _look(self) -> None:
        self.standing = standing(self.plan, self.shown_classes)
        self.findings = findings(self.plan, classes=self.classes, pictures=self.pictures)
        self.changed.emit()
