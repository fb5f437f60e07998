"""A person's pattern on the names of many pictures: right, and never for long."""

import re
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.core import Control, DatasetError, StopRequested
from cnnstudio.data import SplitSpec, patterns
from cnnstudio.data.patterns import names_by_pattern

LONG = [f"pneumonoultramicroscopic{number}.jpg" for number in range(8)]
CATASTROPHES = (r"(\w+\s?)*!", r"(a+)+$", r"(?:\w|\w)*!", r"([a-z]*)*!", r"(\w*\w*)+!", r".*.*.*.*.*.*.*!", r"(.+)+\1!")


@pytest.mark.parametrize("pattern", CATASTROPHES)
def test_what_may_take_for_ever_is_not_tried_in_this_process(pattern, monkeypatch):
    monkeypatch.setattr(patterns, "_found", lambda *_: pytest.fail("every thread would be held up"))
    monkeypatch.setattr(patterns, "_answer", lambda *_: b'["asked"]')
    monkeypatch.setattr(patterns, "child_command", lambda *_: [sys.executable, "-c", ""])
    assert names_by_pattern(LONG, pattern) == ["asked"]


@pytest.mark.child
@pytest.mark.slow
@pytest.mark.parametrize("pattern", CATASTROPHES[:2])
def test_and_it_is_ended_in_words(pattern, monkeypatch):
    monkeypatch.setattr(patterns, "SECONDS", 1.0)
    start = time.monotonic()
    with pytest.raises(DatasetError, match="takes too long"):
        names_by_pattern([name + 200 * "a" + "_" for name in LONG], pattern)
    assert time.monotonic() - start < 10


@pytest.mark.child
def test_a_stop_is_heard_meanwhile(monkeypatch):
    monkeypatch.setattr(patterns, "child_command", lambda *_: ["sleep", "60"])
    control = Control()
    control.request_stop()
    with pytest.raises(StopRequested):
        names_by_pattern(LONG, r"(\w+\s?)*!", control)


@pytest.mark.child
def test_the_child_finds_what_this_process_finds():
    names = ["a/p1_1.png", "b/p1_2.png", "Ü/p22_3.png", "q.png", "no\udcff unicode p3_.png", ""]
    pattern = r"(?i)(P\d+)_"
    assert names_by_pattern(names, pattern) == ["p1", "p1", "p22", None, "p3", None]


@settings(max_examples=60)
@given(
    st.lists(st.text("ab1_./", max_size=12), max_size=8),
    st.sampled_from([r"(\d+)", r"^(.*)_", "a", r"[ab]+", r"b{1,2}"]),
)
def test_plain_patterns_are_matched_here_as_re_does(names, pattern):
    found = [re.search(pattern, name) for name in names]
    wanted = [None if match is None else match[1] if match.groups() else match[0] for match in found]
    assert names_by_pattern(names, pattern) == wanted


def test_plain_patterns_on_very_many_names_are_left_to_the_child(monkeypatch):
    names = ["patient17_scan_0001.png"] * 100_000
    monkeypatch.setattr(patterns, "_found", lambda *_: pytest.fail("every thread would be held up"))
    monkeypatch.setattr(patterns, "_answer", lambda *_: b'["asked"]')
    monkeypatch.setattr(patterns, "child_command", lambda *_: [sys.executable, "-c", ""])
    assert names_by_pattern(names, r"^(.*)_scan_(.*)_") == ["asked"]


def test_a_pattern_has_an_end():
    with pytest.raises(ValueError, match="1,000 characters"):
        SplitSpec(group_pattern="a" * 1001)
