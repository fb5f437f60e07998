"""What may be seen a moment later, done one piece in each turn of the event loop: keys and mouse come in between."""

from collections.abc import Callable

import shiboken6
from PySide6 import QtCore

_Piece = tuple[QtCore.QObject, Callable[[], object]]


class _Turns(QtCore.QObject):
    """All pieces that wait, in their order; what nobody sees comes after what is seen."""

    def __init__(self) -> None:
        super().__init__(QtCore.QCoreApplication.instance())
        self._waiting: list[_Piece] = []
        self._unseen: list[_Piece] = []
        self._timer = QtCore.QTimer(self, singleShot=True, interval=1)  # at 0, Qt would do several in one turn
        self._timer.timeout.connect(self._next)

    def add(self, owner: QtCore.QObject, piece: Callable[[], object], *, seen: bool) -> None:
        (self._waiting if seen else self._unseen).append((owner, piece))
        if not self._timer.isActive():
            self._timer.start()

    def _next(self) -> None:
        """One piece of somebody who is still there."""
        while self._waiting or self._unseen:
            owner, piece = (self._waiting or self._unseen).pop(0)
            if shiboken6.isValid(owner):
                break
        else:
            return
        if self._waiting or self._unseen:
            self._timer.start()
        piece()


_turns: _Turns | None = None


def soon(owner: QtCore.QObject, piece: Callable[[], object], *, seen: bool = True) -> None:
    """Do ``piece`` in a turn of its own, after all that waits already, if ``owner`` still lives then.

    Where it is not ``seen``, it also waits for all that is.
    """
    global _turns
    if _turns is None or not shiboken6.isValid(_turns):
        _turns = _Turns()
    _turns.add(owner, piece, seen=seen)
