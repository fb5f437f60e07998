"""Fixtures for every floor: a home of one's own, small drawn folders, the shared photographs."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.practice_files import school  # noqa: F401 - a fixture

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if "PYTEST_XDIST_WORKER" in os.environ:  # each worker has a core of its own
    os.environ.setdefault("OMP_NUM_THREADS", "1")
SHARED = Path(__file__).resolve().parents[2] / "shared"
COLOURS = {"blue": (40, 60, 200), "green": (50, 160, 60), "red": (200, 50, 40)}


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="also run tests that take over ten seconds")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--slow"):
        skip = pytest.mark.skip(reason="slow: run with --slow")
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(autouse=True)
def isolated_user_dirs(tmp_path_factory, monkeypatch):
    """Nothing a test does touches the user's own folders."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CNNSTUDIO_HOME", str(home))
    monkeypatch.setenv("TORCH_HOME", str(home / "torch"))
    return home


@pytest.fixture(autouse=True)
def strangers_files_in_this_process(request, monkeypatch):
    """A process for every weights file and folder would cost minutes; tests of it are marked ``child``."""
    if "child" not in request.keywords:
        monkeypatch.setattr("cnnstudio.networks.weights.read_untrusted", _read_here)
        monkeypatch.setattr("cnnstudio.data.examiner.Child", _ExaminerHere)


class _ExaminerHere:
    """Stands in for the child process that examines pictures."""

    def examine(self, paths):
        from cnnstudio.data.examine import examine
        from cnnstudio.data.examiner import as_problems

        table, problems = examine(paths)
        return table, as_problems(paths, problems)

    def close(self):
        pass


def _read_here(path):
    from cnnstudio.networks.state_file import read_state

    return read_state(path)


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
def own_folder(tmp_path):
    """As tiny_folder, to be changed by the test."""
    return draw_folder(tmp_path / "own colours ü")


@pytest.fixture
def messy_folder(own_folder):
    """Good pictures among everything that goes wrong in people's folders."""
    rng = np.random.default_rng(2)
    red = own_folder / "red"
    whole = draw(red / "photo.jpg", COLOURS["red"], rng, (300, 200)).read_bytes()
    (red / "cut off.jpg").write_bytes(whole[: len(whole) // 2])
    (red / "cut off.png").write_bytes((red / "00.png").read_bytes()[:-40])
    (red / "fake.jpg").write_text("I am not a picture")
    (red / "empty.png").touch()
    (red / "._00.png").write_bytes(b"\x00\x05\x16\x07")
    (red / "Thumbs.db").write_bytes(b"x")
    (red / "notes.txt").write_text("x")
    (red / "phone.heic").write_bytes(b"\x00\x00\x00\x18ftypheic" + b"\x00" * 50)
    (red / "evil.eps.jpg").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    Image.new("L", (1, 400)).save(red / "thin.png")
    for name in ("__MACOSX", ".ipynb_checkpoints"):
        draw(own_folder / name / "00.png", COLOURS["blue"], rng)
    (own_folder / "nothing here").mkdir()
    draw(own_folder / "stray.png", COLOURS["blue"], rng)
    draw(own_folder / "single" / "only 🌿.png", COLOURS["blue"], rng)
    (own_folder / "green" / "loop").symlink_to(own_folder / "green", target_is_directory=True)
    return own_folder
