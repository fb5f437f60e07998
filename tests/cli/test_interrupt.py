import contextlib
import os
import signal
import subprocess
import sys
import threading

import pytest

from cnnstudio.cli.interrupt import STOPPED, stop_on_interrupt
from cnnstudio.core import Control

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of Unix")

_DEAF = """
import sys, threading, time
from cnnstudio.cli.interrupt import stop_on_interrupt
from cnnstudio.core import Control
control = Control()
restore = stop_on_interrupt(control)
lock = threading.Lock()
lock.acquire()
print("ready", flush=True)
lock.acquire()  # what a decoder does: the main thread is in C, and hears nothing
"""


@pytest.fixture
def start():
    """Starts Python as leader of its own process group, and ends it with the test."""
    started = []

    def start(*words):
        command = [sys.executable, *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, text=True, start_new_session=True, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_the_first_asks_and_the_program_goes_on():
    control, before = Control(), signal.getsignal(signal.SIGINT)  # ignored where a shell runs us in the background
    restore = stop_on_interrupt(control)
    try:
        signal.raise_signal(signal.SIGINT)
        assert control.wait_for_stop(5)
    finally:
        restore()
    assert signal.getsignal(signal.SIGINT) is before
    for thread in threading.enumerate():
        if thread.name == "interrupts":
            thread.join(5)
            assert not thread.is_alive()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_second_ends_a_program_that_is_deep_in_a_library(start, number):
    process = start("-c", _DEAF)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert process.stderr.readline() == "\n"
    assert "Ctrl-C again" in process.stderr.readline()
    process.send_signal(number)
    _, said = process.communicate(timeout=10)
    assert (process.returncode, said) == (STOPPED, "Stopped.\n")


def test_a_signal_outside_the_main_thread_is_nobodys():
    asked = []
    thread = threading.Thread(target=lambda: asked.append(stop_on_interrupt(Control())))
    before = signal.getsignal(signal.SIGINT)
    thread.start()
    thread.join()
    asked[0]()
    assert signal.getsignal(signal.SIGINT) is before


_STARTED = """
import sys
print("up", flush=True)
from cnnstudio.__main__ import main
sys.exit(main())
"""


@pytest.mark.slow
@pytest.mark.parametrize("twice", [False, True])
@pytest.mark.parametrize("wait", [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2])
@pytest.mark.parametrize("words", [("scan",), ("models",), ("train", "--epochs", "3", "--mode", "scratch")])
def test_at_any_moment_it_is_a_word_and_130(start, tiny_folder, wait, words, twice):
    folder = () if words == ("models",) else (str(tiny_folder),)
    process = start("-c", _STARTED, words[0], *folder, *words[1:])
    assert process.stdout.readline() == "up\n"
    for _ in range(1 + twice):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(wait)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
    out, said = process.communicate(timeout=60)
    assert "Traceback" not in out + said
    assert process.returncode in (0, STOPPED, -signal.SIGINT)  # the last: while Python itself ends
    assert process.returncode != STOPPED or "Stopped." in said


@pytest.mark.parametrize("closed", ["stdout", *(pytest.param(n, marks=pytest.mark.slow) for n in ("stdin", "stderr"))])
def test_a_closed_stream_is_quiet(tiny_folder, closed):
    number = {"stdin": 0, "stdout": 1, "stderr": 2}[closed]
    line = f"exec {number}>&-; exec '{sys.executable}' -m cnnstudio scan '{tiny_folder}'"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "") or closed == "stdout"
    assert "Traceback" not in done.stderr
    assert ("36 pictures" in done.stdout) is (closed != "stdout")


@pytest.mark.parametrize(
    "redirection", ["2>&1 >/dev/full | cat", pytest.param("2>&1 | head -c 1", marks=pytest.mark.slow)]
)
def test_a_pipe_that_nobody_reads_and_a_full_disk(tiny_folder, redirection):
    line = f"'{sys.executable}' -m cnnstudio scan --json '{tiny_folder}' {redirection}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert "Exception" not in done.stdout
    assert "Traceback" not in done.stdout
    assert ("No space left" in done.stdout) is ("full" in redirection)
