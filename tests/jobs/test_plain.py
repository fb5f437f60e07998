import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.core import RUN_EVENTS, CheckpointSaved, DatasetError, EpochDone, Problem, RunPaused, SplitScore, Warned
from cnnstudio.core.codec import event_from_plain, event_to_plain
from cnnstudio.data import Dataset, FileProblem, Finding, Sample
from cnnstudio.data.practice.prepare import practice_folder
from cnnstudio.data.practice.sets import SETS
from cnnstudio.inference.results import ClassScore, FeatureMaps, Prediction
from cnnstudio.jobs.plain import EVENT_NAMES, event_line, plain
from cnnstudio.runs import Run
from tests.runs.test_store import RECORD, epoch
from tests.ui.conftest import CATALOGUE

ROOT = Path("/photos")


def score(split, accuracy):
    return SplitScore(
        split=split, images=4, loss=0.5, accuracy=accuracy, top5_accuracy=None, interval=(0.1, 0.9), confusion=((4,),)
    )  # fmt: skip


def test_predictions():
    good = Prediction(path=ROOT / "a.jpg", top=(ClassScore("cat", 0.75), ClassScore("dog", 0.25)), milliseconds=3)
    bad = Prediction(path=ROOT / "b.jpg", top=(), error="b.jpg cannot be read.")
    assert plain((good, bad)) == [
        {
            "path": str(ROOT / "a.jpg"),
            "top": [{"label": "cat", "probability": 0.75}, {"label": "dog", "probability": 0.25}],
            "error": None,
        },
        {"path": str(ROOT / "b.jpg"), "top": [], "error": "b.jpg cannot be read."},
    ]


def test_a_dataset_with_what_is_wrong_with_it():
    one, two = ROOT / "cat" / "1.jpg", ROOT / "cat" / "2.jpg"
    dataset = Dataset(
        root=ROOT,
        classes=("cat",),
        samples=(Sample(one, 0, "train"),),
        problems=(FileProblem(path=ROOT / "x.txt", kind="not-an-image", detail="x.txt is not a picture."),),
        split_source="stratified",
        findings=(Finding(kind="duplicate", groups=((one, two),), classes=("cat",), spare=(two,)),),
        left_out=(Sample(two, 0, "train"),),
    )
    assert plain(dataset) == {
        "classes": {"cat": {"train": 1, "validation": 0, "test": 0}},
        "images": 1,
        "split": "stratified",
        "left_out": ["cat/2.jpg"],
        "problems": [{"path": str(ROOT / "x.txt"), "kind": "not-an-image", "detail": "x.txt is not a picture."}],
        "findings": [
            {
                "kind": "duplicate",
                "count": 2,
                "classes": ["cat"],
                "groups": [["cat/1.jpg", "cat/2.jpg"]],
                "spare": ["cat/2.jpg"],
                "note": "",
                "merges": {},
                "column": "",
            }
        ],
    }


def test_a_run_says_the_accuracy_of_each_split_it_was_scored_on():
    record = replace(
        RECORD, epochs_done=3, seconds=1.23456, scores={"train": score("train", 1.0), "test": score("test", 0.5)}
    )
    assert plain(Run(Path("/runs/a"), record)) == {
        "run": str(Path("/runs/a")),
        "epochs": 3,
        "seconds": 1.235,
        "train_accuracy": 1.0,
        "validation_accuracy": None,
        "test_accuracy": 0.5,
        "validation_balanced_accuracy": None,
        "test_balanced_accuracy": 1.0,
        "train_images": record.scores["train"].images,
        "validation_images": 0,
        "test_images": record.scores["test"].images,
    }


def test_networks():
    told = plain(CATALOGUE)
    assert [network["name"] for network in told] == ["alpha18", "beta_b", "gamma", "swag", "lenet5"]
    described = {"name", "title", "family", "classic", "parameters", "gflops", "input_size", "file", "weights"}
    assert set(told[0]) == described
    keys = {"name", "acc1", "acc5", "gflops", "file_size_mb", "input_size", "licence", "local", "package"}
    assert set(told[2]["weights"][0]) == keys
    assert (told[2]["weights"][0]["local"], told[4]["weights"]) == ("/weights/gamma.pth", [])


def test_practice_datasets_say_where_they_are_once_they_are_there():
    first = SETS[0]
    assert set(plain(first)) == {
        "name", "title", "text", "pictures", "classes", "megabytes", "terms", "page", "folder",
    }  # fmt: skip
    assert plain(first)["folder"] is None
    practice_folder(first).mkdir(parents=True)
    assert plain(SETS)[0]["folder"] == str(practice_folder(first))


def test_feature_maps_without_their_pixels():
    maps = FeatureMaps(
        layer="layer1", shape=(8, 4, 4), tiles=np.zeros((2, 4, 4), np.uint8), channels=(5, 3), low=(0.0, 0.0),
        high=(1.0, 1.0), total_channels=8, input_image=np.zeros((8, 8, 3), np.uint8),
    )  # fmt: skip
    assert plain(maps) == {"layer": "layer1", "shape": [8, 4, 4], "channels": [5, 3]}


def test_an_error_is_one_sentence_with_its_kind():
    problem = DatasetError("It is empty.", meaning="Nothing is learned.", remedy="Fill it.", details="x").problem
    assert plain(problem) == {
        "event": "error",
        "kind": "dataset",
        "message": "It is empty. Nothing is learned. Fill it.",
        "details": "x",
    }
    assert "details" not in plain(DatasetError("It is empty.").problem)


def test_everything_else_is_told_field_by_field():
    assert plain(score("test", 0.5))["accuracy"] == 0.5
    assert plain({"path": ROOT}) == {"path": str(ROOT)}
    assert plain(None) is None


# Events ------------------------------------------------------------------------------------------------------


def test_every_event_of_a_run_has_a_name_of_its_own():
    assert set(EVENT_NAMES) == set(RUN_EVENTS)
    assert len(set(EVENT_NAMES.values())) == len(EVENT_NAMES)


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (epoch(2), "epoch"),
        (RunPaused(), "paused"),
        (CheckpointSaved(kind="best", path="/x", bytes=3), "checkpoint"),
        (Warned(problem=Problem(kind="image", title="One is broken.")), "warning"),
    ],
)
def test_a_stream_says_what_the_run_folder_keeps_under_another_name(event, name):
    line, kept = event_line(event), event_to_plain(event)
    assert line.pop("event") == name
    assert kept.pop("event") == type(event).__name__
    assert line == kept
    assert json.loads(json.dumps(line)) == line
    assert event_from_plain({"event": type(event).__name__, **line}) == event


def test_the_keys_of_an_epoch_are_those_that_scripts_know():
    assert set(event_line(epoch(1))) == {"event", *EpochDone.__dataclass_fields__}
