"""Notches of a mouse wheel, delivered as Qt delivers those of a real one."""

from PySide6.QtCore import QCoreApplication, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent


def wheel(target, *, up=False, keys=Qt.KeyboardModifier.NoModifier):
    """One notch over the middle of a widget; what does not want it leaves it to its parent."""
    at = QPointF(target.rect().center())
    turn = (QPoint(0, 0), QPoint(0, 120 if up else -120), Qt.MouseButton.NoButton, keys)
    while target is not None:
        event = QWheelEvent(at, QPointF(target.mapToGlobal(at)), *turn, Qt.ScrollPhase.NoScrollPhase, False)  # noqa: FBT003
        taken = QCoreApplication.sendEvent(target, event) and event.isAccepted()
        target = None if taken else target.parentWidget()
