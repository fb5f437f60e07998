"""Draws every page, and each of its tabs and panels, in every state and size, light and dark, and tells what is wrong.

    QT_QPA_PLATFORM=offscreen python -m tests.ui.sheets OUT [--fast] [--page NAME] [--state NAME]

Writes OUT/STATE-PAGE-SIZE-SCHEME.png and ends with 1 where a fault was found. At twice the size: QT_SCALE_FACTOR=2.
"""

import argparse
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEventLoop, QSettings, QSize
from PySide6.QtWidgets import QApplication

from cnnstudio.core import DatasetError, Progressed, SplitScore, wilson_interval
from cnnstudio.core.events import EpochDone, PhaseStarted, RunPaused, RunStarted, StepDone
from cnnstudio.data import Dataset, Sample
from cnnstudio.data.curation import project_folder
from cnnstudio.jobs import specs
from cnnstudio.runs import RunRecord, create_run, write_predictions
from cnnstudio.training.machine.estimate import Estimate
from cnnstudio.ui.look import theme
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.pages import PAGES
from cnnstudio.ui.state import JobMonitor, Studio
from tests.ui import many_sheets
from tests.ui.conftest import ScriptedRunner, carry_out
from tests.ui.faults import faults_of
from tests.ui.made_answers import MadeAnswers

SIZES = {"1000x660": QSize(1000, 660), "1366x768": QSize(1366, 768), "1440x900": QSize(1440, 900)}
CLASSES = {"one": 1, "two": 2, "ten": 10, "120": 120, "1000": 1000}
NAMES = (
    "hat", "أحذية", "Acer pseudoplatanus – the sycamore, leaves of the second year, seen from below", "帽子",
    "t-shirt & longsleeve", "נעליים", "<b>bold</b>", "outwear", "shoes", "Größe XL",
)  # fmt: skip
PICTURES = {1: 24, 2: 24, 10: 12, 120: 4, 1000: 2}


class Scene:
    """A window without the engine, on a folder of so many classes, and what its jobs say."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.runner = ScriptedRunner()
        self.runner.answers[specs.EstimateRun] = Estimate(seconds=40.0, memory=2 * 10**9)
        for job in (specs.OpenForLab, specs.TryOperations):
            self.runner.answers[job] = carry_out
        self.studio: Studio | None = None
        self.window: MainWindow | None = None
        self.opened = ""
        """Which view was opened last."""

    def show(self) -> "Scene":
        """The window, before anything is opened."""
        self.studio = Studio(self.runner)
        self.window = MainWindow(self.studio)
        self.window.pages.complete()
        self.window.show()
        deadline = time.monotonic() + 10
        wanted = self.runner.answers[specs.ListNetworks] is not ...
        while not self.runner.of(specs.ListNetworks) or (wanted and self.studio.catalogue is None):
            assert time.monotonic() < deadline, "the window does not ask for its networks"
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)
        settle(self.studio)
        return self

    def open(self, count: int) -> "Scene":
        """A folder of ``count`` classes."""
        dataset = folder_of(self.home, count)
        self.runner.answers[specs.ScanFolder] = dataset
        self.studio.open_folder(dataset.root)
        settle(self.studio)
        return self

    def train(self) -> "Scene":
        """A run of it that has ended."""
        dataset = self.studio.dataset
        made = MadeAnswers(dataset)
        self.runner.answers |= made.by_job()
        run = create_run(record_of(dataset), root=project_folder(dataset.root)).update(state="finished", owner=None)
        run.bundle.mkdir()
        write_predictions(run.folder, made.rows())
        log = run.log()
        for number in range(1, 13):
            log.append(epoch(number))
        log.flush()
        self.studio.refresh_runs()
        settle(self.studio)
        self.studio.show_run(self.studio.runs[0])
        settle(self.studio)
        return self

    def run(self, *more: object) -> "Scene":
        """A training under way, which says ``more``."""
        self.runner.answers[specs.FineTune] = ...
        self.window.train_page.start()
        handle = next(each for each in reversed(self.runner.handles) if isinstance(each.job, specs.FineTune))
        for event in (STARTED, PhaseStarted(name="all", trainable_parameters=3_400_000, precision="fp32"),
                      *map(epoch, range(1, 8)), step(90), *more):  # fmt: skip
            handle.events.put(event)
        settle(self.studio)
        return self

    def close(self) -> None:
        """End what runs, and let everything go."""
        if self.window is None:
            return
        self.window.end()
        self.window.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, 52)  # DeferredDelete


STARTED = RunStarted(
    run="/runs/x", network="gamma", mode="all", device="cpu", precision="fp32", epochs=12, first_epoch=1,
    train_images=900, validation_images=200,
)  # fmt: skip


def epoch(number: int) -> EpochDone:
    """One of twelve."""
    return EpochDone(
        epoch=number, epochs=12, seconds=9.0, learning_rate=0.01, train_loss=2 / number,
        train_accuracy=1 - 0.6 / number,
        validation_loss=2.2 / number, validation_accuracy=1 - 0.7 / number, validation_images=200, is_best=True,
    )  # fmt: skip


def step(number: int) -> StepDone:
    """One of a hundred and twenty."""
    return StepDone(
        epoch=8, step=number, steps=120, epochs=12, loss=0.4, learning_rate=0.01, images_per_second=80.0
    )  # fmt: skip


def folder_of(home: Path, count: int) -> Dataset:
    """Small pictures in classes with names as people have them: long, from right to left, like tags."""
    root = home / f"leaves of {count}"
    colours = np.random.default_rng(1).integers(40, 220, (24, 3))
    sources = []
    for number, colour in enumerate(colours):
        source = home / f"{number}.png"
        if not source.exists():
            Image.new("RGB", (96, 72), tuple(map(int, colour))).save(source)
        sources.append(source)
    names = [NAMES[number % len(NAMES)] + (f" {number}" if number >= len(NAMES) else "") for number in range(count)]
    samples = []
    for label in range(count):
        place = root / f"class{label}"
        place.mkdir(parents=True, exist_ok=True)
        for number in range(PICTURES[count]):
            file = place / f"picture {number}.png"
            if not file.exists():
                os.link(sources[(label + number) % len(sources)], file)
            split = ("train", "train", "validation", "test")[number % 4]
            samples.append(Sample(path=file, label=label, split=split))
    return Dataset(
        root=root, classes=tuple(names), samples=tuple(samples), problems=(), split_source="stratified"
    )  # fmt: skip


def record_of(dataset: Dataset) -> RunRecord:
    """Nine of ten recognised, the tenth taken for the next class but one."""
    count = len(dataset.classes)
    confusion = 9 * np.eye(count, dtype=int)
    for row in range(count):
        confusion[row, (row + 2) % count] += 1
    images, right = int(confusion.sum()), int(np.trace(confusion))
    score = SplitScore(
        split="test", images=images, loss=0.4, accuracy=right / images, top5_accuracy=None,
        interval=wilson_interval(right, images), confusion=tuple(map(tuple, confusion.tolist())),
    )  # fmt: skip
    return RunRecord(
        name="leaves", state="running", created="2026-11-20T10:00:00Z", network="gamma", classes=dataset.classes,
        recipe={"dataset": str(dataset.root), "mode": "all"}, dataset_hash="", best_epoch=12, epochs_done=12,
        scores={"test": score, "validation": replace(score, split="validation")},
    )  # fmt: skip


def empty(scene: Scene) -> Scene:
    """The first start."""
    return scene.show()


def loading(scene: Scene) -> Scene:
    """Neither networks nor pictures are there yet."""
    for job in (specs.ListNetworks, specs.MeasureSpeeds, specs.ListDevices):
        scene.runner.answers[job] = ...
    scene.show()
    scene.runner.answers[specs.ScanFolder] = ...
    monitor = scene.studio.open_folder(scene.home)
    monitor.handle.events.put(Progressed(done=600, total=3000, text="Checking the pictures"))
    settle(scene.studio)
    return scene


def failed(scene: Scene) -> Scene:
    """The folder cannot be used, and a training ended badly."""
    scene.show().open(2)
    scene.runner.answers[specs.ScanFolder] = DatasetError(
        "There are no pictures in this folder.",
        meaning="It has 12 files of other kinds.",
        remedy="Open another folder.",
    )
    scene.studio.open_folder(scene.home)
    scene.runner.answers[specs.FineTune] = DatasetError("The pictures are gone.", remedy="Connect the drive again.")
    scene.window.train_page.start()
    settle(scene.studio)
    return scene


def of_classes(count: int) -> Callable[[Scene], Scene]:
    """A folder of so many classes that nobody has trained on."""
    return lambda scene: scene.show().open(count)


def _leave(scene: Scene) -> None:
    """From a panel back to what the page shows by itself."""
    after = scene.window.data_page.after
    for panel in (after.second_look, after.growth, scene.window.model_page.audition):
        if panel.isVisible():
            panel.leave()
    many_sheets.leave(scene)


def _tab(page: str, name: str) -> Callable[[Scene], object]:
    return lambda scene: getattr(scene.window, f"{page}_page").tabs.buttons[name].click()


def _inside_looks(scene: Scene) -> None:
    tabs = scene.window.inside_page.tabs
    tabs.buttons["looks"].click()
    settle(scene.studio)
    tabs.tab("looks").start.click()


def _why(scene: Scene) -> None:
    page = scene.window.predict_page
    page.open_images([scene.studio.dataset.samples[0].path])
    settle(scene.studio)
    page.tabs.buttons["why"].click()


VIEWS: dict[str, tuple[str, Callable[[Scene], object]]] = {
    **{f"results-{name}": ("results", _tab("results", name)) for name in ("mistakes", "sure", "map", "stress")},
    "results-overview": ("results", _tab("results", "overview")),
    **{f"inside-{name}": ("inside", _tab("inside", name)) for name in ("before", "layers", "decided")},
    "inside-looks": ("inside", _inside_looks),
    "predict-why": ("predict", _why),
    "predict-table-asked": ("predict", many_sheets.asked),
    "predict-table": ("predict", many_sheets.table),
    "predict-serving": ("predict", many_sheets.serving),
    "predict-camera": ("predict", many_sheets.camera),
    "export-proven": ("export", many_sheets.proven),
    "data-second-look": ("data", lambda scene: scene.window.data_page.after.look.click()),
    "data-enough": ("data", lambda scene: scene.window.data_page.after.enough.click()),
    "model-audition": ("model", lambda scene: scene.window.model_page.try_all.click()),
}
"""Tabs and panels of a page that are there once a training has ended: the page, and what opens them."""


def views_in(state: str) -> list[str]:
    """Pages, and what more of them can be opened in a state."""
    return [row.name for row in PAGES] + (list(VIEWS) if state.startswith("done-") else [])


STATES: dict[str, Callable[[Scene], Scene]] = {
    "empty": empty, "loading": loading, "error": failed,
    **{name: of_classes(count) for name, count in CLASSES.items()},
    "running": lambda scene: scene.show().open(10).run(),
    "paused": lambda scene: scene.show().open(10).run(RunPaused()),
    **{f"done-{name}": (lambda scene, count=count: scene.show().open(count).train())
       for name, count in CLASSES.items() if count > 1},
}  # fmt: skip
FAST = ("empty", "loading", "running", "done-ten")
"""States that the default tests look at, in the smallest window."""


def settle(studio: Studio) -> None:
    """Let answers, signals and layouts arrive, without a sleep."""
    for _ in range(6):
        for monitor in studio.findChildren(JobMonitor):
            monitor.drain()
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 60)
        QCoreApplication.sendPostedEvents()


def shown(scene: Scene, view: str, size: QSize) -> MainWindow:
    """The window of a scene with a page, or one of ``VIEWS``, in a size."""
    window = scene.window
    page, opens = VIEWS.get(view, (view, None))
    for floating in (window.toast, window.hints.hint):
        floating.hide()
    window.show_page(page)
    window.setFixedSize(size)
    settle(scene.studio)
    if scene.opened != view:
        scene.opened = view
        (opens or _leave)(scene)
        settle(scene.studio)
    return window


def sheets(states: list[str], pages: list[str], sizes: list[str]) -> Iterator[tuple[str, str, str, str, MainWindow]]:
    """Every window that is to be looked at: state, page, size, scheme, and the window."""
    for state in states:
        with tempfile.TemporaryDirectory() as home:
            os.environ["CNNSTUDIO_HOME"] = f"{home}/app"
            theme.set_scheme("light")
            scene = STATES[state](Scene(Path(home)))
            views = [view for view in views_in(state) if view in pages]
            for scheme, page, size in itertools.product(("light", "dark"), views, sizes):
                if theme.scheme() != scheme:
                    theme.set_scheme(scheme)
                yield state, page, size, scheme, shown(scene, page, SIZES[size])
            scene.close()


def main() -> int:
    """Draw, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fast", action="store_true", help="few states in the smallest window")
    parser.add_argument("--page", choices=views_in("done-ten"))
    parser.add_argument("--state", choices=list(STATES))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, tempfile.mkdtemp())
    theme.apply(app)
    states = [options.state] if options.state else list(FAST if options.fast else STATES)
    pages = [options.page] if options.page else views_in("done-ten")
    told: dict[str, list[str]] = {}
    for state, page, size, scheme, window in sheets(states, pages, list(SIZES)[:1] if options.fast else list(SIZES)):
        name = f"{state}-{page}-{size}-{scheme}"
        window.grab().save(str(options.out / f"{name}.png"))
        for fault in faults_of(window):
            told.setdefault(fault, []).append(name)
    for fault, names in sorted(told.items()):
        print(f"{fault}\n    in {len(names)}: {', '.join(names[:4])}")  # noqa: T201
    print(f"{len(told)} faults")  # noqa: T201
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
