"""The overview of Results: the sentence, the worst mistakes as pictures, and what to do next."""

import pytest
from PySide6.QtCore import Qt

from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.next_steps import Summary
from cnnstudio.runs import Answer, write_predictions
from cnnstudio.understanding.mistakes import Judged
from cnnstudio.understanding.next_steps import NextStep
from tests.ui.test_train_page import click, finished_run  # noqa: F401 - a fixture

STEPS = (
    NextStep(sentence="43 pictures are worth a second look.", button="Take a second look", action="second-look"),
    NextStep(
        sentence="green is taken for blue.", button="See these pictures", action="mix-up", about=("green", "blue")
    ),
    NextStep(sentence="Nobody has looked for shortcuts.", button="Look for shortcuts", action="shortcuts"),
)
WORST = (Judged("green/00.png", "validation", "green", "blue", 0.9, 0.02),)


@pytest.fixture
def overview(opened, studio, runner, qtbot, finished_run):  # noqa: F811
    """The tab on a run with one mistake and three steps."""
    runner.answers |= {
        specs.Summarise: Summary(split="validation", worst=WORST, steps=STEPS), specs.LookForShortcuts: ...,
        specs.ChangePicture: ..., specs.FindDoubts: ...,
    }  # fmt: skip
    run = finished_run()
    write_predictions(run.folder, [Answer("green/00.png", "validation", "green", "blue", 0.9)])
    studio.refresh_runs()
    qtbot.waitUntil(lambda: len(studio.runs) == 1)
    studio.show_run(studio.runs[0])
    opened.show_page("results")
    tab = opened.results_page.open("overview")
    qtbot.waitUntil(lambda: len(tab.steps.buttons) == 3)
    return tab


def test_three_steps_lead_to_where_they_are_done(overview, opened, studio, runner, qtbot):
    assert [each.text() for each in overview.steps.sentences] == [step.sentence for step in STEPS]
    assert overview.worst.rows.rowCount() == 1
    assert "On 6 validation pictures." in overview.foot.words.text()
    page = opened.results_page
    click(qtbot, overview.steps.buttons[1])
    assert page.tabs.name == "mistakes"
    mistakes = page.open("mistakes")
    qtbot.waitUntil(lambda: "Predicted as blue" in mistakes.mistakes.about.text())
    assert mistakes.mistakes.grid.rows.rowCount() == 1
    page.open("overview")
    click(qtbot, overview.steps.buttons[2])
    assert page.tabs.name == "stress"
    qtbot.waitUntil(lambda: bool(runner.of(specs.LookForShortcuts)))
    assert len(runner.of(specs.LookForShortcuts)) == 1, "it was not known, so it is looked for"
    page.open("overview")
    with qtbot.waitSignal(studio.second_look_wanted):
        click(qtbot, overview.steps.buttons[0])
    assert opened.pages.currentWidget() is opened.data_page


def test_the_steps_are_asked_for_again_when_one_comes_back_and_stay_where_they_are(overview, opened, runner, qtbot):
    first = overview.steps.buttons[0]
    asked = len(runner.of(specs.Summarise))
    opened.results_page.open("mistakes")
    opened.results_page.open("overview")
    assert len(runner.of(specs.Summarise)) == asked + 1
    assert overview.steps.buttons[0] is first
    overview.worst.setFocus()
    overview.worst.setCurrentIndex(overview.worst.rows.index(0))
    qtbot.keyClick(overview.worst, Qt.Key.Key_Return)
    from cnnstudio.ui.results.mistake_view import MistakeView

    view = opened.findChild(MistakeView)
    qtbot.waitExposed(view)
    assert "It gave green 2 %." in view.sure.text()
    view.reject()


def test_without_mistakes_and_steps_there_is_the_sentence_alone(overview, opened, studio, runner, qtbot):
    runner.answers[specs.Summarise] = Summary(split="test", worst=(), steps=())
    picker = opened.results_page.split_picker
    picker.setCurrentIndex(picker.findData("test"))
    picker.activated.emit(picker.currentIndex())
    qtbot.waitUntil(lambda: not overview.steps.isVisible())
    assert not overview.worst.isVisible()
    assert overview.sentence.isVisible()
