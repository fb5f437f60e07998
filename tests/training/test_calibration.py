"""How sure a network says to be: the temperature, when it is applied, and what becomes of it in files."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from cnnstudio.core import ALONE
from cnnstudio.data import Sample
from cnnstudio.networks.bundle import load_bundle
from cnnstudio.networks.head import head_layer
from cnnstudio.runs import load_answers, read_predictions, softmax
from cnnstudio.training import final_scores
from cnnstudio.training.answering import Answered, temperature_of
from cnnstudio.training.base import load_base
from cnnstudio.training.calibration import find_temperature
from cnnstudio.training.recipe import recipe_from_plain
from cnnstudio.training.recover import ensure_bundle


def drawn(count, true=1.0, seed=0, classes=4):
    """Logits that are ``true`` times too large, with labels drawn from what they should say."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(0, 2, (count, classes))
    labels = np.array([rng.choice(classes, p=row) for row in softmax(honest)])
    return honest * true, labels, np.full(count, ALONE)


@pytest.mark.parametrize("true", [0.3, 1.0, 2.5, 4.0])
def test_the_temperature_is_found(true):
    found = find_temperature(*drawn(3000, true))
    assert found.value == pytest.approx(true, rel=0.1)
    assert found.interval[0] < true < found.interval[1]
    assert found.applied == (1 if true == 1 else found.value)


def test_it_is_left_alone_by_chance_alone():
    applied = [find_temperature(*drawn(300, seed=seed)).applied != 1 for seed in range(40)]
    assert sum(applied) <= 6, "about one in twenty"


def test_pictures_that_belong_together_tell_less():
    logits, labels, groups = drawn(200, 1.4)
    five = [np.repeat(each, 5, axis=0) for each in (logits, labels)]
    alone = find_temperature(*five, np.full(1000, ALONE))
    together = find_temperature(*five, np.repeat(np.arange(200), 5))
    single = find_temperature(logits, labels, groups)
    width = [found.interval[1] - found.interval[0] for found in (alone, together, single)]
    assert width[1] == pytest.approx(width[2], rel=0.3)
    assert width[0] < 0.7 * width[1]


def test_too_little_to_tell():
    logits, labels, groups = drawn(200)
    assert find_temperature(logits[:19], labels[:19], groups[:19]) is None
    same = np.zeros_like(labels)
    assert find_temperature(logits, same, groups) is None, "one class alone would be answered for ever surer"
    right = softmax(logits).argmax(1)
    found = find_temperature(logits, right, groups)
    assert 0.04 < found.value < 0.06, "everything correct: the end of the search, and no error"


def answered(split, count, *, true=1.0, held_out=True, seed=0):
    logits, labels, _ = drawn(count, true, seed)
    samples = tuple(Sample(path=f"{split}{n}", label=int(label), split=split) for n, label in enumerate(labels))
    values = torch.from_numpy(logits).float()
    return Answered(split=split, samples=samples, logits=values, features=values, held_out=np.full(count, held_out))


def test_the_pictures_that_choose_it():
    over, sound = {"true": 3.0}, {"true": 1.0}
    only_test = [answered("train", 500, held_out=False, **over), answered("test", 500, **over)]
    assert temperature_of(only_test) == 1, "test pictures never choose, nor those that were learned from"
    many = [answered("train", 500, **over), answered("validation", 300, **sound)]
    assert temperature_of(many) == 1, "enough of validation"
    few = [answered("train", 500, **over), answered("validation", 30, **over)]
    assert temperature_of(few) == pytest.approx(3, rel=0.3)


def test_a_run_that_is_too_sure_is_delivered_with_its_temperature(quick, train, monkeypatch):
    monkeypatch.setattr(final_scores, "temperature_of", lambda _: 2.0)
    run, _ = train(replace(quick, epochs=1))
    network, card = load_bundle(run.bundle)
    assert card.temperature == 2
    kept = load_answers(run.folder)
    assert kept.temperature == 2
    shutil.rmtree(run.bundle)
    again, its_card = load_bundle(ensure_bundle(run.folder))
    assert (its_card.temperature, its_card.scores) == (2, card.scores), "made again, it is the same"
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in network.state_dict().items())
    rows = {answer.path: answer.probability for answer in read_predictions(run.folder)}
    test = kept.of_split("test")
    assert [rows[kept.names[index]] for index in test] == pytest.approx(
        kept.probabilities[test].max(1).tolist(), abs=1e-5
    ), "what the table says is what the network predicts"
    labels = kept.labels[test]
    loss = -np.log(kept.probabilities[test, labels]).mean()
    assert run.record.scores["test"].loss == pytest.approx(loss, abs=1e-4)
    recipe = replace(recipe_from_plain(run.record.recipe), start_from=str(run.folder), mode="all", input_size=0)
    started = load_base(recipe, run.record.classes, None)
    assert started.temperature == 1, "a run that continues it is calibrated by itself"
    assert torch.allclose(head_layer(started.network).weight, 2 * head_layer(network).weight)
