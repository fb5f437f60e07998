"""Pictures that get worse: what is done to them, and what is counted."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cnnstudio.cli.main import main
from cnnstudio.core import Watch
from cnnstudio.data import AugmentSpec, PreprocessSpec
from cnnstudio.data.reading import resize_and_crop
from cnnstudio.data.reading.loader import augment
from cnnstudio.data.reading.reduced import Reduced
from cnnstudio.jobs import run_inline, specs
from cnnstudio.runs import open_run
from cnnstudio.understanding.stress.alarms import Look, Shortcuts, load_shortcuts, place_words, save_shortcuts
from cnnstudio.understanding.stress.changes import BY_NAME, CHANGES, strength_at
from cnnstudio.understanding.stress.results import STRESS_FILE, Curve, Step, Stress, load_stress, save_stress

SPEC = PreprocessSpec(resize=40, crop=32, mean=(0.5,) * 3, std=(0.5,) * 3, interpolation="bilinear")


@pytest.fixture(scope="module")
def image():
    """A picture with edges, colours and an upside."""
    rng = np.random.default_rng(3)
    pixels = np.kron(rng.integers(30, 230, (9, 12, 3)), np.ones((10, 10, 1))).astype(np.uint8)
    return Image.fromarray(pixels)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_change_of_nothing_is_nothing_to_the_bit_and_more_is_more(image, change):
    plain = resize_and_crop(image, SPEC)
    assert np.array_equal(change.seen(image, SPEC, 0), plain)
    assert change.strengths[0] == 0
    assert list(change.strengths) == sorted(change.strengths)
    if not change.whole:  # so that many changes share one resizing
        from cnnstudio.data.reading import resized

        strength = change.strengths[2]
        assert np.array_equal(change.seen(resized(image, SPEC), SPEC, strength), change.seen(image, SPEC, strength))
    away = [np.abs(change.seen(image, SPEC, strength).astype(int) - plain).mean() for strength in change.strengths[1:3]]
    assert 0 < away[0] < away[1]
    assert change.seen(image, SPEC, change.strengths[-1]).shape == plain.shape
    assert change.told(change.strengths[1])


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_training_can_learn_each_change(image, change):
    """What is asked of the training changes its views, and it is within what a recipe may say."""
    from cnnstudio.training.recipe import Recipe

    still = AugmentSpec(flip=False, crop=0, colour=0)
    varied = change.train(still, change.strengths[-1])
    assert varied != still
    assert Recipe(dataset="x", network="y", augment=varied).augment == varied
    picture = Reduced(image, image.size)
    views = [augment(picture, SPEC, spec, np.random.default_rng(5)) for spec in (still, varied)]
    assert not np.array_equal(*views)


def test_earlier_recipes_draw_what_they_drew(image):
    """Nothing is drawn for what is off: a run that goes on sees the pictures that it would have seen."""
    rng = np.random.default_rng(1)
    augment(Reduced(image, image.size), SPEC, AugmentSpec(), rng)
    again = np.random.default_rng(1)
    augment(Reduced(image, image.size), SPEC, AugmentSpec(blur=0.0, noise=0.0), again)
    assert rng.random() == again.random()


def test_places_of_a_slider_lie_between_tested_strengths():
    blur = BY_NAME["blur"]
    assert [strength_at(blur, share) for share in (0, 0.25, 0.5, 1)] == [0, 0.5, 1, 4]
    assert strength_at(blur, 0.625) == 1.5


def outcome_of(correct=((9, 8), (9, 2), (1, 1)), of=(10, 10), **more):
    strengths = BY_NAME["blur"].strengths
    steps = (correct[0], correct[1], correct[1], correct[2], correct[2])
    curve = Curve(
        change="blur", steps=tuple(Step(strength=s, correct=own) for s, own in zip(strengths, steps, strict=True))
    )
    return Stress(classes=("shirt", "skirt"), split="validation", of=of, wanted=20, curves=(curve,), **more)


def test_the_weakest_class_and_the_worst_change_are_named():
    found = outcome_of()
    assert found.share(found.curves[0].steps[0]) == 0.85
    weakest = found.weakest("blur", 2)
    assert (weakest.name, weakest.before, weakest.after, weakest.pictures) == ("skirt", 8, 2, 10)
    assert found.worst() is None, "17 and 11 of 20: nobody knows"
    assert outcome_of(correct=((90, 85), (40, 20), (1, 1)), of=(100, 100)).worst() == ("blur", 2)
    assert outcome_of(of=(4, 4), correct=((4, 4), (4, 0), (0, 0))).weakest("blur", 2) is None, "of four pictures"


def test_places_are_told_in_thirds():
    words = [place_words(down, across) for down, across in ((0.1, 0.1), (0.9, 0.5), (0.5, 0.99), (0.5, 0.5))]
    assert words == ["top left corner", "bottom edge", "right edge", "middle"]


LOOK = Look(name="shirt", times=9.0, share=0.2, place="top left corner", box=(0.0, 0.0, 0.2, 0.2), pictures=24)


def test_an_alarm_says_may_and_what_covering_has_shown():
    assert LOOK.is_alarm
    assert not replace(LOOK, times=4.9).is_alarm
    told = LOOK.confirmed(before=20, after=8, of=30, proof=("a.jpg",)).sentence
    assert told == (
        "For shirt, the network may look at the top left corner and not at the object: of 30 pictures it recognises "
        "20, with that place covered 8."
    )
    assert "as many as before" in LOOK.confirmed(before=20, after=20, of=30, proof=()).sentence


# A run ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_test_of_a_run_begins_with_its_score_to_the_bit(solved, tmp_path):
    run = open_run(solved.folder)
    found = run_inline(specs.TestStress(run=run.folder, most=0), Watch())
    score = run.record.scores["validation"]
    assert found.pictures == score.images
    for curve in found.curves:
        assert curve.steps[0].correct == tuple(row[place] for place, row in enumerate(score.confusion))
    assert load_stress(run) == found
    plain = (run.folder / STRESS_FILE).read_text()
    (run.folder / STRESS_FILE).write_text(plain.replace('"blur"', '"blurb"'))
    assert load_stress(run) is None, "a change that there is not"
    save_stress(run, replace(found, epochs=7))
    assert load_stress(run) is None, "the network has learned since"
    looks = Shortcuts(classes=run.record.classes, split="validation", looks=(replace(LOOK, name="green"),))
    save_shortcuts(run, looks)
    assert load_shortcuts(run) == looks


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("--change", "blur", "--change", "jpeg")])
def test_the_terminal_says_the_same(solved, capsys, words):
    score = open_run(solved.folder).record.scores["validation"]
    assert main(["stress", str(solved.folder), *words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["split"], told["pictures"]) == ("validation", score.images)
    assert [curve["change"] for curve in told["curves"]] == (["blur", "jpeg"] if words else list(BY_NAME))
    assert told["curves"][0]["steps"][0]["accuracy"] == pytest.approx(score.accuracy)
    assert isinstance(told["shortcuts"], list)
    assert main(["stress", str(solved.folder), "--change", "blur"]) == 0
    assert "as they are" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_planted_marks_are_found_and_clean_classes_are_not(shared_data, tmp_path):
    """On the shared photographs; ``benchmarks/shortcuts.py`` prints every look."""
    from benchmarks.shortcuts import ALL, planted
    from cnnstudio.training.recipe import Recipe

    weights = shared_data / "weights" / "squeezenet1_0-imagenet.pth"
    recipe = Recipe(dataset=str(shared_data / "data" / "clothing"), network="squeezenet1_0", weights=str(weights))
    run = run_inline(specs.FineTune(recipe=recipe, out=tmp_path / "run"), Watch())
    found, without = planted(run, ALL, ("bright",))
    assert sum(look.is_alarm and look.place == "top left corner" for look in found["bright"]) >= 8
    assert sum(look.is_alarm for look in without) <= 1
