"""The export page, by clicks."""

import ast
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from cnnstudio.core import ExportMismatch
from cnnstudio.data import PreprocessSpec
from cnnstudio.export.companions import snippet
from cnnstudio.export.formats import FORMATS, ExportReport, StateDict
from cnnstudio.jobs import specs
from cnnstudio.networks import BundleCard
from cnnstudio.runs import RunRecord, create_run, open_run
from cnnstudio.ui.export.page import ExportPage
from tests.certificates import certificate
from tests.ui.test_train_page import SCORE, VALIDATION, click


@pytest.fixture
def page(qtbot, studio, tmp_path):
    """The page as large as it is in the smallest window, on a run with weights of 3.2 MB."""
    record = RunRecord(
        name="first", state="running", created="2026-11-20T10:00:00Z", network="gamma",
        classes=("blue", "green", "red"), recipe={"dataset": "/pictures/leaves"}, dataset_hash="",
        scores={"test": SCORE, "validation": VALIDATION},
    )  # fmt: skip
    run = create_run(record, root=tmp_path / "runs").update(state="finished", owner=None)
    run.bundle.mkdir()
    (run.bundle / "weights.safetensors").write_bytes(bytes(3_200_000))
    page = ExportPage(studio)
    qtbot.addWidget(page)
    page.resize(824, 616)
    page.show()
    qtbot.waitExposed(page)
    with qtbot.waitSignal(studio.runs_changed):
        studio.refresh_runs()
    studio.runs = [open_run(run.folder)]
    studio.runs_changed.emit()
    qtbot.waitUntil(lambda: bool(page.folder.text()))
    return page


def report(folder, **others):
    return ExportReport(
        path=folder,
        files=(folder / "a.pth",),
        images_checked=6,
        largest_difference=3e-7,
        snippet="import torch",
        certificate=certificate(),
        **others,
    )


def exported(page, runner, qtbot, folder):
    runner.answers[specs.ExportModel] = report(folder)
    page.folder.selectAll()
    qtbot.keyClicks(page.folder, str(folder))
    click(qtbot, page.export_button)
    qtbot.waitUntil(page.outcome.isVisible)
    return runner.of(specs.ExportModel)[-1]


def test_it_is_asked_where_it_will_be_used_and_said_what_is_not_offered(page):
    titles = [button.accessibleName().split(":")[0] for button in page.use_buttons]
    assert titles == ["Another computer with CNN Studio", "Python", "Just the weights"]
    assert [size.text() for size in page.sizes] == ["3.2 MB"] * 3
    assert "4 of 6 validation pictures correct" in page.sentence.text(), "test pictures choose nothing"
    shown = page.findChild(type(page.sentence), "not_offered").text()
    assert all(name in shown for name in ("ONNX", "Core ML", "TensorFlow Lite", "phone", "web"))


def test_exports_go_to_documents_each_into_a_folder_of_its_own(page, qtbot, isolated_user_dirs):
    place = Path(page.folder.text())
    assert place.parent == isolated_user_dirs / "documents" / "CNN Studio"
    assert place.name.startswith("leaves-")
    assert place.name.endswith("-studio")
    click(qtbot, page.use_buttons[1])
    assert page.folder.text().endswith("-python")
    page.folder.selectAll()
    qtbot.keyClicks(page.folder, "/mine")
    click(qtbot, page.use_buttons[2])
    assert page.folder.text() == "/mine", "a person's own choice stays"


@pytest.mark.parametrize(
    ("use", "kind", "needs", "install"),
    [
        (0, "bundle", "It needs CNN Studio there, and nothing else.", ""),
        (1, "state-dict", "Python with torch, torchvision, and pillow-heif for HEIC", "pip install torch torchvision"),
        (2, "bundle", "torch, torchvision, safetensors, and", "pip install torch torchvision safetensors"),
    ],
)
def test_an_export_says_all_that_it_needs(page, qtbot, use, kind, needs, install):
    click(qtbot, page.use_buttons[use])
    assert page.format == kind
    page.outcome.show_report(page.use, report(Path("/out")))
    assert needs in page.outcome.needs.text()
    page.outcome.install.click()
    assert page.outcome.install.isHidden() == (not install)
    assert QGuiApplication.clipboard().text() == install


def test_an_export_says_what_it_was_checked_on_and_has_code_to_copy(page, runner, qtbot, tmp_path):
    click(qtbot, page.use_buttons[1])
    job = exported(page, runner, qtbot, tmp_path / "out")
    assert (job.format, job.out) == ("state-dict", tmp_path / "out")
    assert "asked about 341 validation pictures" in page.outcome.checked.text()
    click(qtbot, page.outcome.install)
    assert QGuiApplication.clipboard().text() == "pip install torch torchvision"
    click(qtbot, page.outcome.copy)
    assert QGuiApplication.clipboard().text() == "import torch"


def test_the_folder_is_opened(page, runner, qtbot, tmp_path, monkeypatch):
    urls = []
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", lambda url: urls.append(url) or True)
    exported(page, runner, qtbot, tmp_path / "out")
    click(qtbot, page.outcome.open_button)
    assert urls[0].toLocalFile() == str(tmp_path / "out")


def test_an_export_that_differs_is_not_called_exported(page, runner, qtbot):
    runner.answers[specs.ExportModel] = ExportMismatch("The exported file does not give the same answers.")
    click(qtbot, page.export_button)
    qtbot.waitUntil(page.notice.isVisible)
    assert not page.outcome.isVisible()
    assert page.export_button.isEnabled()


def test_what_a_script_imports_is_what_its_format_says_that_it_needs():
    """The page spoke of torch and torchvision only, over a script that imports safetensors."""
    card = BundleCard(
        network="resnet18",
        classes=("a", "b"),
        preprocess=PreprocessSpec(resize=256, crop=224),
        weights_origin="",
        licence="",
    )
    for name, weights in (("bundle", "weights.safetensors"), ("state-dict", "resnet18.pth")):
        tree = ast.parse(snippet(card, weights))
        imported = {
            (node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        assert imported - sys.stdlib_module_names - {"decoding"} == set(FORMATS[name].needs)


def test_a_format_that_nobody_described_is_offered_in_its_own_words(qtbot, studio, monkeypatch):
    monkeypatch.setitem(FORMATS, "half", StateDict())
    page = ExportPage(studio)
    qtbot.addWidget(page)
    assert [button.objectName() for button in page.use_buttons] == [
        "use_studio", "use_python", "use_weights", "use_half",
    ]  # fmt: skip
    page.use_buttons[3].click()
    assert page.use.title == "PyTorch state_dict"
