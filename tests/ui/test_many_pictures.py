"""The predict page beyond one picture: a table of a folder, sorting by answers, watching, other programs."""

from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog

from cnnstudio.core import JobFinished, JobStopped, Partial, RunError
from cnnstudio.inference.folder.results import Counts, FolderAnswers, FolderSoFar, TableFacts, WatchState
from cnnstudio.inference.sorting.results import PlannedFolder, Sorted, SortPlan, Undone
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.models import Found
from cnnstudio.jobs.specs.places import TablePlace
from cnnstudio.service.contract import Served, ServiceError, Serving
from cnnstudio.ui.predict.many.sort_dialog import SortDialog
from tests.ui.test_predict_page import asked, drop, hand_over, page, pictures, said  # noqa: F401 - fixtures
from tests.ui.test_train_page import click

FOLDER, TABLE = Path("/pictures/walk"), Path("/documents/walk.csv")
COUNTS = Counts(classes={"hat": 400, "other": 180}, unreadable=2, unlike=7)
PLACE = TablePlace(file=TABLE, facts=None)
EARLIER = TableFacts(file=TABLE, done=204, total=582, network="x", written="2026-11-20T10:00:00Z")


def so_far(done):
    return FolderSoFar(
        done=done, total=582, counts=COUNTS, latest=(), pictures_per_second=90.0, seconds_left=4.0
    )  # fmt: skip


def answers(done=582, kept=0):
    return FolderAnswers(table=TABLE, done=done, total=582, counts=COUNTS, kept=kept)


def newest(runner, kind):
    """The last job of a kind, with its handle."""
    return next(handle for handle in reversed(runner.handles) if isinstance(handle.job, kind))


@pytest.fixture
def table(page, runner, qtbot):  # noqa: F811
    """The card for a table of a folder, opened by what the page offers."""

    def open_card(facts=None):
        runner.answers[specs.FindTable] = TablePlace(file=TABLE, facts=facts)
        drop(page, [FOLDER])
        hand_over(asked(runner)[-1], Found(tuple(FOLDER / f"{number}.jpg" for number in range(582)), complete=True))
        qtbot.waitUntil(page.notice.isVisible)
        assert page.notice.title.text() == "582 pictures: would you rather have a table?"
        click(qtbot, page.notice.action)
        card = page.ways.table
        qtbot.waitUntil(lambda: card.file.text() == str(TABLE))
        return card

    return open_card


# A table -------------------------------------------------------------------------------------------------------


def test_many_pictures_are_offered_a_table_and_the_list_stops(table, page, runner):  # noqa: F811
    card = table()
    assert asked(runner)[-1].control.stop_requested, "nothing is predicted twice"
    assert card.isVisible()
    assert not page.content.isVisible()
    assert card.title.text() == "walk: 582 pictures into a table"
    assert not card.earlier.isVisible()
    assert not runner.of(specs.PredictFolder), "nothing begins before a person says so"


def test_a_few_pictures_are_not_offered_one(page, runner, qtbot):  # noqa: F811
    drop(page, [FOLDER])
    hand_over(asked(runner)[-1], Found((FOLDER / "a.jpg",), complete=True))
    qtbot.waitUntil(lambda: len(page.pictures) == 1)
    assert not page.notice.isVisible()


def test_the_table_shows_how_the_answers_are_distributed_and_what_comes_next(table, page, runner, qtbot):  # noqa: F811
    card = table()
    click(qtbot, card.begin)
    handle = newest(runner, specs.PredictFolder)
    assert (handle.job.images, handle.job.table.file, handle.job.table.form) == ((FOLDER,), TABLE, "wide")
    handle.events.put(Partial(result=so_far(290)))
    qtbot.waitUntil(lambda: card.counts.model().rowCount() == 2)
    index = card.counts.model().index(0)
    assert "400 pictures" in index.data(11), "it can be heard, too"  # AccessibleTextRole
    assert not card.sort.isVisible()
    handle.events.put(JobFinished(result=answers()))
    qtbot.waitUntil(card.sort.isVisible)
    assert card.watch.isVisible()
    assert not card.again.isVisible()
    text = card.figures.text()
    assert "580 pictures answered." in text
    assert "7 pictures unlike anything it learned from." in text
    assert "2 files cannot be read" in text
    click(qtbot, card.watch)
    job = runner.of(specs.WatchFolder)[0]
    assert (job.folder, job.table, job.new_only) == (FOLDER, handle.job.table, False), "into the same table"
    assert "walk.csv" in page.ways.watch.text.text()
    click(qtbot, card.dismiss)
    assert page.content.isVisible()
    assert not card.isVisible()


def test_the_unsure_pictures_of_a_table_are_looked_at_and_the_table_comes_back(table, page, runner, qtbot):  # noqa: F811
    card, unsure = table(), (FOLDER / "7.jpg", FOLDER / "9.jpg")
    click(qtbot, card.begin)
    newest(runner, specs.PredictFolder).events.put(JobFinished(result=answers()))
    runner.answers[specs.FindUnsure] = unsure
    qtbot.waitUntil(card.unsure.isVisible)
    assert card.figures.text().startswith("580 pictures answered."), "without the two files that are none"
    click(qtbot, card.unsure)
    qtbot.waitUntil(page.content.isVisible)
    assert runner.of(specs.FindUnsure)[0].table == TABLE
    assert (asked(runner)[-1].job.images, asked(runner)[-1].job.opened) == (unsure, ()), "these, and no others"
    assert page.notice.title.text() == "2 pictures of the table, the least sure first."
    click(qtbot, page.notice.action)
    qtbot.waitUntil(card.isVisible)
    assert not page.content.isVisible()
    assert card.counts.model().rowCount() == 2
    runner.answers[specs.FindUnsure] = ()
    click(qtbot, card.unsure)
    qtbot.waitUntil(lambda: "sure of every picture" in page.notice.title.text())
    assert card.isVisible()


def test_pictures_that_are_opened_are_seen_and_the_table_goes_on(table, page, runner, qtbot):  # noqa: F811
    card = table()
    click(qtbot, card.begin)
    handle = newest(runner, specs.PredictFolder)
    drop(page, [Path("/pictures/one.jpg")])
    qtbot.waitUntil(page.content.isVisible)
    assert not handle.control.stop_requested
    assert asked(runner)[-1].job.images == (Path("/pictures/one.jpg"),), "the table has the answers to the others"
    assert page.notice.title.text() == "The table continues meanwhile."
    page.notice.hide()
    assert page.ways.back.isVisible()
    page.ways.back.trigger()
    qtbot.waitUntil(card.isVisible)
    assert not page.ways.back.isVisible()
    handle.events.put(JobFinished(result=answers()))
    qtbot.waitUntil(card.sort.isVisible)


def test_an_earlier_beginning_is_found_and_continued(table, runner, qtbot):
    card = table(EARLIER)
    assert "204 of 582 files were answered before" in card.earlier.text()
    assert card.begin.text() == "Continue"
    click(qtbot, card.begin)
    handle = newest(runner, specs.PredictFolder)
    assert handle.job.resume
    handle.events.put(JobFinished(result=answers(kept=204)))
    qtbot.waitUntil(lambda: "204 of them were answered before." in card.figures.text())


def test_a_stopped_table_can_be_continued(table, runner, qtbot):
    card = table()
    click(qtbot, card.begin)
    click(qtbot, card.progress.stop)
    handle = newest(runner, specs.PredictFolder)
    assert handle.control.stop_requested
    handle.events.put(JobStopped(result=answers(done=300)))
    qtbot.waitUntil(card.again.isVisible)
    assert "Stopped: 300 of 582 files are done, and kept." in card.figures.text()
    assert not card.sort.isVisible()
    click(qtbot, card.again)
    assert len(runner.of(specs.PredictFolder)) == 2


def test_a_table_of_another_network_can_be_begun_again(table, page, runner, qtbot):  # noqa: F811
    card = table(EARLIER)
    runner.answers[specs.PredictFolder] = RunError("This table is of another network.")
    click(qtbot, card.begin)
    qtbot.waitUntil(page.notice.isVisible)
    assert card.asking.isVisible()
    runner.answers[specs.PredictFolder] = ...
    click(qtbot, page.notice.action)
    assert [job.resume for job in runner.of(specs.PredictFolder)] == [True, False]


# Sorting -------------------------------------------------------------------------------------------------------


def plan_of(spec, *, fits=True):
    return SortPlan(
        spec=spec, classes=("hat", "other"),
        folders=(
            PlannedFolder(name="hat", label="hat", pictures=400, bytes=80_000_000),
            PlannedFolder(name="unsure", label="", pictures=12, bytes=2_000_000),
        ),
        unreadable=2, already=0, numbered=3, bytes_needed=82_000_000, bytes_free=2 * 10**9 if fits else 10**6,
        table=TABLE, digest="x",
    )  # fmt: skip


@pytest.fixture
def sorting(page, runner, qtbot, monkeypatch):  # noqa: F811
    """The dialog, opened from the menu, as a person opens it."""
    runner.answers[specs.PlanSorting] = lambda job: [JobFinished(result=plan_of(job.sorting))]
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(FOLDER))
    page.ways.menu.findChild(QAction, "more_sort").trigger()
    dialog = page.findChild(SortDialog)
    qtbot.waitUntil(dialog.act.isEnabled)
    yield dialog
    if shiboken6.isValid(dialog):
        dialog.close()


def test_a_plan_is_shown_before_anything_is_sorted(sorting, runner, qtbot):
    assert sorting.out.text() == "/pictures/walk sorted"
    assert [sorting.rows.item(0, column).text() for column in range(3)] == ["hat", "400", "80 MB"]
    assert "unsure" in sorting.rows.item(1, 0).text()
    assert sorting.act.text() == "Sort 412 pictures"
    assert "82 MB of 2 GB that are free there." in sorting.sum.text()
    assert "2 files cannot be read and stay out." in sorting.sum.text()
    assert not runner.of(specs.SortPictures)
    sorting.threshold.setFocus()
    qtbot.keyClick(sorting.threshold, Qt.Key.Key_Up)
    assert not sorting.act.isEnabled(), "the plan is of another threshold"
    qtbot.waitUntil(sorting.act.isEnabled)
    assert [round(job.sorting.threshold, 2) for job in runner.of(specs.PlanSorting)] == [0.7, 0.71]


def test_without_room_nothing_is_sorted(sorting, runner, qtbot):
    runner.answers[specs.PlanSorting] = lambda job: [JobFinished(result=plan_of(job.sorting, fits=False))]
    sorting.threshold.setValue(50)
    qtbot.waitUntil(lambda: "There is not enough room" in sorting.sum.text())
    assert not sorting.act.isEnabled()


def test_what_was_sorted_can_be_taken_back(sorting, runner, studio, qtbot):
    out = Path("/pictures/walk sorted")
    runner.answers[specs.SortPictures] = Sorted(out=out, made=412, total=412)
    steps, problems = [], []
    studio.history.did.connect(steps.append)
    studio.problem.connect(problems.append)
    click(qtbot, sorting.act)
    qtbot.waitUntil(lambda: bool(steps))
    assert steps[0].said == "Sorted 412 pictures into walk sorted."
    runner.answers[specs.UndoSorting] = Undone(out=out, removed=411, gone=0, changed=("hat/3.jpg",))
    studio.history.undo()
    qtbot.waitUntil(lambda: bool(problems))
    assert runner.of(specs.UndoSorting)[0].out == out
    assert problems[0].title == "Removed 411 pictures from walk sorted."
    assert "1 picture changed since and stay" in problems[0].meaning
    assert "hat/3.jpg" in problems[0].meaning


def test_a_sorting_of_another_day_is_taken_back_by_its_journal(page, runner, qtbot, monkeypatch):  # noqa: F811
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/pictures/walk sorted")
    runner.answers[specs.UndoSorting] = Undone(out=Path("/pictures/walk sorted"), removed=412, gone=0)
    page.ways.menu.findChild(QAction, "more_undo").trigger()
    qtbot.waitUntil(page.notice.isVisible)
    assert page.notice.title.text() == "Removed 412 pictures from walk sorted."


# Watching ------------------------------------------------------------------------------------------------------


@pytest.fixture
def watched(page, runner, monkeypatch):  # noqa: F811
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(FOLDER))
    page.ways.menu.findChild(QAction, "more_watch").trigger()
    return newest(runner, specs.WatchFolder)


def test_pictures_that_come_into_a_watched_folder_are_answered_at_the_top(page, watched, qtbot, pictures):  # noqa: F811
    strip = page.ways.watch
    assert strip.isVisible()
    assert "Watching walk" in strip.text.text()
    first, second = pictures[:2]
    hand_over(watched, said(first, "hat", 0.9), WatchState(there=True, waiting=1, answered=1, unreadable=0))
    qtbot.waitUntil(lambda: page.pictures.answered == 1)
    assert page.answer.file_name.text() == first.name
    qtbot.waitUntil(lambda: "1 picture answered so far. 1 file still being written." in strip.state.text())
    hand_over(watched, said(second, "other", 0.8))
    qtbot.waitUntil(lambda: page.pictures.answered == 2)
    assert page.pictures.row_of(second) == 0
    assert page.answer.file_name.text() == first.name, "what is looked at stays"
    hand_over(watched, WatchState(there=False, waiting=0, answered=2, unreadable=0))
    qtbot.waitUntil(lambda: "not there" in strip.state.text())
    click(qtbot, strip.stop_button)
    watched.events.put(JobStopped())
    qtbot.waitUntil(lambda: not strip.isVisible())
    assert page.pictures.answered == 2, "the answers stay"


# Other programs ------------------------------------------------------------------------------------------------


def test_other_programs_are_answered_only_after_a_person_turns_it_on(page, runner, qtbot):  # noqa: F811
    drawer = page.ways.serve
    assert not runner.of(specs.ServeModel)
    page.ways.menu.findChild(QAction, "more_serve").trigger()
    qtbot.waitUntil(drawer.isVisible)
    assert not drawer.switch.isChecked()
    qtbot.keyClick(drawer.switch, Qt.Key.Key_Space)
    handle = newest(runner, specs.ServeModel)
    assert not drawer.details.isVisible()
    hand_over(handle, Serving(title="a & <b>", port=38101, token="secret-secret-secret"))
    qtbot.waitUntil(drawer.details.isVisible)
    assert "http://127.0.0.1:38101" in page.ways.serve.strip.text.text()
    assert drawer.token.line.displayText() != "secret-secret-secret", "nobody reads it over a shoulder"
    assert "secret" not in drawer.curl.shown.text()
    click(qtbot, drawer.token.reveal)
    assert drawer.token.line.displayText() == "secret-secret-secret"
    drawer.findChild(type(drawer.token.reveal), "serve_curl_copy").click()
    assert QGuiApplication.clipboard().text().startswith('curl -H "Authorization: Bearer secret-secret-secret"')
    hand_over(handle, Served(answered=12, refused=1))
    qtbot.waitUntil(lambda: drawer.served.text() == "12 pictures answered, 1 request refused.")
    assert drawer.strip.isVisible(), "whoever closes the drawer sees that it is on"
    qtbot.keyClick(drawer.switch, Qt.Key.Key_Space)
    assert handle.control.stop_requested
    handle.events.put(JobStopped())
    qtbot.waitUntil(lambda: not drawer.strip.isVisible())
    assert drawer.port.isEnabled()


def test_a_port_that_is_taken_is_said_beside_the_switch(page, runner, qtbot):  # noqa: F811
    drawer = page.ways.serve
    runner.answers[specs.ServeModel] = ServiceError("Port 38101 is in use.")
    drawer.open_it()
    qtbot.keyClick(drawer.switch, Qt.Key.Key_Space)
    qtbot.waitUntil(drawer.notice.isVisible)
    assert not drawer.switch.isChecked()
    assert drawer.port.isEnabled()
    drawer.close_it()
    QApplication.processEvents()
