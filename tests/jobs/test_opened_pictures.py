"""What a drop of files asks for: pictures are found some at a time, and predicted as they were opened."""

import pytest

from cnnstudio.core import Partial, Watch
from cnnstudio.inference.results import Prediction
from cnnstudio.jobs import run_inline, specs
from cnnstudio.jobs.specs import models
from cnnstudio.jobs.specs.models import Found
from cnnstudio.networks import ModelRef
from cnnstudio.runs import Answer, Predictions


@pytest.fixture
def asked(monkeypatch):
    """Which pictures were predicted."""
    seen = []

    def predict_all(job, watch):
        seen.extend(job.images)
        return tuple(Prediction(path=path, top=()) for path in job.images)

    monkeypatch.setattr("cnnstudio.jobs.handlers.predict_all", predict_all)
    return seen


def test_opened_and_dropped_pictures_come_some_at_a_time_before_those_that_wait(
    asked, tiny_folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(models, "_AT_ONCE", 3)
    (tmp_path / "notes.txt").write_text("no picture")
    waiting, events = tiny_folder / "red" / "00.png", []
    job = specs.Predict(
        model=ModelRef(source="x"),
        images=(waiting,),
        opened=(tiny_folder / "blue", tmp_path),
        dropped=(tiny_folder / "green" / "00.png").as_uri().encode(),
    )
    run_inline(job, Watch(emit=events.append))
    parts = [event.result for event in events if isinstance(event, Partial)]
    found = [path for part in parts for path in part.pictures]
    blue = sorted((tiny_folder / "blue").iterdir())
    assert found == [*blue, tiny_folder / "green" / "00.png"]
    assert max(len(part.pictures) for part in parts) == 3
    assert [part.complete for part in parts] == [*([False] * (len(parts) - 1)), True]
    assert [problem.path.name for problem in parts[-1].skipped] == ["notes.txt"]
    assert asked == [*found, waiting]


def test_pictures_alone_are_not_found_but_predicted(asked, tiny_folder):
    events = []
    picture = tiny_folder / "red" / "00.png"
    run_inline(specs.Predict(model=ModelRef(source="x"), images=(picture,)), Watch(emit=events.append))
    assert not any(isinstance(event, Partial) and isinstance(event.result, Found) for event in events)
    assert asked == [picture]


def test_a_drop_is_sorted_like_paths(tiny_folder):
    uris = b"\n".join(path.as_uri().encode() for path in (tiny_folder, tiny_folder / "red" / "00.png"))
    paths = (tiny_folder, tiny_folder / "red" / "00.png")
    assert run_inline(specs.SortPaths(dropped=uris)) == run_inline(specs.SortPaths(paths=paths))


def test_mistakes_of_a_split_come_the_surest_first():
    answers = [
        Answer("a", "test", "cat", "dog", 0.5), Answer("b", "test", "dog", "cat", 0.9),
        Answer("c", "test", "cat", "cat", 0.99), Answer("d", "validation", "cat", "dog", 0.7),
    ]  # fmt: skip
    assert [each.path for each in Predictions(answers).mistakes("test")] == ["b", "a"]
    assert Predictions(answers).mistakes("train") == ()
