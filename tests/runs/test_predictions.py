import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.core import SplitScore
from cnnstudio.runs import create_run, open_run
from cnnstudio.runs.predictions import (
    PREDICTIONS_FILE,
    Answer,
    Predictions,
    read_predictions,
    shown_path,
    write_predictions,
)
from tests.runs.test_store import RECORD

TEXT = st.text(min_size=1, max_size=8, alphabet=st.characters(exclude_categories=["Cs"]))
ANSWERS = st.lists(
    st.builds(Answer, TEXT, st.sampled_from(["train", "test"]), TEXT, TEXT, st.floats(0, 1).map(lambda p: round(p, 6)))
)
ROWS = [
    Answer("cat/1.jpg", "test", "cat", "cat", 0.9),
    Answer("cat/2.jpg", "test", "cat", "dog", 0.6),
    Answer("cat/3.jpg", "test", "cat", "dog", 0.8),
    Answer("cat/4.jpg", "train", "cat", "dog", 0.7),
]


@settings(max_examples=30)  # each is written to the disk
@given(answers=ANSWERS)
def test_what_was_written_is_read(tmp_path_factory, answers):
    folder = tmp_path_factory.mktemp("run")
    write_predictions(folder, answers)
    assert sorted(read_predictions(folder)) == sorted(answers)


def test_the_file_is_as_spreadsheets_know_it(tmp_path):
    write_predictions(tmp_path, [*ROWS[:1], Answer('a, "b".jpg', "test", "cat", "dog", 1 / 3)])
    assert (tmp_path / PREDICTIONS_FILE).read_bytes() == (
        b"path,split,true,predicted,probability\n"
        b"cat/1.jpg,test,cat,cat,0.900000\n"
        b'"a, ""b"".jpg",test,cat,dog,0.333333\n'
    )


def test_a_cell_has_its_pictures_the_surest_first():
    predictions = Predictions(ROWS)
    assert [answer.path for answer in predictions.cell("test", "cat", "dog")] == ["cat/3.jpg", "cat/2.jpg"]
    assert predictions.cell("test", "dog", "cat") == ()
    assert predictions.cell("validation", "cat", "dog") == ()
    assert len(predictions) == 4


def test_a_run_that_was_not_scored_has_no_answers(tmp_path):
    run = create_run(RECORD, root=tmp_path)
    assert len(run.predictions()) == 0


def test_a_file_that_changes_is_read_anew_and_one_that_does_not_is_remembered(tmp_path, monkeypatch):
    write_predictions(tmp_path, ROWS)
    first = read_predictions(tmp_path)
    monkeypatch.setattr(Path, "open", lambda *_, **__: pytest.fail("read again"))
    assert read_predictions(tmp_path) is first
    monkeypatch.undo()
    write_predictions(tmp_path, ROWS[:1])
    assert len(read_predictions(tmp_path)) == 1
    (tmp_path / PREDICTIONS_FILE).unlink()
    assert len(read_predictions(tmp_path)) == 0


@pytest.mark.parametrize(
    ("damage", "left"),
    [("cat/5.jpg,test,ca", 4), ("x,test,cat,cat,much\n", 4), ("\n,,\n", 4), ("a,test,cat,cat,0.5\n", 5)],
)
def test_damaged_rows_do_not_hide_the_others(tmp_path, damage, left):
    write_predictions(tmp_path, ROWS)
    with (tmp_path / PREDICTIONS_FILE).open("a") as file:
        file.write(damage)
    assert len(read_predictions(tmp_path)) == left


def test_a_cell_without_an_end_does_not_hide_what_is_before_it(tmp_path):
    write_predictions(tmp_path, ROWS)
    with (tmp_path / PREDICTIONS_FILE).open("a") as file:
        file.write('"' + "x" * 200_000)
    assert len(read_predictions(tmp_path)) == 4


def test_names_that_are_no_unicode_survive(tmp_path):
    name = b"cat/\xff.jpg".decode(errors="surrogateescape")
    write_predictions(tmp_path, [ROWS[0]._replace(path=name)])
    assert [answer.path for answer in read_predictions(tmp_path)] == [name]
    assert b"cat/\xff.jpg" in (tmp_path / PREDICTIONS_FILE).read_bytes()


def test_paths_are_relative_where_they_can_be():
    assert shown_path(Path("/data/photos/cat/1.jpg"), Path("/data/photos")) == "cat/1.jpg"
    assert shown_path(Path("/elsewhere/1.jpg"), Path("/data/photos")) == "/elsewhere/1.jpg"


def test_several_threads_may_ask(tmp_path):
    write_predictions(tmp_path, ROWS * 500)
    sizes = []
    threads = [threading.Thread(target=lambda: sizes.append(len(read_predictions(tmp_path)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sizes == [2000] * 8


# What a run is good for ----------------------------------------------------------------------------------------


def score(split):
    return SplitScore(
        split=split,
        images=2,
        loss=0.1,
        accuracy=0.5,
        top5_accuracy=None,
        interval=(0.1, 0.9),
        confusion=((1, 1), (0, 0)),
    )


@pytest.mark.parametrize(
    ("state", "bundle", "best", "expected"),
    [
        ("finished", True, False, True),
        ("running", True, False, True),  # resumed: the bundle of before is there
        ("running", False, True, False),
        ("interrupted", False, True, True),  # killed: a bundle can be made of its best epoch
        ("stopped", False, True, True),
        ("stopped", False, False, False),
        ("failed", False, False, False),
    ],
)
def test_a_run_predicts_with_a_bundle_or_what_one_can_be_made_of(tmp_path, state, bundle, best, expected):
    run = create_run(RECORD, root=tmp_path).update(state=state)
    if bundle:
        run.bundle.mkdir()
    if best:
        (run.checkpoints / "best.pt").touch()
    assert open_run(run.folder).can_predict is expected


def test_results_are_there_once_it_was_scored(tmp_path):
    run = create_run(RECORD, root=tmp_path)
    assert not run.has_results
    assert run.update(scores={"train": score("train")}).has_results


@pytest.mark.parametrize(
    ("splits", "told"),
    [
        ((), None),
        (("train",), None),
        (("train", "validation"), "validation"),
        (("test",), "test"),
        (("validation", "test"), "validation"),
    ],
)
def test_the_score_that_is_told_is_of_pictures_that_were_not_learned_from_and_validation_comes_first(splits, told):
    found = replace(RECORD, scores={split: score(split) for split in splits}).told_score
    assert (found.split if found else None) == told


@pytest.mark.parametrize(
    ("done", "best", "words"),
    [
        (5, 3, "Best epoch: 3 of 5"),
        (5, 0, "No epoch was clearly better than the start"),
        (0, 0, "no epoch was finished"),
    ],
)
def test_it_is_said_how_its_weights_were_chosen(done, best, words):
    assert words in replace(RECORD, epochs_done=done, best_epoch=best).chosen


@pytest.mark.parametrize(
    ("mode", "among", "words"),
    [
        ("head", 1, "The last of its 5 epochs counts"),
        ("head", 5, "Best epoch: 5 of 5"),
        ("all", 5, "Best epoch: 5 of 5"),
        ("all", 0, "The last of its 5 epochs counts"),
    ],
)
def test_a_last_epoch_that_nothing_chose_is_not_called_the_best(mode, among, words):
    scores = {"validation": replace(score("validation"), chosen_among=among)} if among else {}
    record = replace(RECORD, epochs_done=5, best_epoch=5, scores=scores)
    assert replace(record, recipe={"mode": mode}).chosen == words


def test_a_last_layer_that_nothing_could_choose_is_not_called_chosen():
    solved = replace(RECORD, recipe={"mode": "head", "head_solver": "regression"}, state="finished")
    assert "usual one" in solved.chosen
    assert replace(solved, scores={"train": score("train")}).chosen == "Chosen by cross-validation"


def test_a_record_says_where_its_pictures_were_and_when_it_began():
    record = replace(RECORD, recipe={"dataset": "/data/photos"})
    assert record.dataset == Path("/data/photos")
    assert record.dated_name == "first · 11-20 10:00"
