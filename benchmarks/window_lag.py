"""How late a 10 ms heartbeat in the GUI thread is while the window trains.

    QT_QPA_PLATFORM=offscreen python benchmarks/window_lag.py FOLDER WEIGHTS

Opens the real window on the folder, trains the last layer (features are computed anew), goes on with the last stage
until 40 seconds of training were measured, and stops. An idle window is measured first, as the peer in the same run.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

MEASURED_SECONDS = 40
BEAT_MS = 10


def percentiles(late: list[float]) -> str:
    """Lateness in milliseconds."""
    late = sorted(late)
    p50, p99 = late[len(late) // 2], late[int(0.99 * len(late))]
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, worst {late[-1]:.1f} ms over {len(late)} beats"


def heartbeat() -> list[float]:
    """How late each beat of the GUI thread is from now on, in milliseconds; the list grows."""
    from PySide6.QtCore import QCoreApplication, Qt, QTimer

    late: list[float] = []
    last = time.perf_counter()

    def beat() -> None:
        nonlocal last
        now = time.perf_counter()
        late.append(max(0.0, 1000 * (now - last) - BEAT_MS))
        last = now

    timer = QTimer(QCoreApplication.instance())
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(beat)
    timer.start(BEAT_MS)
    return late


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("weights", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["CNNSTUDIO_HOME"] = home
        measure(options.folder, options.weights)


def measure(folder: Path, weights: Path) -> None:
    """Drive the window."""
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    from cnnstudio.ui.look import theme
    from cnnstudio.ui.main_window import MainWindow

    app = QApplication(sys.argv[:1])
    theme.apply(app)
    window = MainWindow()
    window.show()

    def wait(signal) -> None:
        loop = QEventLoop()
        signal.connect(loop.quit)
        loop.exec()

    wait(window.studio.devices_changed)
    window.data_page.open_folder(folder)
    wait(window.studio.dataset_changed)
    window.model_page.select("squeezenet1_0", weights)
    wait(window.studio.network_changed)
    window.show_page("train")

    late = heartbeat()
    pause = QEventLoop()
    QTimer.singleShot(5000, pause.quit)
    pause.exec()
    print(f"idle:     {percentiles(late)}")
    late.clear()
    start = time.perf_counter()
    wait(window.train_page.start().ended)
    print(f"head:     {percentiles(late)} in {time.perf_counter() - start:.1f} s")
    better = window.train_page.make_better("last-stage")
    rest = max(5.0, MEASURED_SECONDS - (time.perf_counter() - start))
    QTimer.singleShot(int(1000 * rest), window.train_page.stop)
    wait(better.ended)
    seconds = time.perf_counter() - start
    print(f"training: {percentiles(late)} in {seconds:.1f} s (last layer, then last stage)")
    window.close()


if __name__ == "__main__":
    main()
