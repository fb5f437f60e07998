"""What was exported: what is proven of it, where it lies, what it needs, and code to copy."""

from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import isolated
from cnnstudio.export.formats import ExportReport
from cnnstudio.ui.export.certificate_view import CertificateView
from cnnstudio.ui.export.uses import Way
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Card, button, label, open_outside

_CODE_HEIGHT = 220
_PAGES = (".html", ".htm")


class OutcomeCard(Card):
    """Hidden until there is something."""

    def __init__(self) -> None:
        super().__init__("Exported")
        self.setObjectName("export_outcome")
        self._report: ExportReport | None = None
        self._command = ""
        self.certificate = CertificateView()
        self.files = label("", "caption", kind="muted", wrap=True, name="export_files")
        self.files.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self.needs = label("", wrap=True, name="export_needs")
        self.snippet = QtWidgets.QPlainTextEdit()
        self.snippet.setTabChangesFocus(True)
        self.snippet.setObjectName("export_snippet")
        self.snippet.setAccessibleName("Code that uses the export")
        self.snippet.setReadOnly(True)
        self.snippet.setFont(QtGui.QFontDatabase.systemFont(QtGui.QFontDatabase.SystemFont.FixedFont))
        self.page_button = button("Open the page", "open_page", self._open_page, icon_name="play")
        self.open_button = button("Show in folder", "open_export", self._open_folder, icon_name="open-folder")
        for entry in (self.page_button, self.open_button):
            self.head.addWidget(entry)
        self.install = button("Copy the install command", "copy_install", self._copy_install, icon_name="copy")
        self.copy = button("Copy the code", "copy_snippet", self._copy_code, icon_name="copy")
        self.code_title = label("How it is used:", "caption", kind="muted")
        code = QtWidgets.QHBoxLayout()
        code.addWidget(self.code_title, 1)
        code.addWidget(self.install)
        code.addWidget(self.copy)
        for part in (self.certificate, self.files, self.needs):
            self.body.addWidget(part)
        self.body.addSpacing(theme.XS)
        self.body.addLayout(code)
        self.body.addWidget(self.snippet)
        self.hide()

    def show_report(self, way: Way, report: ExportReport) -> None:
        """Say what was made, what is proven of it, and what it is good for."""
        self._report, self._command = report, way.install
        self.certificate.show_certificate(report.certificate, len(report.files))
        inside = "" if report.path in report.files else "\n" + ", ".join(file.name for file in report.files)
        self.files.setText(f"{isolated(str(report.path))}{inside}")
        said = " ".join(part for part in (f"Needs there: {way.needs}" if way.needs else "", way.how) if part)
        self.needs.setText(said)
        self.needs.setVisible(bool(said))
        self.install.setVisible(bool(way.install))
        self.page_button.setVisible(self._page is not None)
        self.snippet.setPlainText(report.snippet)
        lines = report.snippet.count("\n") + 2
        self.snippet.setFixedHeight(min(_CODE_HEIGHT, lines * self.snippet.fontMetrics().lineSpacing() + theme.M))
        for part in (self.code_title, self.copy, self.snippet):
            part.setVisible(bool(report.snippet))

    @property
    def _page(self) -> Path | None:
        files = self._report.files if self._report is not None else ()
        return next((file for file in files if file.suffix in _PAGES), None)

    def _open_page(self) -> None:
        if self._page is not None:
            open_outside(self._page)

    def _open_folder(self) -> None:
        if self._report is not None:
            path = self._report.path
            open_outside(path.parent if path in self._report.files else path)

    def _copy_install(self) -> None:
        QtGui.QGuiApplication.clipboard().setText(self._command)

    def _copy_code(self) -> None:
        QtGui.QGuiApplication.clipboard().setText(self.snippet.toPlainText())
