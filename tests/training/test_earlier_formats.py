"""Files of earlier versions open, go on and predict. ``samples/format_N.tar.xz`` was made by the code of its time."""

import json
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.nn.functional import linear

from cnnstudio.core import (
    EpochDone,
    NewerFormat,
    RunStarted,
    WeightsError,
    sha256_of,
    weights_folder,
    write_with_checksum,
)
from cnnstudio.data.curation import load_curation, project_folder
from cnnstudio.data.project import open_dataset
from cnnstudio.inference.session import open_model, predict
from cnnstudio.jobs.specs import EstimateRun, FineTune, OpenRecipe, ResumeRun
from cnnstudio.networks import ModelRef
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.bundle import load_bundle
from cnnstudio.networks.weights import store
from cnnstudio.runs import open_run
from cnnstudio.training.loop import FORMAT, Checkpoints
from cnnstudio.training.recipe import load_recipe
from cnnstudio.training.recover import ensure_bundle

SAMPLES = sorted((Path(__file__).parent / "samples").glob("format_*.tar.xz"))


THEIRS = "squeezenet1_1-starter-1b99087c.safetensors"
"""What ``head`` began with, 1.4 MB; the tests put other weights of the same network in its place."""


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    torch.manual_seed(0)
    made = tmp_path_factory.mktemp("starter") / "any.safetensors"
    save_file(build_network("squeezenet1_1", 1000).state_dict(), made)
    return made.rename(made.with_name(THEIRS.replace("1b99087c", sha256_of(made)[:8])))


@pytest.fixture(params=SAMPLES, ids=lambda path: path.name.split(".")[0])
def sample(request, tmp_path, tiny_folder, starter, monkeypatch):
    """Two runs that were stopped, ``network`` and ``head``, and a ``project``, on today's drawing of its pictures."""
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path, filter="data")
    for run in ("network", "head"):
        for path in (tmp_path / run / "run.json", tmp_path / run / "recipe.toml"):
            path.write_text(path.read_text().replace("/pictures/colours", str(tiny_folder)))
    record = json.loads((tmp_path / "head" / "run.json").read_text())
    assert record["environment"]["weights_origin"] == store.STARTER_FILE == THEIRS
    record["environment"] |= {"weights_origin": starter.name, "weights_sha256": sha256_of(starter)}
    (tmp_path / "head" / "run.json").write_text(json.dumps(record))
    monkeypatch.setattr(store, "STARTER_FILE", starter.name)
    weights_folder().mkdir(parents=True)
    shutil.copy(starter, weights_folder())
    return tmp_path


@pytest.mark.parametrize(("name", "done", "epochs"), [("network", 1, 3), ("head", 2, 4)])
def test_a_stopped_run_opens_goes_on_and_predicts(sample, train, tiny_folder, name, done, epochs):
    folder = sample / name
    before = open_run(folder)
    assert (before.record.state, before.record.epochs_done, before.can_resume) == ("stopped", done, True)
    assert load_recipe(folder / "recipe.toml").epochs == epochs
    run, events = train(None, spec=ResumeRun(run=folder))
    assert next(event for event in events if isinstance(event, RunStarted)).first_epoch == done + 1
    assert [event.epoch for event in events if isinstance(event, EpochDone)] == list(range(done + 1, epochs + 1))
    assert [epoch.epoch for epoch in run.history().epochs] == list(range(1, epochs + 1))
    assert run.record.state == "finished"
    assert run.record.scores["test"].images == 6
    written = torch.load(run.checkpoints / "last.pt", weights_only=True)
    assert (written["format"], written["part"]) == (FORMAT.version, name)
    session = open_model(ModelRef(source=str(run.bundle)))
    assert predict(session, tiny_folder / "red" / "00.png", 1).top[0].label in ("blue", "green", "red")


def test_the_bundle_made_of_an_old_checkpoint_is_the_one_its_run_made(sample):
    theirs, card = load_bundle(sample / "network" / "bundle")
    (sample / "network" / "bundle").rename(sample / "theirs")
    ours, ours_card = load_bundle(ensure_bundle(sample / "network"))
    assert all(torch.equal(ours.state_dict()[name], value) for name, value in theirs.state_dict().items())
    assert (ours_card.classes, ours_card.preprocess) == (card.classes, card.preprocess)


def test_an_old_head_predicts_without_going_on(sample, starter, tiny_folder):
    """It is the last layer of its best epoch, on the layers it began with."""
    session = open_model(ModelRef(source=str(ensure_bundle(sample / "head"))))
    best = torch.load(sample / "head" / "checkpoints" / "best.pt", weights_only=True)["model"]
    known = {name: weight for name, weight in load_file(starter).items() if not name.startswith("classifier")}
    state = session.network.state_dict()
    assert state.keys() == known.keys() | {"classifier.1.weight", "classifier.1.bias"}
    assert all(torch.equal(state[name], weight) for name, weight in known.items())
    features = best["mean"] + torch.rand(5, 512)
    theirs = linear((features - best["mean"]) / best["deviation"], best["linear.weight"], best["linear.bias"])
    ours = linear(features, state["classifier.1.weight"].flatten(1), state["classifier.1.bias"])
    assert torch.allclose(ours, theirs, atol=1e-4)
    assert predict(session, tiny_folder / "red" / "00.png", 1).top[0].label in ("blue", "green", "red")


def test_where_the_starter_is_gone_its_runs_predict_and_are_made_better_but_not_resumed(sample, train, tiny_folder):
    """A new training is asked for; what came to an end needs the file no more."""
    folder = sample / "head"
    ensure_bundle(folder)
    shutil.rmtree(weights_folder())
    opened = open_model(ModelRef(source=str(folder / "bundle")))
    assert predict(opened, tiny_folder / "red" / "00.png", 1).top[0].label in ("blue", "green", "red")
    recipe = load_recipe(folder / "recipe.toml")
    better, _ = train(replace(recipe, start_from=str(folder), epochs=1))
    assert better.record.recipe["weights"] == "auto"
    for job in (
        ResumeRun(run=folder), FineTune(recipe=recipe), EstimateRun(recipe=recipe),
        OpenRecipe(file=folder / "recipe.toml"),
    ):  # fmt: skip
        with pytest.raises(WeightsError, match="no longer part of CNN Studio") as gone:
            train(None, spec=job)
        assert "EfficientNet-Lite 0" in gone.value.problem.meaning


def test_the_checkpoint_before_is_read_in_its_format_too(sample):
    checkpoints = Checkpoints(sample / "head" / "checkpoints")
    checkpoints.last.write_bytes(checkpoints.last.read_bytes()[:-1])
    found = checkpoints.newest()
    assert (found.state.epoch, found.part, found.optimizer["param_groups"][0]["group"]) == (0, "head", "head")


def test_what_a_person_decided_is_kept(sample, tiny_folder):
    home = project_folder(tiny_folder)
    home.parent.mkdir(parents=True, exist_ok=True)
    (sample / "project").rename(home)
    curation = load_curation(tiny_folder)
    assert (curation.left_out, curation.classes) == (("red/00.png",), {"red/01.png": "blue"})
    assert curation.splits == {"red/02.png": "test"}
    dataset = open_dataset(tiny_folder)
    by_name = {dataset.name_of(found.path): (dataset.classes[found.label], found.split) for found in dataset.samples}
    assert "red/00.png" not in by_name
    assert by_name["red/01.png"] == ("blue", "train")
    assert by_name["red/02.png"] == ("red", "test")
    assert not list(home.glob("*.unreadable"))


def test_a_run_of_a_newer_version_is_left_as_it_is(sample, train):
    folder = sample / "network"
    content = torch.load(folder / "checkpoints" / "last.pt", weights_only=True)
    content["format"] = FORMAT.version + 1
    write_with_checksum(folder / "checkpoints" / "last.pt", lambda file: torch.save(content, file))
    before = {path.name: path.read_bytes() for path in (folder / "checkpoints").iterdir()}
    with pytest.raises(NewerFormat, match="Update CNN Studio"):
        train(None, spec=ResumeRun(run=folder))
    assert {path.name: path.read_bytes() for path in (folder / "checkpoints").iterdir()} == before
    run = open_run(folder)
    assert run.record.epochs_done == 1
    assert "newer CNN Studio" in run.record.problem
    assert run.can_resume, "once the program is updated"
