"""Settings of an operation: a slider with its number, or a list, and a sentence where it cannot work."""

from typing import Any

from PySide6 import QtCore, QtWidgets
from typing_extensions import override

from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Choices, Items, button, combo, in_line, label, number, set_kind, slider

_TITLE = 78


class Field(QtWidgets.QWidget):
    """A title, a control, and a line below for what is wrong with it."""

    changed = QtCore.Signal()

    def __init__(self, title: str, *controls: tuple[QtWidgets.QWidget, int], tip: str = "") -> None:
        super().__init__()
        self.title = label(title)
        self.title.setMinimumWidth(theme.scaled(_TITLE))
        self.title.setToolTip(tip)
        self.problem = label("", "caption", kind="bad", wrap=True)
        self.problem.hide()
        row = QtWidgets.QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.title)
        for control, stretch in controls:
            row.addWidget(control, stretch)
            if tip:
                control.setToolTip(tip)
        if len(controls) == 1 and not controls[0][1]:
            row.addStretch(1)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.problem)

    @property
    def value(self) -> Any:
        """What is chosen."""
        raise NotImplementedError

    def show_problem(self, sentence: str) -> None:
        """Say why the setting cannot work; empty where it can."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        set_kind(self.title, "bad" if sentence else "")


class NumberField(Field):
    """A slider and its number; both can be changed."""

    def __init__(self, name: str, title: str, low: int, high: int, value: int, tip: str = "") -> None:
        self.slider = _long(slider(f"{name}_slider", title, low, high, value))
        self.number = number(name, title, low, high, value)
        self.number.setFixedWidth(theme.scaled(64))
        super().__init__(title, (self.slider, 1), (self.number, 0), tip=tip)
        self.title.setBuddy(self.number)
        self.slider.valueChanged.connect(self.number.setValue)
        self.number.valueChanged.connect(self.slider.setValue)
        self.number.valueChanged.connect(lambda _: self.changed.emit())

    @property
    @override
    def value(self) -> int:
        return self.number.value()

    def choose(self, value: int) -> None:
        """Choose a value."""
        self.number.setValue(value)


class ShareField(Field):
    """As a number field, with decimals."""

    def __init__(self, name: str, title: str, ends: tuple[float, float], value: float, tip: str = "") -> None:
        low, high = ends
        self.slider = _long(slider(f"{name}_slider", title, round(low * 100), round(high * 100), round(value * 100)))
        self.number = in_line(QtWidgets.QDoubleSpinBox())
        self.number.setObjectName(name)
        self.number.setAccessibleName(title)
        self.number.setRange(low, high)
        self.number.setDecimals(2)
        self.number.setSingleStep(0.05)
        self.number.setValue(value)
        self.number.setFixedWidth(theme.scaled(64))
        super().__init__(title, (self.slider, 1), (self.number, 0), tip=tip)
        self.title.setBuddy(self.number)
        self.slider.valueChanged.connect(lambda steps: self.number.setValue(steps / 100))
        self.number.valueChanged.connect(self._follow)

    @property
    @override
    def value(self) -> float:
        return round(self.number.value(), 2)

    def choose(self, value: float) -> None:
        """Choose a value."""
        self.number.setValue(value)

    def _follow(self, value: float) -> None:
        with QtCore.QSignalBlocker(self.slider):
            self.slider.setValue(round(value * 100))
        self.changed.emit()


class ChoiceField(Field):
    """A list to choose from."""

    def __init__(self, name: str, title: str, items: Items, tip: str = "") -> None:
        self.box = combo(name, title, items)
        self.box.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.box.setMinimumContentsLength(6)
        self.box.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        super().__init__(title, (self.box, 1), tip=tip)
        self.title.setBuddy(self.box)
        self.box.currentIndexChanged.connect(lambda _: self.changed.emit())

    @property
    @override
    def value(self) -> Any:
        return self.box.currentData()

    def choose(self, value: object) -> None:
        """Choose a value."""
        self.box.setCurrentIndex(self.box.findData(value))


def _long(made: QtWidgets.QSlider) -> QtWidgets.QSlider:
    """As wide as there is room; whole steps with the arrow keys."""
    made.setMinimumWidth(theme.scaled(40))
    made.setMaximumWidth(theme.scaled(400))
    made.setSingleStep(1)
    made.setPageStep(max(1, (made.maximum() - made.minimum()) // 8))
    return made


class SwitchField(Field):
    """A few buttons of which one is down, for what is changed to and fro to see the difference."""

    def __init__(self, name: str, title: str, items: Items, tip: str = "") -> None:
        self.buttons: dict[Any, QtWidgets.QPushButton] = {}
        group, row = Choices(), QtWidgets.QWidget()
        beside = QtWidgets.QHBoxLayout(row)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(2)
        for text, value in items:
            entry = button(text, f"{name}_{str(value).lower()}", kind="tab")
            entry.setCheckable(True)
            entry.setToolTip(tip)
            group.addButton(entry)
            beside.addWidget(entry)
            self.buttons[value] = entry
        next(iter(self.buttons.values())).setChecked(True)
        beside.addStretch(1)
        super().__init__(title, (row, 1), tip=tip)
        group.setParent(self)
        group.buttonToggled.connect(lambda _, down: self.changed.emit() if down else None)

    @property
    @override
    def value(self) -> Any:
        return next(value for value, entry in self.buttons.items() if entry.isChecked())

    def choose(self, value: object) -> None:
        """Press a button."""
        self.buttons[value].setChecked(True)


def mode_switch(name: str) -> SwitchField:
    """Training or eval mode."""
    return SwitchField(
        name, "Mode", (("Training", True), ("Eval mode", False)),
        "What the layer does while a network learns, and what it does when it predicts.",
    )  # fmt: skip
