"""What the settings of one kind of operation are."""

from collections.abc import Sequence

from PySide6 import QtCore, QtWidgets

from cnnstudio.lab import Operation, SettingProblem, Shape
from cnnstudio.ui.lab.operation.fields import Field
from cnnstudio.ui.look import theme


class Panel(QtWidgets.QWidget):
    """Fields from top to bottom; ``fields`` knows them by the attribute of the operation that they set."""

    changed = QtCore.Signal()
    """A person changed something."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "column")
        self.fields: dict[str, Field] = {}
        self.column = QtWidgets.QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, theme.S, 0)
        self.column.setSpacing(theme.S)

    def add(self, field: Field, *attributes: str) -> None:
        """Put a field below the others; problems of these attributes stand beside it."""
        self.column.addWidget(field)
        field.changed.connect(self.changed)
        for attribute in attributes:
            self.fields[attribute] = field

    def operations(self, shape: Shape) -> Sequence[Operation]:
        """What is set, for pictures of this shape: one, or two of which the second needs the first."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """In few words, for the chain."""
        raise NotImplementedError

    @property
    def mixes(self) -> bool:
        """Whether it is about channels more than about pictures."""
        return False

    def show_problems(self, problems: Sequence[SettingProblem]) -> Sequence[SettingProblem]:
        """Show each beside its field; what has none here comes back."""
        for field in self.fields.values():
            field.show_problem("")
        for problem in problems:
            if problem.field in self.fields:
                self.fields[problem.field].show_problem(problem.sentence)
        return [problem for problem in problems if problem.field not in self.fields]
