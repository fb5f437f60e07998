"""A rotating log, and a crash file that the next start can offer to show. Nothing is ever sent anywhere."""

import faulthandler
import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

from cnnstudio.core.paths import log_folder

_crash_stream: TextIO | None = None


def start_logging() -> Path:
    """Log warnings and job failures to a file; returns its folder. Safe where stderr is None."""
    folder = log_folder()
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(folder / "cnnstudio.log", maxBytes=1_000_000, backupCount=3, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("cnnstudio")
    logger.setLevel(logging.INFO)
    for old in [old for old in logger.handlers if isinstance(old, RotatingFileHandler)]:
        logger.removeHandler(old)
        old.close()
    logger.addHandler(handler)
    if not logging.getLogger().handlers:  # else a library that logs would give it one that writes to the terminal
        logging.getLogger().addHandler(logging.NullHandler())
    logging.captureWarnings(capture=True)
    return folder


def watch_for_crashes() -> str:
    """Write native crashes to a file from now on; returns what the last session left there, if it crashed."""
    global _crash_stream
    path = log_folder() / "crash.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    last = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    _crash_stream = path.open("w", encoding="utf-8")
    faulthandler.enable(_crash_stream)
    return last
