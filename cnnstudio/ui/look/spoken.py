"""What a screen reader is told of widgets that paint themselves, of which Qt knows no more than that they are there."""

from typing import ClassVar, Protocol, cast, runtime_checkable

from PySide6 import QtCore, QtGui, QtWidgets
from typing_extensions import override

Role = QtGui.QAccessible.Role
_Text = QtGui.QAccessible.Text


@runtime_checkable
class Spoken(Protocol):
    """A widget that says what it is, and may say in words what it shows."""

    spoken_role: ClassVar[QtGui.QAccessible.Role]


class _Interface(QtWidgets.QAccessibleWidget):
    """Asks the widget for its words when somebody listens, so that they are those of what it shows then."""

    def __init__(self, widget: QtWidgets.QWidget, role: QtGui.QAccessible.Role) -> None:
        super().__init__(widget, role)
        self._is_chart = role == Role.Chart

    @override
    def text(self, t: QtGui.QAccessible.Text) -> str:
        if t == _Text.Description and (say := getattr(self.object(), "spoken", None)) is not None:
            return cast("str", say()) or super().text(t)
        return super().text(t)

    @override
    def childCount(self) -> int:
        return 0 if self._is_chart else super().childCount()  # pyqtgraph's own parts have no words


def _interface_of(_kind: str, owner: QtCore.QObject) -> QtGui.QAccessibleInterface | None:
    role = getattr(owner, "spoken_role", None)
    if role is None or not isinstance(owner, QtWidgets.QWidget):
        return None  # Qt's own will do
    return _Interface(owner, role)


def begin() -> None:
    """Let Qt ask here for what it has no interface of its own for."""
    QtGui.QAccessible.installFactory(_interface_of)


def announce(owner: QtWidgets.QWidget, text: str) -> None:
    """Have a screen reader say at once what has changed and is not where the keyboard is, or is painted there."""
    if text:
        QtGui.QAccessible.updateAccessibility(QtGui.QAccessibleAnnouncementEvent(owner, text))
