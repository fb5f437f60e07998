"""What a map of very many pictures costs: laying out, memory, and how long the window takes for what is done on it.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.map_of_many [PICTURES [FEATURES]]

Drawn features of 100 classes, 60,000 x 1,280 unless given, in float16 as runs keep them. Seconds of the processor,
since others may be computing beside it; of the window those of its own thread, painting included.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from cnnstudio.ui.look import theme
from cnnstudio.ui.results.picture_map.tab import MapTab
from cnnstudio.ui.state import Studio
from cnnstudio.understanding.layout import unfold
from cnnstudio.understanding.outcomes import PictureMap
from tests.ui.conftest import ScriptedRunner
from tests.ui.test_second_look import run_on

CLASSES, ROUNDS, SIZE = 100, 10, (1440, 900)


def drawn(count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Features and classes."""
    random = np.random.default_rng(0)
    labels = random.integers(0, CLASSES, count)
    centres = random.normal(0, 1, (CLASSES, size)).astype(np.float32)
    features = np.empty((count, size), np.float16)
    for start in range(0, count, 4096):
        rows = labels[start : start + 4096]
        features[start : start + 4096] = centres[rows] + 2 * random.normal(0, 1, (len(rows), size))
    return features, labels


def peak() -> float:
    """Megabytes that this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def laid_out(features: np.ndarray) -> np.ndarray:
    """Places, and what they cost."""
    before, begun = peak(), time.process_time()
    steps = unfold(features)
    place = next(steps)
    first = time.process_time() - begun
    for place in steps:  # noqa: B007 - the last one
        pass
    whole, kept = time.process_time() - begun, features.nbytes / 2**20
    print(
        f"{len(features):,} x {features.shape[1]:,}: first places after {first:.1f} s of the processor, all after "
        f"{whole:.1f} s; {peak() - before:.0f} MB beside the {kept:.0f} of the features"
    )
    return place


def told(name: str, act: Callable[[int], object]) -> None:
    """The median and the longest of some rounds."""
    taken = []
    for number in range(ROUNDS):
        begun = time.thread_time()
        act(number)
        QApplication.processEvents()
        taken.append(1000 * (time.thread_time() - begun))
    print(f"{name}: median {np.median(taken):.0f} ms, longest {max(taken):.0f} ms")


def windowed(place: np.ndarray, labels: np.ndarray, home: Path) -> None:
    """A map in its tab, with real events where they are cheap to make."""
    random = np.random.default_rng(1)
    count = len(labels)
    answers = np.where(random.random(count) < 0.1, (labels + 1) % CLASSES, labels)
    found = PictureMap(
        root=home, classes=tuple(f"class {number}" for number in range(CLASSES)),
        names=tuple(f"{number:06}.jpg" for number in range(count)), labels=labels, answers=answers,
        sure=np.full(count, 0.8, np.float32), splits=np.array(["train"] * count), held_out=np.ones(count, bool),
        places=place,
    )  # fmt: skip
    tab = MapTab(Studio(ScriptedRunner()))
    tab.resize(*SIZE)
    tab.show()
    tab._run = run_on(home)  # noqa: SLF001 - as the job hands a map over
    begun = time.thread_time()
    tab._take(tab._run, found)  # noqa: SLF001
    QApplication.processEvents()
    print(f"shown: {1000 * (time.thread_time() - begun):.0f} ms")
    middle, span = place.mean(0), np.ptp(place, axis=0).max()
    turn = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    circle = np.stack([np.cos(turn), np.sin(turn)], 1)
    plane = tab.plot.getViewBox()
    told("the map moves on while it is laid out", lambda _: tab._take(tab._run, found))  # noqa: SLF001
    told("zoom, painted", lambda number: tab.plot.zoom(1.1 if number % 2 else 1 / 1.1))
    told("a part of the line while it is drawn", lambda _: plane.drawn.emit(middle + 0.2 * span * circle, False, False))  # noqa: FBT003
    told(
        "line to pictures, a tenth",
        lambda number: plane.drawn.emit(middle + (0.15 + number / 1000) * span * circle, True, False),  # noqa: FBT003
    )
    print(f"  {len(tab.plot.selection):,} pictures in the last one")
    told(
        "line to pictures, half",
        lambda number: plane.drawn.emit(middle + (0.35 + number / 1000) * span * circle, True, False),  # noqa: FBT003
    )
    print(f"  {len(tab.plot.selection):,} pictures in the last one")
    told("hover", lambda number: hovered(tab, middle + 0.03 * number))
    told("colours", lambda number: tab.colours.setCurrentIndex(number % 3))
    told(
        "a class hidden or shown",
        lambda number: tab.legend.item(0).setCheckState(
            Qt.CheckState.Checked if number % 2 else Qt.CheckState.Unchecked
        ),
    )
    tab.release()
    tab.close()


def hovered(tab: MapTab, place: np.ndarray) -> None:
    """The mouse above a place."""
    plot = tab.plot
    at = QPointF(plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(*place.tolist()))))
    none = Qt.MouseButton.NoButton
    where = plot.viewport().mapToGlobal(at)
    event = QMouseEvent(QEvent.Type.MouseMove, at, where, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(plot.viewport(), event)


def main() -> None:
    """Measure and print."""
    given = [int(word) for word in sys.argv[1:]]
    count, size = [*given, 60_000, 1280][:2] if len(given) != 1 else (*given, 1280)
    features, labels = drawn(count, size)
    place = laid_out(features)
    theme.apply(QApplication(sys.argv[:1]))
    with tempfile.TemporaryDirectory() as home:
        windowed(place, labels, Path(home))


if __name__ == "__main__":
    main()
