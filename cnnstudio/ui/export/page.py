"""The export page: take the trained network along, to where it will be used; proven."""

from pathlib import Path
from typing import TypeVar

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import Problem, paths, right_sentence, safe_file_name
from cnnstudio.export.formats import ExportReport
from cnnstudio.inference.embedding.results import Embedded
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.models import ExportFacts
from cnnstudio.runs import Run
from cnnstudio.ui.export.features_card import FeaturesCard
from cnnstudio.ui.export.outcome_card import OutcomeCard
from cnnstudio.ui.export.uses import STUDIO, Use, Way, uses
from cnnstudio.ui.export.way_panel import WayPanel
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Choices, EmptyState, OneOf, Page, ProgressStrip, button, combo, label
from cnnstudio.ui.widgets.empty_words import EmptyWords

R = TypeVar("R")
_LIST_WIDTH = 248
_NOTHING = ("Nothing to export yet", "Train a network first. What you export works without CNN Studio.")
_TRAINING = ("A network is being trained", "It can be exported here as soon as it has learned.")


class ExportPage(Page):
    """Last step."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("export_page", "Export")
        self.subtitle.hide()
        self._studio = studio
        self._facts: ExportFacts | None = None
        self._suggested = self._suggested_pictures = ""
        self.run_picker = combo("export_run", "Run to export", width=190)
        self.run_picker.currentIndexChanged.connect(lambda _: self._show_run())
        self.export_button = button("Export", "export_button", self.export, kind="primary", icon_name="export")
        self.tools.addWidget(self.run_picker)
        self.tools.addWidget(self.export_button)
        self.empty = EmptyState(
            "export",
            *_NOTHING,
            "Go to training",
            lambda: studio.navigate.emit("train"),
        )
        self.body = self._content()
        self._words = EmptyWords(self.empty, studio, _NOTHING, _TRAINING)
        self.parts = OneOf(self.empty, self.body)
        self.column.addWidget(self.parts, 1)
        studio.run_changed.connect(lambda _: self._fill_runs())
        studio.runs_changed.connect(self._fill_runs)
        self._fill_runs()

    @property
    def use(self) -> Use:
        """Where it will be used."""
        return self._uses[self._group.checkedId()]

    @property
    def way(self) -> Way:
        """As which kind of file."""
        return self.panel.way

    @property
    def format(self) -> str:
        """Name of the format for that."""
        return self.way.name

    @property
    def folder(self) -> QtWidgets.QLineEdit:
        """Where it goes."""
        return self.panel.folder

    def export(self) -> JobMonitor[ExportReport] | JobMonitor[Embedded] | None:
        """Write, open again and check; or write the features of pictures."""
        run = self.run_picker.currentData()
        if not isinstance(run, Run) or not self.panel.can_be_made or not self.export_button.isEnabled():
            return None
        self.notice.hide()
        self.outcome.hide()
        self.features.hide()
        way, model = self.way, self._studio.model_ref(run)
        out = paths.expanded(self.folder.text())
        if way.format is None:
            embedding = specs.EmbedFolder(model=model, folder=paths.expanded(self.panel.pictures.text()), out=out)
            return self._follow(
                self._studio.submit(embedding, done=self._show_features, failed=self._fail), "Looking for pictures"
            )
        job = specs.ExportModel(model=model, format=way.name, out=out, options=self.panel.chosen_options)
        return self._follow(
            self._studio.submit(job, done=lambda report: self._show_report(way, report), failed=self._fail),
            "Writing",
        )

    # Layout ---------------------------------------------------------------------------------------------------

    def _content(self) -> QtWidgets.QWidget:
        self.sentence = label("", kind="muted", wrap=True, name="export_score")
        self._uses = tuple(uses())
        self._group = Choices(self)
        self.use_buttons: list[QtWidgets.QPushButton] = []
        self.panel = WayPanel(self._studio)
        beside = QtWidgets.QHBoxLayout()
        beside.setSpacing(theme.M)
        beside.addWidget(self._list(), 0)
        beside.addWidget(self.panel, 1)
        self.use_buttons[0].setChecked(True)
        self._group.idClicked.connect(lambda _: self.panel.show_use(self.use))
        self.panel.changed.connect(self._way_changed)
        self.panel.part_installed.connect(self._look)
        self.progress = ProgressStrip("export_progress", stop_text="Stop")
        self.outcome = OutcomeCard()
        self.outcome.certificate.picture_wanted.connect(self._show_picture)
        self.features = FeaturesCard()
        body = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(self.sentence)
        column.addWidget(self.progress)
        column.addLayout(beside)
        column.addWidget(self.outcome)
        column.addWidget(self.features)
        column.addStretch(1)
        self.panel.show_use(self.use)
        return body

    def _list(self) -> QtWidgets.QWidget:
        """What people ask for, below each other."""
        made = QtWidgets.QWidget()
        made.setFixedWidth(theme.scaled(_LIST_WIDTH))
        column = QtWidgets.QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(label("Where will you use it?", "heading"))
        for number, use in enumerate(self._uses):
            entry = button("", f"use_{use.name}", kind="choice")
            entry.setAccessibleName(use.title)
            entry.setCheckable(True)
            entry.setStyleSheet(f"QPushButton {{ min-height: {theme.scaled(30)}px; }}")
            words = QtWidgets.QHBoxLayout(entry)
            words.setContentsMargins(theme.M, theme.XS, theme.S, theme.XS)
            words.addWidget(label(use.title, wrap=True))
            self.use_buttons.append(entry)
            self._group.addButton(entry, number)
            column.addWidget(entry)
        column.addStretch(1)
        return made

    # Runs -----------------------------------------------------------------------------------------------------

    def _fill_runs(self) -> None:
        runs = [run for run in self._studio.runs if run.can_predict]
        with QtCore.QSignalBlocker(self.run_picker):
            self.run_picker.clear()
            for run in runs:
                self.run_picker.addItem(run.record.dated_name, run)
                if self._studio.run is not None and run.folder == self._studio.run.folder:
                    self.run_picker.setCurrentIndex(self.run_picker.count() - 1)
        self.parts.show_part(self.body if runs else self.empty)
        for widget in (self.run_picker, self.export_button):
            widget.setVisible(bool(runs))
        self._show_run()

    def _show_run(self) -> None:
        run = self.run_picker.currentData()
        self.outcome.hide()
        self.features.hide()
        if not isinstance(run, Run):
            return
        score = run.record.told_score  # test pictures choose nothing, so not theirs where there is another
        self.sentence.setText(right_sentence(score) if score is not None else "")
        self.sentence.setVisible(score is not None)
        self._look()

    def _look(self) -> None:
        run = self.run_picker.currentData()
        if isinstance(run, Run):
            job = specs.LookAtExport(run=run.folder)
            self._studio.submit(job, done=self._show_facts, failed=self.notice.show_problem)

    def _show_facts(self, facts: ExportFacts) -> None:
        self._facts = facts
        self.panel.show_facts(facts)

    def _way_changed(self) -> None:
        self.export_button.setEnabled(self.panel.can_be_made and self.progress.isHidden())
        self._suggest()

    def _suggest(self) -> None:
        """A folder of its own in Documents, unless a person named another one; the pictures that it learned from."""
        run = self.run_picker.currentData()
        if self._facts is None or not isinstance(run, Run):
            return
        if self.folder.text() == self._suggested:
            name = f"{safe_file_name(run.record.dataset.name)}-{safe_file_name(run.folder.name)}-{self._kind_of_file}"
            self._suggested = str(self._facts.place / name)
            self.folder.setText(self._suggested)
        if self.panel.pictures.text() == self._suggested_pictures:
            self._suggested_pictures = str(run.record.dataset)
            self.panel.pictures.setText(self._suggested_pictures)

    @property
    def _kind_of_file(self) -> str:
        """What a folder is called, so that no two kinds go into one."""
        if len(self.use.ways) == 1 or self.use.name == self.way.name or self.use.name == STUDIO:
            return f"{self.use.name}{self.way.suffix}"
        return f"{self.use.name}-{safe_file_name(self.way.name)}"

    # Under way ------------------------------------------------------------------------------------------------

    def _follow(self, monitor: JobMonitor[R], text: str) -> JobMonitor[R]:
        self.progress.follow(monitor)
        self.progress.text.setText(text)
        self.export_button.setEnabled(False)
        for part in (self.panel, self.run_picker, *self.use_buttons):
            part.setEnabled(False)
        monitor.ended.connect(self._ended)
        monitor.stopped.connect(lambda _: self.notice.show_text("Stopped. Nothing was written."))
        return monitor

    def _ended(self) -> None:
        for part in (self.panel, self.run_picker, *self.use_buttons):
            part.setEnabled(True)
        self.export_button.setEnabled(self.panel.can_be_made)

    def _fail(self, problem: Problem) -> None:
        self.notice.show_problem(problem)

    def _show_report(self, way: Way, report: ExportReport) -> None:
        self.outcome.show_report(way, report)
        self.outcome.show()
        self.reveal(self.outcome)

    def _show_features(self, made: Embedded) -> None:
        self.features.show_made(made)
        self.features.show()
        self.reveal(self.features)

    def _show_picture(self, name: str) -> None:
        run = self.run_picker.currentData()
        if isinstance(run, Run):
            job = specs.FindExported(run=run.folder, name=name)
            self._studio.submit(job, done=self._predict, failed=self.notice.show_problem)

    def _predict(self, pictures: tuple[Path, ...]) -> None:
        if pictures:
            self._studio.predict_wanted.emit(list(pictures))
            self._studio.navigate.emit("predict")
        else:
            self.notice.show_text("The picture is not there any more.", "", "warn")
