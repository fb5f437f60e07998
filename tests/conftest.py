"""Fixtures for every floor: a home of one's own, small drawn folders, the shared photographs."""

import functools
import gc
import itertools
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

from cnnstudio.core import Control, Watch
from cnnstudio.data.practice.sample_dataset import draw_example
from tests.messy import make_messy
from tests.practice_files import school  # noqa: F401 - a fixture

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if "PYTEST_XDIST_WORKER" in os.environ:  # each worker has a core of its own
    os.environ.setdefault("OMP_NUM_THREADS", "1")
# A busy machine is no fault of the code, so there are no deadlines. --slow looks at more examples.
settings.register_profile("default", deadline=None, max_examples=20)
settings.register_profile("slow", deadline=None, max_examples=200)
SHARED = Path(__file__).resolve().parents[2] / "shared"
COLOURS = {"blue": (40, 60, 200), "green": (50, 160, 60), "red": (200, 50, 40)}


def pytest_configure(config):
    settings.load_profile("slow" if config.getoption("--slow") else "default")


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="also run tests that take more than a second or so")


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What it brings, torch's modules above all, stays to the end: garbage is not looked for in it, then or later."""
    gc.disable()
    collected = yield
    gc.collect()
    gc.freeze()
    gc.enable()
    return collected


def pytest_unconfigure():
    gc.unfreeze()  # as the product does at its end (core/machine.py)


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--slow"):
        skip = pytest.mark.skip(reason="slow: run with --slow")
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def homes(tmp_path_factory):
    """A folder of their own: pytest reads the one it makes folders in each time that it makes one."""
    root = tmp_path_factory.mktemp("homes")
    return (root / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def isolated_user_dirs(homes, monkeypatch):
    """Nothing a test does touches the user's own folders."""
    home = next(homes)
    home.mkdir()
    monkeypatch.setenv("CNNSTUDIO_HOME", str(home))
    monkeypatch.setenv("TORCH_HOME", str(home / "torch"))
    return home


@pytest.fixture(autouse=True)
def no_power_cut(monkeypatch):
    """Nobody pulls the plug here, and a disk takes milliseconds for each of the thousands of files that are written."""
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)


@pytest.fixture(autouse=True)
def quiet_computer(monkeypatch):
    """Tests run beside each other: what they measure counts the first time all the same."""
    monkeypatch.setattr("cnnstudio.core.measured.Others.taken", lambda _: 0.0)


@pytest.fixture(autouse=True)
def strangers_files_in_this_process(request, monkeypatch):
    """A process for every weights file and folder would cost minutes; tests of it are marked ``child``."""
    if "child" not in request.keywords:
        monkeypatch.setattr("cnnstudio.networks.weights.pretrained.read_untrusted", _read_here)
        monkeypatch.setattr("cnnstudio.data.checks.examiner.Child", _ExaminerHere)
        monkeypatch.setattr("cnnstudio.export.script_check.check_script", lambda *_, **__: 0)
        monkeypatch.setattr("cnnstudio.export.package.draw_example", drawn_example)
        monkeypatch.setattr("cnnstudio.export.proving.Answering", _AnsweringHere)
        monkeypatch.setattr("cnnstudio.export.proving._WARM", 0)
        monkeypatch.setattr("cnnstudio.export.proving._TIMED", 1)


class _ExaminerHere:
    """Stands in for the child process that examines pictures."""

    def start(self):
        pass

    def examine(self, paths):
        from cnnstudio.data.checks.facts import examine

        return examine(paths)

    def end(self):
        pass

    def close(self):
        pass


@functools.lru_cache
def drawn_example(number):
    """Drawn once: an export without pictures takes sixteen."""
    return draw_example(number)


class _AnsweringHere:
    """Stands in for the child process that an export answers in."""

    def __init__(self, kind, folder, _control):
        self._kind, self._folder = kind, folder

    def __enter__(self):
        from cnnstudio.export.answering import opened
        from cnnstudio.export.proving import mismatch

        self._modules = set(sys.modules)
        try:
            self._answerer, self.about = opened(self._kind, self._folder)
        except Exception as error:  # what the child would tell
            raise mismatch(repr(error)) from error
        return self

    def answer(self, picture):
        from cnnstudio.export.answering import asked
        from cnnstudio.export.proving import mismatch

        try:
            return asked(self._answerer, picture)
        except Exception as error:
            raise mismatch(repr(error)) from error

    def __exit__(self, *_):
        """Other exports bring modules of the same names."""
        for name in set(sys.modules) - self._modules:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(self._folder)):
                del sys.modules[name]


def _read_here(path, *_):
    from cnnstudio.networks.weights.state_file import read_state

    return read_state(path)


def watch_of(say, control=None):
    """A watch that tells ``say`` how far the work is: done, in all, text."""
    return Watch(control or Control(), lambda event: say(event.done, event.total, event.text))


@pytest.fixture
def shared_data():
    """The shared photographs and weights; CI has them."""
    if not SHARED.is_dir():
        pytest.skip("needs the shared photographs beside the checkout")
    return SHARED


def draw(path, colour, rng, size=(60, 52)):
    """A noisy picture of one colour, with a square somewhere."""
    pixels = rng.normal(colour, 18, (size[1], size[0], 3))
    top, left = rng.integers(0, size[1] - 16), rng.integers(0, size[0] - 16)
    pixels[top : top + 14, left : left + 14] += rng.uniform(-70, 70, 3)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(path)
    return path


def draw_folder(root, per_class=12, classes=COLOURS):
    rng = np.random.default_rng(1)
    for name in classes:
        for number in range(per_class):
            draw(root / name / f"{number:02}.png", COLOURS.get(name, (128, 128, 128)), rng)
    return root


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    """Three classes × twelve pictures that colour tells apart; read only."""
    return draw_folder(tmp_path_factory.mktemp("tiny") / "colours")


@pytest.fixture
def own_folder(tiny_folder, tmp_path):
    """As tiny_folder, to be changed by the test."""
    return shutil.copytree(tiny_folder, tmp_path / "own colours ü")


@pytest.fixture
def messy_folder(own_folder):
    """Good pictures among everything that goes wrong in people's folders."""
    return make_messy(own_folder, draw)
