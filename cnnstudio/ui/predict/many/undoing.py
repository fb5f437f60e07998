"""Taking a sorting back: by the toast and the Edit menu at once, and later from the journal that lies in the folder."""

from pathlib import Path

from cnnstudio.core import Problem, counted, isolated
from cnnstudio.inference.sorting.results import Sorted, SortPlan, Undone
from cnnstudio.jobs import specs
from cnnstudio.ui.state import JobMonitor, Step, Studio
from cnnstudio.ui.widgets import NoticeBar

SORTING = "sorting"
"""Steps of this kind are sortings."""


def said_of(made: Sorted) -> str:
    """What was sorted, in a sentence."""
    into = isolated(made.out.name)
    said = (
        f"Sorted {made.made:,} of {counted(made.total, 'picture')} into {into}."
        if made.made < made.total
        else f"Sorted {counted(made.made, 'picture')} into {into}."
    )
    if made.failed:
        return f"{said} {counted(len(made.failed), 'picture')} could not be: {made.failed[0][1]}"
    return said


def sorted_step(studio: Studio, plan: SortPlan, made: Sorted) -> Step:
    """What was sorted, as something that can be taken back."""
    return Step(
        said=said_of(made),
        text=f"sorting {counted(made.made, 'picture')} into folders",
        undo=lambda: _take_back(studio, made.out),
        redo=lambda: studio.submit(specs.SortPictures(plan=plan), failed=studio.problem.emit),
        kind=SORTING,
    )


def undo_later(studio: Studio, out: Path, notice: NoticeBar) -> JobMonitor[Undone]:
    """Take back what an earlier day has sorted into a folder, and say what was left."""
    return studio.submit(specs.UndoSorting(out=out), done=lambda done: _tell(done, notice), failed=notice.show_problem)


def _take_back(studio: Studio, out: Path) -> JobMonitor[Undone]:
    return studio.submit(specs.UndoSorting(out=out), done=lambda done: _warn(studio, done), failed=studio.problem.emit)


def _warn(studio: Studio, done: Undone) -> None:
    """Only where something was left: that it was taken back, the history says."""
    if done.changed or done.failed:
        studio.problem.emit(Problem(kind="sorting", title=_removed(done), meaning=_left(done)))


def _tell(done: Undone, notice: NoticeBar) -> None:
    notice.show_text(_removed(done), _left(done), "warn" if done.changed or done.failed else "good")


def _removed(done: Undone) -> str:
    return f"Removed {counted(done.removed, 'picture')} from {isolated(done.out.name)}."


def _left(done: Undone) -> str:
    said = []
    if done.changed:
        named = ", ".join(isolated(name) for name in done.changed[:3])
        said.append(f"{counted(len(done.changed), 'picture')} changed since and stay there: {named}.")
    if done.gone:
        said.append(f"{counted(done.gone, 'picture')} were not there any more.")
    if done.failed:
        name, why = done.failed[0]
        said.append(f"{counted(len(done.failed), 'picture')} could not be removed, such as {isolated(name)}: {why}")
    return " ".join(said)
