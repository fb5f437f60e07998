"""Ctrl-C: heard at every moment, also while a large picture is decoded, and never a traceback.

Python raises KeyboardInterrupt wherever the program happens to be, also in the middle of an import, and only between
two steps of the interpreter. So it is told to raise nothing: its C part writes the signal's number to a socket, and a
thread listens there.
"""

import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from types import FrameType
from typing import NoReturn

from cnnstudio.core.watch import Control

STOPPED = 130
"""Exit code after Ctrl-C."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def stop_on_interrupt(control: Control) -> Callable[[], None]:
    """The first Ctrl-C asks for a stop, which keeps what is done; the second ends the process.

    Returns:
        What puts everything back.
    """
    old = {}
    for number in _SIGNALS:
        with suppress(ValueError):  # only the main thread may set handlers
            old[number] = signal.signal(number, _raise_nothing)
    if not old:
        return lambda: None
    heard, told = socket.socketpair()
    told.settimeout(0)  # a signal handler must not wait
    before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    Thread(target=_listen, args=(heard, control), name="interrupts", daemon=True).start()

    def restore() -> None:
        signal.set_wakeup_fd(before)
        told.close()  # ends the thread
        for number, handler in old.items():
            signal.signal(number, handler)

    return restore


def _raise_nothing(_number: int, _frame: FrameType | None) -> None:
    """The thread acts; without a handler of Python's, the signal would have its usual effect."""


def _listen(heard: socket.socket, control: Control) -> None:
    with heard:
        while number := heard.recv(1):
            if number[0] not in _SIGNALS:
                continue
            if control.stop_requested:
                _end()
            control.request_stop()
            _say("\nStopping… (Ctrl-C again to quit at once)")


def _end() -> NoReturn:
    _say("Stopped.")
    os._exit(STOPPED)


def _say(text: str) -> None:
    with suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)
