import logging
import subprocess
import sys
import textwrap
import warnings

import pytest

from cnnstudio.core import log_folder
from cnnstudio.core.log import start_logging


@pytest.fixture
def logger():
    """The application's, as it was afterwards."""
    logger = logging.getLogger("cnnstudio")
    before, level = list(logger.handlers), logger.level
    yield logger
    for handler in set(logger.handlers) - set(before):
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(level)
    logging.captureWarnings(capture=False)


def test_failures_are_written_where_a_person_can_find_them(logger):
    folder = start_logging()
    assert folder == log_folder()
    logging.getLogger("cnnstudio.jobs").warning("The job %s failed: Müller.", "scan")
    logging.getLogger("cnnstudio.jobs").debug("not worth a line")
    text = (folder / "cnnstudio.log").read_text(encoding="utf-8")
    assert "WARNING cnnstudio.jobs: The job scan failed: Müller." in text
    assert "not worth a line" not in text


def test_the_log_does_not_grow_without_end(logger):
    folder = start_logging()
    for _ in range(60):
        logger.warning("x" * 100_000)
    files = sorted(path.name for path in folder.glob("cnnstudio.log*"))
    assert files == ["cnnstudio.log", "cnnstudio.log.1", "cnnstudio.log.2", "cnnstudio.log.3"]
    assert all(path.stat().st_size <= 1_000_000 for path in folder.glob("cnnstudio.log*"))


def test_a_window_without_a_terminal_can_log(logger, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    start_logging()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("something old", DeprecationWarning, stacklevel=1)
    logger.error("and a failure")
    assert "and a failure" in (log_folder() / "cnnstudio.log").read_text()


def test_nothing_is_logged_to_the_terminal_whatever_libraries_do():
    code = (
        "import logging; from cnnstudio.core.log import start_logging; start_logging()\n"
        "logging.info('a library logs carelessly')\n"
        "logging.getLogger('cnnstudio').warning('ours')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_crash_is_there_for_the_next_start_and_only_for_that():
    crash = textwrap.dedent("""
        import os, sys
        from cnnstudio.core.log import watch_for_crashes
        print(watch_for_crashes())
        if sys.argv[1] == "crash": os.abort()
    """)

    def start(end):
        return subprocess.run([sys.executable, "-c", crash, end], capture_output=True, text=True)

    assert start("crash").returncode != 0
    assert "Fatal Python error: Aborted" in start("quit").stdout
    assert start("quit").stdout.strip() == ""
