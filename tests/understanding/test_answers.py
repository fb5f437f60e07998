"""What a run says of its own pictures: written at its end, read by all that explains it, computed for older ones."""

from dataclasses import replace

import numpy as np
import pytest

from cnnstudio.core import FormatError, NewerFormat, Progressed, RunError, StopRequested, cache_folder
from cnnstudio.data import sample_key
from cnnstudio.inference.session import open_model, predict_many
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.specs import GatherAnswers
from cnnstudio.networks import ModelRef
from cnnstudio.runs import ANSWERS_FILE, Answers, forget_answers, softmax, write_answers
from cnnstudio.training.recover import save_run_bundle
from cnnstudio.understanding.answers import read_answers
from tests.conftest import watch_of


def drawn(count=7, features=True):
    rng = np.random.default_rng(3)
    return Answers(
        classes=("cat", "dög", "eel"),
        names=(*(f"a/{number} ü.png" for number in range(count - 1)), "b/\udcff.png"),
        keys=rng.integers(0, 256, (count, 16)).astype(np.uint8),
        labels=rng.integers(0, 3, count),
        splits=np.array(["train", "validation", "test"])[np.arange(count) % 3],
        groups=rng.integers(-1, 3, count),
        held_out=rng.random(count) < 0.5,
        logits=rng.normal(size=(count, 3)).astype(np.float32),
        features=rng.normal(size=(count, 5)).astype(np.float16) if features else None,
    )


def same(first, second):
    arrays = ("keys", "labels", "splits", "groups", "held_out", "logits", "features")
    assert (first.classes, first.names) == (second.classes, second.names)
    for name in arrays:
        assert np.array_equal(getattr(first, name), getattr(second, name)), name


def test_what_is_written_is_read(tmp_path):
    write_answers(tmp_path, drawn())
    same(read_answers(tmp_path), drawn())
    found = read_answers(tmp_path)
    assert found.probabilities.sum(1) == pytest.approx(np.ones(7))
    assert found.predicted.tolist() == found.logits.argmax(1).tolist()
    assert found.of_split("validation").tolist() == [1, 4]
    held = found.of_split("train", "test", held_out=True)
    assert set(held.tolist()) == {n for n in (0, 2, 3, 5, 6) if found.held_out[n]}


def test_features_are_found_by_what_they_are(tmp_path):
    write_answers(tmp_path, drawn())
    (file,) = (cache_folder() / "features").iterdir()
    other = tmp_path / "other"
    other.mkdir()
    write_answers(other, drawn())
    assert list((cache_folder() / "features").iterdir()) == [file], "the same features are kept once"
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)
    forget_answers(tmp_path)
    other.joinpath(ANSWERS_FILE).rename(tmp_path / ANSWERS_FILE)
    assert read_answers(tmp_path).features is None, "damaged"
    file.unlink()
    assert read_answers(tmp_path).features is None
    write_answers(tmp_path, drawn())
    assert read_answers(tmp_path).features is not None, "computed again"


def test_a_file_of_others_is_refused(tmp_path):
    with pytest.raises(RunError, match="not kept"):
        read_answers(tmp_path)
    write_answers(tmp_path, drawn())
    file = tmp_path / ANSWERS_FILE
    good = file.read_bytes()
    for bad in (b"", good[:50], good[:-4], b"\xff" * 8 + good[8:], good.replace(b"logits", b"logitz")):
        file.write_bytes(bad)
        with pytest.raises(FormatError):
            read_answers(tmp_path)
    file.write_bytes(
        good.replace(b'format_version\\":1', b'format_version\\":9').replace(b'version\\": 1', b'version\\": 9')
    )
    with pytest.raises(NewerFormat):
        read_answers(tmp_path)
    for changes in ({"labels": np.full(7, 3)}, {"logits": np.full((7, 3), np.nan)}, {"names": ("a",)}):
        write_answers(tmp_path, replace(drawn(), **changes))
        with pytest.raises(FormatError):
            read_answers(tmp_path)


def check_against_predictions(run, found):
    """Validation and test pictures of the file have what ``predict`` says, where one network answers both."""
    session = open_model(ModelRef(source=str(run.bundle)))
    test = found.of_split("test")
    paths = [run.record.dataset / found.names[index] for index in test]
    said = list(predict_many(session, paths, watch_of(lambda *_: None), top=3))
    for index, answer in zip(test.tolist(), said, strict=True):
        expected = dict(zip(found.classes, softmax(found.logits[[index]])[0].tolist(), strict=True))
        assert {score.label: score.probability for score in answer.top} == pytest.approx(expected, abs=1e-4)
        assert found.keys[index].tobytes() == sample_key(answer.path)


def test_a_solved_last_layer_leaves_answers_out_of_fold(solved):
    found = read_answers(solved)
    assert found.splits.tolist() == ["train"] * 24 + ["validation"] * 6 + ["test"] * 6
    assert found.held_out.all(), "every one by a layer that did not learn from it"
    rows = {answer.path: answer for answer in solved.predictions()}
    for name, split, label, said in zip(found.names, found.splits, found.labels, found.predicted, strict=True):
        row = rows[name]
        assert (row.split, row.true, row.predicted) == (split, found.classes[label], found.classes[said])
    check_against_predictions(solved, found)


def test_a_deeper_mode_answers_every_picture_at_its_end(quick, train):
    run, events = train(replace(quick, epochs=1))
    found = read_answers(run)
    assert len(found) == 36
    assert found.held_out.tolist() == [split != "train" for split in found.splits]
    assert found.features.shape == (36, 84)
    check_against_predictions(run, found)
    assert "train" not in {answer.split for answer in run.predictions()}, "what was learned from is no result"
    assert [event for event in events if isinstance(event, Progressed) and event.text.startswith("Answering")]


def test_a_stop_while_training_pictures_are_answered_leaves_a_finished_run(quick, train):
    def stop(event, control):
        if isinstance(event, Progressed) and event.text.startswith("Answering"):
            control.request_stop()

    run, _ = train(replace(quick, epochs=1), on_event=stop)
    assert run.record.state == "finished"
    assert "test" in run.record.scores
    assert not (run.folder / ANSWERS_FILE).exists()
    found = run_inline(GatherAnswers(run=run.folder))
    assert len(found) == 36
    same(read_answers(run), found)


@pytest.mark.parametrize("kind", ["solved", "epochs", pytest.param("scratch", marks=pytest.mark.slow)])
def test_answers_of_older_runs_are_computed_once(kind, recipe, quick, train):
    asked = {"solved": replace(recipe, batch_size=0), "epochs": replace(recipe, epochs=3)}
    run, _ = train(asked.get(kind, replace(quick, epochs=1)))
    kept = read_answers(run)
    (run.folder / ANSWERS_FILE).unlink()
    steps = []
    found = run_inline(GatherAnswers(run=run.folder), watch_of(lambda *step: steps.append(step)))
    same(replace(found, logits=kept.logits), kept)
    assert found.logits == pytest.approx(kept.logits, abs=1e-3)
    assert steps or kind == "epochs", "what that one needs is in the cache"
    steps.clear()
    same(run_inline(GatherAnswers(run=run.folder), watch_of(lambda *step: steps.append(step))), found)
    assert not steps, "remembered"


def test_computing_them_can_be_stopped(quick, train):
    run, _ = train(replace(quick, epochs=1))
    (run.folder / ANSWERS_FILE).unlink()
    watch = watch_of(lambda *_: watch.control.request_stop())
    with pytest.raises(StopRequested):
        run_inline(GatherAnswers(run=run.folder), watch)
    assert not (run.folder / ANSWERS_FILE).exists()


def test_another_network_of_the_run_forgets_what_the_first_one_said(solved):
    from cnnstudio.training.base import load_base
    from cnnstudio.training.recipe import recipe_from_plain

    recipe = recipe_from_plain(solved.record.recipe)
    base = load_base(replace(recipe, start_from=str(solved.folder), weights="auto"), solved.record.classes, None)
    save_run_bundle(solved, base, recipe, solved.record.classes, {})
    with pytest.raises(RunError):
        read_answers(solved)
