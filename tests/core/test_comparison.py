import itertools
import math
import random

import pytest

from cnnstudio.core import compare_answers, compared_sentence, discordant_sentence
from cnnstudio.core.comparison import sign_test
from cnnstudio.core.intervals import ALONE


def answers(both, only_first, only_second, neither):
    first = [True] * (both + only_first) + [False] * (only_second + neither)
    second = [True] * both + [False] * only_first + [True] * only_second + [False] * neither
    return first, second, [ALONE] * len(first)


def mcnemar(more, less):
    """Exact and two-sided, as textbooks have it."""
    few = sum(math.comb(more + less, count) for count in range(min(more, less) + 1))
    return min(1.0, 2 * few / 2 ** (more + less))


@pytest.mark.parametrize(("more", "less"), [(0, 0), (1, 0), (6, 0), (3, 12), (5, 5), (200, 150)])
def test_pictures_by_themselves_are_compared_by_mcnemars_exact_test(more, less):
    assert compare_answers(*answers(7, more, less, 3)).p_value == pytest.approx(mcnemar(more, less))


def test_groups_are_compared_as_wholes():
    gains = [3, 1, 1, -2, 5, -1, 0]
    sums = [sum(map(math.prod, zip(signs, gains, strict=True))) for signs in itertools.product((1, -1), repeat=7)]
    assert sign_test(gains) == pytest.approx(sum(abs(each) >= abs(sum(gains)) for each in sums) / len(sums))


def test_one_patient_with_many_pictures_is_no_evidence():
    first, second, alone = answers(200, 12, 0, 40)
    patient = [1 if one and not other else ALONE for one, other in zip(first, second, strict=True)]
    assert compare_answers(first, second, alone).is_clear
    found = compare_answers(first, second, patient)
    assert (found.p_value, found.is_clear, found.groups) == (1.0, False, 241)
    assert found.interval[0] < 0 < found.interval[1]
    assert "They are in 241 groups" in discordant_sentence(found, "A", "B")


def test_a_difference_of_nothing_is_not_known_to_be_nothing():
    found = compare_answers(*answers(20, 0, 0, 5))
    assert found.difference == 0
    assert found.interval[0] < -0.05
    assert found.interval[1] > 0.05
    assert compared_sentence(found, "A", "B", "validation picture").startswith("No clear difference: A and B are")


def test_the_sentence_names_the_better_and_turns_the_range_with_it():
    found = compare_answers(*answers(250, 5, 25, 61))
    assert compared_sentence(found, "A", "B", "validation picture") == (
        "B is better than A: +5.9 points (2.6 to 9.0) on 341 validation pictures."
    )
    assert "only A 5, only B 25; " not in discordant_sentence(found, "A", "B")
    unclear = compare_answers(*answers(280, 12, 5, 44))
    assert compared_sentence(unclear, "A", "B", "validation picture") == (
        "No clear difference: A is ahead of B by 2.1 points (-0.5 to +4.5) on 341 validation pictures."
    )


def test_the_range_holds_the_truth_about_as_often_as_it_says():
    """Pairs of answers from a known truth, a difference of 5 points, in groups of 1 to 4 that are all alike."""
    draw, held, rounds = random.Random(7), 0, 300
    for _ in range(rounds):
        first, second, groups = [], [], []
        for group in range(60):
            kind = draw.choices(("both", "first", "second", "neither"), (70, 12, 7, 11))[0]
            for _ in range(draw.randint(1, 4)):
                first.append(kind in ("both", "first"))
                second.append(kind in ("both", "second"))
                groups.append(group)
        low, high = compare_answers(first, second, groups).interval
        held += low <= 0.05 <= high
    assert 0.92 <= held / rounds <= 0.99
