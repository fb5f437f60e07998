"""The calculator of sizes: along one, two or three axes, any number from the others, with its formula."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6 import QtCore, QtWidgets

from cnnstudio.lab import SizeAnswer, SizeQuestion, solve
from cnnstudio.lab.sizes import Kind
from cnnstudio.ui.lab.operation.fields import ChoiceField, SwitchField
from cnnstudio.ui.look import theme
from cnnstudio.ui.widgets import Card, label, number, set_kind

COLUMNS = (
    ("size", "Input", 1, 100_000, 224), ("kernel", "Kernel", 1, 1000, 11), ("stride", "Stride", 1, 1000, 4),
    ("padding", "Padding", 0, 1000, 2), ("dilation", "Dilation", 1, 1000, 1),
    ("output_padding", "Output padding", 0, 1000, 0), ("out", "Output", 1, 100_000, 55),
)  # fmt: skip
_AXES = {1: ("Length",), 2: ("Height", "Width"), 3: ("Depth", "Height", "Width")}
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("Convolution", "convolution"), ("Pooling", "pooling"), ("Transposed", "transposed")
)  # fmt: skip
_LISTED = 4


@dataclass(slots=True)
class _Line:
    name: QtWidgets.QLabel
    boxes: dict[str, QtWidgets.QSpinBox]
    answer: QtWidgets.QLabel
    formula: QtWidgets.QLabel


class SizeCard(Card):
    """A row of numbers for each axis; the one that is asked for is found while the others change."""

    def __init__(self) -> None:
        super().__init__("Sizes")
        self.setObjectName("lab_sizes")
        self.kind = SwitchField("lab_size_kind", "Of a", _KINDS)
        self.axes = SwitchField("lab_size_axes", "Along", (("1-D", 1), ("2-D", 2), ("3-D", 3)))
        self.axes.choose(2)
        self.wanted = ChoiceField("lab_size_wanted", "Find", [(title, name) for name, title, *_ in reversed(COLUMNS)])
        self.wanted.box.setMaximumWidth(theme.scaled(180))
        self._grid = QtWidgets.QGridLayout()
        self._grid.setHorizontalSpacing(theme.S)
        self._grid.setVerticalSpacing(theme.XS)
        self._heads = {name: label(title, "caption", kind="muted") for name, title, *_ in COLUMNS}
        for place, head in enumerate(self._heads.values()):
            self._grid.addWidget(head, 0, place + 1)
        self.lines = [self._line(place) for place in range(3)]
        choices = QtWidgets.QHBoxLayout()
        choices.setSpacing(theme.M)
        for field in (self.kind, self.axes, self.wanted):
            field.title.setMinimumWidth(0)
            choices.addWidget(field)
            field.changed.connect(self.answer)
        choices.addStretch(1)
        self.body.addLayout(choices)
        self.body.addLayout(self._grid)
        self.answer()

    def answer(self) -> None:
        """Find what is asked for, on every axis."""
        kind, wanted, names = self.kind.value, self.wanted.value, _AXES[self.axes.value]
        transposed = kind == "transposed"
        for name, head in self._heads.items():
            head.setVisible(name != "output_padding" or transposed)
            set_kind(head, "accent" if name == wanted else "muted")
        for place, line in enumerate(self.lines):
            shown = place < len(names)
            line.name.setText(names[place] if shown else "")
            line.name.setVisible(shown)
            for name, box in line.boxes.items():
                box.setVisible(shown and (name != "output_padding" or transposed) and name != wanted)
            self._grid.addWidget(line.answer, 2 * place + 1, list(line.boxes).index(wanted) + 1)
            line.answer.setVisible(shown and (wanted != "output_padding" or transposed))
            line.formula.setVisible(shown)
            if shown:
                given: dict[str, Any] = {
                    name: None if name == wanted else box.value() for name, box in line.boxes.items()
                }
                if not transposed:
                    given["output_padding"] = None if wanted == "output_padding" else 0
                self._tell(line, solve(SizeQuestion(kind=kind, **given)))

    def _tell(self, line: _Line, answer: SizeAnswer) -> None:
        values = answer.values
        if answer.unknown == "out" and values:  # so that another number, asked for next, begins with what is true
            with QtCore.QSignalBlocker(line.boxes["out"]):
                line.boxes["out"].setValue(values[0])
        line.answer.setText(f"{values[0]:,}" if values else "–")
        set_kind(line.answer, "accent" if values else "bad")
        also = ""
        if len(values) > 1:
            rest = ", ".join(f"{value:,}" for value in values[1:_LISTED])
            also = f"   Also {rest}{', …' if len(values) > _LISTED else ''} gives this."
        line.formula.setText(f"{answer.formula}{also}" if values else answer.reason)
        set_kind(line.formula, "" if values else "bad")
        line.answer.setAccessibleName(f"{line.name.text()}: {line.answer.text()}")

    def _line(self, place: int) -> _Line:
        row = 2 * place + 1
        made = _Line(label(""), {}, label("", "heading", name=f"lab_size_answer_{place}"), label("", wrap=True))
        made.formula.setObjectName(f"lab_size_formula_{place}")
        self._grid.addWidget(made.name, row, 0)
        for column, (name, title, low, high, value) in enumerate(COLUMNS):
            box = number(f"lab_size_{name}_{place}", title, low, high, value)
            box.setFixedWidth(theme.scaled(84))
            box.valueChanged.connect(partial(self._changed, place, name))
            made.boxes[name] = box
            self._grid.addWidget(box, row, column + 1)
        self._grid.addWidget(made.formula, row + 1, 1, 1, len(COLUMNS))
        return made

    def _changed(self, place: int, name: str, value: int) -> None:
        """What is typed for the first axis is meant for all of them, unless another was changed by itself."""
        if place == 0:
            for line in self.lines[1:]:
                box = line.boxes[name]
                if not box.property("own"):
                    with QtCore.QSignalBlocker(box):
                        box.setValue(value)
        else:
            self.lines[place].boxes[name].setProperty("own", "yes")
        self.answer()
