import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.core import EpochDone, EvaluationDone, FormatError, Problem, SplitScore, Warned, codec
from cnnstudio.core.codec import event_from_plain, event_to_plain, from_plain, load_json, save_json, to_plain


@dataclass(frozen=True)
class Inner:
    ratio: float
    path: Path


@dataclass(frozen=True)
class Value:
    name: str
    flag: bool
    inner: Inner
    numbers: tuple[int, ...] = ()


VALUE = Value("a", flag=True, inner=Inner(0.5, Path("x/y")), numbers=(1, 2))


def test_round_trip(tmp_path):
    assert from_plain(Value, to_plain(VALUE)) == VALUE
    save_json(tmp_path / "value.json", VALUE)
    assert load_json(tmp_path / "value.json", Value) == VALUE


@pytest.mark.parametrize(
    ("change", "word"),
    [({"flag": "false"}, "flag"), ({"numbers": [2.9]}, "numbers"), ({"other": 1}, "other"), ({"name": 3}, "name")],
)
def test_wrong_types_and_unknown_keys_are_refused_by_name(change, word):
    with pytest.raises(FormatError, match=word):
        from_plain(Value, to_plain(VALUE) | change)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format_version": 99, "name": "a"}', "\x00\x01", '{"format_version"']
)
def test_files_that_are_not_ours_are_one_sentence(tmp_path, text):
    path = tmp_path / "value.json"
    path.write_text(text)
    with pytest.raises(FormatError):
        load_json(path, Value)


@given(st.floats(0, 10), st.floats(0, 1), st.booleans(), st.integers(1, 500))
def test_run_events_survive_json(loss, accuracy, best, epoch):
    score = SplitScore(
        split="test", images=3, loss=loss, accuracy=accuracy, top5_accuracy=None, interval=(0.1, 0.9),
        confusion=((1, 1), (0, 1)),
    )  # fmt: skip
    epoch_done = EpochDone(
        epoch=epoch, epochs=500, seconds=1.0, learning_rate=0.1, train_loss=loss, train_accuracy=accuracy,
        validation_loss=None, validation_accuracy=None, validation_images=0, is_best=best,
    )  # fmt: skip
    warned = Warned(problem=Problem(kind="image", title="x"))
    for event in (EvaluationDone(score=score), epoch_done, warned):
        assert event_from_plain(event_to_plain(event)) == event


DEEP = "[" * 100_000


@pytest.mark.parametrize("text", [DEEP, DEEP + "]" * 100_000, '{"a":' * 60 + "1" + "}" * 60, "9" * 5000, "\ud800", "{"])
def test_json_of_others_is_one_sentence(tmp_path, text):
    path = tmp_path / "value.json"
    path.write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(FormatError, match=r"value\.json"):
        codec.read_json(path)


@pytest.mark.parametrize("toml", ["a = " + DEEP, "a." * 100 + "b = 1", "a = " + "9" * 5000, "a = 1\na = 2", "\0"])
def test_toml_of_others_is_one_sentence(toml):
    with pytest.raises(FormatError, match="recipe"):
        codec.parsed(toml, tomllib.loads, "recipe")


def test_only_files_of_a_bounded_size_are_read(tmp_path):
    path = tmp_path / "value.json"
    path.write_text("[1, 2]")
    assert codec.read_json(path, 6) == [1, 2]
    with pytest.raises(FormatError, match="larger"):
        codec.read_json(path, 5)
    path.unlink()
    os.mkfifo(path)
    for other in (path, Path("/dev/zero"), Path("/proc/self/status"), tmp_path):
        with pytest.raises(FormatError):
            codec.read_json(other)


def test_a_fault_is_told_shortly(tmp_path):
    with pytest.raises(FormatError) as caught:
        from_plain(Value, {**to_plain(VALUE), "flag": "x" * 10_000_000})
    assert len(caught.value.problem.sentence()) < 2000
    assert len(caught.value.problem.details) < 10_000
