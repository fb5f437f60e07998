"""Measurements are kept for the computer they were made on, and not for long where others took its cores."""

import json
import time

import pytest

from cnnstudio.core import StorageError, cache_folder, measured
from cnnstudio.core.measured import Others, forget, known_value, remembered
from cnnstudio.core.sealed import load_sealed, save_sealed

TAKEN = Others.taken


class Clocks:
    """Time, and who takes the two cores: ``others`` of them while a second passes."""

    def __init__(self, monkeypatch):
        self.now, self.own, self.all, self.others = 1000.0, 10.0, 50.0, 0.0
        for name in ("perf_counter", "time"):
            monkeypatch.setattr(measured.time, name, lambda: self.now)
        monkeypatch.setattr(measured.time, "process_time", lambda: self.own)
        monkeypatch.setattr(measured, "_busy_seconds", lambda: self.all)
        monkeypatch.setattr(measured, "usable_cores", lambda: 2)

    def pass_(self, seconds, mine=0.0):
        self.now += seconds
        self.own += mine * seconds
        self.all += (mine + self.others) * seconds


@pytest.fixture
def clocks(monkeypatch, real_stopwatch):
    return Clocks(monkeypatch)


@pytest.fixture
def real_stopwatch(monkeypatch):
    monkeypatch.setattr(Others, "taken", TAKEN)


def whole(value):
    return isinstance(value, int)


def test_it_is_measured_once():
    times = []
    for _ in range(3):
        assert remembered("speed", lambda: times.append(1) or 7, lambda value: value == 7) == 7
    assert len(times) == 1
    assert remembered("other", lambda: 8, lambda value: True) == 8
    assert remembered("speed", lambda: pytest.fail("it is known"), whole) == 7


@pytest.mark.parametrize("content", ["{", "[1]", "", "\0", "null", json.dumps({"speed": "quick"})])
def test_a_damaged_file_or_a_value_that_does_not_fit_is_measured_anew(content):
    path = cache_folder() / "measured.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    assert remembered("speed", lambda: 5, whole) == 5
    assert remembered("speed", lambda: pytest.fail("it is known"), whole) == 5


def test_a_measurement_that_fails_is_not_remembered():
    with pytest.raises(ZeroDivisionError):
        remembered("speed", lambda: 1 // 0, whole)
    assert remembered("speed", lambda: 6, whole) == 6


def test_a_disk_that_refuses_costs_measuring_again(monkeypatch):
    def refuse(*_):
        raise StorageError("full")

    monkeypatch.setattr(measured, "save_sealed", refuse)
    assert [remembered("speed", lambda number=number: number, whole) for number in (1, 2)] == [1, 2]


class Stopwatch:
    """Each look takes a second and gives the next number; ``busy`` says how many cores others take meanwhile."""

    def __init__(self, clocks, *busy):
        self.clocks, self.busy, self.looks = clocks, list(busy), 0

    def __call__(self):
        self.clocks.others = self.busy[min(self.looks, len(self.busy) - 1)]
        self.clocks.pass_(1.0, mine=1.0)
        self.looks += 1
        return self.looks


def test_a_quiet_measurement_is_made_once_and_kept(clocks):
    watch = Stopwatch(clocks, 0.1)
    assert [remembered("speed", watch, whole) for _ in range(2)] == [1, 1]
    clocks.pass_(1e9)
    assert remembered("speed", watch, whole) == 1


def test_beside_others_it_is_repeated_and_the_quieter_one_counts(clocks):
    assert remembered("a", Stopwatch(clocks, 1.0, 0.1), whole) == 2, "the second was quiet"
    clocks.pass_(1e9)
    assert known_value("a") == 2
    assert remembered("b", Stopwatch(clocks, 0.5, 1.0), whole) == 1


def test_what_was_measured_beside_others_is_not_believed_for_long(clocks):
    busy = Stopwatch(clocks, 1.5)
    assert remembered("speed", busy, whole) == 1
    clocks.pass_(300)
    assert remembered("speed", busy, whole) == 1
    clocks.pass_(301)
    assert known_value("speed") is None
    assert remembered("speed", Stopwatch(clocks, 0.0), lambda value: value == 1) == 1
    clocks.pass_(1e9)
    assert known_value("speed") == 1, "this one was quiet"


@pytest.mark.parametrize(("others", "seconds", "taken"), [(0, 1, 0), (1, 1, 0.5), (3, 1, 1), (1, 0.05, 0)])
def test_how_much_others_take(clocks, others, seconds, taken):
    watched, clocks.others = Others(), others
    clocks.pass_(seconds, mine=1)
    assert watched.taken() == pytest.approx(taken)
    assert watched.disturb == (taken > 0.15)


@pytest.mark.usefixtures("real_stopwatch")
def test_work_of_this_process_is_nobody_elses():
    watched, end = Others(), time.process_time() + 0.15
    while time.process_time() < end:
        pass
    own = 0.15 / (time.perf_counter() - watched._start) / measured.usable_cores()  # noqa: SLF001
    assert watched.taken() <= 1 - own + 0.1


def test_on_another_computer_it_is_measured_anew(monkeypatch):
    assert remembered("speed", lambda: 1, whole) == 1
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(measured, "this_computer", lambda: "another one")
        assert known_value("speed") is None
        assert remembered("speed", lambda: 2, whole) == 2
    assert known_value("speed") == 1


def test_what_is_forgotten_is_measured_anew():
    assert remembered("speed", lambda: 1, whole) == 1
    assert remembered("other", lambda: 5, whole) == 5
    forget("speed")
    forget("never known")
    assert (known_value("speed"), known_value("other")) == (None, 5)
    assert remembered("speed", lambda: 2, whole) == 2


@pytest.mark.parametrize("entry", [3, None, [], {"value": 3}, {"value": 3, "taken": "no", "at": 1}])
def test_an_entry_of_another_version_is_measured_anew(entry):
    remembered("speed", lambda: 1, whole)
    path = cache_folder() / "measured.json"
    (name,) = load_sealed(path, path.name)
    save_sealed(path, path.name, {name: entry})
    assert known_value("speed") is None
    assert remembered("speed", lambda: 4, whole) == 4
