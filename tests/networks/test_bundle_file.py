"""A bundle as one file: packed, unpacked once, and nothing of a stranger's file lands anywhere else."""

import os
import shutil
import warnings
import zipfile

import pytest

from cnnstudio.core import CheckpointDamaged, paths
from cnnstudio.data import PreprocessSpec
from cnnstudio.networks import BundleCard
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.bundle import load_bundle, save_bundle
from cnnstudio.networks.bundle_file import is_bundle_file, pack_bundle, unpacked_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "shirts"
    network = build_network("lenet5", 2, channels=3, image_size=32)
    card = BundleCard(network="lenet5", classes=("a", "b"), preprocess=PreprocessSpec(resize=36, crop=32))
    save_bundle(folder, network, card)
    return folder


def test_what_is_packed_predicts_as_before_and_is_unpacked_once(bundle, tmp_path):
    file, again = tmp_path / "my shirts.cnnbundle", tmp_path / "again.cnnbundle"
    pack_bundle(bundle, file)
    pack_bundle(bundle, again)
    assert file.read_bytes() == again.read_bytes()
    assert is_bundle_file(file)
    assert not is_bundle_file(bundle)
    folder = unpacked_bundle(file)
    assert paths.shown_name(folder) == "my-shirts"
    assert load_bundle(folder)[1] == load_bundle(bundle)[1]
    assert unpacked_bundle(file) == folder
    assert [each.name for each in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize(
    "name", ["../outside.txt", "/etc/outside.txt", "sub/inside.txt", "..", "card.json", "CARD.JSON", "con"]
)
def test_a_strange_file_is_refused_and_leaves_nothing(bundle, tmp_path, name):
    file = tmp_path / "strange.cnnbundle"
    pack_bundle(bundle, file)
    with warnings.catch_warnings(), zipfile.ZipFile(file, "a") as packed:
        warnings.simplefilter("ignore")  # Python's own, of a name that is there twice
        packed.writestr(name, "text")
    with pytest.raises(CheckpointDamaged, match="damaged"):
        unpacked_bundle(file)
    assert not list(tmp_path.glob("*.txt"))
    assert not paths.unpacked_folder().exists() or not list(paths.unpacked_folder().iterdir())


@pytest.mark.parametrize("damage", ["half", "compressed", "empty", "text"])
def test_a_damaged_file_is_refused(bundle, tmp_path, damage):
    file = tmp_path / "damaged.cnnbundle"
    pack_bundle(bundle, file)
    if damage == "half":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    elif damage == "compressed":
        shutil.make_archive(str(tmp_path / "made"), "zip", bundle)
        (tmp_path / "made.zip").replace(file)
    elif damage == "empty":
        with zipfile.ZipFile(file, "w") as packed:
            packed.writestr("card.json", "{}")
    else:
        file.write_text("no archive")
        assert not is_bundle_file(file)
    with pytest.raises(CheckpointDamaged):
        unpacked_bundle(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.cnnbundle")
    assert not is_bundle_file(tmp_path / "pipe.cnnbundle")
