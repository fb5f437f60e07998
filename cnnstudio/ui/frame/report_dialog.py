"""Help → Report a problem: a text to copy, with versions, machine and the end of the log. Nothing is sent."""

from PySide6 import QtCore, QtGui, QtWidgets

from cnnstudio.core import Problem, log_folder
from cnnstudio.jobs.specs import ExamineComputer
from cnnstudio.jobs.specs.computer import Examination
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobDesk
from cnnstudio.ui.widgets import button, label, open_outside
from cnnstudio.ui.widgets.dialog_frame import give_room

_WHAT = (
    "Describe what you did, what happened and what you expected, and add this text. It has the names of folders, so "
    "read it before you pass it on. CNN Studio itself sends nothing."
)


def show_logs() -> None:
    """Open the folder of the logs in the system's file manager."""
    open_outside(log_folder())


class ReportDialog(QtWidgets.QDialog):
    """Not modal, so that one can look at what went wrong while one reads."""

    def __init__(self, desk: JobDesk, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("report_dialog")
        self.setWindowTitle("Report a problem")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        give_room(self, 720, 560)
        self.text = QtWidgets.QPlainTextEdit()
        self.text.setObjectName("report_text")
        self.text.setAccessibleName("Text for a report")
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setPlainText("Looking at this computer…")
        self.copy = button("Copy the text", "report_copy", self._copy, kind="primary", icon_name="copy")
        self.copy.setEnabled(False)
        foot = QtWidgets.QHBoxLayout()
        foot.addWidget(button("Show the log folder", "report_logs", show_logs, icon_name="open-folder"))
        foot.addStretch(1)
        foot.addWidget(button("Close", "report_close", self.close))
        foot.addWidget(self.copy)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.L, theme.L, theme.M)
        column.setSpacing(theme.M)
        column.addWidget(label(_WHAT, wrap=True))
        column.addWidget(self.text, 1)
        column.addLayout(foot)
        self._monitor = desk.submit(ExamineComputer(), done=self._show, failed=self._refuse)

    def _show(self, found: Examination) -> None:
        self.text.setPlainText(found.text)
        self.copy.setEnabled(True)
        self.copy.setFocus()

    def _refuse(self, problem: Problem) -> None:
        self._show(Examination(findings={"problem": problem.title, "details": problem.details}, log=""))

    def _copy(self) -> None:
        QtGui.QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText("Copied")
