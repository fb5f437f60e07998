"""One quiet line that tells something: information, a success, a warning, an error."""

from collections.abc import Callable
from functools import partial
from typing import Literal

from PySide6 import QtGui, QtWidgets

from cnnstudio.core import Problem
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets.controls import button, label, restyle

Level = Literal["info", "good", "warn", "error"]


class NoticeBar(QtWidgets.QFrame):
    """Hidden until something is shown. Details stay folded."""

    def __init__(self, name: str = "notice") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("kind", "notice")
        self.title = label("", wrap=True, name=f"{name}_title")
        self.text = label("", "caption", kind="muted", wrap=True, name=f"{name}_text")
        self.details = QtWidgets.QPlainTextEdit()
        self.details.setObjectName(f"{name}_details")
        self.details.setAccessibleName("Details for a report")
        self.details.setReadOnly(True)
        self.details.setTabChangesFocus(True)
        self.details.setMaximumHeight(theme.scaled(160))
        self.action = button("", f"{name}_action", self._act, kind="ghost")
        self.more = button("Details", f"{name}_more", self._toggle_details, kind="ghost")
        self.copy = button("Copy details", f"{name}_copy", self._copy, kind="ghost", icon_name="copy")
        self.dismiss = button("", f"{name}_close", self.hide, kind="ghost", icon_name="close")
        self.dismiss.setAccessibleName("Close this message")
        self._on_action: Callable[[], object] | None = None
        self.choices: list[QtWidgets.QPushButton] = []
        words = QtWidgets.QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.text)
        row = QtWidgets.QHBoxLayout()
        row.addLayout(words, 1)
        for widget in (self.action, self.more, self.copy, self.dismiss):
            row.addWidget(widget)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        column.addLayout(row)
        self._answers = QtWidgets.QGridLayout()
        self._answers.setColumnStretch(1, 1)
        column.addLayout(self._answers)
        column.addWidget(self.details)
        self.hide()

    def show_text(
        self,
        title: str,
        text: str = "",
        level: Level = "info",
        action: str = "",
        on_action: Callable[[], object] | None = None,
    ) -> None:
        """Show a message, with one action if given."""
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.offer(action, on_action)
        self._drop_choices()
        self.show_details("")
        self.setProperty("level", level)
        restyle(self)
        self.show()

    def offer(self, action: str, on_action: Callable[[], object] | None) -> None:
        """One more thing to do about what is shown; empty for nothing."""
        self.action.setText(action)
        self.action.setAccessibleName(action)
        self.action.setVisible(bool(action))
        self._on_action = on_action

    def show_problem(self, problem: Problem) -> None:
        """Show a problem; its details stay folded."""
        self.show_text(problem.title, " ".join(part for part in (problem.meaning, problem.remedy) if part), "error")
        self.show_details(problem.details)

    def ask(self, problem: Problem, action: str, choose: Callable[[str], object]) -> None:
        """Show a question with its choices, and a button called ``action`` for each, which tells the choice's key."""
        self.show_text(problem.title, problem.remedy)
        before: QtWidgets.QWidget = self.copy
        for row, choice in enumerate(problem.choices):
            answer = button(action, f"{self.objectName()}_choice_{choice.key}", partial(choose, choice.key))
            answer.setAccessibleName(f"{action}: {choice.text}")
            self._answers.addWidget(answer, row, 0)
            self._answers.addWidget(label(choice.text, wrap=True), row, 1)
            self.choices.append(answer)
            self.setTabOrder(before, answer)  # made last, they would be the last of the page that the Tab key finds
            before = answer

    def _drop_choices(self) -> None:
        while (item := self._answers.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.choices = []

    def show_details(self, details: str) -> None:
        """More about what is shown, folded; empty for nothing."""
        self.details.setPlainText(details)
        self.details.hide()
        self.more.setVisible(bool(details))
        self.copy.setVisible(bool(details))

    def _toggle_details(self) -> None:
        self.details.setVisible(not self.details.isVisible())

    def _copy(self) -> None:
        report = "\n".join([self.title.text(), self.text.text(), self.details.toPlainText()])
        QtGui.QGuiApplication.clipboard().setText(report)

    def _act(self) -> None:
        if self._on_action is not None:
            self._on_action()
