"""Numbers on the command line and in recipes: what cannot be is said before anything begins."""

import math
from dataclasses import replace

import pytest

from cnnstudio.cli.main import main
from cnnstudio.core import FormatError, RecipeError
from cnnstudio.training.recipe import Recipe, load_recipe, recipe_from_toml
from cnnstudio.training.rules import AUTOMATIC, RANGES

FLAGS = {
    "--epochs": "epochs", "--batch-size": "batch_size", "--lr": "learning_rate", "--weight-decay": "weight_decay",
    "--warm-up": "warm_up", "--label-smoothing": "label_smoothing", "--gradient-clip": "gradient_clip", "--ema": "ema",
    "--layer-decay": "layer_decay", "--views": "views", "--threads": "threads", "--patience": "patience",
    "--input-size": "input_size", "--seed": "seed",
}  # fmt: skip
WRONG = ["-1", "nan", "inf", "-inf", "1e400", "9" * 30, "9" * 6000, "", " ", "many", "0x10", "1,5", "٣٫٥", "--"]


@pytest.mark.parametrize("flag", FLAGS)
def test_a_number_that_cannot_be_is_wrong_usage(capsys, flag):
    low, _ = RANGES[FLAGS[flag]]
    for text in [*WRONG, *(["0"] if low > 0 else [])]:
        with pytest.raises(SystemExit) as ended:
            main(["train", "/nowhere", f"{flag}={text}"])
        assert ended.value.code == 2, text
        said = capsys.readouterr().err
        assert flag in said or "has no value" in said
        assert "Traceback" not in said
        assert len(said.splitlines()[-1]) < 200


@pytest.mark.parametrize("command", ["train", "estimate", "find-rate"])
@pytest.mark.parametrize("flag", FLAGS)
def test_the_ends_of_a_range_are_numbers_like_others(capsys, command, flag):
    for value in RANGES[FLAGS[flag]]:
        text = str(int(value)) if isinstance(value, int) or value > 1 else str(value)
        assert (
            main([command, "/nowhere", "--weights", "none", "--model", "lenet5", "--mode", "scratch", flag, text]) == 1
        )
        assert "is not there" in capsys.readouterr().err, "the number was right, the folder is not"


def test_zero_epochs_of_a_resume_are_wrong_usage_too(tmp_path):
    with pytest.raises(SystemExit) as ended:
        main(["train", "--resume", str(tmp_path), "--epochs", "0"])
    assert ended.value.code == 2


GOOD = Recipe(dataset="x", network="resnet18")


def with_number(path, value):
    part, _, name = path.rpartition(".")
    inner = replace(getattr(GOOD, part), **{name: value}) if part else value
    return replace(GOOD, **{part or name: inner})


@pytest.mark.parametrize("path", RANGES)
@pytest.mark.parametrize("value", [-1, -5, math.nan, math.inf, -math.inf, 10**30, 1e308])
def test_a_number_that_cannot_be_in_a_recipe_is_named(path, value):
    if path == "weight_decay" and value == AUTOMATIC:
        value = -0.5
    with pytest.raises(RecipeError, match=path.replace(".", r"\.")) as refused:
        with_number(path, value)
    assert len(str(refused.value)) < 250


@pytest.mark.parametrize("name", ["dataset", "network", "weights", "start_from"])
def test_a_name_that_no_file_can_have_is_said(name):
    with pytest.raises(RecipeError, match=name):
        replace(GOOD, **{name: "a\0b"})


@pytest.mark.parametrize(
    "text",
    [
        "epochs = " + "9" * 5000, "a = " + "[" * 50_000, "epochs = nan", "epochs = 1.5",
        'epochs = "many"', "epochs = true",
        "augment = 5", "[augment]\ncrop = -5.0", "[augment]\ncrop = nan", "[split]\nfolds = 1", "[split]\ntest = 2.0",
        "\0", "epochs", "[[epochs]]",
    ],
)  # fmt: skip
def test_a_recipe_file_with_nonsense_is_one_sentence(text):
    with pytest.raises((RecipeError, FormatError)) as refused:
        recipe_from_toml('dataset = "x"\nnetwork = "resnet18"\n' + text)
    assert len(str(refused.value)) < 800


@pytest.mark.parametrize("content", [b"\xff\xfe", b"#" * (1 << 21)])
def test_a_file_that_is_no_recipe_is_said(tmp_path, content):
    (tmp_path / "recipe.toml").write_bytes(content)
    for path in (tmp_path / "recipe.toml", tmp_path, tmp_path / "none"):
        with pytest.raises(RecipeError, match="recipe"):
            load_recipe(path)


def test_a_recipe_without_a_folder_is_not_the_folder_one_is_in(tmp_path, capsys):
    (tmp_path / "recipe.toml").write_text('dataset = ""\nnetwork = "lenet5"\nmode = "scratch"\nweights = "none"\n')
    assert main(["train", "--recipe", str(tmp_path / "recipe.toml")]) == 1
    assert "names no" in capsys.readouterr().err


@pytest.mark.parametrize("text", [*WRONG, "0"])
@pytest.mark.parametrize(
    "words",
    [["predict", "RUN", "a.jpg", "--top"], ["maps", "RUN", "a.jpg", "--tiles"], ["anatomy", "lenet5", "--classes"]],
)
def test_other_numbers_are_wrong_usage_too(capsys, words, text):
    *words, flag = words
    with pytest.raises(SystemExit) as ended:
        main([*words, f"{flag}={text}"])
    assert ended.value.code == 2
    assert flag in capsys.readouterr().err
