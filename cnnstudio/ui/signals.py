"""Ctrl-C and the system's wish that the window ends: heard at once, also while the window has nothing to do."""

import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from PySide6 import QtCore

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
_ABOVE = 128
"""A process that a signal ended has this and the signal's number as its exit code, as shells have it."""


class Signals(QtCore.QObject):
    """The first one ends the window as closing does, but asks nothing; the second ends the process.

    Python would look for signals only between two of its own steps, and an idle window makes none: so its C part
    writes their numbers to a socket, which Qt watches.
    """

    def __init__(self, end: Callable[[], object]) -> None:
        super().__init__()
        self.code = 0
        """Of the process, once there was one."""
        self._end = end
        self._heard, self._told = socket.socketpair()
        for each in (self._heard, self._told):
            each.settimeout(0)
        try:
            for number in _SIGNALS:
                signal.signal(number, _raise_nothing)
            signal.set_wakeup_fd(self._told.fileno(), warn_on_full_buffer=False)
        except ValueError:  # only the main thread may
            return
        self._notifier = QtCore.QSocketNotifier(self._heard.fileno(), QtCore.QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._listen)

    def _listen(self) -> None:
        with suppress(BlockingIOError):
            for number in self._heard.recv(64):
                if number in _SIGNALS:
                    self._obey(number)

    def _obey(self, number: int) -> None:
        if self.code:
            os._exit(self.code)
        self.code = _ABOVE + number
        self._end()


def is_busy(window: QtCore.QObject) -> bool:
    """Whether work goes on that an ending Python would wait for."""
    pools = window.findChildren(QtCore.QThreadPool)
    ours = (thread for thread in threading.enumerate() if thread.name.startswith("cnnstudio"))
    return any(pool.activeThreadCount() for pool in pools) or any(thread.is_alive() for thread in ours)


def _raise_nothing(_number: int, _frame: FrameType | None) -> None:
    """Without a handler of Python's, the signal would have its usual effect."""
