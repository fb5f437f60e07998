"""Installing the part for cameras, with a pip that plays its lines."""

import sys

import pytest

from cnnstudio.core import Control, Progressed, StopRequested, StudioError, Watch
from cnnstudio.jobs import camera_part, run_inline, specs

PIP = """
import sys, time
for line in {lines!r}:
    print(line, flush=True)
time.sleep({seconds})
sys.exit({code})
"""


@pytest.fixture
def pip(monkeypatch, tmp_path):
    """A package called pip that says lines, and whether the part is there afterwards."""

    def play(*lines, seconds=0, code=0, works=True):
        (tmp_path / "pip").mkdir(exist_ok=True)
        (tmp_path / "pip" / "__main__.py").write_text(PIP.format(lines=lines, seconds=seconds, code=code))
        (tmp_path / "pip" / "__init__.py").touch()
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        there = {"pip", "PySide6"} | ({"PySide6.QtMultimedia"} if works else set())
        monkeypatch.setattr(camera_part, "find_spec", lambda name: object() if name in there else None)
        monkeypatch.setattr(camera_part, "_why_not", lambda: "")

    return play


def test_its_download_is_shown_and_then_its_installation(pip):
    pip(
        "Collecting PySide6-Addons",
        "Progress 1000 of 4000",
        "Progress 4000 of 4000",
        "Installing collected packages: x",
    )
    events = []
    run_inline(specs.InstallCamera(), Watch(Control(), events.append))
    told = [(event.text, event.done, event.total) for event in events if isinstance(event, Progressed)]
    assert told == [
        ("Asking for camera support", 0, 0), ("Downloading camera support", 1000, 4000),
        ("Downloading camera support", 4000, 4000), ("Installing camera support", 0, 0),
    ]  # fmt: skip


def test_what_pip_could_not_do_is_a_sentence_with_its_words_as_details(pip):
    pip("ERROR: No matching distribution found", code=1, works=False)
    with pytest.raises(StudioError) as caught:
        run_inline(specs.InstallCamera())
    assert caught.value.problem.title == "Camera support could not be installed."
    assert "No matching distribution" in caught.value.problem.details


def test_a_stop_ends_pip_at_once(pip):
    pip("Progress 1 of 100", seconds=60)
    control = Control()
    with pytest.raises(StopRequested):
        run_inline(specs.InstallCamera(), Watch(control, lambda event: event.total and control.request_stop()))


@pytest.mark.parametrize(
    ("told", "knows"), [("23.2.1", False), ("24.0", False), ("24.1", True), ("26.0.1", True), ("x", False)]
)
def test_an_old_pip_is_not_asked_for_what_it_does_not_know(pip, monkeypatch, tmp_path, told, knows):
    pip()
    (tmp_path / "pip" / "__main__.py").write_text("import sys; print(*sys.argv)")
    monkeypatch.setattr(camera_part, "version", lambda name: told if name == "pip" else "6.9.0")
    (line,) = camera_part._pip(["install", "x"], Watch())  # noqa: SLF001
    assert line.split()[-2:] == ["--progress-bar", "raw" if knows else "off"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("frozen", True), "as one program"),
        (("find_spec", lambda name: None), "has no pip"),
    ],
)
def test_where_it_cannot_be_installed_a_sentence_says_why(monkeypatch, change, said):
    name, value = change
    monkeypatch.setattr(sys if name == "frozen" else camera_part, name, value, raising=False)
    assert said in camera_part._why_not()  # noqa: SLF001
    with pytest.raises(StudioError) as caught:
        run_inline(specs.InstallCamera())
    assert said in caught.value.problem.meaning


def test_an_environment_that_may_not_be_written_to_is_named(monkeypatch):
    monkeypatch.setattr(camera_part.os, "access", lambda *_: False)
    assert "You may not write to" in camera_part._why_not()  # noqa: SLF001


def test_a_library_of_the_system_is_another_matter(monkeypatch):
    monkeypatch.setattr(camera_part, "find_spec", lambda name: object())
    offer = run_inline(specs.OfferCamera())
    assert offer.megabytes == 0
    assert "libpulse0" in offer.why_not
