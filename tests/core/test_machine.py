import contextlib
import gc
import os
import subprocess
import sys
import threading
import weakref

import pytest

from cnnstudio.core import machine
from cnnstudio.core.machine import available_memory, decode_threads, lower_priority, objects_that_stay, usable_cores


@pytest.mark.parametrize(("cores", "threads"), [(1, 2), (2, 2), (8, 8), (128, 16)])
def test_pictures_are_read_by_a_sensible_number_of_threads(monkeypatch, cores, threads):
    monkeypatch.setattr(machine, "usable_cores", lambda: cores)
    assert decode_threads() == threads


def test_cores_that_others_reserved_are_not_counted(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5, 7}, raising=False)
    assert machine.usable_cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert machine.usable_cores() == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has priorities per thread")
@pytest.mark.parametrize("started", [0, 17])
def test_only_the_worker_steps_back_and_never_forward(started):
    found = {}

    def work():
        this = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, this, max(started, before))
        lower_priority()
        found["worker"] = os.getpriority(os.PRIO_PROCESS, this)

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    assert found["worker"] == max(10, started, before)
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


def test_free_memory_is_some_of_what_there_is():
    assert 2**20 < available_memory() < 2**50


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize("error", [None, ValueError])
def test_the_collector_rests_and_then_goes_on_as_before(active, error):
    (gc.enable if active else gc.disable)()
    try:
        frozen = gc.get_freeze_count()
        with contextlib.suppress(ValueError), objects_that_stay():
            assert not gc.isenabled()
            kept = [[] for _ in range(1000)]
            if error:
                raise error
        assert gc.isenabled() == active
        assert gc.get_freeze_count() >= frozen + len(kept)
    finally:
        gc.enable()
        gc.unfreeze()


def test_what_stayed_still_goes_with_its_last_reference():
    class Thing:
        pass

    with objects_that_stay():
        thing = Thing()
    gone = weakref.ref(thing)
    del thing
    gc.unfreeze()
    assert gone() is None


def test_memory_is_kept_and_given_back_wherever_this_runs():
    code = (
        "import os; from cnnstudio.core.machine import give_back, keep_large_blocks\n"
        "keep_large_blocks(); block = bytearray(50_000_000); del block; give_back()\n"
        "print(os.environ['THP_MEM_ALLOC_ENABLE'])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "1"


@pytest.mark.parametrize(
    ("set_before", "told"), [({}, "2000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "active"}, "")]
)
def test_threads_that_wait_do_not_keep_cores_from_others_unless_somebody_wants_it(set_before, told):
    """Where a job is what imports torch first."""
    code = (
        "import os; from cnnstudio.jobs import run_inline; from cnnstudio.jobs.specs import FindRuns\n"
        "run_inline(FindRuns()); print(os.environ.get('GOMP_SPINCOUNT', ''))"
    )
    env = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**env, **set_before}, check=True
    )
    assert done.stdout.strip() == told


@pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or usable_cores() < 2, reason="processes that are bound to cores"
)
def test_cores_are_left_to_other_programs_by_this_process_and_its_children():
    code = (
        "import os, subprocess, sys\n"
        "from cnnstudio.core import limit_cores, usable_cores\n"
        "limit_cores(0); limit_cores(999)\n"
        "before = usable_cores(); limit_cores(1)\n"
        "child = subprocess.run([sys.executable, '-c', 'import os; print(len(os.sched_getaffinity(0)))'],"
        " capture_output=True, text=True).stdout\n"
        "print(before, usable_cores(), int(child), os.environ['OMP_NUM_THREADS'])\n"
    )
    env = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, timeout=60)
    assert done.stdout.split() == [str(usable_cores()), "1", "1", "1"], done.stderr


def test_at_the_end_of_a_process_circles_are_let_go_too():
    """Libraries count what they made and complain of what is left, on the terminal of whoever trains."""
    code = (
        "from cnnstudio.core import objects_that_stay\n"
        "class Thing:\n"
        "    def __del__(self): print('gone')\n"
        "with objects_that_stay():\n"
        "    thing = Thing(); thing.itself = thing\n"
        "thing = None\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "gone\n"
