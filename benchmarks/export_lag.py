"""How late a 10 ms heartbeat in the GUI thread is while each export runs, and how fast each one stops.

    QT_QPA_PLATFORM=offscreen python benchmarks/export_lag.py FOLDER [--only FORMAT ...]

Opens the real window on a folder that has a run, and on its export page makes every export there is, by its clicks.
Then each is begun again and stopped after two seconds: how long that takes, and whether anything lies where it was to
go. An idle window is measured first, as the peer in the same run. CNNSTUDIO_HOME is where the runs are.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from window_lag import heartbeat, percentiles

_STOP_AFTER_MS = 2000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as out:
        measure(options.folder, Path(out), options.only)


def measure(folder: Path, out: Path, only: list[str]) -> None:
    """Drive the window."""
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    from cnnstudio.ui.look import theme
    from cnnstudio.ui.main_window import MainWindow

    app = QApplication(sys.argv[:1])
    theme.apply(app)
    window = MainWindow()
    window.resize(1440, 900)
    window.show()

    def wait(signal) -> None:
        loop = QEventLoop()
        signal.connect(loop.quit)
        loop.exec()

    def pause(milliseconds: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    window.data_page.open_folder(folder)
    wait(window.studio.runs_read)
    window.show_page("export")
    page = window.export_page
    pause(5000)
    late = heartbeat()
    pause(5000)
    print(f"idle: {percentiles(late)}", flush=True)
    made: set[str] = set()
    for number, use in enumerate(page._uses):  # noqa: SLF001 - as a person would go through them
        for place, way in enumerate(use.ways):
            if way.name in made or way.format is None or (only and way.name not in only):
                continue
            made.add(way.name)
            page.use_buttons[number].click()
            page.panel.tabs[place].click()
            if not page.panel.can_be_made:
                print(f"{way.name}: not here: {page.panel.why_missing.text()}", flush=True)
                continue
            ended(page, out / way.name, late, wait, pause)


def ended(page, folder: Path, late: list[float], wait, pause) -> None:
    """Export once to the end, and once until it is stopped."""
    from PySide6.QtCore import QTimer

    page.folder.setText(str(folder))
    late.clear()
    start = time.perf_counter()
    monitor = page.export()
    wait(monitor.ended)
    pause(300)  # with what it shows
    print(f"{folder.name}: {percentiles(late)} in {time.perf_counter() - start:.1f} s", flush=True)
    if page.notice.isVisible():
        print(f"  {page.notice.title.text()} {page.notice.text.text()}", flush=True)
    stopped = folder.with_name(f"{folder.name}-stopped")
    page.folder.setText(str(stopped))
    monitor = page.export()
    asked: list[float] = []
    QTimer.singleShot(_STOP_AFTER_MS, lambda: (asked.append(time.perf_counter()), page.progress.stop.click()))
    wait(monitor.ended)
    left = sorted(path.name for path in stopped.parent.iterdir() if path.name.startswith((".", stopped.name)))
    print(f"  stopped within {time.perf_counter() - asked[0]:.2f} s; left: {left or 'nothing'}", flush=True)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # threads that only look are not waited for
