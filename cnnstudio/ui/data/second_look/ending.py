"""What came of a second look, when it is over or was enough."""

from PySide6 import QtCore, QtWidgets

from cnnstudio.ui.data.second_look.session import ENOUGH, Session
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import button, label


class Ending(QtWidgets.QWidget):
    """A sentence, the sums, and what corrected test pictures mean."""

    left = QtCore.Signal()
    more_wanted = QtCore.Signal()
    undo_wanted = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__()
        self.verdict = label("", "title", wrap=True, name="second_look_end")
        self.sums = label("", wrap=True, name="second_look_sums")
        self.tests = label("", kind="muted", wrap=True, name="second_look_tests")
        self.done = button("Back to the pictures", "second_look_done", self.left.emit, kind="primary")
        self.more = button("Show more of them", "second_look_more", self.more_wanted.emit)
        self.undo = button("Undo the last one  (Z)", "second_look_end_undo", self.undo_wanted.emit, kind="ghost")
        column = QtWidgets.QVBoxLayout(self)
        column.setSpacing(theme.M)
        column.addStretch(1)
        for words in (self.verdict, self.sums, self.tests):
            column.addWidget(words)
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        for entry in (self.done, self.more, self.undo):
            row.addWidget(entry)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(2)

    def show_session(self, session: Session) -> None:
        """Tell how it ended."""
        more = len(session.waiting)
        if more:
            self.verdict.setText(f"Of the last {ENOUGH}, none was changed: enough.")
        elif session.looks:
            self.verdict.setText("All pictures that were worth a second look have had one.")
        else:
            self.verdict.setText("No picture is worth a second look.")
        told = session.sentence() if session.looks else ""
        rest = "What is left is most likely correct and merely hard. Train again to use what was changed."
        self.sums.setText(f"{told} {rest}" if told else "For each of them its class is likely enough.")
        self.tests.setText(session.test_sentence())
        self.tests.setVisible(bool(self.tests.text()))
        self.more.setVisible(bool(more))
        self.undo.setVisible(bool(session.looks))
