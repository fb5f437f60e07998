import pytest
from PySide6.QtWidgets import QAbstractItemView

from cnnstudio.runs import Answer, RunRecord, create_run, write_predictions

pytestmark = pytest.mark.pages("train")

MULTI = QAbstractItemView.SelectionMode.MultiSelection


@pytest.fixture
def page(opened):
    opened.show_page("train")
    return opened.train_page


@pytest.fixture
def run_with(studio, opened):
    """A finished run of the open folder that recognised so many of 60 validation pictures."""

    def make(name, right):
        record = RunRecord(
            name=name, state="running", created="2026-11-20T10:00:00Z", network="gamma", classes=("blue", "red"),
            recipe={"dataset": str(studio.dataset.root)}, dataset_hash="",
        )  # fmt: skip
        run = create_run(record, root=studio.project_runs_folder()).update(state="finished", owner=None)
        rows = [Answer(f"{i}.png", "validation", "red", "red" if i < right else "blue", 0.9) for i in range(60)]
        write_predictions(run.folder, rows if right else [])
        return run

    return make


def test_two_selected_runs_are_compared_in_a_sentence(page, studio, run_with, qtbot):
    for name, right in (("<b>one</b>", 50), ("two", 20), ("none", 0)):
        run_with(name, right)
    with qtbot.waitSignal(studio.runs_changed):
        studio.refresh_runs()
    table, verdict, grounds = page.runs.table, page.runs.verdict, page.runs.grounds
    table.sortItems(0)
    assert not verdict.isVisible()
    table.setSelectionMode(MULTI)
    table.selectRow(0)
    table.selectRow(2)
    qtbot.waitUntil(verdict.isVisible)
    assert verdict.text().startswith("“<b>one</b>” is better than “two”: +50.0 points (")
    assert "on 60 validation pictures" in verdict.text()
    assert "only “<b>one</b>” 30, only “two” 0" in grounds.text()
    table.selectRow(0)
    assert not verdict.isVisible(), "one run alone"
    table.selectRow(1)
    qtbot.waitUntil(verdict.isVisible)
    assert verdict.text() == "The run none has no answers of the validation split."
    table.selectRow(0)
    assert not verdict.isVisible(), "three are compared by their curves"
