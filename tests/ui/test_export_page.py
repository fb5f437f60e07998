"""The export page, by clicks."""

import ast
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from cnnstudio.core import ExportMismatch, JobStopped
from cnnstudio.data import PreprocessSpec
from cnnstudio.data.samples import SAMPLES_FILE, save_samples
from cnnstudio.export.certificate_words import rows
from cnnstudio.export.companions import snippet
from cnnstudio.export.formats import FORMATS, ExportReport, StateDict
from cnnstudio.inference.embedding.results import Embedded
from cnnstudio.jobs import specs
from cnnstudio.jobs.handlers import own_pictures
from cnnstudio.jobs.specs.computer import PartOffer
from cnnstudio.networks import BundleCard, ModelRef
from cnnstudio.runs import RunRecord, create_run, open_run
from cnnstudio.ui.export.page import ExportPage
from cnnstudio.ui.widgets.part_dialog import PartDialog
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
    qtbot.waitUntil(lambda: not page.outcome.open_button.visibleRegion().isEmpty())  # scrolled to
    return runner.of(specs.ExportModel)[-1]


def test_it_is_asked_where_it_will_be_used_and_told_how_large_and_how_proven(page, qtbot):
    titles = [button.accessibleName() for button in page.use_buttons]
    assert titles[0] == "Another computer with CNN Studio"
    assert {"Python", "Just the weights"} <= set(titles)
    assert "4 of 6 validation pictures correct" in page.sentence.text(), "test pictures choose nothing"
    facts = page.panel.facts
    assert facts["size"].text() == "About 3.2 MB"
    assert facts["needs"].text() == "CNN Studio, and nothing else."
    assert "asked about your validation pictures" in facts["proof"].text()
    assert "within 0.0001" in facts["proof"].text()


def test_each_use_remembers_which_kind_of_file_was_chosen(page, qtbot):
    weights = [use.name for use in page._uses].index("weights")  # noqa: SLF001
    click(qtbot, page.use_buttons[weights])
    assert page.format == "bundle"
    click(qtbot, page.panel.tabs[1])
    assert page.format == "state-dict"
    assert page.folder.text().endswith("-weights-state-dict"), "no two kinds go into one folder"
    click(qtbot, page.use_buttons[0])
    assert page.format == "bundle"
    click(qtbot, page.use_buttons[-1])
    assert not page.panel.tabs[0].isVisible(), "there is nothing to choose"
    click(qtbot, page.use_buttons[weights])
    assert page.format == "state-dict"
    assert page.panel.tabs[1].isChecked()


def test_exports_go_to_documents_each_into_a_folder_of_its_own(page, qtbot, isolated_user_dirs):
    place = Path(page.folder.text())
    assert place.parent == isolated_user_dirs / "documents" / "CNN Studio"
    assert place.name.startswith("leaves-")
    assert place.name.endswith("-studio.cnnbundle")
    click(qtbot, page.panel.tabs[1])
    assert page.folder.text().endswith("-studio"), "or a folder"
    click(qtbot, page.use_buttons[1])
    assert "-python" in page.folder.text()
    page.folder.selectAll()
    qtbot.keyClicks(page.folder, "/mine")
    click(qtbot, page.use_buttons[2])
    assert page.folder.text() == "/mine", "a person's own choice stays"


def choose(page, qtbot, use, kind):
    """A use and a kind of file, by clicks."""
    click(qtbot, next(entry for entry in page.use_buttons if entry.objectName() == f"use_{use}"))
    tab = [entry for entry in page.panel.tabs if entry.objectName() == f"way_{use}_{kind}"][-1]
    if tab.isVisible():
        click(qtbot, tab)
    assert page.format == kind


@pytest.mark.parametrize(
    ("use", "kind", "needs", "install"),
    [
        ("studio", "bundle", "CNN Studio, and nothing else.", ""),
        ("python", "state-dict", "Python with torch, torchvision, and pillow-heif", "pip install torch torchvision"),
        ("weights", "bundle", "torch, torchvision, safetensors", "pip install torch torchvision safetensors"),
    ],
)
def test_an_export_says_all_that_it_needs(page, qtbot, use, kind, needs, install):
    choose(page, qtbot, use, kind)
    assert needs in page.panel.facts["needs"].text()
    page.outcome.show_report(page.way, report(Path("/out")))
    assert needs in page.outcome.needs.text()
    page.outcome.install.click()
    assert page.outcome.install.isHidden() == (not install)
    assert QGuiApplication.clipboard().text() == install


def test_an_export_shows_what_is_proven_and_has_code_to_copy(page, runner, qtbot, tmp_path):
    choose(page, qtbot, "python", "state-dict")
    job = exported(page, runner, qtbot, tmp_path / "out")
    assert (job.format, job.out) == ("state-dict", tmp_path / "out")
    shown = page.outcome.certificate
    assert shown.headline.text() == "The same answer as here on all 341 validation pictures."
    assert shown.tiles["accuracy"].figure.text() == "82.1 %"
    assert shown.tiles["accuracy"].beside.text() == "as here; 77.7 to 85.8 % on new pictures"
    assert shown.tiles["speed"].beside.text() == "here 22 ms"
    assert not shown.table.isVisible()
    click(qtbot, shown.more)
    assert shown.table.isVisible()
    told = {shown.table.item(row, 0).text() for row in range(shown.table.rowCount())}
    assert {"Same first answer", "Mean difference", "Size", "Ready after"} <= told
    assert "It would not have been written unless" in shown.notes.text()
    click(qtbot, page.outcome.install)
    assert QGuiApplication.clipboard().text() == "pip install torch torchvision"
    click(qtbot, page.outcome.copy)
    assert QGuiApplication.clipboard().text() == "import torch"


def test_a_score_on_pictures_that_were_learned_from_promises_nothing(page):
    """The last layer that is solved for has learned from the validation pictures, too."""
    made = certificate()
    learned = replace(made.checked.accuracy, split="train")
    made = replace(made, pictures_from={"train": 341}, checked=replace(made.checked, accuracy=learned))
    page.outcome.show_report(page.way, replace(report(Path("/out")), certificate=made))
    shown = page.outcome.certificate
    assert shown.headline.text() == "The same answer as here on all 341 training pictures."
    assert shown.tiles["accuracy"].figure.text() == "as here"
    assert shown.tiles["accuracy"].beside.text() == "82.1 % of 341 pictures that it has learned from"
    told = {row.what: row.export for row in rows(made)}
    assert told["Correct (learned from)"] == "280 of 341 (82.1 %)"


def test_validation_pictures_of_a_solved_last_layer_count_as_learned_from(dataset, tmp_path):
    def origins(**recipe):
        record = RunRecord(
            name="x", state="running", created="2026-11-20T10:00:00Z", network="gamma", classes=dataset.classes,
            recipe={"dataset": str(dataset.root), **recipe}, dataset_hash="",
        )  # fmt: skip
        run = create_run(record, root=tmp_path / f"runs{len(recipe)}")
        save_samples(run.folder / SAMPLES_FILE, dataset, [""] * len(dataset.samples))
        return {picture.origin for picture in own_pictures(ModelRef(source=str(run.folder)))}

    assert "validation" in origins()
    assert origins(head_solver="regression", epochs=0) == {"train"}


def test_what_nothing_here_can_run_is_not_called_proven(page):
    made = certificate(verdict="unverified", checked=None, pictures=0, pictures_from={}, unverified="Only a Mac can.")
    page.outcome.show_report(page.way, replace(report(Path("/out")), certificate=made))
    shown = page.outcome.certificate
    assert shown.headline.text() == "Converted, not checked here."
    assert shown.headline.property("kind") != "good"
    assert shown.notes.text() == "Only a Mac can."
    assert [name for name, tile in shown.tiles.items() if not tile.isHidden()] == ["size"]
    assert shown.worst.isHidden()


def test_the_picture_that_differs_most_can_be_looked_at(page, runner, studio, qtbot, tmp_path):
    wanted = []
    studio.predict_wanted.connect(wanted.append)
    runner.answers[specs.FindExported] = (Path("/pictures/leaves/red/12.jpg"),)
    exported(page, runner, qtbot, tmp_path / "out")
    worst = page.outcome.certificate.worst
    qtbot.waitUntil(lambda: worst.visibleRegion().boundingRect().size() == worst.size())  # scrolled to
    click(qtbot, worst)
    qtbot.waitUntil(lambda: wanted == [[Path("/pictures/leaves/red/12.jpg")]])
    assert runner.of(specs.FindExported)[0].name == "red/12.jpg"


def test_features_of_pictures_leave_as_well(page, runner, qtbot, tmp_path):
    click(qtbot, page.use_buttons[-1])
    assert page.way.format is None
    assert page.panel.pictures.text() == "/pictures/leaves", "the pictures that it learned from"
    assert page.folder.text().endswith("-features")
    assert not page.panel.facts["proof"].isVisible()
    runner.answers[specs.EmbedFolder] = Embedded(
        out=tmp_path, pictures=120, size=1280, from_cache=100, unreadable=1, labelled=110, classes=3, in_projector=119
    )
    click(qtbot, page.export_button)
    qtbot.waitUntil(page.features.isVisible)
    job = runner.of(specs.EmbedFolder)[0]
    assert (job.folder, job.out) == (Path("/pictures/leaves"), Path(page.folder.text()))
    assert page.features.text.text() == (
        "120 pictures, each a row of 1,280 figures. The class of 110 is known. "
        "1 picture could not be read; unreadable.csv says why."
    )
    ast.parse(page.features.code.toPlainText())
    assert f'--logdir "{tmp_path / "projector"}"' in page.features.projector.text()


def test_a_page_of_the_web_is_opened_by_a_click(page, qtbot, tmp_path, monkeypatch):
    urls = []
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", lambda url: urls.append(url) or True)
    page.outcome.show_report(page.way, report(tmp_path))
    assert page.outcome.page_button.isHidden()
    page.outcome.show_report(page.way, replace(report(tmp_path), files=(tmp_path / "leaves.html",)))
    page.outcome.page_button.click()
    assert urls[0].toLocalFile() == str(tmp_path / "leaves.html")


def test_what_a_format_lacks_on_this_computer_can_be_installed(page, runner, studio, qtbot, monkeypatch):
    monkeypatch.setattr(StateDict, "missing", lambda _: "Support for 8 bits is not installed.")
    monkeypatch.setattr(StateDict, "extra", "int8")
    page._look()  # noqa: SLF001 - as another run would
    choose(page, qtbot, "python", "state-dict")
    qtbot.waitUntil(page.panel.missing.isVisible)
    assert not page.export_button.isEnabled()
    runner.answers |= {specs.OfferPart: PartOffer(megabytes=50, why_not=""), specs.InstallPart: None}
    click(qtbot, page.panel.install)
    dialog = page.findChild(PartDialog)
    qtbot.waitUntil(dialog.install.isEnabled)
    assert dialog.install.text() == "Install (50 MB)"
    monkeypatch.setattr(StateDict, "missing", lambda _: "")
    click(qtbot, dialog.install)
    qtbot.waitUntil(page.export_button.isEnabled)
    assert not page.panel.missing.isVisible()


def test_an_export_that_is_stopped_leaves_everything_as_it_was(page, runner, qtbot):
    runner.answers[specs.ExportModel] = ...
    click(qtbot, page.export_button)
    assert not page.export_button.isEnabled()
    assert not page.run_picker.isEnabled()
    click(qtbot, page.progress.stop)
    assert runner.handles[-1].control.stop_requested
    runner.handles[-1].events.put(JobStopped())
    qtbot.waitUntil(page.notice.isVisible)
    assert page.notice.title.text() == "Stopped. Nothing was written."
    assert page.export_button.isEnabled()
    assert page.run_picker.isEnabled()
    assert not page.outcome.isVisible()


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
    shown = {button.objectName(): button for button in page.use_buttons}
    assert {"use_studio", "use_python", "use_weights", "use_half"} <= set(shown)
    shown["use_half"].click()
    assert page.use.title == "PyTorch state_dict"
