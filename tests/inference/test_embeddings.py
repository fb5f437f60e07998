"""Embeddings: rows that fit their index, from what a run keeps or computed, for NumPy, scikit-learn and TensorBoard."""

import ast
import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from cnnstudio.compute.engines import to_input
from cnnstudio.core import Control, DatasetError, StopRequested, StorageError, Watch
from cnnstudio.data import sample_key
from cnnstudio.inference.embedding import computing, projector
from cnnstudio.inference.embedding.code import code_for
from cnnstudio.inference.embedding.computing import embed_pictures
from cnnstudio.inference.embedding.labels import Labels
from cnnstudio.inference.embedding.projector import Projector
from cnnstudio.inference.folder.listing import list_files
from cnnstudio.inference.session import open_model, read_pixels
from cnnstudio.jobs.job import carry
from cnnstudio.networks import ModelRef
from cnnstudio.networks.head import feature_network
from tests.tiny_bundle import tiny_bundle


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    return open_model(ModelRef(source=str(tiny_bundle(tmp_path_factory.mktemp("bundle") / "model", ("blue", "red")))))


def embedded(session, folder, out, watch=None, **options):
    return carry(
        embed_pictures(session, list_files([folder], Control()), out, watch or Watch(), **options), lambda _: None
    )


def index_of(out):
    return list(csv.DictReader((out / "index.csv").read_text().splitlines()))


@pytest.fixture(scope="module")
def written(session, tiny_folder, tmp_path_factory):
    """A folder with a broken picture in it, and what became of it."""
    root = tmp_path_factory.mktemp("embedded")
    shutil.copytree(tiny_folder, root / "photos")
    (root / "photos" / "blue" / "05x.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    (root / "photos" / "=notes.txt").write_text("x")
    with pytest.MonkeyPatch.context() as context:
        context.setattr(computing, "_AT_ONCE", 10)
        found = embedded(session, root / "photos", root / "out")
    return found, root


def test_rows_are_what_the_last_layer_works_on(session, written):
    found, root = written
    values, index = np.load(root / "out" / "embeddings.npy"), index_of(root / "out")
    assert values.dtype == np.float32
    assert values.shape == (36, found.size)
    assert (found.pictures, found.unreadable, found.labelled, found.classes, found.in_projector) == (36, 1, 24, 2, 36)
    assert [row["row"] for row in index] == [str(number) for number in range(36)]
    pixels = np.stack([read_pixels(session, Path(row["path"])) for row in index])
    expected = feature_network(session.network)(to_input(pixels, session.preprocess)).detach().numpy()
    assert np.abs(values - expected).max() <= 1e-4 * np.abs(expected).max()


def test_the_index_knows_classes_by_their_folders(written):
    _, root = written
    found = {(Path(row["path"]).parent.name, row["class"], row["split"]) for row in index_of(root / "out")}
    assert found == {("blue", "blue", ""), ("red", "red", ""), ("green", "", "")}


def test_what_could_not_be_read_is_named(written):
    _, root = written
    rows = list(csv.DictReader((root / "out" / "unreadable.csv").read_text().splitlines()))
    assert [Path(row["path"]).name for row in rows] == ["05x.png"]
    assert "could not be read" in rows[0]["error"]
    assert "24" not in (root / "out" / "README.txt").read_text()
    assert "36 pictures" in (root / "out" / "README.txt").read_text()


def test_the_code_leaves_unknown_classes_out_and_needs_none(written):
    _, root = written
    told = (root / "out" / "README.txt").read_text()
    assert code_for(2) in told
    assert "fit(X[y.notna()], y.dropna())" in told, "12 of 36 pictures have no class"
    for classes in (0, 1, 2):
        code = code_for(classes, Path('/data/a "b"'))
        strings = [node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)]
        assert {'/data/a "b"/embeddings.npy', '/data/a "b"/index.csv'} <= set(strings)
        assert ("LogisticRegression" in code) is (classes > 1)


def test_the_projector_has_a_point_a_line_and_a_small_copy_for_each(written):
    _, root = written
    folder = root / "out" / "projector"
    points = [list(map(float, line.split("\t"))) for line in (folder / "tensors.tsv").read_text().splitlines()]
    assert np.array(points) == pytest.approx(np.load(root / "out" / "embeddings.npy"), rel=1e-5)
    about = (folder / "metadata.tsv").read_text().splitlines()
    assert about[0] == "path\tclass\tsplit"
    assert len(about) == 37
    with Image.open(folder / "sprite.jpg") as sprite:
        assert sprite.size == (7 * 50, 7 * 50)  # room for the one that could not be read
        first = np.asarray(sprite)[10:40, 10:40].mean((0, 1))  # of the first picture, which is blue
    assert first.argmax() == 2
    assert "single_image_dim: 50" in (folder / "projector_config.pbtxt").read_text()


def test_the_sprite_stays_within_what_browsers_take(tmp_path):
    for pictures in (1, 2, 5, 100, projector.MOST_POINTS, 100_000):
        made = Projector(tmp_path / "x", pictures)
        side = made._sprite.width  # noqa: SLF001
        assert side <= 8192
        assert (side // made.tile) ** 2 >= pictures


def test_of_many_pictures_some_are_shown_evenly(session, tiny_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(computing, "MOST_POINTS", 9)
    monkeypatch.setattr(computing, "_AT_ONCE", 7)
    found = embedded(session, tiny_folder, tmp_path / "out")
    about = (tmp_path / "out" / "projector" / "metadata.tsv").read_text().splitlines()[1:]
    assert found.in_projector == len(about) == 9
    assert [Path(line.split("\t")[0]).parent.name for line in about] == ["blue"] * 3 + ["green"] * 3 + ["red"] * 3
    assert np.load(tmp_path / "out" / "embeddings.npy").shape[0] == 36


def test_without_a_projector_there_is_none(session, tiny_folder, tmp_path):
    assert embedded(session, tiny_folder, tmp_path / "out", projector=False).in_projector == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["README.txt", "embeddings.npy", "index.csv"]


def test_a_stop_leaves_no_folder_and_costs_nothing_of_what_was_computed(session, tiny_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(computing, "_AT_ONCE", 8)
    control = Control()
    listing = list_files([tiny_folder], Control())
    with pytest.raises(StopRequested):
        carry(
            embed_pictures(session, listing, tmp_path / "out", Watch(control)),
            lambda event: event.done >= 16 and control.request_stop(),
        )
    assert list(tmp_path.iterdir()) == []
    found = embedded(session, tiny_folder, tmp_path / "out")
    assert found.from_cache >= 16
    again = embedded(session, tiny_folder, tmp_path / "again")
    assert again.from_cache == 36
    assert (tmp_path / "again" / "embeddings.npy").read_bytes() == (tmp_path / "out" / "embeddings.npy").read_bytes()


@pytest.mark.parametrize("place", ["not empty", "a file", "among the pictures", "the pictures", "no room"])
def test_a_place_that_will_not_do_is_refused_before_anything_is_read(session, own_folder, tmp_path, monkeypatch, place):
    out = tmp_path / "out"
    if place == "not empty":
        out.mkdir()
        (out / "mine.txt").write_text("x")
    elif place == "a file":
        out.write_text("x")
    elif place == "no room":
        monkeypatch.setattr(computing, "free_bytes", lambda _: 1000)
    else:
        out = own_folder / "out" if place == "among the pictures" else own_folder
    monkeypatch.setattr(computing, "compute_features", None)
    with pytest.raises(StorageError):
        embedded(session, own_folder, out)
    if place == "not empty":
        assert [path.name for path in out.iterdir()] == ["mine.txt"]


def test_nothing_that_can_be_read_is_an_error_and_no_folder(session, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    with pytest.raises(DatasetError, match="None of the pictures"):
        embedded(session, tmp_path / "photos", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


def test_an_empty_folder_may_be_filled(session, tiny_folder, tmp_path):
    (tmp_path / "out").mkdir()
    embedded(session, tiny_folder, tmp_path / "out", projector=False)
    assert (tmp_path / "out" / "index.csv").is_file()


def test_a_split_is_known_where_a_folder_says_it(tmp_path):
    labels = Labels(tmp_path, ("cat", "dog"), None)
    assert labels.of(str(tmp_path / "train" / "cat" / "a.jpg")) == ("cat", "train")
    assert labels.of(str(tmp_path / "dog" / "val" / "a.jpg")) == ("dog", "validation")
    assert labels.of(str(tmp_path / "train" / "cow" / "a.jpg")) == ("", "")
    assert labels.of(str(tmp_path / "a.jpg")) == ("", "")


def test_what_a_run_keeps_is_taken_where_the_picture_is_the_same(session, own_folder, tmp_path, monkeypatch):
    names = [path.relative_to(own_folder).as_posix() for path in sorted(own_folder.rglob("*.png"))]
    kept = SimpleNamespace(
        names=names,
        keys=np.array([list(sample_key(own_folder / name)) for name in names], np.uint8),
        features=np.arange(36 * 256, dtype=np.float16).reshape(36, 256),
    )
    monkeypatch.setattr(computing, "open_run", lambda _: SimpleNamespace(record=SimpleNamespace(dataset=own_folder)))
    monkeypatch.setattr(computing, "load_answers", lambda _: kept)
    os.utime(own_folder / "red" / "03.png", (1e9, 1e9))
    found = embedded(session, own_folder, tmp_path / "out", projector=False)
    assert found.from_cache == 35
    same = (np.load(tmp_path / "out" / "embeddings.npy") == kept.features.astype(np.float32)).all(1)
    assert [names[place] for place in np.flatnonzero(~same)] == ["red/03.png"]


@pytest.mark.slow
def test_tensorboards_own_reader_takes_the_files(session, tiny_folder, tmp_path):
    plugin = pytest.importorskip(
        "tensorboard.plugins.projector.projector_plugin", reason="TensorBoard is not installed"
    )
    from google.protobuf import text_format
    from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

    embedded(session, tiny_folder, tmp_path / "out")
    folder = tmp_path / "out" / "projector"
    config = text_format.Parse((folder / "projector_config.pbtxt").read_text(), ProjectorConfig())
    (about,) = config.embeddings
    tensor = getattr(plugin, "_read_tensor_tsv_file")(str(folder / about.tensor_path))  # noqa: B009 - it has no other
    assert np.array(tensor) == pytest.approx(np.load(tmp_path / "out" / "embeddings.npy"), rel=1e-5)
    assert (folder / about.metadata_path).is_file()
    with Image.open(folder / about.sprite.image_path) as sprite:
        assert sprite.width == 6 * about.sprite.single_image_dim[0]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_runs_own_pictures_come_from_what_it_keeps_and_two_lines_learn_from_them(shared_data, tmp_path):
    """E13, where scikit-learn is installed."""
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    pytest.importorskip("pandas", reason="pandas is not installed")
    from cnnstudio.cli.main import main

    words = [
        "train",
        str(shared_data / "data" / "clothing"),
        "--model",
        "squeezenet1_0",
        "--out",
        str(tmp_path / "run"),
    ]
    assert main([*words, "--weights", str(shared_data / "weights")]) == 0
    assert (
        main(["embed", str(tmp_path / "run"), str(shared_data / "data" / "clothing"), "--out", str(tmp_path / "out")])
        == 0
    )
    code = (tmp_path / "out" / "README.txt").read_text().partition("scikit-learn:")[2].partition("A class is")[0]
    code += (
        "index = pandas.read_csv('index.csv')\n"
        "train, test = (index['split'] == 'train').values, (index['split'] == 'test').values\n"
        "print(LogisticRegression(max_iter=1000).fit(X[train], y[train]).score(X[test], y[test]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "out", capture_output=True, text=True, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr
    from cnnstudio.runs import open_run

    own = open_run(tmp_path / "run").record.scores["test"].accuracy
    assert abs(float(done.stdout) - own) <= 0.02, (done.stdout, own)
