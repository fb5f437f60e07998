"""Test pictures choose nothing: runs are listed without them, and a look at a test score is counted and said."""

from dataclasses import replace

import pytest

from cnnstudio.jobs import specs
from cnnstudio.runs import open_run
from tests.ui.test_results_page import choose_split
from tests.ui.test_train_page import SCORE, finished_run  # noqa: F401 - a fixture

pytestmark = pytest.mark.pages("train", "results")


def texts(table):
    headings = [table.horizontalHeaderItem(column).text() for column in range(table.columnCount())]
    return headings, [
        table.item(row, column).text() for row in range(table.rowCount()) for column in range(len(headings))
    ]


def test_runs_cannot_be_sorted_or_chosen_by_test(opened, studio, qtbot, finished_run):  # noqa: F811
    opened.show_page("train")
    finished_run()
    studio.refresh_runs()
    table = opened.train_page.runs.table
    qtbot.waitUntil(lambda: table.rowCount() == 1)
    headings, cells = texts(table)
    assert "Test" not in headings
    assert "66.7 %" in cells
    assert not any("83.3" in cell for cell in cells)
    studio.show_run(studio.runs[0])
    assert "validation pictures" in opened.train_page.result.title_text.text()
    assert "test" not in opened.train_page.result.title_text.text()


def test_a_look_counts_once_when_somebody_sees_it_and_is_said(opened, studio, runner, qtbot, finished_run):  # noqa: F811
    runs = [finished_run("one"), finished_run("two")]
    studio.refresh_runs()
    qtbot.waitUntil(lambda: len(studio.runs) == 2)
    page = opened.results_page
    opened.show_page("train")
    studio.show_run(studio.runs[0])
    assert not runner.of(specs.LookAtTest), "nobody sees a page that is not shown"
    opened.show_page("results")
    assert not runner.of(specs.LookAtTest), "nobody has asked for it"
    choose_split(page, "test")
    qtbot.waitUntil(lambda: page.open("overview").looks.text() == "Its test score was seen once.")
    choose_split(page, "validation")
    assert "final exam" in page.open("overview").looks.text()
    choose_split(page, "test")
    opened.show_page("train")
    opened.show_page("results")
    assert len(runner.of(specs.LookAtTest)) == 1
    studio.show_run(studio.runs[1])
    assert page.split_picker.currentData() == "validation", "each run is asked for by itself"
    choose_split(page, "test")
    qtbot.waitUntil(lambda: "Those of 2 runs on these pictures were seen" in page.open("overview").looks.text())
    assert "choose by validation" in page.open("overview").looks.text()
    assert [open_run(run.folder).record.test_looks for run in runs] == [1, 1]


def test_without_validation_pictures_the_test_score_still_waits_to_be_asked_for(
    opened,
    studio,
    runner,
    qtbot,
    finished_run,  # noqa: F811
):
    run = finished_run()
    run.update(scores={"test": SCORE, "train": replace(SCORE, split="train")})
    studio.refresh_runs()
    qtbot.waitUntil(lambda: len(studio.runs) == 1)
    opened.show_page("results")
    studio.show_run(studio.runs[0])
    assert opened.results_page.split_picker.currentData() == "train"
    assert "follows from training pictures alone" in opened.results_page.open("overview").foot.words.text()
    assert not runner.of(specs.LookAtTest)


def test_a_look_at_a_run_that_is_gone_breaks_nothing(opened, studio, qtbot, finished_run):  # noqa: F811
    import shutil

    run = finished_run()
    studio.refresh_runs()
    qtbot.waitUntil(lambda: len(studio.runs) == 1)
    opened.show_page("results")
    shutil.rmtree(run.folder)
    studio.show_run(studio.runs[0])
    choose_split(opened.results_page, "test")
    assert opened.results_page.open("overview").looks.text() == ""
