"""Where CNN Studio keeps its files, and a way to have them elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import shiboken6
from PySide6 import QtCore, QtWidgets

from cnnstudio.core import cache_folder, data_folder, log_folder, runs_folder
from cnnstudio.core.chosen_folders import Kind
from cnnstudio.jobs import Lane
from cnnstudio.jobs.specs import FindPlace, KeepIn
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Card, NoticeBar, ProgressStrip, button, label, open_outside
from cnnstudio.ui.widgets.file_dialogs import ask_folder

_BUSY: tuple[Lane, ...] = (
    "training", "predicting", "scanning", "downloads", "copying", "chores", "estimating", "measuring", "judging",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    text: str
    kind: Kind | None = None
    where: Callable[[], Path] | None = None
    """None where a job has to find it."""


_ROWS = (
    _Row("New projects", "where a new project's folder is made", "projects"),
    _Row("Data", "downloaded weights, examples and what archives held", "data", data_folder),
    _Row("Runs", "trainings on folders that cannot be written to", "runs", runs_folder),
    _Row("Cache", "what can be computed again", "cache", cache_folder),
    _Row("Log", "for reports of problems", None, log_folder),
)


class FoldersCard(Card):
    """What is moved is used there at once; while something works with it, it stays where it is."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("Folders")
        self._studio = studio
        self._places: dict[str, QtWidgets.QLabel] = {}
        self.notice = NoticeBar("folders_notice")
        self.progress = ProgressStrip("folders_progress")
        for row in _ROWS:
            self.body.addLayout(self._row(row))
        self.body.addWidget(self.progress)
        self.body.addWidget(self.notice)
        text = "CNNSTUDIO_HOME=FOLDER in the environment puts all of them under one folder, such as on a USB stick."
        self.body.addWidget(label(text, "caption", kind="muted", wrap=True))
        studio.submit(FindPlace(), done=self._show_projects)

    def keep_in(self, kind: Kind, target: Path) -> JobMonitor[Path] | None:
        """Have something elsewhere; None, with a notice, while it is in use."""
        self.notice.hide()
        if self._studio.is_busy(*_BUSY):
            self.notice.show_text("Something is at work with these files.", "Wait until it has ended.", "warn")
            return None
        row = next(row for row in _ROWS if row.kind == kind)
        before = row.where() if row.where is not None else target
        monitor = self._studio.submit(
            KeepIn(kind=kind, folder=target),
            done=lambda new: self._moved(row, before, new),
            failed=self.notice.show_problem,
        )
        if kind != "projects":
            self.progress.follow(monitor)
        return monitor

    def _row(self, row: _Row) -> QtWidgets.QHBoxLayout:
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(0)
        key = row.name.lower().replace(" ", "_")
        place = self._places[row.name] = label("", wrap=True, name=f"folder_{key}")
        place.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        words.addWidget(place)
        words.addWidget(label(f"{row.name}: {row.text}", "caption", kind="muted", wrap=True))
        line = QtWidgets.QHBoxLayout()
        line.setSpacing(theme.S)
        line.addLayout(words, 1)
        if row.kind is not None:
            text = "Change…" if row.kind == "projects" else "Move…"
            move = button(text, f"move_{key}", partial(self._ask, row))
            move.setAccessibleName(f"{text.removesuffix('…')} the folder: {row.name}")
            line.addWidget(move, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        show = button("Show", f"show_{key}", lambda: _show_folder(place.text()))
        show.setAccessibleName(f"Show the folder: {row.name}")
        line.addWidget(show, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        if row.where is not None:
            self._show(row.name, row.where())
        return line

    def _ask(self, row: _Row) -> None:
        title = "Where new projects are made" if row.kind == "projects" else f"Move to a folder: {row.name}"
        chosen = ask_folder(self, title, "files", self._places[row.name].text())
        if chosen is not None and row.kind is not None:
            self.keep_in(row.kind, chosen)

    def _show_projects(self, place: Path) -> None:
        self._show("New projects", place)

    def _show(self, name: str, folder: Path) -> None:
        self._places[name].setText(str(folder))

    def _moved(self, row: _Row, before: Path, new: Path) -> None:
        """Whatever pointed into the old folder points into the new one, also where the settings are closed by now."""
        if shiboken6.isValid(self):
            for each in _ROWS:
                if each.where is not None:
                    self._show(each.name, each.where())
            self._show(row.name, new)
            if row.kind != "projects":
                self.notice.show_text(f"Moved. {row.name} are in the new folder from now on.", "", "good")
        if row.kind in ("projects", "cache"):
            return
        studio, dataset = self._studio, self._studio.dataset
        recent = tuple(_followed(path, before, new) for path in studio.preferences.recent)
        if recent != studio.preferences.recent:
            studio.remember(replace(studio.preferences, recent=recent))
            studio.recent_changed.emit()
        studio.refresh_catalogue()
        if dataset is not None and dataset.root.is_relative_to(before):
            studio.open_folder(Path(_followed(str(dataset.root), before, new)))
        else:
            studio.refresh_runs()


def _followed(path: str, before: Path, new: Path) -> str:
    place = Path(path)
    return str(new / place.relative_to(before)) if place.is_relative_to(before) else path


def _show_folder(folder: str) -> None:
    """The system's file manager says by itself where there is no such folder yet."""
    open_outside(Path(folder))
