"""One recipe several times: seeds and folds, a stop in between, and what is left afterwards."""

import json
from dataclasses import replace

import pytest
from safetensors.torch import load_file

from cnnstudio.cli.main import main
from cnnstudio.core import Control, Partial, RecipeError, RunError, Watch
from cnnstudio.core.events import EpochDone, EvaluationDone, RunStarted
from cnnstudio.data.samples import read_samples
from cnnstudio.jobs import StoppedWith, run_inline
from cnnstudio.jobs.specs import CompareRuns, ContinueRepeats, FineTune, Predict, TrainRepeats
from cnnstudio.networks import ModelRef
from cnnstudio.networks.bundle import load_bundle, save_bundle
from cnnstudio.networks.head import set_head
from cnnstudio.runs import read_repeats
from cnnstudio.training.base import TRAIN_HEAD_FILE


@pytest.fixture
def quicker(quick):
    return replace(quick, epochs=1)


def rows_of(run, split):
    return {row[0] for row in read_samples(run.folder / "samples.csv") if row[2] == split}


def stop_after(kind, count):
    """A watch that asks for a stop at an event; its events."""
    control, events = Control(), []

    def emit(event):
        events.append(event)
        if sum(isinstance(each, kind) for each in events) == count:
            control.request_stop()

    return Watch(control, emit), events


def test_folds_are_stopped_continued_and_told_together(quicker, tmp_path):
    job = TrainRepeats(recipe=quicker, kind="folds", count=3, runs_root=tmp_path)
    watch, events = stop_after(EpochDone, 2)
    with pytest.raises(StoppedWith) as stopped:
        run_inline(job, watch)
    assert [event.repeat for event in events if isinstance(event, RunStarted)] == [1, 2]
    halfway = read_repeats(stopped.value.result.folder)
    assert (len(halfway.done), [run.record.state for run in halfway.runs]) == (1, ["finished", "stopped"])
    parts = []
    last = run_inline(ContinueRepeats(run=halfway.runs[0].folder), Watch(emit=parts.append))
    assert [event.repeat for event in parts if isinstance(event, RunStarted)] == [2, 3]
    assert [part.result.record.repeat.number for part in parts if isinstance(part, Partial)] == [2, 3]
    found = read_repeats(last.folder)
    assert found.is_complete
    own = [rows_of(run, "validation") for run in found.runs]
    assert sum(map(len, own)) == len(set.union(*own)) == found.together[1] == 30
    assert set.union(*own) == rows_of(last, "train") | rows_of(last, "validation")
    assert [run.record.name.split(", ")[-1] for run in found.runs] == ["fold 1 of 3", "fold 2 of 3", "fold 3 of 3"]
    assert {event.score.split for event in parts if isinstance(event, EvaluationDone)} == {"validation"}
    assert set(last.record.scores) == {"train", "validation"}
    assert {answer.split for answer in last.predictions()} <= {"train", "validation"}, "no test picture is looked at"
    assert len(rows_of(last, "test")) == 6
    with pytest.raises(RunError, match="nothing left to train"):
        run_inline(ContinueRepeats(run=last.folder))
    with pytest.raises(RunError, match="no validation picture that both"):
        run_inline(CompareRuns(first=found.runs[0].folder, second=last.folder))


def test_the_first_seed_is_a_training_by_itself_and_the_others_are_others(quicker, tmp_path):
    alone = run_inline(FineTune(recipe=quicker, out=tmp_path / "alone"))
    last = run_inline(TrainRepeats(recipe=quicker, kind="seeds", count=2, runs_root=tmp_path / "several"))
    runs = read_repeats(last.folder).runs
    assert [run.record.recipe["seed"] for run in runs] == [0, 1]
    assert runs[0].record.scores["validation"] == alone.record.scores["validation"]
    assert {frozenset(rows_of(run, "test")) for run in runs} == {frozenset(rows_of(alone, "test"))}
    assert len({frozenset(rows_of(run, "validation")) for run in runs}) == 2


def test_a_last_layer_that_is_solved_for_is_judged_by_pictures_that_it_has_not_seen(recipe, tmp_path, tiny_folder):
    solved = replace(recipe, batch_size=0, head_solver="regression")
    last = run_inline(TrainRepeats(recipe=solved, kind="folds", count=2, runs_root=tmp_path))
    answers = [answer for answer in last.predictions() if answer.split == "validation"]
    assert len(answers) == 15
    network, card = load_bundle(last.bundle)
    head = load_file(last.folder / TRAIN_HEAD_FILE)
    set_head(network, head["weight"], head["bias"])
    judge = tmp_path / "judge"
    save_bundle(judge, network, card)
    predicted = run_inline(
        Predict(model=ModelRef(source=str(judge)), images=tuple(tiny_folder / each.path for each in answers))
    )
    for answer, own in zip(answers, predicted, strict=True):
        assert own.top[0].label == answer.predicted, "by a head that learned from training pictures alone"
        assert own.top[0].probability == pytest.approx(answer.probability, abs=1e-4)


def test_folds_of_a_run_that_continues_another_are_refused(quicker, tmp_path):
    job = TrainRepeats(recipe=replace(quicker, start_from=str(tmp_path)), kind="folds", count=3, runs_root=tmp_path)
    with pytest.raises(RecipeError, match="cannot be repeated with folds"):
        run_inline(job)
    assert list(tmp_path.iterdir()) == []


def test_seeds_and_folds_in_the_terminal(quicker, tmp_path, capsys):
    file = tmp_path / "recipe.toml"
    quicker.save(file)
    words = ["train", "--recipe", str(file), "--out", str(tmp_path / "runs"), "--folds", "2"]
    assert main([*words, "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["repeat"]["number"] for line in lines if line["event"] == "repeat"] == [1, 2]
    last = lines[-1]
    assert (last["event"], last["kind"], last["of"], last["done"], len(last["runs"])) == ("finished", "folds", 2, 2, 2)
    assert last["together"]["images"] == 30
    assert 0 <= last["mean"] <= 1
    one = tmp_path / "runs" / sorted(path.parent.name for path in (tmp_path / "runs").glob("*/run.json"))[0]
    record = one / "run.json"
    record.write_text(record.read_text().replace('"state": "finished"', '"state": "stopped"'))
    assert main(["train", "--resume", str(one)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("2 folds: ")
    assert "± is the standard deviation" in out
    with pytest.raises(SystemExit):
        main([*words, "--seeds", "3"])
    with pytest.raises(SystemExit):
        main(["train", "x", "--folds", "1"])
