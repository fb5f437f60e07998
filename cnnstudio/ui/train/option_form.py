"""The advanced settings as widgets, in groups: a name, a control, one line in plain words, and "why?"."""

from collections.abc import Collection
from typing import Any

from PySide6 import QtCore, QtWidgets

from cnnstudio.networks import Mode
from cnnstudio.training.recipe import AUTOMATIC, Recipe
from cnnstudio.training.rules import PASTING
from cnnstudio.ui.look import theme
from cnnstudio.ui.train.options import GROUPS, OPTIONS, Group, Option, value_of
from cnnstudio.ui.widgets import combo, fill, in_line, label

_Number = QtWidgets.QDoubleSpinBox | QtWidgets.QSpinBox
_Control = QtWidgets.QCheckBox | QtWidgets.QComboBox | _Number


class OptionForm(QtWidgets.QWidget):
    """Controls by the path of their setting."""

    changed = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("advanced_options")
        self.controls: dict[str, _Control] = {}
        self._rows: dict[str, tuple[QtWidgets.QFormLayout, QtWidgets.QWidget]] = {}
        self._headings: list[tuple[QtWidgets.QLabel, Group]] = []
        self._unused: frozenset[str] = frozenset()
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(theme.S, 0, 0, 0)
        row.setSpacing(theme.L)
        for start in range(2):
            column = QtWidgets.QVBoxLayout()
            column.setSpacing(theme.M)
            for group in GROUPS[start::2]:
                heading = label(group.title, "heading")
                self._headings.append((heading, group))
                column.addWidget(heading)
                column.addLayout(self._group(group))
            column.addStretch(1)
            row.addLayout(column, 1)
        self.show_values(Recipe(dataset="", network=""))

    def values(self) -> dict[str, Any]:
        """What is set, by path; of settings that are of no use the defaults."""
        defaults = Recipe(dataset="", network="")
        return {
            path: value_of(defaults, path) if path in self._unused else _value(control)
            for path, control in self.controls.items()
        }

    def value(self, path: str) -> Any:
        """What one control says."""
        return _value(self.controls[path])

    def hide_unused(self, paths: Collection[str]) -> None:
        """Show only settings that are of use; the others keep what was set, for when they are."""
        if self._unused == paths:
            return
        self._unused = frozenset(paths)
        for path, (form, row) in self._rows.items():
            form.setRowVisible(row, path not in self._unused)
        for heading, group in self._headings:
            heading.setVisible(not all(option.path in self._unused for option in group.options))

    def show_values(self, recipe: Recipe) -> None:
        """Set every control as in a recipe."""
        for path, control in self.controls.items():
            _set(control, value_of(recipe, path))

    def show_value(self, path: str, value: Any) -> None:
        """Set one control."""
        _set(self.controls[path], value)

    def suit(self, mode: Mode) -> None:
        """Say what automatic means in a mode with the chosen optimiser, and offer only what works there."""
        optimizer = _value(self.controls["optimizer"])
        usual = Recipe(dataset="", network="", mode=mode.name, optimizer=optimizer, head_solver="epochs").resolved()
        for path, control in self.controls.items():
            value = getattr(usual, path, 0)
            if isinstance(control, _Number) and OPTIONS[path].zero == "automatic":
                control.setSpecialValueText(f"automatic ({value:g})" if value else "automatic")
        mix = self.controls["mix"]
        assert isinstance(mix, QtWidgets.QComboBox)
        works = [choice for choice in OPTIONS["mix"].choices if mode.on != "features" or choice[1] not in PASTING]
        if mix.count() != len(works):
            fill(mix, works)

    def changes(self) -> int:
        """How many settings differ from the defaults."""
        defaults = Recipe(dataset="", network="")
        return sum(value != value_of(defaults, path) for path, value in self.values().items())

    def _group(self, group: Group) -> QtWidgets.QFormLayout:
        form = QtWidgets.QFormLayout()
        form.setVerticalSpacing(theme.S)
        for option in group.options:
            control = _control(option)
            self.controls[option.path] = control
            _on_change(control, self.changed.emit)
            row = _explained(control, option)
            self._rows[option.path] = (form, row)
            form.addRow("" if isinstance(control, QtWidgets.QCheckBox) else option.title, row)
        return form


def _control(option: Option) -> _Control:
    made: _Control
    default = value_of(Recipe(dataset="", network=""), option.path)
    if option.choices:
        made = combo("", option.title, option.choices)
    elif isinstance(default, bool):
        made = QtWidgets.QCheckBox(option.title)
    elif option.decimals:
        made = in_line(QtWidgets.QDoubleSpinBox())
        made.setDecimals(option.decimals)
        made.setRange(option.low, option.high)
        made.setSingleStep(option.step)
    else:
        made = in_line(QtWidgets.QSpinBox())
        made.setRange(int(option.low), int(option.high))
        made.setSingleStep(int(option.step))
    if isinstance(made, _Number):
        made.setSpecialValueText(option.zero)
    made.setObjectName(option.path.replace(".", "_"))
    made.setAccessibleName(option.title)
    made.setAccessibleDescription(option.text)
    made.setToolTip(f"{option.text}\n{option.why}")
    made.setMinimumWidth(130)
    return made


def _explained(control: QtWidgets.QWidget, option: Option) -> QtWidgets.QWidget:
    box = QtWidgets.QWidget()
    column = QtWidgets.QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, theme.XS)
    column.setSpacing(1)
    column.addWidget(control)
    line = QtWidgets.QHBoxLayout()
    line.setSpacing(theme.XS)
    line.addWidget(label(option.text, "caption", kind="muted", wrap=True), 1)
    why = label("why?", "caption", kind="accent", name=f"why_{control.objectName()}")
    why.setToolTip(option.why)
    why.setAccessibleDescription(option.why)
    line.addWidget(why)
    column.addLayout(line)
    return box


def _value(control: _Control) -> Any:
    if isinstance(control, QtWidgets.QComboBox):
        return control.currentData()
    if isinstance(control, QtWidgets.QCheckBox):
        return control.isChecked()
    return AUTOMATIC if control.value() < 0 else control.value()


def _set(control: _Control, value: Any) -> None:
    if isinstance(control, QtWidgets.QComboBox):
        control.setCurrentIndex(max(0, control.findData(value)))  # what is not offered is what automatic becomes
    elif isinstance(control, QtWidgets.QCheckBox):
        control.setChecked(value)
    elif isinstance(control, QtWidgets.QSpinBox):
        control.setValue(int(value))
    else:
        control.setValue(float(value))


def _on_change(control: _Control, act: Any) -> None:
    if isinstance(control, QtWidgets.QComboBox):
        control.currentIndexChanged.connect(lambda _: act())
    elif isinstance(control, QtWidgets.QCheckBox):
        control.toggled.connect(lambda _: act())
    else:
        control.valueChanged.connect(lambda _: act())
