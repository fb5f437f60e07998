"""Installing optional parts, with a pip that plays its lines."""

import sys
import tomllib
from pathlib import Path

import pytest

from cnnstudio.core import Control, Progressed, StopRequested, StudioError, Watch, optional_parts
from cnnstudio.core.optional_parts import CAMERA, CORE_ML, PARTS
from cnnstudio.jobs import parts, run_inline, specs

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
        for module in (parts, optional_parts):
            monkeypatch.setattr(module, "find_spec", lambda name: object() if name in there else None)
        monkeypatch.setattr(parts, "_why_not", lambda _: "")

    return play


def test_its_download_is_shown_and_then_its_installation(pip):
    pip(
        "Collecting PySide6-Addons",
        "Progress 1000 of 4000",
        "Progress 4000 of 4000",
        "Installing collected packages: x",
    )
    events = []
    run_inline(specs.InstallPart(part="camera"), Watch(Control(), events.append))
    told = [(event.text, event.done, event.total) for event in events if isinstance(event, Progressed)]
    assert told == [
        ("Asking for camera support", 0, 0), ("Downloading camera support", 1000, 4000),
        ("Downloading camera support", 4000, 4000), ("Installing camera support", 0, 0),
    ]  # fmt: skip


def test_what_pip_could_not_do_is_a_sentence_with_its_words_as_details(pip):
    pip("ERROR: No matching distribution found", code=1, works=False)
    with pytest.raises(StudioError) as caught:
        run_inline(specs.InstallPart(part="camera"))
    assert caught.value.problem.title == "Camera support could not be installed."
    assert "No matching distribution" in caught.value.problem.details


def test_versions_that_do_not_go_together_are_not_taken_for_a_lack_of_internet(pip):
    pip("ERROR: Cannot install nncf", "ERROR: ResolutionImpossible: for help visit https://pip.pypa.io", works=False)
    with pytest.raises(StudioError) as caught:
        run_inline(specs.InstallPart(part="int8"))
    assert "other versions of packages" in caught.value.problem.meaning
    assert '-m pip install "nncf' in caught.value.problem.remedy
    assert "internet" not in caught.value.problem.remedy


def test_a_stop_ends_pip_at_once(pip):
    pip("Progress 1 of 100", seconds=60)
    control = Control()
    watch = Watch(control, lambda event: event.total and control.request_stop())
    with pytest.raises(StopRequested):
        run_inline(specs.InstallPart(part="camera"), watch)


@pytest.mark.parametrize(
    ("told", "knows"), [("23.2.1", False), ("24.0", False), ("24.1", True), ("26.0.1", True), ("x", False)]
)
def test_an_old_pip_is_not_asked_for_what_it_does_not_know(pip, monkeypatch, tmp_path, told, knows):
    pip()
    (tmp_path / "pip" / "__main__.py").write_text("import sys; print(*sys.argv)")
    monkeypatch.setattr(parts, "version", lambda name: told if name == "pip" else "6.9.0")
    (line,) = parts._pip(["install", "x"], Watch())  # noqa: SLF001
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
    monkeypatch.setattr(sys if name == "frozen" else parts, name, value, raising=False)
    assert said in parts._why_not(CAMERA)  # noqa: SLF001
    with pytest.raises(StudioError) as caught:
        run_inline(specs.InstallPart(part="camera"))
    assert said in caught.value.problem.meaning


def test_an_environment_that_may_not_be_written_to_is_named(monkeypatch):
    monkeypatch.setattr(parts.os, "access", lambda *_: False)
    assert "You may not write to" in parts._why_not(CAMERA)  # noqa: SLF001


def test_a_library_of_the_system_is_another_matter(monkeypatch):
    monkeypatch.setattr(optional_parts, "find_spec", lambda name: object())
    offer = run_inline(specs.OfferPart(part="camera"))
    assert offer.megabytes == 0
    assert "libpulse0" in offer.why_not


def test_nothing_that_is_installed_changes_its_version(pip, monkeypatch, tmp_path):
    """A part that wants another numpy would take it away from under what runs."""
    pip(works=False)
    (tmp_path / "pip" / "__main__.py").write_text(
        "import sys\nprint(sys.argv[2])\nprint(*open(sys.argv[sys.argv.index('--constraint') + 1]), end='')"
    )
    monkeypatch.setattr(parts, "_SAID", 10_000)
    with pytest.raises(StudioError) as caught:
        run_inline(specs.InstallPart(part="coreml"))
    wanted, *kept = caught.value.problem.details.split("\n")
    assert wanted == CORE_ML.package
    pinned = {line.strip().partition("==")[0].lower().replace("_", "-") for line in kept}
    assert {"numpy", "torch", "pyside6-essentials"} <= pinned


def test_each_part_is_an_extra_of_the_package_as_pip_knows_it():
    extras = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for part in PARTS.values():
        if part.name in extras:
            assert any(entry.startswith(part.package) for entry in extras[part.name])
