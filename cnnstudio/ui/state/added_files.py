"""Pictures that were added to the open folder, and how that is taken back and done again."""

from functools import partial
from pathlib import Path

from cnnstudio.data.curation import Curation
from cnnstudio.jobs.specs import Restore
from cnnstudio.ui.state.job_monitor import JobMonitor
from cnnstudio.ui.state.studio import Studio
from cnnstudio.ui.state.trash import PutBack, Trashed, TrashFiles


class AddedFiles:
    """Files, the folder that was made for them, and what was decided about them when they came."""

    def __init__(self, studio: Studio, root: Path) -> None:
        self._studio, self.root = studio, root
        self.paths: tuple[Path, ...] = ()
        self.folder: Path | None = None
        self.before: Curation | None = None
        self.after: Curation | None = None
        self._trashed: Trashed = ()

    def take_back(self) -> JobMonitor[Trashed]:
        """Into the system's trash."""
        job = TrashFiles(files=self.paths, folder=self.folder)
        return self._studio.submit(job, done=self._taken, failed=self._studio.problem.emit)

    def bring_back(self) -> JobMonitor[None]:
        """Out of the trash."""
        job = PutBack(trashed=self._trashed)
        decide = partial(self._decide, self.after)
        return self._studio.submit(job, done=lambda _: decide(), failed=self._studio.problem.emit)

    def _taken(self, trashed: Trashed) -> None:
        self._trashed = trashed
        self._decide(self.before)

    def _decide(self, curation: Curation | None) -> None:
        if curation is None:
            self._studio.open_folder(self.root)
            return
        self._studio.submit(
            Restore(root=self.root, curation=curation),
            done=lambda _: self._studio.open_folder(self.root),
            failed=self._studio.problem.emit,
        )
