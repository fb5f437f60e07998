"""Combo boxes and number fields with a name to find and a name to read."""

from collections.abc import Iterable
from typing import Any, TypeVar

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSpinBox

from cnnstudio.ui.look import theme

N = TypeVar("N", QSpinBox, QDoubleSpinBox)
Items = Iterable[tuple[str, Any]]
"""Shown text and value."""


def combo(name: str, accessible: str, items: Items = (), *, width: int = 0) -> QComboBox:
    """A list to choose one from, at least ``width`` pixels wide."""
    made = QComboBox()
    made.setObjectName(name)
    made.setAccessibleName(accessible)
    if width:
        made.setMinimumWidth(width)
    for text, value in items:
        made.addItem(text, value)
    return made


def fill(box: QComboBox, items: Items) -> None:
    """Offer these instead, without a signal; what was chosen stays chosen where it is offered, else the first is."""
    chosen = box.currentData()
    with QSignalBlocker(box):
        box.clear()
        for text, value in items:
            box.addItem(text, value)
        box.setCurrentIndex(max(0, box.findData(chosen)) if box.count() else -1)


def number(name: str, accessible: str, low: int, high: int, value: int = 0, *, suffix: str = "") -> QSpinBox:
    """A field for a whole number."""
    made = in_line(QSpinBox())
    made.setObjectName(name)
    made.setAccessibleName(accessible)
    made.setRange(low, high)
    made.setSuffix(suffix)
    made.setValue(value)
    return made


def in_line(made: N) -> N:
    """A number field whose digits stand where the text of other fields stands."""
    made.lineEdit().setTextMargins(theme.XS, 0, 0, 0)
    return made
