"""What is wrong with the network, or could be better: a sentence each, and a button that mends it."""

from functools import partial

from PySide6 import QtCore, QtWidgets

from cnnstudio.networks.blocks.findings import Finding
from cnnstudio.ui.lab.network.editing import Editor
from cnnstudio.ui.look import theme
from cnnstudio.ui.look.icons import pixmap
from cnnstudio.ui.widgets import button, label

_MOST = 8
_FINE = "It can be built and trained. Nothing stands out that one would change."
_BEGIN = (
    "So far it sees the mean colour of a picture only. Add a group such as Conv–BN–ReLU × 2, pool: a click is enough."
)


class FindingsPanel(QtWidgets.QWidget):
    """The worst first; a click on a sentence goes to its block."""

    looked_at = QtCore.Signal(int)
    """Number of a block to be shown."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self.setObjectName("lab_findings")
        self._editor = editor
        self._shown: tuple[Finding, ...] | None = None
        self.rows: list[_Row] = []
        self.fine = label("", "caption", kind="muted", wrap=True, name="lab_findings_none")
        self._column = QtWidgets.QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.XS)
        self._column.addWidget(self.fine)
        editor.changed.connect(self._show)
        theme.on_change(self, self._again)
        self._show()

    def _again(self) -> None:
        self._shown = None
        self._show()

    def _show(self) -> None:
        found = self._editor.findings
        empty = self._editor.standing.first_of_head == 0
        self.fine.setText(_BEGIN if empty else _FINE)
        if found == self._shown:
            return
        self._shown = found
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        for finding in found[:_MOST]:
            row = _Row(finding)
            row.mend.clicked.connect(partial(self._editor.mend, finding))
            if finding.place is not None:
                row.go.clicked.connect(partial(self.looked_at.emit, finding.place))
            self.rows.append(row)
            self._column.addWidget(row)
        self.fine.setVisible(not found)


class _Row(QtWidgets.QWidget):
    """One finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        colours = theme.current()
        mark = QtWidgets.QLabel()
        colour = colours.bad if finding.stops else colours.warn
        mark.setPixmap(pixmap("error" if finding.stops else "warning", 18, colour, self.devicePixelRatioF()))
        mark.setAccessibleName("It cannot be built like this" if finding.stops else "It could be better")
        mark.setToolTip(mark.accessibleName())
        self.sentence = label(finding.sentence, wrap=True, name="lab_finding")
        self.go = button("Show", "lab_finding_show", kind="ghost")
        self.go.setAccessibleName(f"Show block {finding.place + 1}" if finding.place is not None else "Show")
        self.go.setVisible(finding.place is not None)
        self.mend = button(finding.mend, "lab_finding_mend")
        self.mend.setAccessibleDescription(finding.sentence)
        self.mend.setVisible(finding.mended is not None)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(mark)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.go)
        row.addWidget(self.mend)
