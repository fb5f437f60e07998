"""How late a 10 ms heartbeat in the GUI thread is while somebody goes through the pages of many classes.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.pages_lag [STATE]

STATE is one of tests/ui/sheets.py, done-120 unless given. Every page is shown three times, scrolled and made larger and
smaller, with real wheel events and without the engine; the first time, pages are laid out and count as well. At the
end the theme is changed twice.
"""

import os
import sys
import tempfile
from pathlib import Path
from threading import Thread
from typing import Any

from PySide6.QtCore import QCoreApplication, QEventLoop, QSize, QTimer
from PySide6.QtWidgets import QAbstractScrollArea, QApplication

from benchmarks.window_lag import heartbeat, percentiles
from cnnstudio.jobs import run_inline, specs
from cnnstudio.jobs.job import Job
from cnnstudio.jobs.runner import JobHandle
from cnnstudio.ui.look import theme
from cnnstudio.ui.pages import PAGES
from tests.ui.conftest import ScriptedRunner
from tests.ui.real_wheel import wheel
from tests.ui.sheets import STATES, Scene

SIZES = (QSize(1000, 660), QSize(1440, 900))


def pause(milliseconds: int) -> None:
    """Let the window live."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def work_beside(runner: ScriptedRunner) -> None:
    """Have jobs done in threads of their own, as in the application, and not at once, as in tests."""

    def submit(job: Job[Any]) -> JobHandle[Any]:
        handle = JobHandle(job)

        def work() -> None:
            answer = runner.answer_to(job)
            if answer is not ...:
                runner.end(handle, answer)

        runner.handles.append(handle)
        Thread(target=work, daemon=True).start()
        return handle

    runner.submit = submit


def main() -> None:
    """Measure and print, page by page and all together."""
    state = sys.argv[1] if len(sys.argv) > 1 else "done-120"
    theme.apply(QApplication(sys.argv[:1]))
    run_inline(specs.WarmUp())  # as the application does after its first paint: importing the engine is another matter
    with tempfile.TemporaryDirectory() as home:
        os.environ["CNNSTUDIO_HOME"] = f"{home}/app"
        scene = STATES[state](Scene(Path(home)))
        work_beside(scene.runner)
        late = heartbeat()
        pause(500)
        print(f"idle:    {percentiles(late)}")
        late.clear()
        everything: list[float] = []
        for row in PAGES:
            for turn in range(3):
                scene.window.show_page(row.name)
                scene.window.resize(SIZES[turn % 2])
                pause(150)
                views = scene.window.pages.currentWidget().findChildren(QAbstractScrollArea)
                for view in [each for each in views if each.isVisible()][:4]:
                    for notch in range(4):
                        wheel(view.viewport(), up=notch == 3)
                        pause(15)
            print(f"{row.name + ':':8} {percentiles(late)}")
            everything += late
            late.clear()
        for scheme in ("dark", "light"):
            theme.set_scheme(scheme)
            pause(500)
        print(f"theme:   {percentiles(late)}")
        print(f"all:     {percentiles([*everything, *late])}")
        scene.close()
        QCoreApplication.processEvents()


if __name__ == "__main__":
    main()
