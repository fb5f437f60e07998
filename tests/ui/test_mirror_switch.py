import pytest
from PySide6.QtCore import Qt

from cnnstudio.core import RunError, compare_answers
from cnnstudio.core.intervals import ALONE
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.models import MirrorGain
from tests.ui.test_results_predict_export_pages import predicting  # noqa: F401 - a fixture
from tests.ui.test_train_page import click, finished_run  # noqa: F401 - fixtures

pytestmark = pytest.mark.pages("predict")


def test_the_switch_predicts_again_and_says_what_it_gains(predicting, runner, studio, qtbot, tiny_folder):  # noqa: F811
    page = predicting.predict_page
    predicting.show_page("predict")
    page.open_images([tiny_folder / "red" / "01.png"])
    qtbot.waitUntil(lambda: not page.progress.isVisible())
    switch = page.mirror
    assert not switch.on
    assert runner.of(specs.Predict)[-1].model.mirror is False
    found = compare_answers([True] * 9, [True] * 8 + [False], [ALONE] * 9)
    runner.answers[specs.MeasureMirror] = MirrorGain(found=found, times=1.8, weights="")
    qtbot.mouseClick(switch.box, Qt.MouseButton.LeftButton, pos=switch.box.rect().center() / 4)
    qtbot.waitUntil(lambda: "+11.1 points" in switch.text.text())
    assert "on 9 validation pictures of this run: no clear difference" in switch.text.text()
    assert "longer by a factor of 1.8" in switch.text.text()
    assert runner.of(specs.MeasureMirror)[-1].run == studio.run.folder
    assert runner.of(specs.Predict)[-1].model.mirror is True
    studio.runs_changed.emit()
    assert page.model() is not None
    assert page.model().mirror, "the list of networks was filled again"
    assert len(runner.of(specs.MeasureMirror)) == 1
    switch.box.setChecked(False)
    assert "Twice the work" in switch.text.text()
    runner.answers[specs.MeasureMirror] = RunError("The run has no validation pictures.")
    switch.box.setChecked(True)
    qtbot.waitUntil(lambda: "could not be measured. The run has no validation pictures." in switch.text.text())
