"""A window without the engine: a runner that plays back results, and a watch for what a test leaves behind."""

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from cnnstudio.core import DeviceInfo, JobFailed, JobFinished, JobStopped, Partial, StudioError
from cnnstudio.jobs import Streaming, run_inline, specs
from cnnstudio.jobs.runner import JobHandle
from cnnstudio.networks import Catalogue, NetworkEntry, Speeds, WeightsEntry
from cnnstudio.networks.catalogue.recommend import recommended
from cnnstudio.ui import main_window
from cnnstudio.ui.look import theme
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.state import Studio
from cnnstudio.ui.widgets import Page


def weights(name="V1", acc1=70.0, size=10.0, file_name="y.pth", **others):
    options = {"url": "http://x/y.pth", "licence": "", "local": None, **others}
    return WeightsEntry(
        name=name, acc1=acc1, acc5=90.0, gflops=0.5, file_size_mb=size, input_size=224, min_size=32,
        file_name=file_name, recipe_url="", is_default=True, **options,
    )  # fmt: skip


def network(name, family, **options):
    return NetworkEntry(
        name=name, title=name.title(), family=family, parameters=1_200_000, gflops=0.5, input_size=224, min_size=32,
        weights=(weights(**{"file_name": f"{name}-00000000.pth", **options}),),
    )  # fmt: skip


CLASSIC = NetworkEntry(
    name="lenet5", title="LeNet-5", family="LeNet", classic=True, parameters=61_706, gflops=0.0004, input_size=32,
    channels=1, min_size=16, weights=(),
)  # fmt: skip
SPEEDS = Speeds(
    device="cpu", machine="this", measured=("alpha18",),
    seconds={"alpha18": 0.002, "beta_b": 0.02, "gamma": 0.001, "swag": 0.5},
)  # fmt: skip


CATALOGUE = Catalogue(
    torchvision="0.29",
    networks=(
        network("alpha18", "Alpha", acc1=71.0),
        network("beta_b", "Beta", acc1=80.0, size=900.0),
        network("gamma", "Gamma", acc1=60.0, local="/weights/gamma.pth"),
        network("swag", "Gamma", acc1=88.0, licence="non-commercial"),
        CLASSIC,
    ),
)


def carry_out(job):
    """The result of a job, or its error."""
    try:
        return run_inline(job)
    except StudioError as error:
        return error


class ScriptedRunner:
    """Answers a job at once: with a result, an error, or a list of events that ends with one of them.

    Small files are really read and written.
    """

    def __init__(self):
        self.specs = []
        self.handles = []
        self.answers = {
            specs.WarmUp: None,
            specs.LookAtMotion: False,
            specs.MatchNames: carry_out,
            specs.ListNetworks: CATALOGUE,
            specs.MeasureSpeeds: SPEEDS,
            specs.RecommendNetwork: lambda spec: recommended(spec.catalogue, None, spec.speeds),
            specs.ListDevices: (DeviceInfo(kind="cpu", title="CPU (2 cores)"),),
        }

    def submit(self, spec):
        self.specs.append(spec)
        handle = JobHandle(spec)
        self.handles.append(handle)
        answer = self.answer_to(spec)
        if answer is not ...:
            self.end(handle, answer)
        return handle

    def answer_to(self, spec):
        answer = self.answers.get(type(spec), carry_out if spec.lane in ("files", "places") else ...)
        return answer(spec) if callable(answer) else answer

    def end(self, handle, answer):
        for event in answer if isinstance(answer, list) else [answer]:
            if isinstance(event, StudioError):
                event = JobFailed(problem=event.problem)
            elif not type(event).__module__.endswith("core.events"):
                if isinstance(handle.job, Streaming):
                    for part in event:
                        handle.events.put(Partial(result=part))
                event = JobFinished(result=event)
            handle.events.put(event)

    def of(self, kind):
        return [spec for spec in self.specs if isinstance(spec, kind)]

    def close(self, _timeout):
        for handle in self.handles:
            handle.events.put(JobStopped())
        return True


@pytest.fixture(autouse=True)
def no_leaks(request, qapp):
    """A test that passed may leave no thread, no running timer and no window behind."""
    before = set(threading.enumerate())
    yield
    QCoreApplication.sendPostedEvents(None, 52)  # DeferredDelete
    left = [thread.name for thread in set(threading.enumerate()) - before if thread.name.startswith("cnnstudio")]
    windows = [w.objectName() for w in QApplication.topLevelWidgets() if w.isVisible()]
    timers = [t for w in QApplication.topLevelWidgets() for t in w.findChildren(QTimer) if t.isActive()]
    assert (left, windows, timers) == ([], [], [])


@pytest.fixture(autouse=True)
def windows_that_go(monkeypatch):
    """A scan freezes all that there is (``objects_that_stay``): plots of all windows before would stay for good."""
    monkeypatch.setattr("gc.freeze", lambda: None)


@pytest.fixture(autouse=True)
def themed(qapp):
    theme.set_scheme("light")
    if not qapp.property("themed"):
        theme.apply(qapp)


@pytest.fixture(autouse=True)
def quick_answers(monkeypatch):
    """Jobs answer at once here: nobody waits for the next twentieth of a second to hear it."""
    monkeypatch.setattr("cnnstudio.ui.state.job_monitor.DRAIN_MS", 5)


@pytest.fixture
def runner():
    return ScriptedRunner()


@pytest.fixture
def studio(runner, qapp):
    studio = Studio(runner)
    yield studio
    studio.close()
    studio.deleteLater()  # its connections would keep the window and all its pages


def stand_in(row):
    """A row whose page is empty."""
    return replace(row, load=lambda: lambda _: Page(f"{row.name}_page", row.title))


def keep_pages(monkeypatch, *names):
    """In windows all other pages are empty, since they take their time to build; without names none is."""
    if names:
        rows = tuple(row if row.name in names else stand_in(row) for row in main_window.PAGES)
        monkeypatch.setattr("cnnstudio.ui.main_window.PAGES", rows)


def make_window(qtbot, monkeypatch, studio=None, pages=()):
    """The window, whole or with these pages only, on a machine whose settings nobody keeps."""
    monkeypatch.setattr("PySide6.QtCore.QSettings.value", lambda *_: None)
    monkeypatch.setattr("PySide6.QtCore.QSettings.setValue", lambda *_: None)
    keep_pages(monkeypatch, *pages)
    window = MainWindow(studio)
    qtbot.addWidget(window, before_close_func=ask_nobody)  # which comes before fixtures are taken down
    window.pages.complete()
    window.show()
    return window


def ask_nobody(window):
    """A question about a training that a failed test has left open would be waited for."""
    window.unasked = True


def let_go(window):
    """Close it, and ask nobody about a training that a failed test has left open: it is stopped, and waited for."""
    window.end()
    window.close()


@pytest.fixture
def window(request, qtbot, studio, monkeypatch):
    """With the pages that a test is marked with, ``pages("data", "train")``; else with all."""
    marker = request.node.get_closest_marker("pages")
    window = make_window(qtbot, monkeypatch, studio, marker.args if marker else ())
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: studio.catalogue is not None and bool(studio.devices))
    yield window
    let_go(window)


@pytest.fixture
def dataset(tiny_folder):
    from cnnstudio.data.dataset import SplitSpec
    from cnnstudio.data.scan import scan_folder

    return scan_folder(tiny_folder, SplitSpec())


@pytest.fixture
def opened(qtbot, window, runner, studio, dataset):
    """A window with a folder open."""
    runner.answers[specs.ScanFolder] = dataset
    with qtbot.waitSignals([studio.dataset_changed, studio.run_changed]):  # its runs are read after it
        studio.open_folder(dataset.root)
    return window


@pytest.fixture
def in_dialog():
    """Has something done in the next modal dialog, once the keyboard is in it."""

    def answer(act):
        def look():
            dialog, focused = QApplication.activeModalWidget(), QApplication.focusWidget()
            if dialog is None or focused is None or not dialog.isAncestorOf(focused):
                QTimer.singleShot(10, look)
            else:
                act(dialog)

        QTimer.singleShot(0, look)

    return answer


@pytest.fixture
def letters(qapp, request):
    """The system's letters twice as large, or so many times as a test has it."""
    times, before = getattr(request, "param", 2), qapp.font()
    larger = QFont(before)
    larger.setPointSizeF(times * before.pointSizeF())
    qapp.setFont(larger)
    yield times
    qapp.setFont(before)
