"""The export page: take the trained network along, to where it will be used; checked."""

from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import paths, right_sentence, safe_file_name
from cnnstudio.export.formats import ExportReport
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.models import ExportFacts
from cnnstudio.runs import Run
from cnnstudio.ui.export.outcome_card import OutcomeCard
from cnnstudio.ui.export.uses import NOT_OFFERED, Use, uses
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Card, EmptyState, OneOf, Page, ProgressStrip, button, combo, label
from cnnstudio.ui.widgets.empty_words import EmptyWords
from cnnstudio.ui.widgets.file_dialogs import ask_folder

_MEGABYTE = 1_000_000
_NOTHING = ("Nothing to export yet", "Train a network first. What you export works without CNN Studio.")
_TRAINING = ("A network is being trained", "It can be exported here as soon as it has learned.")


class ExportPage(Page):
    """Last step."""

    def __init__(self, studio: Studio) -> None:
        super().__init__("export_page", "Export")
        self.subtitle.hide()
        self._studio = studio
        self._facts: ExportFacts | None = None
        self._suggested = ""
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
    def format(self) -> str:
        """Name of the format for that."""
        return self.use.format.name

    def export(self) -> JobMonitor[ExportReport] | None:
        """Write, load back and check."""
        run = self.run_picker.currentData()
        if not isinstance(run, Run):
            return None
        self.notice.hide()
        self.outcome.hide()
        use = self.use
        job = specs.ExportModel(
            model=self._studio.model_ref(run), format=use.format.name, out=paths.expanded(self.folder.text())
        )
        monitor = self._studio.submit(
            job, done=lambda report: self._show_report(use, report), failed=self.notice.show_problem
        )
        self.progress.follow(monitor)
        self.progress.text.setText("Writing, loading back and checking")
        self.export_button.setEnabled(False)
        monitor.ended.connect(lambda: self.export_button.setEnabled(True))
        return monitor

    def _content(self) -> QtWidgets.QWidget:
        self.sentence = label("", kind="muted", wrap=True, name="export_score")
        card = Card("Where will you use it?")
        self._uses = tuple(uses())
        self._group = QtWidgets.QButtonGroup(self)
        self.sizes: list[QtWidgets.QLabel] = []
        self.use_buttons = [self._choice(use) for use in self._uses]
        for index, entry in enumerate(self.use_buttons):
            self._group.addButton(entry, index)
            card.body.addWidget(entry)
        self.use_buttons[0].setChecked(True)
        self._group.idClicked.connect(lambda _: self._suggest())
        card.body.addWidget(label(NOT_OFFERED, "caption", kind="muted", wrap=True, name="not_offered"))
        self.folder = QtWidgets.QLineEdit()
        self.folder.setObjectName("export_folder")
        self.folder.setAccessibleName("Folder to export to")
        place = QtWidgets.QHBoxLayout()
        place.addWidget(self.folder, 1)
        place.addWidget(button("Choose…", "choose_export_folder", self._choose_folder, icon_name="open-folder"))
        card.body.addSpacing(theme.S)
        card.body.addWidget(label("Into this folder", "caption", kind="muted"))
        card.body.addLayout(place)
        self.progress = ProgressStrip("export_progress")
        self.outcome = OutcomeCard()
        body = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        for part in (self.sentence, card, self.progress, self.outcome):
            column.addWidget(part)
        column.addStretch(1)
        return body

    def _choice(self, use: Use) -> QtWidgets.QPushButton:
        entry = button("", f"use_{use.name}", kind="choice")
        entry.setAccessibleName(f"{use.title}: {use.text}")
        entry.setCheckable(True)
        entry.setStyleSheet("QPushButton { min-height: 46px; }")  # rows, not cards beside each other
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(label(use.title, "heading"))
        words.addWidget(label(use.text, "caption", kind="muted", wrap=True))
        words.addStretch(1)
        row = QtWidgets.QHBoxLayout(entry)
        row.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
        row.setSpacing(theme.M)
        row.addLayout(words, 1)
        size = label("", kind="muted", name=f"size_{use.name}")
        self.sizes.append(size)
        row.addWidget(size)
        return entry

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
        if not isinstance(run, Run):
            return
        score = run.record.told_score  # test pictures choose nothing, so not theirs where there is another
        self.sentence.setText(right_sentence(score) if score is not None else "")
        self.sentence.setVisible(score is not None)
        self._studio.submit(specs.LookAtExport(run=run.folder), done=self._show_facts, failed=self.notice.show_problem)

    def _show_facts(self, facts: ExportFacts) -> None:
        self._facts = facts
        size = f"{max(0.1, facts.weights_bytes / _MEGABYTE):,.1f} MB" if facts.weights_bytes else ""
        for each in self.sizes:
            each.setText(size)
        self._suggest()

    def _suggest(self) -> None:
        """A folder of its own in Documents, unless a person named another one."""
        run = self.run_picker.currentData()
        if self._facts is None or not isinstance(run, Run) or self.folder.text() != self._suggested:
            return
        name = f"{safe_file_name(run.record.dataset.name)}-{safe_file_name(run.folder.name)}-{self.use.name}"
        self._suggested = str(self._facts.place / name)
        self.folder.setText(self._suggested)

    def _choose_folder(self) -> None:
        start = str(Path(self.folder.text()).parent)
        folder = ask_folder(self, "Folder to export to", "files", start)
        if folder is not None:
            self.folder.setText(str(folder))

    def _show_report(self, use: Use, report: ExportReport) -> None:
        self.outcome.show_report(use, report)
        self.outcome.show()
        self.reveal(self.outcome)
