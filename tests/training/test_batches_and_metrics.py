from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from cnnstudio.compute.feature_cache import Features
from cnnstudio.core import ALONE, FormatError, RecipeError
from cnnstudio.data import Sample
from cnnstudio.training.answering import answered_by
from cnnstudio.training.loop import FeatureBatches, ScoreCounter, cut
from cnnstudio.training.recipe import Recipe, recipe_from_toml


@given(st.integers(1, 200), st.integers(1, 40))
def test_batches_are_complete_and_never_end_with_one(count, size):
    batches = cut(np.arange(count), size)
    assert np.concatenate(batches).tolist() == list(range(count))
    if count > 1 and size > 1:
        assert min(len(batch) for batch in batches) > 1
    assert all(len(batch) <= size + 1 for batch in batches)


def test_every_epoch_shuffles_anew_and_the_same_epoch_the_same():
    source = FeatureBatches(
        features=torch.arange(20.0)[None, :, None], targets=torch.arange(20), batch_size=6, seed=3, shuffle=True
    )
    orders = [[int(i) for batch in source.epoch(n) for i in batch.targets] for n in (0, 1, 0)]
    assert orders[0] == orders[2] != orders[1]
    assert Counter(orders[1]) == Counter(range(20))


@given(st.integers(1, 60), st.integers(2, 8) | st.integers(18, 22), st.integers(1, 17))
def test_a_score_does_not_depend_on_the_batches(count, classes, size):
    generator = torch.Generator().manual_seed(count)
    logits = torch.randn(count, classes, generator=generator)
    targets = torch.randint(classes, (count,), generator=generator)
    counter = ScoreCounter(classes)
    for start in range(0, count, size):
        counter.add(logits[start : start + size], targets[start : start + size])
    score = counter.score("test")
    assert score.images == count == sum(map(sum, score.confusion))
    assert score.accuracy == pytest.approx(float((logits.argmax(1) == targets).float().mean()))
    assert score.loss == pytest.approx(float(functional.cross_entropy(logits, targets)), abs=1e-4)
    assert (score.top5_accuracy is None) == (classes < 20)
    if score.top5_accuracy is not None:
        first_five = (logits.topk(5).indices == targets[:, None]).any(1)
        assert score.top5_accuracy == pytest.approx(float(first_five.float().mean()))
    single = functional.cross_entropy(logits, targets, reduction="none")
    own = [float(single[targets == label].mean()) for label in targets.unique()]
    assert score.balanced_loss == pytest.approx(sum(own) / len(own), abs=1e-4)
    low, high = score.interval
    assert 0 <= low <= score.accuracy <= high <= 1


def test_a_scored_split_knows_which_of_its_pictures_belong_together():
    samples = tuple(Sample(Path(f"{n}.png"), n % 2, "test", group=n // 5) for n in range(40))
    values = torch.tensor([[[1.0, 0.0] if (n // 5) % 4 else [0.0, 1.0] for n in range(40)]])
    scored = answered_by(torch.nn.Identity(), Features(values=values, samples=samples), "test").scored(2)
    alone = replace(scored, samples=tuple(replace(sample, group=ALONE) for sample in samples)).judged()
    assert (scored.score.groups, alone.score.groups) == (8, 40)
    assert scored.score.interval[0] < alone.score.interval[0] < alone.score.interval[1] < scored.score.interval[1]
    assert scored.judged(chosen_among=9).score.interval[0] < scored.score.interval[0]


NAMES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=30)
RECIPES = st.builds(
    Recipe,
    dataset=NAMES, network=NAMES, mode=st.sampled_from(["last-stage", "all", "scratch"]),
    epochs=st.integers(0, 500), learning_rate=st.just(0.0) | st.floats(1e-12, 100), seed=st.integers(0, 2**32 - 1),
    optimizer=st.sampled_from(["sgd", "adam", "adamw"]), patience=st.integers(0, 50),
)  # fmt: skip


@given(RECIPES)
def test_a_recipe_survives_toml(recipe):
    assert recipe_from_toml(recipe.to_toml()) == recipe


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"mode": "some"}, "mode must be one of"), ({"epochs": -1}, "epochs"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"weights": "none"}, "needs pretrained weights"), ({"input_size": 5}, "input_size"), ({"seed": 2**40}, "seed"),
    ],
)  # fmt: skip
def test_a_recipe_that_cannot_work_says_why(change, word):
    with pytest.raises(RecipeError, match=word):
        Recipe(**({"dataset": "x", "network": "y"} | change))


@pytest.mark.parametrize("text", ["= 3", 'dataset = "x"', 'dataset = "x"\nnetwork = "y"\nsurprise = 1'])
def test_a_damaged_recipe_file_is_one_sentence(text):
    with pytest.raises((RecipeError, FormatError)):
        recipe_from_toml(text)
