"""Time a few networks on this computer, and estimate the others, in a process of its own."""

import subprocess
import tempfile
import threading

from cnnstudio.core import MEASURE_SPEEDS, Control, DeviceError, Watch, child_command, lower_priority
from cnnstudio.networks import Speeds, load_speeds

_TEXT = "Measuring the speed"
_LOOK_S = 0.1


def measured_speeds(watch: Watch, *, anew: bool) -> Speeds:
    """What is remembered, or half a minute of measuring in a process of its own, which the window does not feel.

    Raises:
        DeviceError: that process failed.
        StopRequested: a stop was asked for.
    """
    known = None if anew else load_speeds()
    if known is not None:
        return known
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(child_command(MEASURE_SPEEDS), stdout=subprocess.PIPE, stderr=complaints, text=True) as child,
    ):
        _follow(child, watch)
        complaints.seek(0)
        said = complaints.read()
    watch.check()
    speeds = load_speeds()
    if child.returncode or speeds is None:
        raise DeviceError(
            "The speed of this computer could not be measured.",
            meaning="Times are not shown; everything else works.",
            remedy="Try again, or compare networks by their work.",
            details=said[-2000:],
        )
    return speeds


def measure_in_child() -> None:
    """The child's part: measure, say how far it is, leave the outcome on disk."""
    from cnnstudio.compute.device import choose_device
    from cnnstudio.compute.network_timing import measure_speeds

    lower_priority()
    measure_speeds(choose_device("auto"), control=Control(), progress=_say)


def _say(done: int, total: int) -> None:
    print(done, total, flush=True)  # noqa: T201 - the parent process reads it


def _follow(child: subprocess.Popen[str], watch: Watch) -> None:
    """Pass on the child's progress; a stop ends it."""
    assert child.stdout is not None
    killer = threading.Thread(target=_kill_on_stop, args=(child, watch.control), name="cnnstudio-watch", daemon=True)
    killer.start()
    for line in child.stdout:
        done, total = map(int, line.split())
        watch.progress(done, total, _TEXT)
    child.wait()
    killer.join()


def _kill_on_stop(child: subprocess.Popen[str], control: Control) -> None:
    while child.poll() is None:
        if control.wait_for_stop(_LOOK_S):
            child.kill()
