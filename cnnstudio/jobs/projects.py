"""Projects as a list shows them: what is kept of each, and what its runs say. Their pictures are not read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnstudio.core import Watch
from cnnstudio.core.paths import shown_name
from cnnstudio.data.overview import Overview, known_overviews, load_cover
from cnnstudio.runs import Run, list_runs, runs_on

_UNFINISHED = {"stopped": "Stopped at", "interrupted": "Interrupted after", "failed": "Failed after"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Project:
    """A folder of pictures and what was made of it."""

    root: Path
    name: str
    """As people know it: an archive by its own name."""
    place: str
    """The folder that it lies in."""
    opened: str = ""
    """When it was opened last: ISO 8601, UTC; empty where nobody noted it."""
    pictures: int = 0
    classes: int = 0
    collecting: bool = False
    """Its pictures are still being collected."""
    sorting: bool = False
    """They are still being sorted into classes; ``pictures`` are those that are."""
    accuracy: float | None = None
    """The best of its runs on validation pictures, so that test pictures choose nothing."""
    accuracy_pictures: int = 0
    """So many validation pictures."""
    resumable: Path | None = None
    """The newest run's folder, where that can be resumed."""
    state: str = ""
    """Of the newest run, where it did not finish, such as: Stopped at epoch 12."""
    cover: np.ndarray | None = None
    """H×(n·H)×3 uint8: n pictures beside each other."""


def list_projects(roots: Sequence[Path], watch: Watch) -> Iterator[Project]:
    """What is known of each, in their order.

    Only our own files are read, so that no drive that is away holds it up.

    Args:
        roots: folders of pictures.
        watch: asked for a stop between them.

    Raises:
        StopRequested: a stop was asked for.
    """
    known, others = known_overviews(), list_runs()
    for root in roots:
        watch.check()
        folder, overview = known.get(str(root), (None, None))
        if folder is None or overview is None:
            yield Project(root=root, name=shown_name(root), place=str(root.parent))
        else:
            yield _project(root, folder, overview, others)


def _project(root: Path, folder: Path, overview: Overview, others: Sequence[Run]) -> Project:
    runs = [run for run in runs_on(root, folder, others) if not run.damage]
    scores = [run.record.scores["validation"] for run in runs if _counts(run)]
    best = max(scores, key=lambda score: score.accuracy, default=None)
    newest = runs[0] if runs else None
    return Project(
        root=root,
        name=overview.name,
        place=overview.place,
        opened=overview.opened,
        pictures=overview.pictures,
        classes=overview.classes,
        collecting=overview.collecting,
        sorting=overview.sorting,
        accuracy=best.accuracy if best is not None else None,
        accuracy_pictures=best.images if best is not None else 0,
        resumable=newest.folder if newest is not None and newest.can_resume else None,
        state=_state(newest) if newest is not None else "",
        cover=load_cover(folder),
    )


def _counts(run: Run) -> bool:
    return "validation" in run.record.scores and not run.record.is_doubtful


def _state(run: Run) -> str:
    record = run.record
    if record.state == "running":
        return "Training is running"
    if record.state not in _UNFINISHED:
        return ""
    begun = _UNFINISHED[record.state]
    return f"{begun} epoch {record.epochs_done}" if record.epochs_done else begun.split()[0]
