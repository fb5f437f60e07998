"""``embed``: the files, and what is said of them."""

import json

import numpy as np

from cnnstudio.cli.main import main
from tests.tiny_bundle import tiny_bundle


def test_files_are_written_and_told(tiny_folder, tmp_path, capsys):
    bundle, out = str(tiny_bundle(tmp_path / "model", ("blue", "red"))), tmp_path / "out"
    assert main(["embed", bundle, str(tiny_folder), "--out", str(out), "--no-projector"]) == 0
    printed = capsys.readouterr().out
    assert "36 pictures, 256 values each" in printed
    assert "the class of 24 pictures" in printed
    assert np.load(out / "embeddings.npy").shape == (36, 256)
    assert main(["embed", bundle, str(tiny_folder), "--out", str(tmp_path / "again"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["pictures"], found["from_cache"], found["in_projector"]) == (36, 36, 36)


def test_what_is_no_folder_is_a_sentence(tiny_folder, tmp_path, capsys):
    bundle = str(tiny_bundle(tmp_path / "model"))
    assert main(["embed", bundle, str(tmp_path / "nowhere"), "--out", str(tmp_path / "out")]) == 1
    assert "is not a folder" in capsys.readouterr().err
