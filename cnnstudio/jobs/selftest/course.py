"""Carry out the chapters of a self-test, one job after the other, and say of each whether it worked."""

import pkgutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cnnstudio
from cnnstudio.core import (
    PROBE_DEVICE,
    Control,
    Event,
    Partial,
    Problem,
    StopRequested,
    StudioError,
    Watch,
    child_command,
)
from cnnstudio.core.child import ask_child
from cnnstudio.jobs.job import Job, explain, run_inline
from cnnstudio.jobs.selftest import networks, pictures, predicting, training, understanding
from cnnstudio.jobs.selftest.scene import Chapter, Endless, Scene, Steps

CHAPTERS: tuple[Chapter, ...] = (
    pictures.pictures, pictures.decisions, pictures.projects, pictures.sorting,
    networks.computer, networks.networks, networks.building,
    training.training, training.runs, training.scores,
    predicting.predicting, predicting.folders, predicting.exporting, predicting.lab,
    understanding.trust, understanding.labels, understanding.why, understanding.inside,
    predicting.leaving,
)  # fmt: skip
NOT_TRIED = {
    "DownloadWeights": "needs the internet",
    "FetchPractice": "needs the internet",
    "LookForUpdate": "needs the internet",
    "InstallPart": "would change the installation",
    "AddToDesktop": "would change the menu of programs",
    "RemoveFromDesktop": "would change the menu of programs",
}
"""Jobs, and why they are not carried out."""
_CHILD_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One thing that was tried."""

    chapter: str
    name: str
    """Of a job; a module or a child process in the first and last chapters."""
    seconds: float
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Of everything."""

    tried: tuple[Tried, ...]

    @property
    def failed(self) -> tuple[Tried, ...]:
        """What did not work."""
        return tuple(each for each in self.tried if each.problem is not None)


def try_everything(
    place: Path, watch: Watch, tell: Callable[[Tried], object], children: Sequence[tuple[str, ...]] = ()
) -> Outcome:
    """Import every module, carry out every job and start every child process.

    Nothing but ``place`` and the folders of ``CNNSTUDIO_HOME`` is written to, and nothing is asked of the internet.

    Args:
        place: an empty folder.
        watch: of the jobs; asked for a stop.
        tell: is told of each thing that was tried as soon as it was.
        children: words of child processes that are to end with 0, besides those that jobs start.

    Raises:
        StopRequested: a stop was asked for.
    """
    tried = []
    for each in _all(Scene(place), watch, children):
        tried.append(each)
        tell(each)
    return Outcome(tried=tuple(tried))


def _all(scene: Scene, watch: Watch, children: Sequence[tuple[str, ...]]) -> Iterator[Tried]:
    for name in module_names():
        watch.check()
        yield _tried("modules", name, partial(pkgutil.resolve_name, name))
    for chapter in CHAPTERS:
        yield from _chapter(chapter.__name__, chapter(scene), watch)
    for words in ((PROBE_DEVICE,), *children):
        yield _tried("child processes", words[0], partial(run_child, words, watch.control))


def module_names() -> Iterator[str]:
    """Every module of the engine and the terminal, since a bundle may have lost one; the window's need a screen."""
    for room in pkgutil.iter_modules(cnnstudio.__path__, "cnnstudio."):
        if not room.name.endswith((".ui", ".__main__")):
            yield room.name
            package = pkgutil.resolve_name(room.name)
            yield from (found.name for found in pkgutil.walk_packages(package.__path__, f"{room.name}."))


def _chapter(title: str, steps: Steps, watch: Watch) -> Iterator[Tried]:
    """Where a job fails, the rest of its chapter cannot be tried."""
    result: Any = None
    while True:
        began = time.perf_counter()
        try:
            job = steps.send(result)
        except StopIteration:
            return
        except (AttributeError, LookupError, OSError, TypeError, ValueError) as error:
            # What an earlier chapter should have made is not there.
            yield Tried(chapter=title, name="its next step", seconds=0.0, problem=explain(error))
            return
        problem = None
        try:
            result = _run(job, watch)
        except StopRequested:
            raise
        except Exception as error:  # noqa: BLE001 - whatever breaks is what the test is for
            problem = explain(error)
        yield Tried(chapter=title, name=_name(job), seconds=time.perf_counter() - began, problem=problem)
        if problem is not None:
            steps.close()
            return


def _run(step: Job[Any] | Endless, watch: Watch) -> Any:
    if isinstance(step, Job):
        return run_inline(step, watch)
    control = Control()

    def hear(event: Event) -> None:
        watch.check()
        if isinstance(event, Partial):
            control.request_stop()

    timer = threading.Timer(step.seconds, control.request_stop)
    timer.daemon = True
    timer.start()
    try:
        return run_inline(step.job, Watch(control, hear))
    except StopRequested as stop:
        watch.check()
        return getattr(stop, "result", None)
    finally:
        timer.cancel()


def _name(step: Job[Any] | Endless) -> str:
    return type(step.job if isinstance(step, Endless) else step).__name__


def _tried(chapter: str, name: str, act: Callable[[], object]) -> Tried:
    began, problem = time.perf_counter(), None
    try:
        act()
    except StopRequested:
        raise
    except Exception as error:  # noqa: BLE001 - see above
        problem = explain(error)
    return Tried(chapter=chapter, name=name, seconds=time.perf_counter() - began, problem=problem)


def run_child(words: tuple[str, ...], control: Control) -> None:
    """Raises StudioError where a child process of ours does not end with 0."""
    ended = ask_child(child_command(*words), _CHILD_S, control)
    if ended.code:
        raise StudioError(
            f"A process of CNN Studio ended with {ended.code}.",
            meaning="What it does for the window and the terminal does not work on this computer.",
            remedy="Please report it with the details.",
            details=ended.said,
        )
