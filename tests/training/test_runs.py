import errno
import os
import shutil
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from cnnstudio.core import Control, atomic, waiting, wilson_interval
from cnnstudio.core.errors import (
    CheckpointDamaged,
    DatasetError,
    DeviceError,
    NetworkError,
    RecipeError,
    TrainingDiverged,
    WeightsError,
)
from cnnstudio.core.events import (
    CheckpointSaved,
    EpochDone,
    EvaluationDone,
    PhaseStarted,
    Progressed,
    RunCompleted,
    RunPaused,
    RunResumed,
    RunStarted,
    RunStopped,
    Warned,
)
from cnnstudio.data import SplitSpec
from cnnstudio.data.scan import scan_folder
from cnnstudio.jobs import StoppedWith
from cnnstudio.jobs.specs import FineTune, ResumeRun
from cnnstudio.networks.bundle import load_bundle
from cnnstudio.runs import list_runs, open_run
from cnnstudio.training.loop import Checkpoints, batches, checkpoint_folder
from cnnstudio.training.recipe import load_recipe


def epochs(events):
    return [event for event in events if isinstance(event, EpochDone)]


def of(events, *kinds):
    return [event for event in events if isinstance(event, kinds)]


def test_the_last_layer_learns_on_cached_features(recipe, train):
    run, events = train(replace(recipe, epochs=30))
    assert run.record.state == "finished"
    assert len(of(events, RunStarted)) == 1
    assert [event.name for event in of(events, PhaseStarted)] == ["features", "head"]
    assert len(epochs(events)) == 30
    assert run.record.best_epoch == 30, "the last one counts, whichever few pictures would have chosen"
    assert run.record.scores["test"].images == 6
    assert run.record.scores["train"].accuracy > 0.6  # colour alone tells the classes apart
    train_score, chose = run.record.scores["train"], run.record.scores["validation"]
    assert (train_score.origin, train_score.interval) == ("finished", None), "it promises nothing about new pictures"
    assert (chose.chosen_among, run.record.scores["test"].chosen_among) == (1, 1), "a head's last epoch counts"
    assert all(event.validation_balanced_accuracy is not None for event in epochs(events))
    network, card = load_bundle(run.bundle)
    assert card.classes == ("blue", "green", "red")
    assert card.preprocess.crop == 48
    assert network(torch.zeros(1, 3, 48, 48)).shape == (1, 3)


def test_a_second_training_reads_no_picture_again(recipe, train):
    train(replace(recipe, epochs=2))
    _, events = train(replace(recipe, epochs=3, learning_rate=0.01))
    assert not [event for event in of(events, Progressed) if event.text.startswith("Preparing the ")]


@pytest.mark.parametrize(
    "mode",
    [pytest.param("head", marks=pytest.mark.slow), "last-stage", pytest.param("scratch", marks=pytest.mark.slow)],
)
def test_the_scores_are_what_the_bundle_predicts(recipe, train, own_folder, mode):
    """Of validation pictures, too: these are large enough to be read otherwise while something is learned."""
    from cnnstudio.inference.session import open_model, predict
    from cnnstudio.networks.catalogue.entries import ModelRef

    for path in own_folder.glob("*/*.png"):
        with Image.open(path) as image:
            image.resize((240, 208), Image.Resampling.BICUBIC).save(path.with_suffix(".jpg"), quality=95)
        path.unlink()
    chosen = replace(
        recipe, dataset=str(own_folder), mode=mode, epochs=20 if mode == "head" else 1, precision="bf16",
        frozen_precision="bf16", head_solver="epochs",
    )  # fmt: skip
    run, events = train(chosen)
    session = open_model(ModelRef(source=str(run.bundle)))
    answers = [answer for answer in run.predictions() if answer.split != "train"]
    assert Counter(answer.split for answer in answers) == {"validation": 6, "test": 6}
    for answer in answers:
        best = predict(session, own_folder / answer.path, 1).top[0]
        assert best.label == answer.predicted
        assert best.probability == pytest.approx(answer.probability, abs=1e-5)
    for split in ("validation", "test"):
        told = [answer for answer in answers if answer.split == split]
        assert run.record.scores[split].accuracy == sum(a.true == a.predicted for a in told) / len(told)
    told_last = epochs(events)[-1].validation_loss
    if mode == "head":
        assert run.record.scores["validation"].loss == pytest.approx(told_last, abs=1e-6)
        assert [event.precision for event in of(events, PhaseStarted)] == ["bf16", "fp32"]


@pytest.mark.parametrize(
    "mode", ["last-stage", pytest.param("all", marks=pytest.mark.slow), pytest.param("scratch", marks=pytest.mark.slow)]
)
def test_deeper_modes_train_score_and_save(recipe, train, mode):
    run, events = train(replace(recipe, mode=mode, epochs=2))
    phases = [event.name for event in of(events, PhaseStarted)]
    before = {"last-stage": ["features", "features"], "all": ["features"], "scratch": []}
    assert phases == [*before[mode], mode]
    assert [event.epoch for event in epochs(events)] == [1, 2]
    assert {event.score.split for event in of(events, EvaluationDone)} >= {"validation", "test"}
    assert run.bundle.is_dir()
    assert run.history().epochs == tuple(epochs(events))
    delivered = run.record.best_epoch  # 0: no epoch was clearly better than the start, which taught itself nothing
    assert delivered or mode == "last-stage"
    assert run.record.refit_head is not bool(delivered)
    assert run.record.scores["train"].origin == ("while-training" if delivered else "out-of-fold")
    chose = run.record.scores["validation"]
    assert chose.chosen_among == 2
    assert chose.interval[0] < wilson_interval(chose.right, chose.images)[0], "the best of several looks too good"


def test_a_deep_training_starts_from_a_trained_head_and_never_ends_below_it(recipe, train):
    def stop_in_first(event, control):
        if isinstance(event, EvaluationDone):
            control.request_stop()

    with pytest.raises(StoppedWith) as stopped:
        train(replace(recipe, mode="all", epochs=3), stop_in_first)
    run = stopped.value.result
    start = run.record.scores["validation"]
    assert run.bundle.is_dir(), "the trained head is kept even before an epoch ended"
    resumed, _ = train(recipe, spec=ResumeRun(run=run.folder))
    assert resumed.record.epochs_done == 3
    assert resumed.record.scores["validation"].accuracy >= start.accuracy


def test_make_it_better_goes_on_from_a_run_and_keeps_both(recipe, train):
    first, _ = train(replace(recipe, epochs=20))
    better, events = train(replace(recipe, mode="last-stage", epochs=1, start_from=str(first.folder)))
    start = of(events, EvaluationDone)[0].score
    assert start.split == "validation"
    assert start.accuracy == pytest.approx(first.record.scores["validation"].accuracy)
    assert better.record.scores["validation"].accuracy >= start.accuracy
    assert open_run(first.folder).bundle.is_dir()


def test_the_same_recipe_and_seed_give_the_same_run(quick, train):
    def losses(events):
        return [(e.train_loss, e.validation_loss) for e in epochs(events)]

    again = [losses(train(replace(quick, epochs=2, seed=7))[1]) for _ in range(2)]
    assert again[0] == again[1]
    assert losses(train(replace(quick, epochs=2, seed=8))[1]) != again[0]


def test_a_stop_does_not_wait_for_a_drive_that_does_not_answer(quick, train, monkeypatch):
    monkeypatch.setattr(waiting, "PATIENCE_S", 0.05)
    hanging, read, began, control = threading.Event(), batches.read_for_training, [], Control()

    def reading(sample, spec, changes, seed, decode):
        if seed[1] == 1:  # the epoch
            if not began:
                began.append(time.monotonic())
                control.request_stop()
            hanging.wait(30)
        return read(sample, spec, changes, seed, decode)

    monkeypatch.setattr(batches, "read_for_training", reading)
    with pytest.raises(StoppedWith) as stopped:
        train(replace(quick, epochs=3), control=control)
    assert time.monotonic() - began[0] < 2
    hanging.set()
    assert stopped.value.result.record.epochs_done == 1


@pytest.mark.parametrize("mode", ["head", pytest.param("scratch", marks=pytest.mark.slow)])
def test_stopped_and_resumed_is_bit_equal_to_uninterrupted(recipe, quick, train, mode):
    recipe = replace(quick if mode == "scratch" else recipe, mode=mode, epochs=4)
    whole, _ = train(recipe)

    def stop_in_third(event, control):
        if isinstance(event, EpochDone) and event.epoch == 2:
            control.request_stop()

    with pytest.raises(StoppedWith) as stopped:
        train(recipe, stop_in_third)
    half = stopped.value.result
    assert half.record.state == "stopped"
    assert half.record.epochs_done == 2
    assert half.bundle.is_dir(), "the best epoch so far is kept"
    resumed, rest = train(recipe, spec=ResumeRun(run=half.folder))
    assert of(rest, RunStarted)[0].first_epoch == 3

    def figures(run):
        return [replace(epoch, seconds=0) for epoch in run.history().epochs]

    assert figures(resumed) == figures(whole)
    ours, theirs = (load_bundle(run.bundle)[0].state_dict() for run in (resumed, whole))
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


def test_a_stop_before_the_first_epoch_ends_keeps_nothing_and_says_so(quick, train):
    def stop_at_once(event, control):
        if isinstance(event, PhaseStarted):
            control.request_stop()

    with pytest.raises(StoppedWith) as stopped:
        train(replace(quick, epochs=2), stop_at_once)
    run = stopped.value.result
    assert (run.record.state, run.record.best_epoch) == ("stopped", 0)
    assert not run.bundle.exists()
    assert run.can_resume


def test_pause_is_acknowledged_and_goes_on(recipe, train):
    def pause_then_resume(event, control):
        if isinstance(event, EpochDone) and event.epoch == 1:
            control.request_pause()
        if isinstance(event, RunPaused):
            control.resume()

    _, events = train(replace(recipe, epochs=3), pause_then_resume)
    names = [type(event) for event in of(events, RunPaused, RunResumed, RunStopped, RunCompleted)]
    assert names == [RunPaused, RunResumed, RunCompleted]


def test_pictures_that_vanish_are_skipped_and_counted(recipe, train, own_folder):
    dataset = scan_folder(own_folder, SplitSpec())
    gone = dataset.split("train")[0].path
    gone.unlink()
    recipe = replace(recipe, dataset=str(own_folder), epochs=2)
    out = own_folder.parent / "run"
    run, events = train(recipe, spec=FineTune(recipe=recipe, dataset=dataset, out=out))
    assert run.record.skipped_images == 1
    assert gone.name in of(events, Warned)[0].problem.title


@pytest.mark.parametrize("mode", ["head", "scratch"])
def test_a_run_without_a_test_score_says_why(recipe, quick, train, own_folder, mode):
    recipe = replace({"head": recipe, "scratch": quick}[mode], dataset=str(own_folder), epochs=2, mode=mode)
    missing = [sample.path for sample in scan_folder(own_folder, recipe.split).split("test")]

    def vanish(event, _control):
        if isinstance(event, EpochDone) and event.epoch == 1:
            for path in missing:
                path.unlink()

    run, events = train(recipe, vanish)
    assert run.record.state == "finished"
    assert "test" not in run.record.scores
    assert any("so there is no test score" in warned.problem.title for warned in of(events, Warned))


def test_a_folder_that_vanishes_ends_the_run_with_its_checkpoint(quick, train, own_folder):
    recipe = replace(quick, dataset=str(own_folder), epochs=5)

    def vanish(event, _control):
        if isinstance(event, EpochDone) and event.epoch == 1:
            own_folder.rename(own_folder.with_name("gone"))

    with pytest.raises(DatasetError, match="can no longer be read"):
        train(recipe, vanish)
    run = list_runs(own_folder.parent)[0]
    assert run.record.state == "failed"
    assert run.can_resume
    own_folder.with_name("gone").rename(own_folder)
    assert train(recipe, spec=ResumeRun(run=run.folder))[0].record.epochs_done == 5


def test_a_training_that_diverges_halves_the_rate_once_then_explains(recipe, train, tmp_path):
    hopeless = replace(recipe, mode="scratch", epochs=3, optimizer="sgd", learning_rate=100.0, schedule="constant")
    seen = []
    with pytest.raises(TrainingDiverged, match="out of control"):
        train(hopeless, lambda event, _: seen.append(event))
    assert "halved" in of(seen, Warned)[0].problem.title
    run = list_runs(tmp_path)[0]
    assert run.record.state == "failed"
    assert "learning rate" in run.record.problem


def test_a_full_disk_while_saving_is_told_and_the_training_goes_on(quick, train, monkeypatch):
    real = os.fsync
    full = []

    def fsync(descriptor):
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    def fill_then_free(event, _control):
        if isinstance(event, CheckpointSaved) and event.kind == "last":
            full.append(True)
        if isinstance(event, Warned) and "full" in event.problem.title:
            full.clear()

    monkeypatch.setattr(atomic.os, "fsync", fsync)
    monkeypatch.setattr("cnnstudio.core.Control.wait_for_stop", lambda *_: False)
    run, events = train(replace(quick, epochs=3), fill_then_free)
    titles = [event.problem.title for event in of(events, Warned)]
    assert "disk is full" in titles[0]
    assert titles[1] == "Everything is saved now."
    assert run.record.state == "finished"
    assert [epoch.epoch for epoch in run.history().epochs] == [1, 2, 3]


def test_the_recorded_recipe_repeats_the_run(recipe, train):
    run, events = train(replace(recipe, epochs=3))
    again, repeated = train(load_recipe(run.folder / "recipe.toml"))
    assert [e.validation_loss for e in epochs(repeated)] == [e.validation_loss for e in epochs(events)]
    assert again.record.recipe == run.record.recipe


def test_early_stopping_watches_the_validation_loss(recipe, train):
    run, _ = train(replace(recipe, epochs=200, patience=2, learning_rate=0.5, schedule="constant"))
    assert run.record.epochs_done < 200


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"device": "cuda"}, DeviceError, "No usable NVIDIA"),
        ({"weights": "/nowhere.pth"}, WeightsError, "no weights file"),
        ({"network": "resnet18"}, WeightsError, "does not fit ResNet-18"),
        ({"dataset": "/nowhere"}, DatasetError, "is not there"),
    ],
)
def test_what_cannot_work_is_one_sentence_and_leaves_nothing(recipe, train, tmp_path, change, error, words):
    if change.get("device") == "cuda" and torch.cuda.is_available():
        change = {"device": "mps"}
        words = "No usable Apple"
    with pytest.raises(error, match=words) as caught:
        train(replace(recipe, **change))
    assert caught.value.problem.remedy
    assert list_runs(tmp_path) == []


def test_a_run_with_other_classes_is_no_start(recipe, train, own_folder):
    first, _ = train(replace(recipe, epochs=1))
    (own_folder / "red").rename(own_folder / "rouge")
    with pytest.raises(RecipeError, match="does not fit"):
        train(replace(recipe, dataset=str(own_folder), mode="all", start_from=str(first.folder)))


def test_a_one_image_class_trains(recipe, train, messy_folder):
    run, _ = train(replace(recipe, dataset=str(messy_folder), epochs=2))
    assert run.record.classes == ("blue", "green", "red", "single")


def test_a_stop_during_features_keeps_what_was_computed(recipe, train):
    def stop(event, control):
        if isinstance(event, Progressed) and event.text.startswith("Preparing the training"):
            control.request_stop()

    with pytest.raises(StoppedWith):
        train(replace(recipe, epochs=2), stop)
    _, events = train(replace(recipe, epochs=2), control=Control())
    first = next(event for event in of(events, Progressed) if event.text.startswith("Preparing the training"))
    assert first.total < 24


@pytest.mark.parametrize(
    ("name", "colour", "channels", "size"),
    [("lenet5", "auto", 1, 32), pytest.param("gap_cnn", "grey", 1, 48, marks=pytest.mark.slow)],
)
def test_a_classic_learns_grey_pictures_stops_and_resumes(recipe, train, name, colour, channels, size):
    wanted = replace(
        recipe,
        network=name,
        mode="scratch",
        weights="none",
        epochs=3,
        colour=colour,
        input_size=0 if size == 32 else size,
    )

    def stop_after_the_first(event, control):
        if isinstance(event, EpochDone):
            control.request_stop()

    with pytest.raises(StoppedWith) as stopped:
        train(wanted, stop_after_the_first)
    run, _ = train(None, spec=ResumeRun(run=stopped.value.result.folder))
    network, card = load_bundle(run.bundle)
    assert (card.preprocess.channels, card.preprocess.crop) == (channels, size)
    assert network(torch.zeros(1, channels, size, size)).shape == (1, 3)
    assert run.record.epochs_done == 3


def test_what_a_classic_or_a_torchvision_network_cannot_do_is_said(recipe, train):
    with pytest.raises(WeightsError, match="no pretrained weights for LeNet-5"):
        train(replace(recipe, network="lenet5", weights="auto", mode="head"))
    with pytest.raises(NetworkError, match="colour pictures only"):
        train(replace(recipe, mode="scratch", weights="none", colour="grey"))


@pytest.mark.parametrize(
    "mode",
    [pytest.param("head", marks=pytest.mark.slow), "last-stage", pytest.param("scratch", marks=pytest.mark.slow)],
)
def test_a_resume_reads_no_checkpoint_twice(recipe, quick, train, monkeypatch, mode):
    def stop_in_first(event, control):
        if isinstance(event, EpochDone):
            control.request_stop()

    quick = replace(quick, epochs=2)
    with pytest.raises(StoppedWith) as stopped:
        train(quick if mode == "scratch" else replace(recipe, mode=mode, epochs=2), stop_in_first)
    folder, real, reads = stopped.value.result.folder, torch.load, []

    def load(source, *args, **kwargs):
        reads.append(Path(source.name) if hasattr(source, "read") else source)
        return real(source, *args, **kwargs)

    monkeypatch.setattr(torch, "load", load)
    run, _ = train(recipe, spec=ResumeRun(run=folder))
    assert run.record.epochs_done == 2
    read = [path.name for path in reads if path.parent == run.checkpoints]
    assert read in (["last.pt", "best.pt"], ["last.pt", "best.pt", "best.pt"]), "again only where a better one came"


def test_a_resume_that_is_stopped_before_it_begins_keeps_what_is_known(quick, train):
    def stop_after_two(event, control):
        if isinstance(event, EpochDone) and event.epoch == 2:
            control.request_stop()

    with pytest.raises(StoppedWith) as stopped:
        train(replace(quick, epochs=4), stop_after_two)
    before = stopped.value.result.record
    with pytest.raises(StoppedWith) as again:
        train(None, lambda _event, control: control.request_stop(), spec=ResumeRun(run=stopped.value.result.folder))
    after = again.value.result.record
    assert (after.epochs_done, after.best_epoch, after.scores) == (2, before.best_epoch, before.scores)


def test_a_kill_between_best_and_last_changes_nothing_in_the_end(quick, train, tmp_path, monkeypatch):
    recipe = replace(quick, epochs=3)
    whole, _ = train(recipe)
    real = checkpoint_folder.write_checkpoint

    def killed(path, checkpoint):
        if path.name == "last.pt" and checkpoint.state.best_epoch == checkpoint.state.epoch == best:
            raise KeyboardInterrupt  # as abrupt as a kill, for what is on disk
        return real(path, checkpoint)

    best = whole.record.best_epoch
    monkeypatch.setattr(checkpoint_folder, "write_checkpoint", killed)
    out = tmp_path / "killed"
    with pytest.raises(KeyboardInterrupt):
        train(None, spec=FineTune(recipe=recipe, out=out))
    monkeypatch.undo()
    assert Checkpoints(out / "checkpoints").load_best().state.epoch == best
    assert Checkpoints(out / "checkpoints").newest().state.epoch == best - 1
    resumed, _ = train(None, spec=ResumeRun(run=out))
    assert resumed.record.best_epoch == best
    assert resumed.record.scores == whole.record.scores
    ours, theirs = (load_bundle(run.bundle)[0].state_dict() for run in (resumed, whole))
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


@pytest.mark.parametrize("other", ["another network", "another part"])
def test_checkpoints_of_another_run_are_refused_in_words(recipe, quick, train, other):
    def stop_at_first(event, control):
        if isinstance(event, EpochDone):
            control.request_stop()

    def stopped(recipe):
        with pytest.raises(StoppedWith) as caught:
            train(replace(recipe, epochs=3), stop_at_first)
        return caught.value.result

    run = stopped(quick)
    foreign = stopped(replace(quick, network="gap_cnn") if other == "another network" else recipe)
    shutil.rmtree(run.checkpoints)
    shutil.copytree(foreign.checkpoints, run.checkpoints)
    with pytest.raises(CheckpointDamaged, match="does not fit this training"):
        train(None, spec=ResumeRun(run=run.folder))
    assert open_run(run.folder).record.state == "failed"
