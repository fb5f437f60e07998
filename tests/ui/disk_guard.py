"""Every file call of the window's own thread, noticed."""

import functools
import inspect
import os
import sys
import threading
from pathlib import Path

from PySide6.QtGui import QImage, QPixmap

ROOT = Path(__file__).parents[2]
_OURS, _TESTS = str(ROOT / "cnnstudio") + os.sep, str(ROOT / "tests") + os.sep
_EVENTS = {
    "open", "os.chmod", "os.link", "os.listdir", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.scandir",
    "os.symlink", "os.truncate", "os.utime", "shutil.rmtree",
}  # fmt: skip
_UNAUDITED = (
    *((os, name) for name in ("stat", "lstat", "statvfs", "access", "readlink")),
    (QImage, "save"), (QImage, "load"), (QPixmap, "save"), (QPixmap, "load"),
)  # fmt: skip
"""What Python tells no hook of."""
_looking = False
_seen: list[str] = []


def _notice(event: str, arguments: tuple[object, ...]) -> None:
    if _looking and event in _EVENTS and threading.current_thread() is threading.main_thread():
        _judge(event, arguments)


def _judge(event: str, arguments: tuple[object, ...]) -> None:
    """Whoever of us is nearest is responsible: the window, or a test that looks at what came out."""
    frame, through_import = inspect.currentframe(), False
    while frame is not None:
        file = frame.f_code.co_filename
        through_import = through_import or file.startswith("<frozen importlib")
        if file.startswith(_TESTS) and file != __file__:
            return
        if file.startswith(_OURS):
            if not through_import:
                where = f"{Path(file).relative_to(ROOT)}:{frame.f_lineno}"
                _seen.append(f"{where} {frame.f_code.co_name}: {event} {arguments[:1]}")
            return
        frame = frame.f_back


def _watched(name, function):
    @functools.wraps(function)
    def watched(*arguments, **options):
        if _looking and threading.current_thread() is threading.main_thread():
            _judge(name, arguments)
        return function(*arguments, **options)

    return watched


class DiskGuard:
    """While it looks, ``calls`` are the file calls that window code made on the window's thread."""

    def __init__(self, monkeypatch):
        if not _hooked:
            _hooked.append(sys.addaudithook(_notice))
        for owner, name in _UNAUDITED:
            if hasattr(owner, name):
                monkeypatch.setattr(owner, name, _watched(name, getattr(owner, name)))

    def __enter__(self):
        global _looking
        _seen.clear()
        _looking = True
        return self

    def __exit__(self, *_):
        global _looking
        _looking = False

    @property
    def calls(self):
        """File, line, function, and what it asked for."""
        return list(dict.fromkeys(_seen))


_hooked: list[None] = []
