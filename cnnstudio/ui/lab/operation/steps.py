"""The operations of a chain with their settings, in order; one of them is looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6 import QtCore

from cnnstudio.lab import MAX_CHAIN, Operation, SettingProblem, Shape, problems_of, shapes_of
from cnnstudio.ui.lab.operation.kinds import BY_NAME
from cnnstudio.ui.lab.operation.panel import Panel


@dataclass(slots=True, eq=False)
class Step:
    """One place of the chain. Settings of other kinds are kept, should a person come back to them."""

    kind: str
    panels: dict[str, Panel] = field(default_factory=dict)

    @property
    def panel(self) -> Panel:
        """Of the kind that it is."""
        return self.panels[self.kind]


@dataclass(frozen=True, slots=True)
class Planned:
    """What the settings come to."""

    operations: tuple[Operation, ...]
    """As far as they can be computed."""
    spans: tuple[tuple[int, int], ...]
    """Of each step that can be computed: its first operation, and the one behind its last."""
    problems: tuple[SettingProblem, ...]
    """Of the first step that cannot be."""


class Steps(QtCore.QObject):
    """Made of panels; whoever shows them asks for ``made``."""

    changed = QtCore.Signal()
    """Settings, kinds or order are others."""
    selected = QtCore.Signal()
    made = QtCore.Signal(Panel)
    """A panel that was not there before."""
    dropped = QtCore.Signal(Panel)
    """A panel that nobody needs any more."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Step] = []
        self.place = 0
        """Of the step that is looked at."""

    @property
    def current(self) -> Step:
        """The step that is looked at."""
        return self.all[self.place]

    @property
    def is_full(self) -> bool:
        """Whether nothing can be added."""
        return len(self.all) >= MAX_CHAIN

    def add(self, kind: str) -> Step:
        """Behind the step that is looked at, which is the new one from now on."""
        step = Step(kind)
        self._make(step)
        self.place = self.place + 1 if self.all else 0
        self.all.insert(self.place, step)
        self.selected.emit()
        self.changed.emit()
        return step

    def remove(self, place: int) -> None:
        """Take a step out; the last one stays."""
        if len(self.all) > 1:
            gone = self.all.pop(place)
            self.place = min(self.place if place > self.place else max(0, self.place - 1), len(self.all) - 1)
            self.selected.emit()
            self.changed.emit()
            self._drop([gone])

    def move(self, place: int, to: int) -> None:
        """Put a step elsewhere, and look at it."""
        if 0 <= to < len(self.all) and place != to:
            self.all.insert(to, self.all.pop(place))
            self.place = to
            self.selected.emit()
            self.changed.emit()

    def select(self, place: int) -> None:
        """Look at another step."""
        if place != self.place and 0 <= place < len(self.all):
            self.place = place
            self.selected.emit()

    def choose_kind(self, kind: str) -> None:
        """Make the step that is looked at an operation of another kind."""
        if kind != self.current.kind:
            self.current.kind = kind
            self._make(self.current)
            self.selected.emit()
            self.changed.emit()

    def begin(self, kinds: Sequence[str], set_up: Callable[[Sequence[Panel]], object] = len) -> None:
        """Another chain, whose settings are made by ``set_up`` before anybody hears of them; its end is looked at."""
        before, self.all = self.all, [Step(kind, {kind: BY_NAME[kind].make()}) for kind in kinds]
        self.place = len(self.all) - 1
        set_up([step.panel for step in self.all])
        for step in self.all:
            self._take(step.panel)
        self.selected.emit()
        self.changed.emit()
        self._drop(before)

    def plan(self, shape: Shape) -> Planned:
        """What all of them come to for pictures of this shape; each panel hears what cannot work."""
        operations: list[Operation] = []
        spans: list[tuple[int, int]] = []
        for step in self.all:
            own = step.panel.operations(shape)
            found = problems_of(own, shape)
            if not found and len(operations) + len(own) > MAX_CHAIN:
                found = (SettingProblem("", f"A chain has at most {MAX_CHAIN} operations."),)
            rest = step.panel.show_problems(found)
            if found:
                return Planned(tuple(operations), tuple(spans), tuple(rest or found))
            spans.append((len(operations), len(operations) + len(own)))
            operations += own
            shape = shapes_of(own, shape)[-1]
        return Planned(tuple(operations), tuple(spans), ())

    def _make(self, step: Step) -> None:
        if step.kind not in step.panels:
            step.panels[step.kind] = panel = BY_NAME[step.kind].make()
            self._take(panel)

    def _drop(self, steps: Sequence[Step]) -> None:
        for panel in (panel for step in steps for panel in step.panels.values()):
            self.dropped.emit(panel)

    def _take(self, panel: Panel) -> None:
        panel.changed.connect(self.changed)
        self.made.emit(panel)
