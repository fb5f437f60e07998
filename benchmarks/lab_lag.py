"""How late a 10 ms heartbeat in the GUI thread is, and how many results come, while sliders of the Lab move.

    python benchmarks/lab_lag.py [PICTURE] [SIDE]

Every phase pulls one slider to and fro for three seconds, a step every 16 ms, as a hand does; ``slides`` is the kernel
sliding at its fastest, ``points`` the mouse over the result. Results are counted as they are shown. On a computer that
others keep busy, only the processor time of the GUI thread between two beats says something.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

BEAT_MS, STEP_MS, SECONDS = 10, 16, 3.0


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["CNNSTUDIO_HOME"] = home
        picture = Path(sys.argv[1]) if len(sys.argv) > 1 else None
        measure(picture, int(sys.argv[2]) if len(sys.argv) > 2 else 256)


def measure(picture: Path | None, side: int) -> None:
    """Drive the window."""
    from PySide6.QtCore import QEventLoop, Qt, QTimer
    from PySide6.QtWidgets import QApplication

    from cnnstudio.ui.look import theme
    from cnnstudio.ui.main_window import MainWindow

    app = QApplication(sys.argv[:1])
    theme.apply(app)
    window = MainWindow()
    window.resize(1440, 900)
    window.show()
    late: list[float] = []
    busy: list[float] = []
    last = (time.perf_counter(), time.thread_time())

    def beat() -> None:
        nonlocal last
        now = (time.perf_counter(), time.thread_time())
        late.append(1000 * (now[0] - last[0]) - BEAT_MS)
        busy.append(1000 * (now[1] - last[1]))
        last = now

    heart = QTimer()
    heart.setTimerType(Qt.TimerType.PreciseTimer)
    heart.timeout.connect(beat)
    heart.start(BEAT_MS)

    def rest(milliseconds: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(round(milliseconds), loop.quit)
        loop.exec()

    window.show_page("lab")
    room = window.lab_page.rooms.tab("operation")
    if picture is not None:
        room.source.open_picture(picture)
    room.source.side.setCurrentIndex(room.source.side.findText(f"{side} px"))
    while room.stage.traced is None or window.engine_label.text():
        rest(50)
    rest(1000)
    shown = 0

    def count_one(*_: object) -> None:
        nonlocal shown
        shown += 1

    room.trying.came.connect(count_one)

    def phase(title: str, step: Callable[[int], object]) -> None:
        nonlocal shown
        rest(300)
        late.clear()
        busy.clear()
        shown, start = 0, time.perf_counter()
        for number in count():
            step(number)
            rest(STEP_MS)
            if time.perf_counter() - start > SECONDS:
                break
        took, found, used = time.perf_counter() - start, sorted(late), sorted(busy)
        place = int(0.99 * len(found))
        print(
            f"{title:26} {shown / took:5.1f} results/s   late: p99 {found[place]:5.1f}, worst {found[-1]:5.1f} ms"
            f"   processor time between two beats: p99 {used[place]:5.1f}, worst {used[-1]:5.1f} ms"
        )

    def pulled(slider: object) -> Callable[[int], object]:
        low, high = slider.minimum(), slider.maximum()  # type: ignore[attr-defined]
        span = high - low
        return lambda number: slider.setValue(low + span - abs(number % (2 * span) - span))  # type: ignore[attr-defined]

    panel = room.steps.current.panel
    phase("bias", pulled(panel.bias.slider))
    phase("kernel size", pulled(panel.kernel.sides.slider))
    phase("dilation", pulled(panel.dilation.slider))
    panel.dilation.choose(1)
    panel.kernel.choose_preset("gabor")
    phase("angle of a Gabor, 7 × 7", pulled(panel.kernel.angle.slider))
    height, width = room.stage.traced.size
    phase("points", lambda number: room.stage.made.pointed.emit(7 * number % width, 3 * number % height))
    room.stage.bar.speed.setValue(room.stage.bar.speed.maximum())
    room.stage.player.toggle()
    phase("slides", lambda _: None)
    room.stage.player.pause()
    panel.choose_kind("separable")
    panel.outputs.choose(8)
    phase("separable, 8 outputs: bias", pulled(panel.bias.slider))
    room.steps.begin(["convolution", "activation", "pooling", "convolution", "activation", "pooling"])
    room.steps.select(0)
    phase("chain of six: bias", pulled(room.steps.current.panel.bias.slider))
    room.steps.begin(["norm"])
    phase("batch norm: weight", pulled(room.steps.current.panel.weight.slider))
    window.end()
    window.close()


if __name__ == "__main__":
    main()
