"""Help → Licences: what the program is made of, by whom, and on what terms."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import Problem, counted
from cnnstudio.jobs.specs import ReadLicences
from cnnstudio.jobs.specs.licences import Licences, Part
from cnnstudio.ui.look import theme
from cnnstudio.ui.state import JobDesk
from cnnstudio.ui.widgets import button, label
from cnnstudio.ui.widgets.dialog_frame import give_room

_WHAT = (
    "CNN Studio is free software under the BSD licence. It stands on the work of many others, whose licences are here. "
    "Its window is drawn by Qt, under the LGPL version 3."
)
_COLUMNS = ("Part", "Version", "Licence")
_MUCH = 200_000
"""Characters that are shown of a text; Qt lays out more in seconds."""


class LicencesDialog(QtWidgets.QDialog):
    """A table of parts above the text of the chosen one. Not modal."""

    def __init__(self, desk: JobDesk, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("licences_dialog")
        self.setWindowTitle("Licences")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        give_room(self, 820, 640)
        self.parts = QtWidgets.QTreeWidget()
        self.parts.setObjectName("licences_parts")
        self.parts.setAccessibleName("Parts and their licences")
        self.parts.setHeaderLabels(_COLUMNS)
        self.parts.setRootIsDecorated(False)
        self.parts.setUniformRowHeights(True)
        self.parts.setAlternatingRowColors(True)
        self.parts.setProperty("spaced", "true")
        self.parts.currentItemChanged.connect(self._choose)
        self.said = label("Reading the licences…", kind="muted", wrap=True)
        self.said.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text = QtWidgets.QPlainTextEdit()
        self.text.setObjectName("licences_text")
        self.text.setAccessibleName("Text of the licence")
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        below = QtWidgets.QWidget()
        rows = QtWidgets.QVBoxLayout(below)
        rows.setContentsMargins(0, theme.S, 0, 0)
        rows.setSpacing(theme.S)
        rows.addWidget(self.said)
        rows.addWidget(self.text, 1)
        halves = QtWidgets.QSplitter(QtCore.Qt.Orientation.Vertical)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.parts)
        halves.addWidget(below)
        halves.setSizes([260, 300])
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.L, theme.L, theme.M)
        column.setSpacing(theme.M)
        column.addWidget(label(_WHAT, wrap=True))
        column.addWidget(halves, 1)
        self.foot = label("", kind="muted")
        foot = QtWidgets.QHBoxLayout()
        foot.addWidget(self.foot, 1)
        foot.addWidget(button("Close", "licences_close", self.close))
        column.addLayout(foot)
        self._shown: dict[str, Part] = {}
        self._monitor = desk.submit(ReadLicences(), done=self._show, failed=self._refuse)

    def _show(self, found: Licences) -> None:
        self._shown = {part.name: part for part in found.parts}
        self.parts.addTopLevelItems(
            [
                QtWidgets.QTreeWidgetItem([part.name, part.version, part.licence or "see the text"])
                for part in found.parts
            ]
        )
        header = self.parts.header()
        header.setStretchLastSection(True)
        self.parts.resizeColumnToContents(0)
        self.parts.resizeColumnToContents(1)
        where = "that come with this program" if found.bundled else "installed beside this program"
        self.foot.setText(f"{counted(len(found.parts), 'part')} {where}")
        if first := self.parts.topLevelItem(0):
            self.parts.setCurrentItem(first)
        self.parts.setFocus()

    def _choose(self, item: QtWidgets.QTreeWidgetItem | None, _before: object) -> None:
        part = self._shown[item.text(0)] if item is not None else None
        if part is None:
            return
        self.said.setText("\n".join(each for each in (part.source, part.note) if each) or part.name)
        self.text.setPlainText(part.text[:_MUCH] or "It came without a text of its licence; see its source.")

    def _refuse(self, problem: Problem) -> None:
        self.said.setText(problem.sentence())
