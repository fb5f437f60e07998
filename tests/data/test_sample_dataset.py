import numpy as np

from cnnstudio.data import SplitSpec
from cnnstudio.data.practice import sample_dataset
from cnnstudio.data.practice.sample_dataset import DRAWERS, draw_example, draw_sample
from cnnstudio.data.reading import read_image
from cnnstudio.data.scan import scan_folder

PER_CLASS = 8


def test_the_sample_is_drawn_once_and_varied(tmp_path, monkeypatch):
    monkeypatch.setattr(sample_dataset, "PICTURES_PER_CLASS", PER_CLASS)  # as good a sample of the sample
    folder = draw_sample(tmp_path / "sample")
    dataset = scan_folder(folder, SplitSpec())
    assert dataset.classes == tuple(sorted(DRAWERS))
    assert len(dataset.classes) >= 4
    assert len(dataset.samples) == PER_CLASS * len(DRAWERS)
    assert dataset.problems == ()
    assert {finding.kind for finding in dataset.findings} <= {"small-class"}, (
        "eight are few, and none looks like another"
    )
    pictures = sorted((folder / "fish").iterdir())
    colours = np.array([np.asarray(read_image(path)).mean((0, 1)) for path in pictures])
    assert colours.std(0).min() > 10, "colour and background vary within a class"
    times = [path.stat().st_mtime_ns for path in pictures]
    draw_sample(folder)
    assert [path.stat().st_mtime_ns for path in pictures] == times


def test_an_example_is_always_the_same_picture():
    assert np.array_equal(np.asarray(draw_example(3)), np.asarray(draw_example(3)))
    assert not np.array_equal(np.asarray(draw_example(3)), np.asarray(draw_example(9)))
