"""The stress test, by the mouse and the keys: one picture at once, many when they are tested, and shortcuts."""

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog, QLabel

from cnnstudio.core import ImageError, RunError, read_csv
from cnnstudio.core.events import JobFinished, JobStopped, Partial
from cnnstudio.inference.results import ClassScore
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.stress import Changed, Tests
from cnnstudio.runs import Answer, write_predictions
from cnnstudio.understanding.stress.alarms import Look, Shortcuts
from cnnstudio.understanding.stress.changes import CHANGES
from cnnstudio.understanding.stress.results import Curve, Step, Stress
from tests.ui.conftest import carry_out
from tests.ui.test_train_page import click, finished_run  # noqa: F401 - a fixture

CLASSES = ("blue", "green", "red")


def found(pictures=30, done=30):
    """All changes alike: each strength loses a fifth of green."""
    own = done // 3
    curves = tuple(
        Curve(
            change=change.name,
            steps=tuple(
                Step(strength=strength, correct=(own, own - place * own // 5, own))
                for place, strength in enumerate(change.strengths)
            ),
        )
        for change in CHANGES
    )
    return Stress(classes=CLASSES, split="validation", of=(own,) * 3, wanted=pictures, curves=curves)


ALARM = Look(
    name="green", times=9.1, share=0.2, place="top left corner", box=(0.0, 0.0, 0.2, 0.2), pictures=24, before=20,
    after=8, of=24, proof=("green/00.png",),
)  # fmt: skip


@pytest.fixture
def tab(opened, studio, runner, qtbot, finished_run):  # noqa: F811
    """The tab on a run with two recognised pictures, before anything was tested."""
    changed = Changed(pixels=np.full((8, 8, 3), 90, np.uint8), top=(ClassScore("green", 0.7), ClassScore("red", 0.2)))
    runner.answers |= {specs.ChangePicture: changed, specs.TestStress: ..., specs.LookForShortcuts: ...}
    run = finished_run()
    rows = [Answer(f"green/0{n}.png", "validation", "green", "green", 0.9) for n in range(2)]
    write_predictions(run.folder, rows)
    studio.refresh_runs()
    qtbot.waitUntil(lambda: len(studio.runs) == 1)
    studio.show_run(studio.runs[0])
    opened.show_page("results")
    tab = opened.results_page.open("stress")
    qtbot.waitUntil(lambda: not tab.canvas.picture.isNull())
    return tab


def ended(runner, kind, answer):
    runner.end(next(each for each in reversed(runner.handles) if isinstance(each.job, kind)), answer)


def test_a_slider_changes_the_picture_and_takes_the_others_back(tab, runner, qtbot):
    assert not runner.of(specs.TestStress), "nothing is tested before somebody wants it"
    assert "Nothing was tested yet" in tab.foot.words.text()
    assert not tab.train.isEnabled()
    assert tab.answer.text() == "As it is: green 70 %, red 20 %"
    dark, blur = tab.sliders.sliders["brightness"], tab.sliders.sliders["blur"]
    dark.setFocus()
    qtbot.keyClick(dark, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: runner.of(specs.ChangePicture)[-1].strength == 0.25)
    blur.setFocus()
    for _ in range(2):
        qtbot.keyClick(blur, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: runner.of(specs.ChangePicture)[-1].strength == 1)
    assert (runner.of(specs.ChangePicture)[-1].change, dark.value()) == ("blur", 0)
    assert tab.sliders.names["blur"].isChecked()
    qtbot.waitUntil(lambda: tab.answer.text().startswith("A blur of 1 px"))
    before = runner.of(specs.ChangePicture)[-1].picture
    click(qtbot, tab.another)
    assert runner.of(specs.ChangePicture)[-1].picture != before


def test_a_picture_that_is_gone_is_passed_over(tab, runner, qtbot):
    gone = runner.of(specs.ChangePicture)[-1].picture
    there = runner.answers[specs.ChangePicture]
    runner.answers[specs.ChangePicture] = lambda job: ImageError("gone") if job.picture == gone else there
    dark = tab.sliders.sliders["brightness"]
    dark.setFocus()
    qtbot.keyClick(dark, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: runner.of(specs.ChangePicture)[-1].picture != gone)
    qtbot.waitUntil(lambda: tab.answer.text().startswith("75 %"))
    assert not tab.canvas.picture.isNull()
    assert not tab.another.isEnabled(), "there is one left"
    runner.answers[specs.ChangePicture] = ImageError("b.png could not be read.")
    qtbot.keyClick(dark, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: tab.canvas.picture.isNull())
    assert tab.answer.text() == ""


def test_no_slider_moves_from_under_the_mouse_when_a_test_begins(tab, qtbot):
    slider = tab.sliders.sliders["noise"]
    before = slider.mapTo(tab, slider.rect().topLeft())
    click(qtbot, tab.start)
    qtbot.waitUntil(tab.progress.isVisible)
    QCoreApplication.processEvents()
    assert slider.mapTo(tab, slider.rect().topLeft()) == before


def test_a_test_draws_what_it_knows_can_be_stopped_and_is_kept(tab, studio, runner, qtbot, monkeypatch, tmp_path):
    click(qtbot, tab.start)
    monitor = tab._testing  # noqa: SLF001 - to answer as the engine does
    assert tab.progress.isVisible()
    assert not tab.start.isVisible()
    ended(runner, specs.TestStress, [Partial(result=found(done=9)), JobFinished(result=found(done=30))])
    qtbot.waitUntil(lambda: not monitor.active)
    assert "of 30" not in tab.foot.words.text()
    assert tab.foot.words.text().startswith("On 30 validation pictures, with 95 % ranges.")
    assert tab.sentence.text() == "With 50 % of the light, 87 % are correct; as they are, 100 %."
    assert tab.weakest.text() == "It costs green most: 6 of 10 recognised, 10 as they are."
    assert "100 % none" in tab.plot.accessibleDescription()
    tab.sliders.sliders["jpeg"].setValue(40)
    assert tab.sentence.text().startswith("With a JPEG quality of 7, 73 % are correct")
    runner.answers[specs.SaveTable] = carry_out
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "s.csv"), ""))
    with qtbot.waitSignal(studio.said):
        click(qtbot, tab.foot.csv)
    rows = list(read_csv(tmp_path / "s.csv"))
    assert len(rows) == 1 + 7 * 5
    assert rows[1][:4] == ["brightness", "0.0", "30", "30"] or rows[1][:4] == ["brightness", "0", "30", "30"]


def test_one_click_trains_with_the_change(tab, opened, studio, qtbot):
    shown = studio.run.record
    shown.recipe["mode"] = "last-stage"
    studio.choose_network(next(each.name for each in studio.catalogue.networks if each.name != shown.network))
    opened.train_page.form.select_mode("scratch")
    blur = tab.sliders.sliders["blur"]
    blur.setValue(30)
    with qtbot.waitSignal(studio.said) as said, qtbot.waitSignal(studio.variation_wanted) as wanted:
        click(qtbot, tab.train)
    assert said.args[0] == "The next training learns with a blur of 2 px, too."
    assert wanted.args[0].blur == 2
    assert opened.pages.currentWidget() is opened.train_page
    form = opened.train_page.form
    assert studio.network.name == shown.network, "another one has not been tested"
    assert form.mode == "last-stage"
    assert form.options.value("augment.blur") == 2
    assert form.options.value("views") == 2, "or frozen layers would never see it"


def test_an_alarm_comes_with_its_proof(tab, runner, qtbot):
    card = tab.shortcuts
    click(qtbot, card.start)
    looks = (ALARM, Look(name="red", times=2, share=0.1, place="middle", box=(0, 0, 1, 1), pictures=24))
    found_looks = Shortcuts(classes=CLASSES, split="validation", looks=looks)
    ended(runner, specs.LookForShortcuts, [JobFinished(result=found_looks)])
    qtbot.waitUntil(lambda: "1 class may be recognised by a place" in card.sentence.text())
    shown = [each.text() for each in card.alarms.findChildren(QLabel)]
    assert any("may look at the top left corner" in text for text in shown)
    assert "1 class had too few" in card.foot.words.text()
    assert card.start.text() == "Look again"


def test_a_search_that_is_not_through_clears_no_class(tab, runner, qtbot):
    card = tab.shortcuts
    click(qtbot, card.start)
    qtbot.waitUntil(card.progress.isVisible)
    handle = next(each for each in reversed(runner.handles) if isinstance(each.job, specs.LookForShortcuts))
    look = Look(name="red", times=2, share=0.1, place="middle", box=(0, 0, 1, 1), pictures=24)
    found = Shortcuts(classes=CLASSES, split="validation", looks=(look,))
    handle.events.put(Partial(result=found))
    qtbot.waitUntil(lambda: "so far" in card.sentence.text())
    assert "2 classes were not looked at yet, or have too few" in card.foot.words.text()
    card.progress.stop.setFocus()
    qtbot.keyClick(card.progress.stop, Qt.Key.Key_Space)
    assert handle.control.stop_requested
    handle.events.put(JobStopped(result=found))
    qtbot.waitUntil(card.start.isVisible)
    assert card.start.hasFocus()
    assert "so far" in card.sentence.text()


def test_what_was_kept_is_there_and_what_cannot_be_done_is_said(opened, tab, studio, runner, qtbot):
    click(qtbot, tab.start)
    ended(runner, specs.TestStress, RunError("This run has no validation pictures."))
    qtbot.waitUntil(lambda: "no validation pictures" in tab.sentence.text())
    assert tab.start.isVisible()
    runner.answers[specs.ReadTests] = Tests(stress=found(), shortcuts=None)
    tab.show_run(studio.run)
    qtbot.waitUntil(lambda: tab.start.text() == "Test again")
    tab.show_run(None)
    assert tab.canvas.picture.isNull()
