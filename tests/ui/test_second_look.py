"""A second look: one key a picture, the pictures in their order, and everything can be taken back."""

import random

import pytest
from PySide6.QtCore import Qt

from cnnstudio.data.curation import load_curation
from cnnstudio.data.project import open_dataset
from cnnstudio.data.second_look import load_second_look
from cnnstudio.jobs import specs
from cnnstudio.runs import Run, RunRecord
from cnnstudio.ui.data.second_look.panel import SecondLookPanel
from cnnstudio.ui.data.second_look.session import ENOUGH, Session
from cnnstudio.understanding.outcomes import Doubt, Doubts


def doubt(name, label="red", answer="blue", p_label=0.001, split="train"):
    return Doubt(
        name=name, label=label, answer=answer, p_label=p_label, p_answer=0.9, split=split,
        like_label=("red/01.png",), like_answer=("blue/01.png", "blue/02.png"),
    )  # fmt: skip


def doubts_of(root, count=12, tests=10):
    found = tuple(doubt(f"red/{number:02}.png", p_label=number / 1000) for number in range(count))
    return Doubts(root=root, doubts=found, pictures=36, unanswered=0, tests=tests, network="efficientnet_lite0")


def run_on(root):
    record = RunRecord(
        name="a run", state="finished", created="2026-11-26T00:00:00Z", network="efficientnet_lite0",
        classes=("blue", "green", "red"), recipe={"dataset": str(root)}, dataset_hash="x",
    )  # fmt: skip
    return Run(root / "run", record, frozenset({"bundle"}))


@pytest.fixture
def panel(studio, runner, own_folder, qtbot):
    runner.answers[specs.FindDoubts] = doubts_of(own_folder)
    dataset = open_dataset(own_folder)
    runner.answers[specs.ScanFolder] = dataset
    studio.open_folder(own_folder)
    qtbot.waitUntil(lambda: studio.dataset is not None)
    panel = SecondLookPanel(studio)
    qtbot.addWidget(panel)
    panel.resize(900, 560)
    panel.open(run_on(own_folder), dataset)
    qtbot.waitUntil(lambda: panel.session is not None and panel.stack.currentWidget() is panel.asking)
    yield panel
    panel.release()


def settled(qtbot, studio):
    qtbot.waitUntil(lambda: not studio.is_under_way(specs.TakeLook, specs.TakeBackLook, specs.ReadSecondLook))


def test_every_key_decides_about_the_picture_that_is_shown(panel, studio, own_folder, qtbot):
    assert "red" in panel.asking.labelled.text()
    assert "blue (90 %)" in panel.asking.answered.text()
    keys = (Qt.Key.Key_Return, Qt.Key.Key_1, Qt.Key.Key_3, Qt.Key.Key_X, Qt.Key.Key_Space)
    for key in keys:
        qtbot.keyClick(panel, key)
    settled(qtbot, studio)
    looks = load_second_look(own_folder).looks
    assert [(look.name[4:6], look.verdict, look.to) for look in looks] == [
        ("00", "right", ""), ("01", "class", "blue"), ("02", "class", "green"), ("03", "skip", ""), ("04", "later", ""),
    ]  # fmt: skip
    curation = load_curation(own_folder)
    assert curation.classes == {"red/01.png": "blue", "red/02.png": "green"}
    assert curation.left_out == ("red/03.png",)
    assert panel.session.current.name == "red/05.png"
    assert panel.session.waiting[-1].name == "red/04.png"
    assert "4 pictures decided: 2 with another class, 1 skipped." in panel.session.sentence()
    for _ in keys:
        qtbot.keyClick(panel, Qt.Key.Key_Z)
        settled(qtbot, studio)
    assert load_second_look(own_folder).looks == ()
    assert (load_curation(own_folder).classes, load_curation(own_folder).left_out) == ({}, ())
    assert panel.session.current.name == "red/00.png"
    studio.history.redo()
    settled(qtbot, studio)
    assert panel.session.current.name == "red/01.png"


def test_undo_goes_back_behind_a_restart_and_the_edit_menu_knows_it(panel, studio, own_folder, qtbot):
    qtbot.keyClick(panel, Qt.Key.Key_1)
    settled(qtbot, studio)
    assert studio.history.undo_text == "changing the class of 1 picture to blue"
    studio.history.forget()  # as after a restart
    qtbot.keyClick(panel, Qt.Key.Key_Z)
    settled(qtbot, studio)
    assert load_curation(own_folder).classes == {}
    studio.history.undo()  # the undo is a step by itself
    settled(qtbot, studio)
    assert load_curation(own_folder).classes == {"red/00.png": "blue"}


def test_the_folder_is_read_again_when_one_goes_back_and_not_before(panel, studio, runner, qtbot):
    before = len(runner.of(specs.ScanFolder))
    qtbot.keyClick(panel, Qt.Key.Key_1)
    settled(qtbot, studio)
    assert len(runner.of(specs.ScanFolder)) == before
    with qtbot.waitSignal(panel.left):
        qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert len(runner.of(specs.ScanFolder)) == before + 1
    panel.open(run_on(studio.dataset.root), studio.dataset)
    assert len(runner.of(specs.FindDoubts)) == 1
    settled(qtbot, studio)


def test_random_keys_with_undo_equal_their_replay(tmp_path):
    """What is asked follows from the log alone."""
    random_, found = random.Random(3), doubts_of(tmp_path, 40)
    session = Session(found, ("blue", "green", "red"))
    for _ in range(300):
        if random_.random() < 0.4:
            session.follow(session.looks[:-1])
            continue
        look = session.look(random_.choice(["right", "class", "skip", "later"]), random_.choice(["blue", "green"]))
        if look is not None:
            session.follow((*session.looks, look))
    again = Session(found, session.classes, session.looks)
    assert [each.name for each in again.waiting] == [each.name for each in session.waiting]


def test_it_stops_by_itself_when_the_last_ones_were_all_correct(tmp_path):
    session = Session(doubts_of(tmp_path, 40), ("blue", "red"))
    session.follow((session.look("class", "blue"),))
    for number in range(ENOUGH):
        assert not session.is_enough, number
        session.follow((*session.looks, session.look("right")))
    assert session.is_enough
    session.goes_on = True
    assert not session.is_enough


def test_corrected_test_pictures_are_counted_and_said_to_flatter(tmp_path):
    found = (doubt("a", split="test"), doubt("b", split="test"), doubt("c"))
    session = Session(
        Doubts(root=tmp_path, doubts=found, pictures=30, unanswered=0, tests=10, network="n"), ("blue", "red")
    )
    session.follow((session.look("right"),))
    assert session.test_sentence() == ""
    session.follow((*session.looks, session.look("class", "blue")))
    assert session.test_sentence().startswith(
        "1 changed picture is for testing: of all that are, answers were 80.0 % correct before the change, and are "
        "90.0 % now."
    )


def test_more_classes_than_keys(tmp_path):
    session = Session(doubts_of(tmp_path), [f"class {number}" for number in range(100)])
    keys = dict(session.keys())
    assert len(keys) == 32
    assert not set(keys) & {"1", "X", "Z"}
    assert session.class_of_key("a") == keys["A"]
    assert session.class_of_key("x") == session.class_of_key("") == ""
