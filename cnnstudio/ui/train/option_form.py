"""The advanced settings as widgets, in groups that can be searched."""

from collections.abc import Collection
from typing import Any

from PySide6 import QtCore, QtWidgets

from cnnstudio.networks import Mode
from cnnstudio.training.recipe import Recipe
from cnnstudio.training.rules import PASTING
from cnnstudio.ui.look import theme
from cnnstudio.ui.train.option_row import Control, Number, OptionRow
from cnnstudio.ui.train.options import GROUPS, OPTIONS, Group, value_of
from cnnstudio.ui.widgets import fill, label


class OptionForm(QtWidgets.QWidget):
    """Rows and controls by the path of their setting."""

    changed = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("advanced_options")
        self.rows: dict[str, OptionRow] = {}
        self._headings: list[tuple[QtWidgets.QLabel, Group]] = []
        self._unused: frozenset[str] = frozenset()
        self._words: list[str] = []
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        for group in GROUPS:
            heading = label(group.title, "heading", wrap=True)
            self._headings.append((heading, group))
            column.addWidget(heading)
            for option in group.options:
                row = self.rows[option.path] = OptionRow(option, group.title, self._changed)
                column.addWidget(row)
        self.controls: dict[str, Control] = {path: row.control for path, row in self.rows.items()}

    def values(self, unused: Collection[str] | None = None) -> dict[str, Any]:
        """What is set, by path; of settings that are of no use the defaults.

        Args:
            unused: paths of those; None for what the chosen mode has no use for.
        """
        without = self._unused if unused is None else unused
        return {path: row.default if path in without else row.value for path, row in self.rows.items()}

    def value(self, path: str) -> Any:
        """What one control says."""
        return self.rows[path].value

    def hide_unused(self, paths: Collection[str]) -> None:
        """Show only settings that are of use; the others keep what was set, for when they are."""
        if self._unused != paths:
            self._unused = frozenset(paths)
            self._show_rows()

    def search(self, text: str) -> int:
        """Show only settings that speak of all words of a text; returns how many that are."""
        self._words = text.lower().split()
        return self._show_rows()

    def show_values(self, recipe: Recipe) -> None:
        """Set every control as in a recipe."""
        for path, row in self.rows.items():
            row.show_value(value_of(recipe, path))

    def show_value(self, path: str, value: Any) -> None:
        """Set one control."""
        self.rows[path].show_value(value)

    def suit(self, mode: Mode) -> None:
        """Say what automatic means in a mode with the chosen optimiser, and offer only what works there."""
        optimizer = self.value("optimizer")
        usual = Recipe(dataset="", network="", mode=mode.name, optimizer=optimizer, head_solver="epochs").resolved()
        for path, control in self.controls.items():
            value = getattr(usual, path, 0)
            if isinstance(control, Number) and OPTIONS[path].zero == "automatic":
                control.setSpecialValueText(f"automatic ({value:g})" if value else "automatic")
        mix = self.controls["mix"]
        assert isinstance(mix, QtWidgets.QComboBox)
        works = [choice for choice in OPTIONS["mix"].choices if mode.on != "features" or choice[1] not in PASTING]
        if mix.count() != len(works):
            fill(mix, works)
            self.rows["mix"].tell_change()

    def changes(self) -> int:
        """How many settings differ from the defaults."""
        return sum(row.changed for path, row in self.rows.items() if path not in self._unused)

    def _changed(self) -> None:
        for row in self.rows.values():
            row.tell_change()
        self.changed.emit()

    def _show_rows(self) -> int:
        shown = {path for path, row in self.rows.items() if path not in self._unused and row.matches(self._words)}
        for path, row in self.rows.items():
            row.setVisible(path in shown)
        for heading, group in self._headings:
            heading.setVisible(any(option.path in shown for option in group.options))
        return len(shown)
