"""How sure: what the sliders say is what was counted, and the pictures behind it are shown."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from cnnstudio.core import ALONE, RunError
from cnnstudio.inference.results import ClassScore, Prediction
from cnnstudio.jobs import specs
from cnnstudio.jobs.specs.sure import TARGETS, HowSure
from cnnstudio.networks.refusal import Refusal
from cnnstudio.ui.look import theme
from cnnstudio.ui.predict.answer_card import AnswerCard
from cnnstudio.ui.predict.verdict_face import VerdictFace
from cnnstudio.ui.results.how_sure.tab import HowSureTab
from cnnstudio.ui.results.mistake_view import MistakeView
from cnnstudio.understanding.sure.evidence import Evidence
from cnnstudio.understanding.sure.promise import promise
from cnnstudio.understanding.sure.reliability import reliability
from tests.ui.real_wheel import wheel
from tests.ui.test_second_look import run_on

CLASSES = ("blue", "green", "red")


def refusing(careful):
    values = np.linspace(0, 1, 200, dtype=np.float32)
    return Refusal(
        features=np.eye(3, dtype=np.float16), places=np.arange(3), near=values, clear=values, threshold=careful,
        careful=careful,
    )  # fmt: skip


def found_on(root, refusal=None, temperature=1.0):
    """400 pictures in twelve files: 300 that are sure and right, 60 less sure, 40 unsure and half wrong."""
    sure = np.repeat([0.98, 0.8, 0.4], [300, 60, 40])
    labels = np.arange(400) % 3
    said = labels.copy()
    said[300:306] = (labels[300:306] + 1) % 3
    said[360:380] = (labels[360:380] + 1) % 3
    probabilities = np.repeat((1 - sure)[:, None] / 2, 3, 1)
    probabilities[np.arange(400), said] = sure
    groups = np.full(400, ALONE)
    evidence = Evidence(
        places=np.arange(400), probabilities=probabilities, labels=labels, groups=groups, out_of_fold=False
    )
    names = tuple(f"{CLASSES[label]}/{number % 12:02}.png" for number, label in enumerate(labels))
    return HowSure(
        run=root / "run", classes=CLASSES, evidence=evidence, names=names,
        promises=tuple(promise(probabilities, labels, groups, target) for target in TARGETS),
        reliability=reliability(probabilities, labels), temperature=temperature, more=4000, root=root,
        refusal=refusal,
    )  # fmt: skip


@pytest.fixture
def tab(studio, runner, tiny_folder, qtbot):
    runner.answers[specs.LookHowSure] = lambda job: found_on(tiny_folder, refusing(0.05), 1.3 if job.every else 1.0)
    runner.answers[specs.CountOverlooked] = lambda job: job.handle(_Nobody())
    tab = HowSureTab(studio)
    qtbot.addWidget(tab)
    tab.resize(900, 1400)
    tab.show()
    qtbot.waitExposed(tab)
    tab.show_run(run_on(tiny_folder))
    qtbot.waitUntil(tab.parts.isVisible)
    yield tab
    tab.release()
    tab.close()


class _Nobody:
    def check(self):
        """Nobody stops it."""


def test_the_slider_says_what_is_promised_and_shows_what_it_costs(tab, qtbot):
    card = tab.promise
    card.target.setValue(90)
    assert card.sentence.text() == "Answers 100 %, 94 % of them correct. Promised: at least 90 %"
    shown = (card.wrong.title.text(), card.handed.title.text())
    qtbot.keyClick(card.target, Qt.Key.Key_End)
    assert card.target.value() == 99
    assert card.value.text() == "99 % correct"
    assert card.sentence.text() == "Answers 75 %, 100 % of them correct. Promised: at least 99 %"
    assert (card.wrong.title.text(), card.handed.title.text()) != shown
    assert card.wrong.title.text() == "Answered wrongly: 0 pictures"
    assert card.handed.title.text() == "Handed to you: 100 pictures"
    first = card.handed.shown[0]
    assert card.handed.view.rows.path_of(first).is_file()
    assert first.probability == pytest.approx(0.8), "the nearest to being answered first"
    assert card.wrong.view.isHidden(), "an empty frame says nothing"
    assert not card.handed.view.isHidden()


def test_what_cannot_be_promised_is_said(tab, tiny_folder):
    few = found_on(tiny_folder)
    chosen = slice(0, 60)
    promised = promise(
        few.evidence.probabilities[chosen], few.evidence.labels[chosen], few.evidence.groups[chosen], 0.99
    )
    assert promised.threshold is None
    object.__setattr__(few, "promises", tuple(promised for _ in TARGETS))
    tab.promise.show_found(few)
    assert tab.promise.sentence.text() == "99 % correct cannot be promised yet"
    assert "299 answers without an error" in tab.promise.meaning.text()
    assert tab.promise.handed.title.text() == "Handed to you: 400 pictures"


def test_overlooking_a_class_costs_false_alarms(tab, qtbot):
    card = tab.cost
    card.times.setValue(1)
    qtbot.waitUntil(lambda: "9 false alarms (9 without this)" in card.sentence.text())
    plain = len(card.alarms.shown)
    card.times.setFocus()
    qtbot.keyClick(card.times, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: len(card.alarms.shown) > plain)
    assert card.value.text() == "20 × as bad as any other error"
    name = card.classes.currentText()
    assert card.found.title.text().startswith(f"{name}, recognised: ")
    assert "without this" in card.sentence.text()


def test_a_false_alarm_is_told_with_what_it_is_taken_for(tab, qtbot):
    card = tab.cost
    name = card.classes.currentText()
    card.times.setValue(20)
    qtbot.waitUntil(lambda: bool(card.alarms.shown))
    assert {each.predicted for each in (*card.alarms.shown, *card.found.shown)} == {name}
    assert all(each.true != name for each in card.alarms.shown)


def test_the_wheel_scrolls_the_page_past_a_row_of_pictures(tab, qtbot):
    tab.promise.target.setValue(99)
    row = tab.promise.handed.view
    bar = row.horizontalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    wheel(row.viewport())
    assert bar.value() == 0
    wheel(bar)
    assert bar.value() == 0, "it came under the mouse on the way"
    wheel(row.viewport(), keys=Qt.KeyboardModifier.ShiftModifier)
    assert bar.value() > 0


def test_details_show_a_plot(tab, qtbot):
    qtbot.mouseClick(tab.fold, Qt.MouseButton.LeftButton)
    points = QColor(theme.current().series[0])

    def is_seen():
        image = tab.plot.grab().toImage()
        across, down = range(image.width()), range(image.height())
        return any(image.pixelColor(x, y) == points for x in across for y in down)

    qtbot.waitUntil(is_seen)
    assert tab.plot.getAxis("left").labelStyle["color"] == theme.current().muted, (
        "the colour of the axis is hard to read"
    )


def test_a_picture_of_a_row_opens_large(tab, qtbot):
    tab.promise.target.setValue(99)
    row = tab.promise.handed.view
    row.setFocus()
    row.setCurrentIndex(row.rows.index(20))
    qtbot.keyClick(row, Qt.Key.Key_Return)
    dialog = tab.window().findChild(MistakeView)
    assert dialog.answer == tab.promise.handed.shown[20]
    assert dialog.windowTitle() == "Picture", "it was answered correctly"
    dialog.done(0)


def test_being_more_careful_goes_into_the_run(tab, runner, qtbot):
    card = tab.careful
    assert not card.apply.isEnabled()
    asked = []
    runner.answers[specs.BeCareful] = lambda job: asked.append(job) or refusing(job.careful)
    card.careful.setValue(12)
    assert card.value.text() == "refuses about 12 of 100 good pictures"
    qtbot.mouseClick(card.apply, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "at 12 refused" in card.about.text())
    assert [job.careful for job in asked] == [0.12]
    assert not card.apply.isEnabled()


def test_details_and_more_evidence(tab, qtbot):
    assert tab.plot.isHidden()
    qtbot.mouseClick(tab.fold, Qt.MouseButton.LeftButton)
    assert tab.plot.isVisible()
    assert tab.foot.words.text().startswith("On 400 validation pictures.")
    assert "scaled" not in tab.honest.text()
    assert "4,000 pictures" in tab.every.text()
    tab.every.click()
    qtbot.waitUntil(lambda: "too sure" in tab.honest.text())
    assert tab.every.isVisible(), "it can be taken back"
    rows = list(tab._rows())  # noqa: SLF001 - what the foot saves
    assert rows[0] == ("target", "threshold", "answers", "right", "pictures")
    assert len(rows) == 1 + len(TARGETS)


def test_where_there_is_nothing_to_judge_by_it_is_said(studio, runner, tiny_folder, qtbot):
    runner.answers[specs.LookHowSure] = RunError("The run has no validation pictures.")
    tab = HowSureTab(studio)
    qtbot.addWidget(tab)
    tab.show()
    tab.show_run(run_on(tiny_folder))
    qtbot.waitUntil(tab.problem.isVisible)
    assert not tab.parts.isVisible()
    tab.show_run(None)
    assert not tab.problem.isVisible()
    tab.release()
    tab.close()


def test_the_picture_stands_beside_the_beginning_of_its_answer(qtbot, tiny_folder):
    card = AnswerCard()
    qtbot.addWidget(card)
    card.resize(480, 700)
    card.show()
    path = tiny_folder / "red" / "00.png"
    top = (ClassScore("shirt", 0.5), ClassScore("long", 0.4))
    card.show_answer(path, Prediction(path=path, top=top, nearest=path, verdict="unlike"))
    qtbot.waitUntil(lambda: card.face.height() > 0 and card.view.y() <= card.file_name.y())


def test_the_face_of_an_answer(qtbot, tiny_folder):
    face = VerdictFace()
    qtbot.addWidget(face)
    top = (ClassScore("shirt", 0.5), ClassScore("<b>long</b>", 0.4))
    nearest = tiny_folder / "red" / "00.png"
    answer = {"path": nearest, "top": top, "nearest": nearest}
    face.show_prediction(Prediction(**answer, verdict="unlike"))
    assert not face.isHidden()
    assert face.title.text() == "Unlike anything it was shown"
    assert "00.png" in face.about.text()
    face.show_prediction(Prediction(**answer, verdict="between"))
    assert face.title.text() == "Between shirt and <b>long</b>"
    for verdict in ("answer", None):
        face.show_prediction(Prediction(**answer, verdict=verdict))
        assert face.isHidden()
    face.show_prediction(None)
    assert face.isHidden()
