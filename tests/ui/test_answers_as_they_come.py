"""Predictions are shown one by one, and a stop keeps those that came."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from cnnstudio.core import JobFailed, JobFinished, JobStopped, Partial, WeightsError
from cnnstudio.jobs import specs
from tests.ui.test_results_predict_export_pages import answer, predicting  # noqa: F401 - a fixture
from tests.ui.test_train_page import finished_run  # noqa: F401 - a fixture

pytestmark = pytest.mark.pages("predict")


@pytest.fixture
def asked(predicting, runner, tiny_folder):  # noqa: F811
    """The predict page while three pictures are being looked at, and the monitor of that job."""
    page = predicting.predict_page
    predicting.show_page("predict")
    runner.answers[specs.Predict] = ...
    pictures = [tiny_folder / "red" / f"{number:02}.png" for number in range(3)]
    return page, page.open_images(pictures), pictures


def captions(page):
    model = page.pictures
    return [model.data(model.index(row), Qt.ItemDataRole.DisplayRole) for row in range(model.rowCount())]


def hand_over(handle, *paths):
    for prediction in answer(replace(handle.job, images=paths)):
        handle.events.put(Partial(result=prediction))


def test_each_answer_appears_as_it_comes(asked, qtbot):
    page, job, pictures = asked
    assert captions(page) == ["00.png", "01.png", "02.png"]
    hand_over(job.handle, pictures[1])
    qtbot.waitUntil(lambda: captions(page) == ["00.png", "red\n75 %", "02.png"])
    assert page.progress.isVisible(), "the others are still looked at"
    hand_over(job.handle, pictures[0])
    qtbot.waitUntil(lambda: "red 75.0 %" in page.answer.bars.accessibleDescription())
    hand_over(job.handle, pictures[2])
    job.handle.events.put(JobFinished(result=answer(job.handle.job)))
    qtbot.waitUntil(lambda: not page.progress.isVisible())
    assert captions(page) == ["red\n75 %"] * 3


@pytest.mark.parametrize(
    "ending", [JobStopped(result=None), JobFailed(problem=WeightsError("Gone.").problem)], ids=["stopped", "failed"]
)
def test_answers_that_came_stay_whatever_comes_after(asked, qtbot, tmp_path, ending):
    page, job, pictures = asked
    hand_over(job.handle, pictures[0])
    job.handle.events.put(ending)
    qtbot.waitUntil(lambda: not page.progress.isVisible())
    assert captions(page) == ["red\n75 %", "01.png", "02.png"]
    page.save_csv(tmp_path / "answers.csv")
    assert (tmp_path / "answers.csv").read_text().count("00.png") == 2
    assert "01.png" not in (tmp_path / "answers.csv").read_text()


def test_what_is_missing_after_a_stop_is_asked_for_with_the_next_picture(asked, qtbot, runner, tiny_folder):
    page, job, pictures = asked
    hand_over(job.handle, pictures[0])
    job.handle.events.put(JobStopped(result=None))
    qtbot.waitUntil(lambda: not page.progress.isVisible())
    runner.answers[specs.Predict] = answer
    page.open_images([tiny_folder / "blue" / "00.png"])
    assert set(runner.of(specs.Predict)[-1].images) == {tiny_folder / "blue" / "00.png", *pictures[1:]}
    qtbot.waitUntil(lambda: captions(page) == ["red\n75 %"] * 4)


def test_an_answer_of_another_model_is_not_shown(asked, qtbot):
    page, job, pictures = asked
    assert page.model_picker.count() > 1
    page.model_picker.setCurrentIndex(1)
    assert job.handle.control.stop_requested, "nobody wants the rest"
    hand_over(job.handle, pictures[0])
    with qtbot.waitSignal(job.ended):
        job.handle.events.put(JobStopped(result=None))
    assert captions(page)[0] == "00.png"
