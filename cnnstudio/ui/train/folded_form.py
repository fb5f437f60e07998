"""The form in one line: what the next training would be, and a button to change it."""

from collections.abc import Callable

from PySide6 import QtWidgets

from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Card, button, label


class FoldedForm(Card):
    """In place of the form while a result is what matters."""

    def __init__(self, unfold: Callable[[], object]) -> None:
        super().__init__()
        self.setObjectName("folded_form")
        self.text = label("", wrap=True, name="folded_text")
        self.change = button("Change", "change_recipe", unfold, icon_name="edit")
        self.change.setAccessibleName("Change what the next training does")
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(label("Next training", "heading"))
        row.addWidget(self.text, 1)
        row.addWidget(self.change)
        self.body.addLayout(row)
        self.body.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
