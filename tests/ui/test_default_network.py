"""The network that is taken where a person chose none is the same in the window and in the terminal."""

import pytest

from cnnstudio.cli.main import build_parser
from cnnstudio.cli.report import Report
from cnnstudio.cli.train import recipe_of
from cnnstudio.core import RecipeError, Watch, weights_folder
from cnnstudio.jobs import specs
from cnnstudio.networks.catalogue.registry import load_catalogue
from cnnstudio.runs import create_run
from tests.runs.test_store import RECORD


def recipe(*words):
    return recipe_of(build_parser().parse_args(list(map(str, words))), Report(json=False), Watch())


def test_both_front_ends_begin_with_the_same_network(studio, runner, capsys, tiny_folder):
    weights_folder().mkdir(parents=True)
    found = []
    for here in ("", "resnet18", "efficientnet_b0", "vgg16"):
        if here:
            (weights_folder() / f"{here}-mine.pth").write_bytes(b"x")
        studio.network, runner.answers[specs.ListNetworks] = None, load_catalogue()
        studio.refresh_catalogue().drain()
        terminal = {recipe(command, tiny_folder).network for command in ("train", "estimate", "find-rate")}
        assert terminal == {studio.network.name}
        found.append(studio.network.name)
    assert found == ["efficientnet_lite0", "efficientnet_lite0", "efficientnet_b0", "efficientnet_b0"]
    assert capsys.readouterr().err == ""


def test_what_is_asked_for_is_taken_without_looking_at_what_is_here(tiny_folder, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("cnnstudio.cli.train.run_inline", lambda *_: pytest.fail("looked"))
    assert recipe("train", tiny_folder, "--model", "vgg16").network == "vgg16"
    run = create_run(RECORD, out=tmp_path / "run")
    assert recipe("train", tiny_folder, "--from", run.folder).network == "resnet18"
    with pytest.raises(RecipeError, match="no run in"):
        recipe("train", tiny_folder, "--from", tmp_path)
    assert capsys.readouterr().err == ""
