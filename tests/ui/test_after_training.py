"""What a training makes possible on the Data page: a second look, and whether there are enough pictures."""

import pytest
from PySide6.QtCore import Qt

from cnnstudio.core import JobStopped
from cnnstudio.data.project import open_dataset
from cnnstudio.data.second_look import Look, take_look
from cnnstudio.jobs import specs
from cnnstudio.runs import Answer, write_predictions
from cnnstudio.ui.data.after_training import AfterTraining
from cnnstudio.understanding.outcomes import Curve, Growth
from tests.ui.test_second_look import doubts_of, run_on


def curve(name, now, forecast, why="", pictures=120):
    return Curve(
        name=name, pictures=pictures, shares=(0.4, 0.5, 0.6, now), interval=(now - 0.05, now + 0.05),
        forecast=forecast, why=why,
    )  # fmt: skip


def growth_of(root):
    classes = (curve("blue", 0.9, None, "rises"), curve("green", 0.8, (0.81, 0.83)), curve("red", 0.6, (0.62, 0.70)))
    overall = curve("", 0.77, (0.78, 0.82), pictures=360)
    return Growth(root=root, network="efficientnet_lite0", overall=overall, classes=classes)


@pytest.fixture
def strip(studio, runner, own_folder, qtbot):
    run = run_on(own_folder)
    run.folder.mkdir()
    rows = [Answer(f"red/{number:02}.png", "train", "red", "blue", 0.95 if number < 3 else 0.6) for number in range(6)]
    write_predictions(run.folder, rows)
    runner.answers[specs.ScanFolder] = open_dataset(own_folder)
    strip = AfterTraining(studio)
    qtbot.addWidget(strip)
    for panel in strip.panels:
        qtbot.addWidget(panel)
    studio.open_folder(own_folder)
    qtbot.waitUntil(lambda: studio.dataset is not None and not studio.is_under_way(specs.ListRuns))
    strip.run_shown = run
    yield strip
    strip.release()


def test_it_is_hidden_until_there_is_a_run_and_counts_what_was_not_looked_at(strip, studio, own_folder, qtbot):
    assert strip.isHidden()
    take_look(own_folder, Look(name="red/00.png", label="red", verdict="right"))
    studio.show_run(strip.run_shown)
    qtbot.waitUntil(lambda: "or more" in strip.text.text())
    assert not strip.isHidden()
    assert strip.text.text() == "2 pictures or more are worth a second look."
    studio.show_run(None)
    assert strip.isHidden()


def test_a_second_look_tells_the_exact_number(strip, studio, runner, own_folder, qtbot):
    runner.answers[specs.FindDoubts] = doubts_of(own_folder, 4)
    studio.show_run(strip.run_shown)
    with qtbot.waitSignal(strip.opened) as opened:
        strip.look.click()
    assert opened.args == [strip.second_look]
    qtbot.waitUntil(lambda: strip.text.text() == "4 pictures are worth a second look.")


def test_classes_stand_in_the_order_of_their_gain_and_one_is_collected(strip, studio, runner, own_folder, qtbot):
    runner.answers[specs.ForecastGrowth] = growth_of(own_folder)
    studio.show_run(strip.run_shown)
    strip.enough.click()
    panel = strip.growth
    qtbot.waitUntil(lambda: panel.rows.count() == 3)
    assert panel.sentence.text() == (
        "Most is to be gained from red: now 60 % of its pictures are recognised, with 120 more pictures perhaps 62 to "
        "70 %."
    )
    assert panel.overall.text() == "Now 77.0 % of 360 pictures are correct; with twice as many perhaps 78.0 to 82.0 %."
    shown = [panel.rows.item(row).text() for row in range(3)]
    assert shown == [
        "red, 120 pictures: now 60 %, with 120 more 62 to 70 %",
        "green, 120 pictures: now 80 %, with 120 more 81 to 83 %",
        "blue, 120 pictures: now 90 %; more pictures have not helped so far",
    ]
    panel.resize(700, 480)
    assert not panel.rows.grab().isNull()
    with qtbot.waitSignal(strip.collect_wanted) as wanted:
        panel.collect.click()
    assert wanted.args == ["red"]
    panel.rows.setCurrentRow(1)
    assert panel.collect.text() == "Add pictures of green…"
    assert len(list(panel._table())) == 4  # noqa: SLF001
    strip.enough.click()
    assert len(runner.of(specs.ForecastGrowth)) == 1


def test_a_forecast_that_is_stopped_goes_back_to_the_pictures(strip, studio, runner, qtbot):
    studio.show_run(strip.run_shown)
    strip.enough.click()
    (handle,) = [each for each in runner.handles if isinstance(each.job, specs.ForecastGrowth)]
    with qtbot.waitSignal(strip.left):
        handle.events.put(JobStopped())
    qtbot.waitUntil(lambda: not studio.is_under_way(specs.ForecastGrowth))
    strip.enough.click()
    assert len(runner.of(specs.ForecastGrowth)) == 2
    with qtbot.waitSignal(strip.left):
        qtbot.keyClick(strip.growth, Qt.Key.Key_Escape)
    runner.close(0)
    qtbot.waitUntil(lambda: not studio.is_under_way(specs.ForecastGrowth))
