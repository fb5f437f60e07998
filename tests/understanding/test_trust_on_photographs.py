"""Promises and refusal on the shared photographs: the figures that understanding is to reach."""

import zipfile
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core import Watch
from cnnstudio.data.reading import resize_and_crop
from cnnstudio.export.package import export_model
from cnnstudio.export.proving import Picture
from cnnstudio.inference.session import open_model, predict_judged, predict_many
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.specs import FineTune, PromiseShare
from cnnstudio.networks import ModelRef
from cnnstudio.networks.refusal import REFUSAL_FILE
from cnnstudio.training.recipe import Recipe
from cnnstudio.understanding.answers import read_answers
from cnnstudio.understanding.sure.promise import at_threshold, promise
from cnnstudio.understanding.sure.reliability import reliability

RESPLITS, FOREIGN = 2000, 300

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def photographed(tmp_path_factory):
    """A last layer of the shared network on the shared photographs, and its home."""
    return {}


@pytest.fixture
def run(photographed, shared_data, tmp_path_factory, isolated_user_dirs, monkeypatch):
    if "run" not in photographed:
        home = tmp_path_factory.mktemp("home")
        monkeypatch.setenv("CNNSTUDIO_HOME", str(home))
        weights = shared_data / "weights" / "squeezenet1_0-imagenet.pth"
        recipe = Recipe(dataset=str(shared_data / "data" / "clothing"), network="squeezenet1_0", weights=str(weights))
        made = run_inline(FineTune(recipe=recipe, out=tmp_path_factory.mktemp("runs") / "run"))
        photographed.update(run=made, home=home)
    monkeypatch.setenv("CNNSTUDIO_HOME", str(photographed["home"]))
    return photographed["run"]


@pytest.mark.parametrize(("target", "answering"), [(0.9, 0.68), (0.95, 0.40)])
def test_promises_are_kept_on_pictures_that_did_not_choose(run, target, answering):
    found = read_answers(run)
    places = found.of_split("validation", "test")
    probabilities, labels, groups = found.probabilities[places], found.labels[places], found.groups[places]
    rng, kept, answers = np.random.default_rng(0), [], []
    for _ in range(RESPLITS):
        order = rng.permutation(len(places))
        first, second = order[: len(order) // 2], order[len(order) // 2 :]
        promised = promise(probabilities[first], labels[first], groups[first], target)
        share, right = at_threshold(probabilities[second], labels[second], promised.threshold or 2)
        kept.append(not share or right >= target)
        answers.append(share)
    assert np.mean(kept) >= 0.9
    assert np.mean(answers) >= answering


def test_what_341_pictures_cannot_promise(run):
    found = run_inline(PromiseShare(run=run.folder, target=0.98))
    assert found.threshold is None
    assert found.without_error == 149


def test_it_is_as_sure_as_chance_allows(run):
    found = read_answers(run)
    test = found.of_split("test")
    shown = reliability(found.probabilities[test], found.labels[test])
    assert shown.is_honest
    assert shown.error <= 0.054


def test_what_it_refuses(run, shared_data):
    """As it is predicted, within a point of what the run's own file says; foreign pictures nearly all."""
    assert (run.bundle / REFUSAL_FILE).is_file()
    found, session = read_answers(run), open_model(ModelRef(source=str(run.bundle)))
    test = found.of_split("test")
    verdicts = session.refusal.judge(found.features[test].astype(np.float32), found.logits[test]).verdicts
    by_file = np.mean([each == "answer" for each in verdicts])
    paths = [run.record.dataset / found.names[index] for index in test]
    predicted = list(predict_many(session, paths, Watch()))
    kept = np.mean([each.verdict == "answer" for each in predicted])
    assert kept >= 0.93
    assert kept == pytest.approx(by_file, abs=0.01)
    promised = run_inline(PromiseShare(run=run.folder, target=0.9))
    surest = np.array([each.top[0].probability for each in predicted])
    answered = np.mean(surest >= promised.threshold)
    assert answered == pytest.approx(np.mean(found.probabilities[test].max(1) >= promised.threshold), abs=0.01)
    with zipfile.ZipFile(shared_data / "data" / "cifar10.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))[:: 60_000 // FOREIGN]
        foreign = [Image.open(BytesIO(archive.read(name))).convert("RGB") for name in names]
    spec, rng = session.preprocess, np.random.default_rng(0)
    side = spec.crop
    noise = rng.integers(0, 256, (40, side, side, 3)).astype(np.uint8)
    flat = np.broadcast_to(rng.integers(0, 256, (40, 1, 1, 3)).astype(np.uint8), noise.shape)
    assert refused(session, np.stack([resize_and_crop(each, spec) for each in foreign])) >= 0.97
    assert refused(session, noise) >= 0.99
    assert refused(session, flat) >= 0.99


def test_an_exported_bundle_decides_alike_about_200_pictures(run, tmp_path):
    session, found = open_model(ModelRef(source=str(run.bundle))), read_answers(run)
    paths = [run.record.dataset / found.names[index] for index in found.of_split("test")[:200]]
    assert len(paths) == 200
    exported = export_model(session, "bundle", tmp_path / "out", list(map(Picture, paths[:3])), Watch())
    again = open_model(ModelRef(source=str(exported.path)))
    ours, theirs = (list(predict_many(each, paths, Watch())) for each in (session, again))
    assert [each.verdict for each in ours] == [each.verdict for each in theirs]
    assert [each.top for each in ours] == [each.top for each in theirs]


def refused(session, pixels):
    _, judged = predict_judged(session, pixels)
    return np.mean([each != "answer" for each in judged.verdicts])
