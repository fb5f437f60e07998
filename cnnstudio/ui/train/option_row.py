"""One advanced setting: its name, its control, a line in plain words, why one would change it, and the way back."""

from collections.abc import Callable
from typing import Any

from PySide6 import QtWidgets

from cnnstudio.training.recipe import AUTOMATIC, Recipe
from cnnstudio.ui.look import theme
from cnnstudio.ui.train.options import Option, value_of
from cnnstudio.ui.widgets import button, combo, in_line, label, set_property

Number = QtWidgets.QDoubleSpinBox | QtWidgets.QSpinBox
Control = QtWidgets.QCheckBox | QtWidgets.QComboBox | Number


class OptionRow(QtWidgets.QFrame):
    """Marked, and with a button *Reset*, while its value is not the default."""

    def __init__(self, option: Option, group: str, on_change: Callable[[], object]) -> None:
        super().__init__()
        name = option.path.replace(".", "_")
        self.setProperty("kind", "option")
        self.option = option
        self.default = value_of(Recipe(dataset="", network=""), option.path)
        self._words = f"{option.title} {option.text} {option.why} {group}".lower()
        self.control = _control(option, self.default)
        self.mark = label("changed", "caption", kind="badge", name=f"changed_{name}")
        self.reset = button("Reset", f"reset_{name}", lambda: self.show_value(self.default), kind="ghost")
        self.reset.setAccessibleName(f"Reset {option.title}")
        self.reset.setProperty("density", "small")
        self.why = button("Why?", f"why_{name}", self._explain, kind="ghost")
        self.why.setProperty("density", "small")
        self.why.setCheckable(True)
        self.why.setAccessibleName(f"Why change {option.title}?")
        self.why.setAccessibleDescription(option.why)
        self.why.setToolTip(option.why)
        self.reason = label(option.why, "caption", wrap=True, name=f"reason_{name}")
        self.reason.hide()
        head = QtWidgets.QHBoxLayout()
        head.setSpacing(theme.XS)
        is_check = isinstance(self.control, QtWidgets.QCheckBox)
        title = self.control if is_check else label(option.title)
        if isinstance(title, QtWidgets.QLabel):
            title.setBuddy(self.control)
        head.addWidget(title, 1)
        for part in (self.mark, self.reset, self.why):
            head.addWidget(part)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(theme.S, theme.XS, 0, theme.XS)
        column.setSpacing(2)
        column.addLayout(head)
        if not is_check:
            column.addWidget(self.control)
        column.addWidget(label(option.text, "caption", kind="muted", wrap=True))
        column.addWidget(self.reason)
        _on_change(self.control, on_change)
        self.tell_change()

    @property
    def value(self) -> Any:
        """What the control says."""
        return _value(self.control)

    @property
    def changed(self) -> bool:
        """Whether that is not the default."""
        return bool(self.value != self.default)

    def show_value(self, value: Any) -> None:
        """Set the control."""
        _set(self.control, value)

    def tell_change(self) -> None:
        """Mark it, or take the mark away."""
        self.mark.setVisible(self.changed)
        self.reset.setVisible(self.changed)
        set_property(self, "changed", self.changed)

    def matches(self, words: list[str]) -> bool:
        """Whether all of these, in lower case, are in what it says."""
        return all(word in self._words for word in words)

    def _explain(self) -> None:
        self.reason.setVisible(self.why.isChecked())


def _control(option: Option, default: object) -> Control:
    made: Control
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
    if isinstance(made, Number):
        made.setSpecialValueText(option.zero)
    made.setObjectName(option.path.replace(".", "_"))
    made.setAccessibleName(option.title)
    made.setAccessibleDescription(option.text)
    made.setToolTip(f"{option.text}\n{option.why}")
    _set(made, default)
    return made


def _value(control: Control) -> Any:
    if isinstance(control, QtWidgets.QComboBox):
        return control.currentData()
    if isinstance(control, QtWidgets.QCheckBox):
        return control.isChecked()
    return AUTOMATIC if control.value() < 0 else control.value()


def _set(control: Control, value: Any) -> None:
    if isinstance(control, QtWidgets.QComboBox):
        control.setCurrentIndex(max(0, control.findData(value)))  # what is not offered is what automatic becomes
    elif isinstance(control, QtWidgets.QCheckBox):
        control.setChecked(value)
    elif isinstance(control, QtWidgets.QSpinBox):
        control.setValue(int(value))
    else:
        control.setValue(float(value))


def _on_change(control: Control, act: Callable[[], object]) -> None:
    if isinstance(control, QtWidgets.QComboBox):
        control.currentIndexChanged.connect(lambda _: act())
    elif isinstance(control, QtWidgets.QCheckBox):
        control.toggled.connect(lambda _: act())
    else:
        control.valueChanged.connect(lambda _: act())
