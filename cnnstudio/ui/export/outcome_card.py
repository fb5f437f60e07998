"""What was exported: that it was checked, what it needs, how it is used, and code to copy."""

from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import isolated
from cnnstudio.export.certificate_words import sentence
from cnnstudio.export.formats import ExportReport
from cnnstudio.ui.export.uses import Use
from cnnstudio.ui.widgets import Card, button, label, open_outside

_CODE_HEIGHT = 260


class OutcomeCard(Card):
    """Hidden until there is something."""

    def __init__(self) -> None:
        super().__init__("Exported")
        self.setObjectName("export_outcome")
        self._path: Path | None = None
        self._command = ""
        self.checked = label("", kind="good", wrap=True, name="export_text")
        self.files = label("", kind="muted", wrap=True, name="export_files")
        self.files.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self.needs = label("", wrap=True, name="export_needs")
        self.how = label("", wrap=True, name="export_how")
        self.snippet = QtWidgets.QPlainTextEdit()
        self.snippet.setTabChangesFocus(True)
        self.snippet.setObjectName("export_snippet")
        self.snippet.setAccessibleName("Python code that loads the export")
        self.snippet.setReadOnly(True)
        self.snippet.setFont(QtGui.QFontDatabase.systemFont(QtGui.QFontDatabase.SystemFont.FixedFont))
        self.snippet.setFixedHeight(_CODE_HEIGHT)
        self.open_button = button("Open folder", "open_export", self._open_folder, icon_name="open-folder")
        self.install = button("Copy the install command", "copy_install", self._copy_install, icon_name="copy")
        self.copy = button("Copy the code", "copy_snippet", self._copy_code, icon_name="copy")
        for entry in (self.open_button, self.install, self.copy):
            self.head.addWidget(entry)
        for part in (self.checked, self.files, self.needs, self.how):
            self.body.addWidget(part)
        self.body.addWidget(label("How it is used in Python:", "caption", kind="muted"))
        self.body.addWidget(self.snippet)
        self.hide()

    def show_report(self, use: Use, report: ExportReport) -> None:
        """Say what was made, and what it is good for."""
        self._path, self._command = report.path, use.install
        self.checked.setText(sentence(report.certificate))
        self.files.setText(f"{isolated(str(report.path))}\n" + ", ".join(file.name for file in report.files))
        self.needs.setText(use.needs)
        self.install.setVisible(bool(use.install))
        self.how.setText(use.how)
        self.how.setVisible(bool(use.how))
        self.snippet.setPlainText(report.snippet)

    def _open_folder(self) -> None:
        if self._path is not None:
            open_outside(self._path)

    def _copy_install(self) -> None:
        QtGui.QGuiApplication.clipboard().setText(self._command)

    def _copy_code(self) -> None:
        QtGui.QGuiApplication.clipboard().setText(self.snippet.toPlainText())
