import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core.words import counted, pictures_in_classes, seconds_in_words, size_in_words


@pytest.mark.parametrize(
    ("number", "words", "text"),
    [
        (0, ("picture",), "0 pictures"), (1, ("picture",), "1 picture"), (2, ("picture",), "2 pictures"),
        (1204, ("picture",), "1,204 pictures"), (1, ("class", "classes"), "1 class"),
        (3, ("class", "classes"), "3 classes"),
        (1, ("picture is", "pictures are"), "1 picture is"), (12, ("picture is", "pictures are"), "12 pictures are"),
    ],
)  # fmt: skip
def test_a_number_and_what_it_counts(number, words, text):
    assert counted(number, *words) == text


@given(pictures=st.integers(0, 10**9), classes=st.integers(0, 10**5))
def test_one_is_never_many(pictures, classes):
    text = pictures_in_classes(pictures, classes)
    assert ("picture " in text) == (pictures == 1)
    assert text.endswith(" class") == (classes == 1)
    assert [int(number.replace(",", "")) for number in re.findall(r"[\d,]+", text)] == [pictures, classes]


@given(seconds=st.floats(0, 1e6))
def test_times_are_short_and_close(seconds):
    text = seconds_in_words(seconds)
    factors = {"s": 1, "min": 60, "h": 3600}
    told = sum(int(number) * factors[unit] for number, unit in re.findall(r"(\d+) (s|min|h)", text))
    assert told == pytest.approx(max(seconds, 1), abs=30 if seconds >= 90 else 0.5)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 kB"), (1, "1 kB"), (1001, "2 kB"), (12_000, "12 kB"), (999_001, "1000 kB"), (1_000_000, "1 MB"),
        (80_000_000, "80 MB"), (1_234_000_000_000, "1,234 GB"),
    ],
)  # fmt: skip
def test_what_is_not_empty_is_never_nothing(size, text):
    assert size_in_words(size) == text
