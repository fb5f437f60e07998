"""The export page: take the trained weights along, checked."""

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import data_folder, paths, safe_file_name
from cnnstudio.export.formats import FORMATS, ExportReport
from cnnstudio.jobs import specs
from cnnstudio.runs import Run
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobMonitor, Studio
from cnnstudio.ui.widgets import Card, EmptyState, Page, ProgressStrip, button, combo, label


class ExportPage(Page):
    """Last step."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(
            "export_page", "Export", "Use the trained network elsewhere, with its labels and preprocessing."
        )
        self._studio = studio
        self._report: ExportReport | None = None
        self.export_button = button("Export", "export_button", self.export, kind="primary", icon_name="export")
        self.tools.addWidget(self.export_button)
        self.stack = QtWidgets.QStackedWidget()
        self.stack.addWidget(
            EmptyState(
                "export",
                "Nothing to export yet",
                "Train a network first. What you export works without CNN Studio.",
                "Go to training",
                lambda: studio.navigate.emit("train"),
            )
        )
        self.stack.addWidget(self._content())
        self.column.addWidget(self.stack, 1)
        studio.run_changed.connect(lambda _: self._fill_runs())
        studio.runs_changed.connect(self._fill_runs)
        self._fill_runs()

    @property
    def format(self) -> str:
        """The chosen format."""
        return tuple(FORMATS)[self._group.checkedId()]

    def export(self) -> JobMonitor[ExportReport] | None:
        """Write, load back and check."""
        run = self.run_picker.currentData()
        if not isinstance(run, Run):
            return None
        self.notice.hide()
        self.outcome.hide()
        job = specs.ExportModel(
            model=self._studio.model_ref(run),
            format=self.format,
            out=paths.expanded(self.folder.text()),
        )
        monitor = self._studio.submit(job, done=self._show_report, failed=self.notice.show_problem)
        self.progress.follow(monitor)
        self.progress.text.setText("Writing, loading back and checking")
        self.export_button.setEnabled(False)
        monitor.ended.connect(lambda: self.export_button.setEnabled(True))
        return monitor

    def _content(self) -> QtWidgets.QWidget:
        self.run_picker = combo("export_run", "Run to export")
        self.run_picker.currentIndexChanged.connect(lambda _: self._suggest_folder())
        formats = QtWidgets.QHBoxLayout()
        formats.setSpacing(theme.S)
        self._group = QtWidgets.QButtonGroup(self)
        self.format_buttons: list[QtWidgets.QPushButton] = []
        for index, kind in enumerate(FORMATS.values()):
            entry = button("", f"format_{kind.name}", kind="choice")
            entry.setAccessibleName(f"{kind.title}: {kind.text}")
            entry.setCheckable(True)
            words = QtWidgets.QVBoxLayout(entry)
            words.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
            words.addWidget(label(kind.title, "heading"))
            words.addWidget(label(kind.text, "caption", kind="muted", wrap=True))
            self._group.addButton(entry, index)
            self.format_buttons.append(entry)
            formats.addWidget(entry, 1)
        self.format_buttons[0].setChecked(True)
        self._group.idClicked.connect(lambda _: self._suggest_folder())
        self.folder = QtWidgets.QLineEdit()
        self.folder.setObjectName("export_folder")
        self.folder.setAccessibleName("Folder to export to")
        place = QtWidgets.QHBoxLayout()
        place.addWidget(self.folder, 1)
        place.addWidget(button("Choose…", "choose_export_folder", self._choose_folder, icon_name="open-folder"))
        card = Card("What and where")
        for title, part in (("Run", self.run_picker), ("Format", formats), ("Folder", place)):
            card.body.addWidget(label(title, "caption", kind="muted"))
            card.body.addWidget(part) if isinstance(part, QtWidgets.QWidget) else card.body.addLayout(part)
        self.progress = ProgressStrip("export_progress")
        body = QtWidgets.QWidget()
        column = QtWidgets.QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(card)
        column.addWidget(self.progress)
        column.addWidget(self._outcome())
        column.addStretch(1)
        return body

    def _outcome(self) -> Card:
        self.outcome = Card("Exported")
        self.outcome.setObjectName("export_outcome")
        self.outcome_text = label("", kind="good", wrap=True, name="export_text")
        self.files = label("", kind="muted", wrap=True, name="export_files")
        self.snippet = QtWidgets.QPlainTextEdit()
        self.snippet.setObjectName("export_snippet")
        self.snippet.setAccessibleName("Python code that loads the export")
        self.snippet.setReadOnly(True)
        self.snippet.setFont(QtGui.QFontDatabase.systemFont(QtGui.QFontDatabase.SystemFont.FixedFont))
        self.snippet.setMinimumHeight(300)
        self.outcome.head.addWidget(
            button("Open the folder", "open_export", self._open_folder, icon_name="open-folder")
        )
        self.outcome.head.addWidget(button("Copy the code", "copy_snippet", self._copy, icon_name="copy"))
        self.outcome.body.addWidget(self.outcome_text)
        self.outcome.body.addWidget(self.files)
        self.outcome.body.addWidget(label("Use it in Python:", "caption", kind="muted"))
        self.outcome.body.addWidget(self.snippet)
        self.outcome.hide()
        return self.outcome

    def _fill_runs(self) -> None:
        runs = [run for run in self._studio.runs if run.can_predict]
        with QtCore.QSignalBlocker(self.run_picker):
            self.run_picker.clear()
            for run in runs:
                self.run_picker.addItem(run.record.dated_name, run)
                if self._studio.run is not None and run.folder == self._studio.run.folder:
                    self.run_picker.setCurrentIndex(self.run_picker.count() - 1)
        self.stack.setCurrentIndex(1 if runs else 0)
        self.export_button.setVisible(bool(runs))
        self.outcome.hide()
        self._suggest_folder()

    def _suggest_folder(self) -> None:
        run = self.run_picker.currentData()
        if isinstance(run, Run):
            name = f"{safe_file_name(run.folder.name)}-{self.format}"
            self.folder.setText(str(data_folder() / "exports" / name))

    def _choose_folder(self) -> None:
        folder = QtWidgets.QFileDialog.getExistingDirectory(self, "Folder to export to", self.folder.text())
        if folder:
            self.folder.setText(folder)

    def _show_report(self, report: ExportReport) -> None:
        self._report = report
        self.outcome_text.setText(
            f"Loaded back and checked on {report.checked_on}: the same answers, "
            f"largest difference {report.largest_difference:.1g}."
        )
        self.files.setText(f"{report.path}\n" + ", ".join(file.name for file in report.files))
        self.snippet.setPlainText(report.snippet)
        self.outcome.show()

    def _open_folder(self) -> None:
        if self._report is not None:
            QtGui.QDesktopServices.openUrl(QtCore.QUrl.fromLocalFile(str(self._report.path)))

    def _copy(self) -> None:
        QtGui.QGuiApplication.clipboard().setText(self.snippet.toPlainText())
