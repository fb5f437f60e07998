"""The predict page beyond one picture and the export page after an export, for the sheets."""

from pathlib import Path

from cnnstudio.core import JobFinished, JobStopped, Partial
from cnnstudio.export.formats import ExportReport
from cnnstudio.inference.folder.results import Counts, FolderAnswers, TableFacts, WatchState
from cnnstudio.inference.results import ClassScore, Prediction
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.places import TablePlace
from cnnstudio.service.contract import Served, Serving
from tests.certificates import certificate
from tests.ui.test_camera_dialog import DrawnCamera

_TABLE = Path("/documents/CNN Studio/a walk in the woods-answers-17f2.csv")


def proven(scene):
    """An export with its certificate, all of it."""
    page = scene.window.export_page
    folder = Path("/documents/CNN Studio/leaves-2026-11-26_160247-code")
    scene.runner.answers[specs.ExportModel] = ExportReport(
        path=folder, files=tuple(folder / name for name in ("README.txt", "model.onnx", "predict.py")),
        images_checked=341, largest_difference=3e-7, snippet="import onnxruntime\n" * 30, certificate=certificate(),
    )  # fmt: skip
    next(entry for entry in page.use_buttons if entry.objectName() == "use_code").click()
    page.export()
    _hear(scene)
    page.outcome.certificate.more.setChecked(True)
    page.outcome.certificate.more.clicked.emit()


def asked(scene):
    """A table that an earlier day began."""
    facts = TableFacts(file=_TABLE, done=1204, total=3781, network="gamma", written="2026-11-20T10:00:00Z")
    scene.runner.answers[specs.FindTable] = TablePlace(file=_TABLE, facts=facts)
    scene.window.predict_page.ways.open_table((Path("/pictures/a walk in the woods"),), 3781)


def table(scene):
    """A table that is made."""
    asked(scene)
    _hear(scene)
    names = scene.studio.dataset.classes
    counts = Counts(
        classes={name: 900 - 37 * place for place, name in enumerate(names[:20])}, unreadable=3, unlike=41, between=12
    )
    made = FolderAnswers(table=_TABLE, done=3781, total=3781, counts=counts, kept=1204)
    scene.runner.answers[specs.PredictFolder] = [JobFinished(result=made)]
    scene.window.predict_page.ways.table.begin.click()


def serving(scene):
    """Others are answered, a folder is watched, and the drawer with the switch is open."""
    ways = scene.window.predict_page.ways
    ways.watch.start(Path("/pictures/from the microscope"), scene.window.predict_page.model())
    watching = scene.runner.handles[-1]
    watching.events.put(Partial(result=WatchState(there=True, waiting=2, answered=1204, unreadable=1)))
    ways.serve.open_it()
    ways.serve.switch.setChecked(True)
    handle = scene.runner.handles[-1]
    handle.events.put(Partial(result=Serving(title="x", port=38101, token="t" * 32)))
    handle.events.put(Partial(result=Served(answered=1204, refused=3)))


def camera(scene):
    """Something that the network has not learned, in front of a camera of a long name, above pictures."""
    page, dataset = scene.window.predict_page, scene.studio.dataset
    page.open_images([dataset.samples[0].path])
    _hear(scene)
    shares = (0.6, 0.2, 0.1, 0.06, 0.04)
    scene.runner.answers[specs.PredictFrame] = Prediction(
        path=Path(), verdict="unlike", nearest=dataset.samples[0].path,
        top=tuple(ClassScore(*each) for each in zip(dataset.classes, shares, strict=False)),
    )  # fmt: skip
    drawn = DrawnCamera(("Integrated Webcam Full HD (1bcf:2b98)", "USB"))
    page.live.start(drawn)
    for _ in range(3):
        drawn.show()
        _hear(scene)


def leave(scene):
    """Nothing goes on any more."""
    scene.window.predict_page.live.hide()
    ways = scene.window.predict_page.ways
    ways.serve.close_it()
    if ways.has_table:
        ways.table.close_it()
    for handle in scene.runner.handles:
        if isinstance(handle.job, specs.ServeModel | specs.WatchFolder):
            handle.events.put(JobStopped())
    scene.window.export_page.outcome.hide()


def _hear(scene):
    from tests.ui.sheets import settle

    settle(scene.studio)
