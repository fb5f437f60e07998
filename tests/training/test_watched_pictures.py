"""The few validation pictures whose answers are told while a network learns."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from cnnstudio.core import EpochDone, PicturesAnswered, StrengthTried
from cnnstudio.data import Sample
from cnnstudio.data.watched import WATCHED, watched_places
from cnnstudio.training.loop.watched import Watched


def samples(count):
    return [Sample(Path(str(index)), index % 3, "validation") for index in range(count)]


@pytest.mark.parametrize(
    ("count", "places"), [(0, ()), (1, (0,)), (2, (0, 1)), (6, (0, 1, 2, 3, 4, 5)), (51, (0, 10, 20, 30, 40, 50))]
)
def test_they_lie_evenly_in_the_split(count, places):
    assert watched_places(count) == places


def test_what_was_noted_is_told_once_and_unreadable_pictures_are_missing():
    watched = Watched(samples(6))
    watched.note([4, 2], torch.tensor([[0.0, 9.0, 0.0], [0.0, 0.0, 3.0]]))
    watched.note([0], torch.tensor([[1.0, 1.0, 0.0]]))
    told = watched.answered().answers
    assert [(each.picture, each.actual, each.predicted) for each in told] == [("0", 0, 0), ("2", 2, 2), ("4", 1, 1)]
    assert told[2].confidence == pytest.approx(0.9998, abs=1e-3)
    assert watched.answered() == PicturesAnswered(answers=())


def told_in(events, kind):
    """What was told before each event of a kind, and whether something was."""
    return [
        [each for each in events[:index] if isinstance(each, PicturesAnswered)][-1]
        for index, event in enumerate(events)
        if isinstance(event, kind)
    ]


def test_every_epoch_tells_validation_pictures_and_never_others(train, quick):
    run, events = train(replace(quick, epochs=3))
    told = told_in(events, EpochDone)
    assert len(told) == 3
    rows = {answer.path: answer for answer in run.predictions() if answer.split == "validation"}
    root = run.record.dataset
    for each in told:
        assert 0 < len(each.answers) <= WATCHED
        assert {Path(answer.picture).relative_to(root).as_posix() for answer in each.answers} <= set(rows)
        classes = run.record.classes
        assert all(rows[Path(a.picture).relative_to(root).as_posix()].true == classes[a.actual] for a in each.answers)
    assert not any(isinstance(event, PicturesAnswered) for event in run.history().events)


def test_a_solved_last_layer_tells_them_with_every_strength(train, recipe):
    run, events = train(replace(recipe, batch_size=0))
    strengths = [index for index, event in enumerate(events) if isinstance(event, StrengthTried)]
    assert strengths
    for index in strengths:
        answered = events[index + 1]
        assert isinstance(answered, PicturesAnswered)
        assert all(1 / 3 <= answer.confidence <= 1 for answer in answered.answers)
    validation = {answer.path for answer in run.predictions() if answer.split == "validation"}
    root = run.record.dataset
    assert {Path(a.picture).relative_to(root).as_posix() for a in answered.answers} <= validation
