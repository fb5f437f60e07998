"""What a run makes of cached features, whole and damaged; scores over features and over pictures."""

import random
from dataclasses import replace

import pytest
import torch

from cnnstudio.compute.feature_cache import Features
from cnnstudio.compute.frozen_pass import Reading
from cnnstudio.core import Control, EvaluationDone, Progressed, Warned, cache_folder
from cnnstudio.data import PreprocessSpec, Sample
from cnnstudio.data.reading import Skips
from cnnstudio.training.answering import answered_by
from cnnstudio.training.loop import score_pictures, scoring
from tests.compute.test_feature_cache import Means


def scores(events):
    return [event.score for event in events if isinstance(event, EvaluationDone)]


def flip(rows):
    draw = random.Random(1)
    for _ in range(len(rows) // 100):
        rows[draw.randrange(len(rows))] ^= 1 << draw.randrange(8)


def zero(rows):
    rows[len(rows) // 4 : 3 * len(rows) // 4] = bytes(3 * len(rows) // 4 - len(rows) // 4)


def garbage(rows):
    rows[:] = random.Random(2).randbytes(len(rows))


def test_a_damaged_cache_changes_no_score(recipe, train):
    """One bit in a hundred bytes, a zeroed half: each took accuracy from the runs of earlier versions, silently."""
    recipe = replace(recipe, epochs=3)
    _, first = train(recipe)
    for damage in (None, flip, zero, garbage):
        for path in (cache_folder() / "features").glob("*.rows"):
            content = bytearray(path.read_bytes())
            if damage is not None:
                damage(content)
            path.write_bytes(content)
        _, events = train(recipe)
        read = [event for event in events if isinstance(event, Progressed) and event.text.startswith("Preparing the ")]
        assert bool(read) == (damage is not None), "what is damaged is computed anew, and nothing else"
        assert scores(events) == scores(first)
        assert not [event for event in events if isinstance(event, Warned)]


def samples_of(count, split="test"):
    return tuple(Sample(path=f"{n}.png", label=n % 3, split=split) for n in range(count))


def test_features_that_do_not_fit_into_memory_are_scored_in_pieces(monkeypatch):
    torch.manual_seed(0)
    head = torch.nn.Sequential(torch.nn.Dropout(), torch.nn.Linear(5, 3))
    features = Features(torch.randn(2, 40, 5), samples_of(40))
    whole = answered_by(head, features, "test").scored(3)
    monkeypatch.setattr(scoring, "_ROWS", 7)
    pieces = answered_by(head, features, "test").scored(3)
    assert pieces.predicted == whole.predicted
    assert pieces.score.confusion == whole.score.confusion
    assert pieces.probabilities == pytest.approx(whole.probabilities)
    expected = features.values[0] @ head[1].weight.T + head[1].bias
    assert list(whole.predicted) == expected.argmax(1).tolist(), "the first view, without dropout"


def test_pictures_are_scored_once_and_in_order(tiny_folder):
    paths = [*sorted((tiny_folder / "red").glob("*.png"))[:5], *sorted((tiny_folder / "blue").glob("*.png"))[:4]]
    samples = [Sample(path=path, label=0 if "red" in path.parts else 2, split="test") for path in paths]
    samples.insert(3, Sample(path=tiny_folder / "missing.png", label=0, split="test"))
    skips, events = Skips(total=100), []
    spec = PreprocessSpec(resize=16, crop=12)
    steps = score_pictures(Means(), samples, spec, Reading(Control(), skips), split="test", classes=4)
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            scored = end.value
            break
    assert scored.predicted == (0,) * 5 + (2,) * 4, "the strongest colour"
    assert scored.samples == tuple(sample for sample in samples if sample.path.exists())
    assert scored.score.accuracy == 1
    assert scored.score.images == 9
    assert list(skips.failed) == [str(tiny_folder / "missing.png")]
    assert events[-1] == Progressed(done=10, total=10, text="Scoring the test pictures")


def test_no_picture_is_no_score():
    steps = score_pictures(
        Means(), [], PreprocessSpec(resize=16, crop=12), Reading(Control(), Skips(total=1)), split="test", classes=4
    )
    with pytest.raises(StopIteration) as end:
        next(steps)
    assert end.value.value.score.images == 0
    assert end.value.value.samples == ()
