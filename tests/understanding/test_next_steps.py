"""What to do next: which rule speaks when, and never more than three."""

from dataclasses import replace

import pytest

from cnnstudio.core import SplitScore, wilson_interval
from cnnstudio.understanding.next_steps import RULES, Known, next_steps
from cnnstudio.understanding.stress.alarms import Look, Shortcuts
from cnnstudio.understanding.stress.changes import BY_NAME
from cnnstudio.understanding.stress.results import Curve, Step, Stress
from cnnstudio.understanding.sure.promise import Promise
from tests.ui.test_after_training import curve, growth_of
from tests.understanding.made import ROOT


def score_of(confusion):
    right, images = sum(row[place] for place, row in enumerate(confusion)), sum(map(sum, confusion))
    return SplitScore(
        split="validation", images=images, loss=0.5, accuracy=right / images, top5_accuracy=None,
        interval=wilson_interval(right, images), confusion=tuple(map(tuple, confusion)),
    )  # fmt: skip


def even(count, pictures=40, wrong=4):
    """Every class is as well recognised as the others, and mixed up with all of them."""
    rows = [[0] * count for _ in range(count)]
    for place, row in enumerate(rows):
        row[place] = pictures - wrong
        for number in range(wrong):
            row[(place + 1 + number) % count] += 1
    return rows


LOOK = Look(
    name="a", times=9.0, share=0.2, place="bottom edge", box=(0, 0, 1, 1), pictures=24, before=20, after=8, of=24
)  # fmt: skip
NO_SHORTCUTS = Shortcuts(classes=("a", "b"), split="validation", looks=())
CALM = Stress(classes=("a", "b"), split="validation", of=(40, 40), wanted=80, curves=())


def known(confusion, **more):
    names = tuple("abcdefghijklmnopqrstuvwxyz"[:26]) * 5
    classes = tuple(f"{name}{place // 26 or ''}" for place, name in enumerate(names[: len(confusion)]))
    options = {"shortcuts": NO_SHORTCUTS, "stress": CALM, "mode": "all", "trained_on": (), **more}
    return Known(score=score_of(confusion), classes=classes, **options)


def actions(found):
    return [step.action for step in next_steps(found, most=len(RULES))]


def test_a_good_network_is_to_be_tried_and_taken_along():
    assert actions(known(even(2, wrong=0))) == ["predict", "export"]


def test_what_was_not_computed_offers_to_be():
    found = known(even(2, wrong=0), shortcuts=None, stress=None)
    assert actions(found) == ["shortcuts", "stress", "predict", "export"]
    assert next_steps(found)[0].button == "Look for shortcuts"


@pytest.mark.parametrize(
    ("more", "action", "sentence"),
    [
        ({"shortcuts": replace(NO_SHORTCUTS, looks=(LOOK,))}, "shortcuts", "may look at the bottom edge"),
        ({"doubtful": 43}, "second-look", "43 pictures are worth a second look"),
        ({"doubtful": 1}, "second-look", "1 picture is worth a second look"),
        ({"mode": "head"}, "better", "Only its last layer has learned"),
    ],
)
def test_each_finding_has_its_step(more, action, sentence):
    found = known(even(2), **more)
    step = next(step for step in next_steps(found, most=9) if step.action == action)
    assert sentence in step.sentence
    assert action not in actions(known(even(2), **{key: None if key != "mode" else "all" for key in more})) or (
        action == "shortcuts"
    )


def test_a_shortcut_that_costs_nothing_is_no_step():
    harmless = replace(NO_SHORTCUTS, looks=(replace(LOOK, after=20),))
    assert "shortcuts" not in actions(known(even(2), shortcuts=harmless))


def test_few_pictures_judge_little_and_that_comes_first():
    found = known([[4, 1], [1, 4]])
    first = next_steps(found)[0]
    assert first.action == "add"
    assert first.sentence.startswith("It is judged by 10 validation pictures only")


def test_the_hardest_class_is_named_with_what_it_learned_from():
    confusion = even(3)
    confusion[1] = [6, 4, 0]
    found = known(confusion, trained_on=(300, 60, 290))
    step = next(step for step in next_steps(found, most=9) if step.action == "forecast")
    assert step.about == ("b",)
    assert "it recognises 4 of 10, and learned from 60 pictures" in step.sentence
    uneven = next(step for step in next_steps(found, most=9) if step.action == "balance")
    assert "a has 300 training pictures, b 60" in uneven.sentence
    mixed = next(step for step in next_steps(found, most=9) if step.action == "mix-up")
    assert mixed.about == ("b", "a")


def test_what_was_forecast_is_told_and_not_offered_again():
    confusion = even(3)
    confusion[1] = [6, 4, 0]
    unknown = known(confusion)
    assert next(step for step in next_steps(unknown, most=9) if step.action == "forecast").button == "Ask how many"
    found = replace(unknown, growth=growth_of(ROOT))
    step = next(step for step in next_steps(found, most=9) if step.action == "forecast")
    assert step.button == "See what more bring"
    assert step.about == ("red",)
    assert "with 120 more pictures perhaps 62 to 70 %" in step.sentence
    nothing = replace(growth_of(ROOT), classes=(curve("a", 0.9, None, "rises"),))
    assert "forecast" not in actions(replace(unknown, growth=nothing))


def test_a_hundred_classes_and_twenty_pictures_have_steps_too():
    many = next_steps(known(even(100, pictures=10, wrong=2)))
    assert 1 <= len(many) <= 3
    assert next_steps(known([[1, 1], [1, 1]]))[0].action == "add"


def test_what_bad_pictures_cost_is_told_with_both_numbers():
    strengths = BY_NAME["blur"].strengths
    steps = tuple(Step(strength=strength, correct=(40 - 6 * n, 36 - 6 * n)) for n, strength in enumerate(strengths))
    blurred = replace(CALM, curves=(Curve(change="blur", steps=steps),))
    step = next(step for step in next_steps(known(even(2), stress=blurred), most=9) if step.action == "stress")
    assert "With a blur of 1 px, 65 % are correct; as they are, 95 %" in step.sentence
    assert step.about == ("blur",)


def test_a_promise_is_offered_where_it_means_something():
    kept = Promise(target=0.9, threshold=0.8, answers=0.72, right=0.93, pictures=80, without_error=29, needed=None)
    told = {step.action: step.sentence for step in next_steps(known(even(2), promise=kept), most=9)}
    assert "72 % of pictures" in told["sure"]
    assert "sure" not in actions(known(even(2), promise=replace(kept, answers=0.99)))
    assert "cannot be promised" in next(
        step.sentence
        for step in next_steps(known(even(2), promise=replace(kept, threshold=None)), most=9)
        if step.action == "sure"
    )
