"""How late a 10 ms heartbeat in the GUI thread is while the data page opens a large folder, shows it and scrolls.

    QT_QPA_PLATFORM=offscreen python benchmarks/data_page_lag.py FOLDER

Phases: the folder is checked for the first time; its pictures arrive in the page; all of them are scrolled through by
wheel; they are narrowed by class, split and name; one is left out, and that is undone.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

BEAT_MS = 10
SCREENS = 400
"""Wheel steps."""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["CNNSTUDIO_HOME"] = home
        measure(Path(sys.argv[1]))


def measure(folder: Path) -> None:  # noqa: C901 - a script, one step after the other
    """Drive the window."""
    from PySide6.QtCore import QEventLoop, Qt, QTimer
    from PySide6.QtWidgets import QApplication

    from cnnstudio.ui.look import theme
    from cnnstudio.ui.main_window import MainWindow

    app = QApplication(sys.argv[:1])
    theme.apply(app)
    window = MainWindow()
    window.resize(1280, 820)
    window.show()
    late: list[float] = []
    last = time.perf_counter()

    def beat() -> None:
        nonlocal last
        now = time.perf_counter()
        late.append(1000 * (now - last) - BEAT_MS)
        last = now

    heart = QTimer()
    heart.setTimerType(Qt.TimerType.PreciseTimer)
    heart.timeout.connect(beat)
    heart.start(BEAT_MS)

    def wait(signal) -> None:
        loop = QEventLoop()
        signal.connect(loop.quit)
        loop.exec()

    def rest(milliseconds: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def phase(title: str, act: Callable[[], object]) -> None:
        late.clear()
        start = time.perf_counter()
        act()
        rest(50)
        found = sorted(late)
        p99 = found[int(0.99 * len(found))]
        print(f"{title:32} {time.perf_counter() - start:6.2f} s   p99 {p99:6.1f} ms   worst {found[-1]:6.1f} ms")

    wait(window.studio.devices_changed)
    page = window.data_page
    window.show_page("data")
    rest(1000)

    def check() -> None:
        page.open_folder(folder)
        wait(window.studio.dataset_changed)
        rest(500)

    def scroll() -> None:
        bar = page.browser.view.verticalScrollBar()
        for step in range(SCREENS + 1):
            bar.setValue(round(bar.maximum() * step / SCREENS))
            rest(15)

    def narrow() -> None:
        for row in (1, 2, 0):
            page.classes.setCurrentIndex(page.classes.rows.index(row))
            rest(60)
        for index in (1, 2, 0):
            page.browser.of_split.setCurrentIndex(index)
            rest(60)
        for text in ("1", "12", "123", ""):
            page.browser.search.setText(text)
            rest(60)

    def decide(act: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            act()
            wait(window.studio.dataset_changed)
            rest(300)

        return run

    phase("checked for the first time", check)
    phase("opened again", check)
    phase("scrolled through", scroll)
    phase("narrowed", narrow)
    path = window.studio.dataset.samples[5].path
    phase("one left out", decide(lambda: page.curator.leave_out([path])))
    phase("undone", decide(window.studio.history.undo))
    window.studio.close()


if __name__ == "__main__":
    main()
