"""The training pictures that are most like the chosen one, before anything is painted on it."""

from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import Problem, counted, isolated
from cnnstudio.jobs import specs
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Card, Picture, PictureList, ProgressStrip, Thumbnails, label, open_outside
from cnnstudio.understanding.why.values import Neighbours

_SIDE = 92
_MOMENT_MS = 250
"""After which the pictures of the last answer are taken away, and somebody who waits is told."""
_ROW = _SIDE + 44


class AlikeCard(Card):
    """Asks once for each picture; a run of an earlier version is looked at first, with progress and a stop."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("Most like these pictures you gave me")
        self.setObjectName("alike_card")
        self._studio = studio
        self._asked: tuple[Path, Path] | None = None
        self._job: JobMonitor[Neighbours] | None = None
        self._wait = QtCore.QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_MOMENT_MS)
        self._wait.timeout.connect(self._say_looking)
        self._thumbnails = Thumbnails(_SIDE, self)
        self.pictures = PictureList(self._thumbnails)
        self.list = QtWidgets.QListView()
        self.list.setObjectName("alike_list")
        self.list.setAccessibleName("Training pictures most like this one")
        self.list.setModel(self.pictures)
        self.list.setViewMode(QtWidgets.QListView.ViewMode.IconMode)
        self.list.setMovement(QtWidgets.QListView.Movement.Static)
        self.list.setResizeMode(QtWidgets.QListView.ResizeMode.Adjust)
        self.list.setIconSize(QtCore.QSize(_SIDE, _SIDE))
        self.list.setGridSize(QtCore.QSize(_SIDE + theme.S, _ROW))
        self.list.setWordWrap(True)
        self.list.setFont(theme.font("caption"))
        self.list.setFixedHeight(_ROW + theme.S)
        self.list.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.list.setToolTip("Enter or a double click shows a picture in its folder.")
        self.list.activated.connect(self._show_file)
        self.progress = ProgressStrip("alike_progress", stop_text="Stop")
        self.about = label("", "caption", kind="muted", wrap=True, name="alike_about")
        for part in (self.progress, self.list, self.about):
            self.body.addWidget(part)

    def show_picture(self, run: Path | None, picture: Path | None) -> None:
        """Ask for a picture's neighbours in a run; nothing where one of them is missing."""
        self.setVisible(run is not None)
        if run is None or picture is None:
            self._asked = None
            self._wait.stop()
            self._put(None)
            return
        if self._asked == (run, picture):
            return
        self._asked = asked = (run, picture)
        if self._job is not None:
            self._job.stop()
        self._job = monitor = self._studio.submit(
            specs.FindAlike(run=run, image=picture),
            done=lambda found: self._put(found) if self._asked == asked else None,
            failed=lambda problem: self._fail(problem) if self._asked == asked else None,
        )
        self._wait.start()
        monitor.ended.connect(lambda: self._wait.stop() if self._job is monitor else None)
        monitor.progressed.connect(lambda event: self._move(monitor, event.done, event.total))
        monitor.stopped.connect(lambda _: self._stopped(asked))

    def release(self) -> None:
        """Wait for pictures being read."""
        self._thumbnails.close()

    def _move(self, monitor: JobMonitor[Neighbours], done: int, total: int) -> None:
        """What takes longer than a moment can be stopped."""
        if total > 1 and done < total and self.progress.followed is not monitor:
            self.progress.follow(monitor)

    def _say_looking(self) -> None:
        self._put(None)
        self.about.setText("Looking through your training pictures…")

    def _stopped(self, asked: tuple[Path, Path]) -> None:
        if self._asked == asked:
            self._asked = None
            self.about.setText("Stopped. Choose the picture again to continue; what was computed is kept.")

    def _put(self, found: Neighbours | None) -> None:
        shown = (
            [Picture(each.path, f"{isolated(each.label)}\n{100 * each.similarity:.0f} % alike") for each in found.alike]
            if found
            else []
        )
        self.pictures.show_pictures(shown)
        self.list.setVisible(bool(shown))
        if found is None:
            self.about.setText("")
            return
        own = " This picture, or a copy of it, is among them: the network has learned from it." if found.learned else ""
        self.about.setText(
            f"Of {counted(found.among, 'training picture')}, in the network's own eyes: three of the class that it "
            f"answers, and the nearest of the runner-up.{own}"
        )

    def _fail(self, problem: Problem) -> None:
        self._put(None)
        self.about.setText(problem.sentence())

    def _show_file(self, index: QtCore.QModelIndex) -> None:
        path = self.pictures.path(index.row())
        open_outside(path.parent)
