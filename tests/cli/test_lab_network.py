"""A network file in the terminal: written, checked, trained, and what was trained with it without the file."""

import json

import pytest

from cnnstudio.cli.main import main
from cnnstudio.networks.blocks import saved
from cnnstudio.runs import open_run

FILE = """
name = "Tiny one"
blocks = [
  { kind = "convolution", channels = 6 },
  { kind = "activation" },
  { kind = "max_pooling", kernel = 4 },
  { kind = "flatten" },
  { kind = "linear" },
]
"""


def run(capsys, *words):
    code = main([str(word) for word in words])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_a_classic_is_written_changed_and_checked(capsys, tmp_path):
    file = tmp_path / "mine.toml"
    code, out, _ = run(capsys, "lab", "network", "lenet5", "--out", file)
    assert (code, "61,706 weights" in out) == (0, True)
    code, out, _ = run(capsys, "anatomy", file, "--classes", "10")
    assert (code, "61,706 weights" in out) == (0, True)
    file.write_text(file.read_text().replace('outputs = "classes"', "outputs = 7"))
    code, out, _ = run(capsys, "lab", "network", file, "--json")
    told = json.loads(out)
    assert (code, told["findings"][0]["kind"], told["blocks"][0]["output"]) == (1, "last-layer", [6, 28, 28])
    assert run(capsys, "lab", "network", file, "--classes", "7")[0] == 0, "for as many classes as it has outputs"
    code, out, _ = run(capsys, "anatomy", file, "--json")
    assert (code, json.loads(out)["classes"]) == (0, 7)
    file.write_text(file.read_text().replace("kernel = 5", "kernel = 55"))
    code, _, err = run(capsys, "train", tmp_path, "--model", file)
    assert code == 1
    assert "block 1 (line 8): kernel of convolution must lie between 1 and 15, not 55" in err
    assert "not built of blocks" in run(capsys, "lab", "network", "resnet18")[2]
    assert "Did you mean lenet5?" in run(capsys, "lab", "network", "lenet")[2]
    with pytest.raises(SystemExit):
        main(["lab", "network", "lenet5", "--out", str(tmp_path / "photo.jpg")])
    assert "has to end in .toml" in capsys.readouterr().err
    assert "There are no weights for Tiny one." in run(capsys, "maps", saved_file(tmp_path), "photo.jpg")[2]
    code, out, err = run(capsys, "lab", "network", "tiny_cnn", "--source", "--out", tmp_path / "tiny.toml")
    compile(out, "network.py", "exec")
    assert ("def network():" in out, "Network file: " in err) == (True, True), "what goes into a file is Python alone"
    assert "def network():" in json.loads(run(capsys, "lab", "network", "tiny_cnn", "--source", "--json")[1])["source"]


def saved_file(folder):
    (folder / "tiny.toml").write_text(FILE)
    return folder / "tiny.toml"


@pytest.mark.slow
def test_what_was_trained_needs_the_file_no_more(capsys, tmp_path, tiny_folder, monkeypatch):
    file, folder = tmp_path / "mine.toml", tmp_path / "run"
    file.write_text(FILE)
    words = ("--model", file, "--mode", "scratch", "--epochs", "2", "--out", folder)
    code, _, err = run(capsys, "train", tiny_folder, *words)
    assert code == 0, err
    file.write_text(FILE.replace("channels = 6", "channels = 9"))
    monkeypatch.setattr(saved, "_known", {})
    code, out, _ = run(capsys, "predict", folder, tiny_folder / "red" / "01.png", "--json")
    assert (code, len(json.loads(out))) == (0, 1)
    code, out, _ = run(capsys, "lab", "network", folder, "--out", tmp_path / "back.toml")
    assert (code, "channels = 6" in (tmp_path / "back.toml").read_text()) == (0, True)
    monkeypatch.setattr(saved, "_known", {})
    again = ("--recipe", folder / "recipe.toml", "--out", tmp_path / "again", "--json")
    code, out, err = run(capsys, "train", *again)
    assert code == 0, err
    monkeypatch.setattr(saved, "_known", {})
    code, _, err = run(capsys, "train", tiny_folder, "--from", folder, "--mode", "all", "--epochs", "1", "--out",
                       tmp_path / "more")  # fmt: skip
    assert code == 0, err
    assert open_run(tmp_path / "more").record.recipe["plan"] == open_run(folder).record.recipe["plan"] != ""
    code, _, err = run(capsys, "export", folder, "--format", "state-dict", "--out", tmp_path / "out")
    assert code == 0, err
    assert "nn.Conv2d(3, 6, 3, padding=1)" in (tmp_path / "out" / "network.py").read_text()
    code, _, err = run(capsys, "train", "--resume", folder, "--epochs", "3")
    assert code == 0, err
    shown = run(capsys, "predict", file, tiny_folder / "red" / "01.png", "--weights", folder / "bundle")
    assert (shown[0], "Tiny one" in shown[2]) == (1, True), "the changed file does not fit those weights"
