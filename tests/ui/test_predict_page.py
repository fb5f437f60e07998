"""The predict page, by drops, clicks, keys and the wheel."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from cnnstudio.core import JobFinished, JobStopped, NetworkError, Partial
from cnnstudio.inference.results import ClassScore, ModelInfo, Prediction
from cnnstudio.jobs import run_inline, specs
from cnnstudio.jobs.specs.models import Found
from cnnstudio.networks import ModelRef
from cnnstudio.ui.predict.answer_list import PATH_ROLE, AnswerList
from cnnstudio.ui.predict.page import PredictPage
from cnnstudio.ui.state.trash import TrashFiles
from cnnstudio.ui.widgets import pixels_of
from cnnstudio.ui.widgets.class_chooser import ClassChooser
from cnnstudio.understanding.why.values import Evidence, Explanation
from tests.ui.conftest import CATALOGUE, carry_out
from tests.ui.test_camera_dialog import DrawnCamera
from tests.ui.test_results_predict_export_pages import LAYERS, MAPS
from tests.ui.test_train_page import click

LEFT = Qt.MouseButton.LeftButton
COPY, NO_KEYS = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier


def said(path, label="hat", sure=0.9):
    return Prediction(path=path, top=(ClassScore(label, sure), ClassScore("other", 1 - sure)), milliseconds=3)


@pytest.fixture(autouse=True)
def trash(monkeypatch, tmp_path):
    """Of this test, where Linux has one."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))


@pytest.fixture
def page(qtbot, studio, runner):
    """The page as large as it is in the smallest window, with a network that answers when a test says so."""
    runner.answers |= {
        specs.DescribeModel: ModelInfo(
            title="x", network="gamma", classes=("hat", "other"), layers=LAYERS, suggested_layer="layer1"
        ),
        specs.ShowMaps: MAPS,
    }
    studio.catalogue = CATALOGUE
    page = PredictPage(studio)
    qtbot.addWidget(page)
    page.resize(824, 616)
    page.show()
    qtbot.waitExposed(page)
    return page


@pytest.fixture
def pictures(tiny_folder):
    return [tiny_folder / "red" / f"{number:02}.png" for number in range(3)]


def drop(page, paths):
    """As a file manager does."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    drop_mime(page, mime)


def drop_mime(page, mime):
    place = QPointF(page.rect().center())
    QApplication.sendEvent(page, QDragEnterEvent(place.toPoint(), COPY, mime, LEFT, NO_KEYS))
    assert page.zone.property("hot"), "one sees where it will fall"
    QApplication.sendEvent(page, QDropEvent(place, COPY, mime, LEFT, NO_KEYS))
    assert not page.zone.property("hot")


def asked(runner):
    """Jobs that predict, with their handles."""
    return [handle for handle in runner.handles if isinstance(handle.job, specs.Predict)]


def hand_over(handle, *parts):
    for part in parts:
        handle.events.put(Partial(result=part))


def finish(handle):
    handle.events.put(JobFinished(result=()))


def names(page):
    model = page.pictures
    return [model.index(row).data(PATH_ROLE).name for row in range(model.rowCount())]


def answered(page, runner, qtbot, pictures, *sure):
    drop(page, pictures)
    handle = asked(runner)[-1]
    hand_over(handle, *(said(path, sure=each) for path, each in zip(pictures, sure, strict=True)))
    finish(handle)
    qtbot.waitUntil(lambda: page.pictures.answered == len(pictures) and not page.progress.isVisible())


# Drops --------------------------------------------------------------------------------------------------------


def test_the_zone_for_drops_is_always_there(page, runner, qtbot, pictures):
    assert page.zone.isVisible()
    assert page.zone.height() > 300
    answered(page, runner, qtbot, pictures, 0.9, 0.8, 0.7)
    assert page.zone.isVisible()
    assert page.zone.height() < 90
    assert page.list.isVisible()
    for entry in (page.zone.open_button, page.zone.folder_button, page.zone.paste_button):
        assert entry.visibleRegion().boundingRect().width() == entry.width(), "nothing is cut off"


def test_a_dropped_picture_is_chosen_and_shown_whatever_was_looked_at_before(page, runner, qtbot, pictures, tmp_path):
    """It became row 0, and the second row stayed chosen: another picture's answer, at its feature maps."""
    answered(page, runner, qtbot, pictures, 0.9, 0.3, 0.4)
    page.panel.shown.setFocus()
    qtbot.keyClick(page.panel.shown, Qt.Key.Key_Down)
    page.panel.shown.activated.emit(page.panel.shown.currentIndex())
    assert names(page) == ["01.png", "02.png"]
    place = page.list.visualRect(page.pictures.index(1)).center()
    qtbot.mouseClick(page.list.viewport(), LEFT, pos=place)
    assert page.answer.file_name.text() == "02.png"
    page.area.verticalScrollBar().setValue(200)
    goldfish = tmp_path / "goldfish.png"
    drop(page, [goldfish])
    assert page.answer.file_name.text() == "goldfish.png"
    assert names(page)[0] == "goldfish.png", "no filter hides it"
    assert page.list.currentIndex().row() == 0
    assert page.area.verticalScrollBar().value() == 0
    hand_over(asked(runner)[-1], said(goldfish, "fish", 0.99))
    qtbot.waitUntil(lambda: "fish 99.0 %" in page.answer.bars.accessibleDescription())


def test_a_dropped_bundle_answers_what_is_dropped_with_it(page, studio, runner, qtbot, pictures, tmp_path):
    bundle = tmp_path / "shirts.cnnbundle"
    drop(page, [bundle])
    assert page.model() == ModelRef(source=str(bundle))
    assert page.model_picker.currentText() == "shirts"
    assert not asked(runner)
    other = tmp_path / "bags.cnnbundle"
    drop(page, [pictures[0], other])
    assert asked(runner)[-1].job.model == ModelRef(source=str(other))
    studio.runs_changed.emit()
    assert page.model() == ModelRef(source=str(other)), "it stays chosen"
    offered = [page.model_picker.itemText(row) for row in range(page.model_picker.count())]
    assert offered[:2] == ["bags", "shirts"]


def test_what_a_file_manager_hands_over_goes_where_it_belongs(tmp_path):
    trained, run, pack = tmp_path / "trained", tmp_path / "run", tmp_path / "a.cnnbundle"
    for folder in (trained, run / "bundle"):
        folder.mkdir(parents=True)
        for name in ("card.json", "weights.safetensors"):
            (folder / name).touch()
    pack.write_bytes(b"PK\3\4")
    (tmp_path / "photos").mkdir()
    dropped = run_inline(specs.SortPaths(paths=(trained, run, pack, tmp_path / "photos")))
    assert dropped.trained == (trained, run, pack)
    assert dropped.folders == (tmp_path / "photos",)


def test_a_dropped_folder_shows_its_first_picture(page, runner, qtbot, pictures, tiny_folder):
    answered(page, runner, qtbot, pictures, 0.9, 0.3, 0.4)
    drop(page, [tiny_folder / "blue"])
    job = asked(runner)[-1].job
    assert (job.images, job.opened) == ((), (tiny_folder / "blue",))
    blue = [tiny_folder / "blue" / f"{number:02}.png" for number in range(4)]
    hand_over(asked(runner)[-1], Found(tuple(blue[:2])), Found(tuple(blue[2:])), Found((), complete=True))
    qtbot.waitUntil(lambda: len(page.pictures) == 7)
    assert page.list.currentIndex().data(PATH_ROLE) == blue[0]
    assert names(page)[:4] == [path.name for path in blue]
    finish(asked(runner)[-1])
    qtbot.waitUntil(lambda: not page.progress.isVisible())


def test_nothing_of_a_hundred_thousand_files_is_looked_at_in_the_windows_thread(page, runner, qtbot):
    """The drop took 1.1 seconds, in which the window stood still."""
    mime = QMimeData()
    mime.setData("text/uri-list", b"\r\n".join(b"file:///pictures/%06d.jpg" % number for number in range(2000)))
    drop_mime(page, mime)
    handle = asked(runner)[-1]
    assert (handle.job.images, handle.job.opened) == ((), ())
    assert handle.job.dropped.count(b"file:") == 2000
    assert len(page.pictures) == 0
    found = tuple(Path(f"/pictures/{number:06d}.jpg") for number in range(2000))
    hand_over(handle, Found(found), Found((), complete=True))
    qtbot.waitUntil(lambda: len(page.pictures) == 2000)
    assert page.answer.file_name.text() == "000000.jpg"
    handle.events.put(JobStopped())
    qtbot.waitUntil(lambda: not page.progress.isVisible())


def test_what_holds_no_picture_is_said(page, runner, qtbot, tmp_path):
    drop(page, [tmp_path])
    hand_over(asked(runner)[-1], Found((), complete=True))
    finish(asked(runner)[-1])
    qtbot.waitUntil(lambda: page.notice.title.text() == "There are no pictures in what you dropped.")


def test_a_folder_is_opened_by_a_button(page, runner, qtbot, monkeypatch, tiny_folder):
    chosen = str(tiny_folder / "green")
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getExistingDirectory", lambda *_: chosen)
    click(qtbot, page.zone.folder_button)
    assert asked(runner)[-1].job.opened == (Path(chosen),)


# Answers ------------------------------------------------------------------------------------------------------


def test_cancel_keeps_the_answers_and_can_go_on(page, runner, qtbot, pictures):
    """Cancel threw a quarter of an hour away."""
    drop(page, pictures)
    handle = asked(runner)[-1]
    hand_over(handle, said(pictures[0]))
    qtbot.waitUntil(lambda: page.pictures.answered == 1)
    click(qtbot, page.progress.stop)
    assert handle.control.stop_requested
    handle.events.put(JobStopped())
    qtbot.waitUntil(lambda: not page.progress.isVisible())
    assert page.notice.title.text() == "Stopped: 1 of 3 pictures predicted."
    assert page.pictures.index(0).data() == "hat\n90 %"
    click(qtbot, page.notice.action)
    assert asked(runner)[-1].job.images == tuple(pictures[1:])
    assert not page.notice.isVisible()
    hand_over(asked(runner)[-1], said(pictures[1]), said(pictures[2]))
    finish(asked(runner)[-1])
    qtbot.waitUntil(lambda: page.pictures.answered == 3)


def test_answers_that_come_are_sorted_by_doubt_and_what_is_chosen_stays_chosen(page, runner, qtbot, pictures):
    drop(page, pictures)
    page.panel.order.setFocus()
    qtbot.keyClick(page.panel.order, Qt.Key.Key_Down)
    page.panel.order.activated.emit(page.panel.order.currentIndex())
    handle = asked(runner)[-1]
    hand_over(handle, said(pictures[2], sure=0.8), said(pictures[0], sure=0.95))
    qtbot.waitUntil(lambda: names(page) == ["02.png", "00.png", "01.png"])
    assert page.answer.file_name.text() == "00.png"
    assert page.list.currentIndex().row() == 1
    hand_over(handle, said(pictures[1], sure=0.5))
    finish(handle)
    qtbot.waitUntil(lambda: names(page) == ["01.png", "02.png", "00.png"])
    assert page.list.currentIndex().data(PATH_ROLE) == pictures[0]


def test_the_unsure_are_filtered_and_names_and_answers_found(page, runner, qtbot, pictures):
    answered(page, runner, qtbot, pictures, 0.9, 0.3, 0.8)
    qtbot.waitUntil(lambda: page.panel.shown.itemText(1) == "Unsure (1)")
    qtbot.keyClicks(page.panel.search, "02")
    qtbot.waitUntil(lambda: names(page) == ["02.png"])
    page.panel.search.clear()
    assert len(names(page)) == 3
    qtbot.keyClicks(page.panel.search, "HAT")
    qtbot.waitUntil(lambda: len(names(page)) == 3)
    page.panel.search.clear()
    tip = page.pictures.index(1).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "01.png: hat, 30 %, unsure"


def test_long_names_lack_their_middle_and_nothing_scrolls_sideways(page, runner, qtbot, tmp_path):
    long = tmp_path / f"{'a-very-long-name-without-any-gap-' * 4}end.png"
    answered(page, runner, qtbot, [long], 0.9)
    assert page.list.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    assert page.area.widget().width() <= page.area.viewport().width(), "the card is not wider than there is room"
    assert page.answer.file_name.text() == long.name
    assert long.name in page.answer.file_name.toolTip()
    assert page.list.columnWidth(0) <= page.list.viewport().width()


def test_all_is_cleared_and_comes_back(page, runner, qtbot, pictures, studio, tmp_path):
    answered(page, runner, qtbot, pictures, 0.9, 0.3, 0.8)
    qtbot.waitUntil(page.panel.clear.isEnabled)
    click(qtbot, page.panel.clear)
    assert not page.content.isVisible()
    qtbot.waitUntil(lambda: page.zone.height() > 300)
    assert studio.history.undo_text == "clearing 3 pictures"
    answered(page, runner, qtbot, [tmp_path / "new.png"], 0.6)
    studio.history.undo()
    assert names(page) == ["new.png", "00.png", "01.png", "02.png"], "what came since stays"
    assert page.pictures.answered == 4
    assert page.content.isVisible()


def test_the_wheel_over_the_list_scrolls_it_and_nothing_else(page, runner, qtbot, tmp_path):
    many = [tmp_path / f"{number:03}.png" for number in range(60)]
    drop(page, many)
    before = page.list.currentIndex().data(PATH_ROLE)
    at = QPointF(page.list.viewport().rect().center())
    down = QWheelEvent(
        at, page.list.viewport().mapToGlobal(at), QPoint(), QPoint(0, -360), Qt.MouseButton.NoButton, NO_KEYS,
        Qt.ScrollPhase.NoScrollPhase, False,  # noqa: FBT003 - Qt takes it by place
    )  # fmt: skip
    QApplication.sendEvent(page.list.viewport(), down)
    assert page.list.verticalScrollBar().value() > 0
    place = page.list.verticalScrollBar().value()
    hand_over(asked(runner)[-1], said(many[0]))
    qtbot.waitUntil(lambda: page.pictures.answered == 1)
    assert page.list.verticalScrollBar().value() == place, "an answer does not take one back"
    assert page.list.currentIndex().data(PATH_ROLE) == before
    finish(asked(runner)[-1])
    qtbot.waitUntil(lambda: not page.progress.isVisible())


# Corrections --------------------------------------------------------------------------------------------------


@pytest.fixture
def project(page, studio, runner, dataset, qtbot):
    """The page, with a folder open."""
    runner.answers[specs.ScanFolder] = dataset
    with qtbot.waitSignals([studio.dataset_changed, studio.run_changed]):
        studio.open_folder(dataset.root)
    return page


def choose(page, qtbot, typed):
    click(qtbot, page.answer.wrong)
    chooser = page.answer.findChild(ClassChooser)
    qtbot.waitUntil(chooser.isVisible)
    qtbot.keyClicks(chooser.field, typed)
    qtbot.keyClick(chooser.field, Qt.Key.Key_Return)


def test_nothing_is_called_wrong_before_there_is_an_answer(project, runner, qtbot, tmp_path):
    drop(project, [tmp_path / "new.png"])
    assert project.answer.isVisible()
    assert not project.answer.wrong.isVisible()
    hand_over(asked(runner)[-1], said(tmp_path / "new.png"))
    qtbot.waitUntil(project.answer.wrong.isVisible)
    finish(asked(runner)[-1])


def test_a_wrong_answer_copies_the_picture_into_its_class_and_can_be_undone(
    project, runner, qtbot, studio, dataset, tmp_path
):
    page = project
    stranger = tmp_path / "stranger.png"
    stranger.write_bytes((dataset.root / "red" / "00.png").read_bytes())
    runner.answers[specs.AddPictures] = lambda job: [JobFinished(result=run_inline(job))]
    answered(page, runner, qtbot, [stranger], 0.4)
    choose(page, qtbot, "gre")
    qtbot.waitUntil(lambda: bool(studio.history.undo_text))
    assert (dataset.root / "green" / "stranger.png").is_file()
    assert stranger.is_file(), "it was copied"
    assert "green" in studio.history.undo_text
    runner.answers[TrashFiles] = lambda job: [JobFinished(result=run_inline(job))]
    studio.history.undo()
    qtbot.waitUntil(lambda: not (dataset.root / "green" / "stranger.png").exists())


def test_a_wrong_answer_for_one_of_the_folders_own_pictures_changes_its_class(
    project, runner, qtbot, studio, dataset, pictures
):
    page = project
    answered(page, runner, qtbot, pictures[:1], 0.4)
    choose(page, qtbot, "blu")
    qtbot.waitUntil(lambda: bool(studio.history.undo_text))
    job = runner.of(specs.Decide)[-1]
    assert (job.names, job.what, job.to) == (("red/00.png",), "relabel", "blue")
    assert not runner.of(specs.AddPictures)


def test_without_a_folder_it_is_said_what_to_do(page, runner, qtbot, pictures):
    answered(page, runner, qtbot, pictures, 0.9, 0.3, 0.8)
    assert not page.answer.wrong.isEnabled()
    assert "Open the folder of pictures first" in page.answer.wrong.toolTip()


# The list -----------------------------------------------------------------------------------------------------


@given(st.data())
def test_rows_are_always_in_order_whatever_comes(data):
    """What bisection and moves leave is what sorting would give."""
    model, rng = AnswerList(), random.Random(data.draw(st.integers(0, 9)))
    paths = [Path(f"/p/{number}.png") for number in range(12)]
    model.add(paths[:6])
    model.arrange(
        data.draw(st.sampled_from(("opened", "doubt", "answer"))), data.draw(st.sampled_from(("all", "unsure"))), ""
    )
    for _ in range(data.draw(st.integers(1, 25))):
        path = rng.choice(paths)
        if rng.random() < 0.2:
            model.begin()
            model.add([path, *rng.sample([each for each in paths if each != path], 2)])
        else:
            error = "broken" if rng.random() < 0.1 else None
            answer = said(path, rng.choice(("hat", "shoe")), rng.random())
            model.take(replace(answer, top=(), error=error) if error else answer)
        shown = [model.index(row).data(PATH_ROLE) for row in range(model.rowCount())]
        model.arrange(model.order, model.shown, "")
        assert shown == [model.index(row).data(PATH_ROLE) for row in range(model.rowCount())]
        assert all(model.row_of(path) == row for row, path in enumerate(shown))
    answers = list(model.answers())
    assert model.unsure == sum(bool(each.top) and each.top[0].probability < 0.7 for each in answers)
    assert model.unreadable == sum(each.error is not None for each in answers)


# Camera -------------------------------------------------------------------------------------------------------


def test_a_camera_is_answered_all_the_time_and_a_picture_of_it_kept(page, runner, qtbot):
    runner.answers[specs.PredictFrame] = ...
    camera = DrawnCamera()
    page.live.start(camera)
    assert page.live.isVisible()
    assert camera.at == 0
    camera.show(3)
    assert len(runner.of(specs.PredictFrame)) == 1, "one question at a time"
    assert page.live.view.picture.width() == 64
    handle = next(each for each in runner.handles if isinstance(each.job, specs.PredictFrame))
    assert handle.job.pixels.shape == (48, 64, 3)
    handle.events.put(JobFinished(result=said(Path(), "mug", 0.8)))
    qtbot.waitUntil(lambda: "mug 80.0 %" in page.live.bars.accessibleDescription())
    camera.show()
    assert len(runner.of(specs.PredictFrame)) == 2
    click(qtbot, page.live.keep)
    qtbot.waitUntil(lambda: len(page.pictures) == 1)
    assert asked(runner)[-1].job.images[0].name.startswith("pasted-")


def test_a_verdict_in_front_of_the_camera_is_shown_when_it_holds(page, runner, qtbot, pictures):
    """With its proof, below bars that stay where they are; one frame alone does not make it flicker."""
    camera, answers = DrawnCamera(), iter(())
    runner.answers[specs.PredictFrame] = lambda _: next(answers)
    page.live.start(camera)

    def see(*verdicts):
        nonlocal answers
        answers = iter(replace(said(Path(), "mug", 0.8), verdict=each, nearest=pictures[0]) for each in verdicts)
        for number in range(1, len(verdicts) + 1):
            before = len(runner.of(specs.PredictFrame))
            camera.show()
            assert len(runner.of(specs.PredictFrame)) == before + 1, number
            qtbot.waitUntil(lambda: not page.live.is_asking)

    see("answer", "answer", "unlike")
    assert page.live.face.isHidden()
    place = page.live.bars.pos()
    see("unlike")
    assert page.live.face.isVisible()
    assert page.live.face.title.text() == "Unlike anything it was shown"
    assert "00.png" in page.live.face.toolTip()
    assert page.live.bars.pos() == place
    qtbot.waitUntil(lambda: not page.live.face.proof.picture.isNull())
    see("between")
    assert page.live.face.title.text() == "Unlike anything it was shown"
    see("between")
    assert page.live.face.title.text() == "Between mug and other"
    see(None, None)
    assert page.live.face.isHidden()


def test_the_answer_shows_where_its_reasons_lie_as_long_as_one_wants(page, runner, qtbot):
    runner.answers[specs.PredictFrame] = ...
    runner.answers[specs.ExplainFrame] = ...
    camera = DrawnCamera()
    page.live.start(camera)
    camera.show()
    click(qtbot, page.live.why)
    camera.show(3)
    (job,) = runner.of(specs.ExplainFrame)
    assert job.pixels.shape == (48, 64, 3)
    handle = next(each for each in runner.handles if each.job is job)
    handle.events.put(JobFinished(result=explained()))
    qtbot.waitUntil(lambda: page.live.view.picture.width() == 32)
    assert "speaks for hat" in page.live.view.accessibleName()
    camera.show()
    assert page.live.view.picture.width() == 32, "no frame without reasons in between"
    assert len(runner.of(specs.ExplainFrame)) == 2
    click(qtbot, page.live.why)
    camera.show()
    assert page.live.view.picture.width() == 64
    assert len(runner.of(specs.ExplainFrame)) == 2


def test_a_network_that_cannot_say_where_says_so(page, runner, qtbot):
    runner.answers[specs.PredictFrame] = ...
    runner.answers[specs.ExplainFrame] = NetworkError("This network has no places.")
    camera = DrawnCamera()
    page.live.start(camera)
    click(qtbot, page.live.why)
    camera.show()
    qtbot.waitUntil(lambda: not page.live.why.isChecked())
    assert page.notice.title.text() == "This network has no places."


def test_a_picture_of_the_camera_goes_into_a_class_and_back(page, runner, qtbot, studio, own_folder):
    """The picture of the moment of the click, which stands still while one chooses."""
    runner.answers[specs.PredictFrame] = said(Path(), "green", 0.8)
    really = {job: lambda job: [JobFinished(result=carry_out(job))] for job in (specs.AddPictures, TrashFiles)}
    runner.answers |= {**really, specs.ScanFolder: ...}
    camera = DrawnCamera()
    page.live.start(camera)
    camera.show()
    assert not page.live.into.isEnabled()
    assert "Open the folder" in page.live.into.toolTip()
    studio.dataset = run_inline(specs.ScanFolder(folder=own_folder))
    studio.dataset_changed.emit(studio.dataset)
    camera.show()
    qtbot.waitUntil(lambda: not page.live.is_asking)
    before, shown = sorted(own_folder.glob("*/*")), page.live.view.picture.toImage()
    click(qtbot, page.live.into)
    chooser = QApplication.activePopupWidget()
    assert isinstance(chooser, ClassChooser)
    assert chooser.list.model().index(0).data() == "green", "the likely one first"
    camera.show(3)
    assert page.live.view.picture.toImage() == shown
    qtbot.keyClick(chooser.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: studio.history.undo_text == "copying 1 picture to green")
    (new,) = set(own_folder.glob("*/*")) - set(before)
    assert new.parent.name == "green"
    with Image.open(new) as kept:
        assert np.array_equal(np.asarray(kept), pixels_of(shown)[:, :, :3])
    camera.show()
    assert page.live.view.picture.toImage() != shown
    studio.history.undo()
    qtbot.waitUntil(lambda: sorted(own_folder.glob("*/*")) == before)


def explained():
    """Reasons of two classes on a picture of 32 pixels."""
    found = Evidence(
        layer="features", classes=(0, 1), maps=np.ones((2, 4, 4), np.float32), logits=np.array([2.0, 1.0]),
        rest=np.zeros(2), exact=True, probabilities=np.array([0.7, 0.3]),
    )  # fmt: skip
    return Explanation(path=Path(), labels=("hat", "other"), pixels=np.zeros((32, 32, 3), np.uint8), evidence=found)


def test_the_camera_is_let_go_when_it_is_closed_or_another_page_is_shown(page, runner, qtbot):
    runner.answers[specs.PredictFrame] = ...
    for end in (lambda: click(qtbot, page.live.close_button), page.hide):
        camera = DrawnCamera()
        page.live.start(camera)
        end()
        assert camera.at is None
        camera.show()
        assert not runner.of(specs.PredictFrame)
        page.show()
        assert not page.live.isVisible()


def test_no_camera_and_one_that_fails_are_said(page, qtbot):
    page.live.start(DrawnCamera(names=()))
    assert page.notice.title.text() == "No camera was found."
    camera = DrawnCamera()
    page.live.start(camera)
    camera.failed.emit("It is busy.")
    assert "It is busy." in page.notice.text.text()
    assert not page.live.isVisible()
