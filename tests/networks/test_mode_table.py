from dataclasses import replace

import pytest
from torch import nn

from cnnstudio.cli.main import main
from cnnstudio.core import FormatError, NetworkError, RecipeError
from cnnstudio.networks import DEFAULT_MODE, MODES, READING, mode_words, phase_words
from cnnstudio.networks.freezing import apply_mode
from cnnstudio.training.recipe import Recipe, recipe_from_plain, recipe_from_toml
from tests.made_up import PARTING, add_mode

GROUPS = ("head", "last-stage", "backbone")


class Small(nn.Module):
    """A backbone of three convolutions and a head."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3, stride=2), nn.Conv2d(4, 4, 3))
        self.fc = nn.Linear(4, 2)


@pytest.fixture
def parting(monkeypatch):
    add_mode(monkeypatch)


# The table --------------------------------------------------------------------------------------------------------


def test_the_modes_are_those_that_recipes_name():
    assert list(MODES) == ["head", "last-stage", "all", "scratch"]
    assert DEFAULT_MODE == "head"
    defaults = {m.name: (m.epochs, m.learning_rate, m.batch_size, m.views, m.on) for m in MODES.values()}
    assert defaults == {
        "head": (40, 3e-3, 128, 1, "features"), "last-stage": (5, 3e-4, 32, 2, "maps"),
        "all": (5, 2e-4, 32, 1, "pictures"), "scratch": (30, 2e-3, 32, 1, "pictures"),
    }  # fmt: skip


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_every_mode_holds_together(mode):
    assert [group for group in GROUPS if group in mode.trains] == list(mode.trains)
    assert (mode.on == "features") == (mode.trains == ("head",)), "features are what the whole backbone gives"
    assert mode.on != "maps" or "backbone" not in mode.trains, "maps come from layers that rest"
    assert mode.pretrained or mode.trains == GROUPS, "nothing random may stay frozen"
    assert mode.name == mode.name.strip().lower()
    assert mode.text.endswith(".")
    assert mode.doing.startswith("Training ")
    assert min(mode.epochs, mode.batch_size, mode.views) >= 1
    assert 0 < mode.learning_rate < 1


@pytest.mark.parametrize("field", ["name", "title", "text", "words", "doing"])
def test_modes_are_told_apart_by_each_of_their_words(field):
    assert len({getattr(mode, field) for mode in MODES.values()}) == len(MODES)


def test_there_is_always_a_way_without_weights():
    assert [mode.name for mode in MODES.values() if not mode.pretrained] == ["scratch"]
    assert READING not in MODES


# Words and defaults -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODES)
def test_words_come_from_the_table(name):
    assert (mode_words(name), phase_words(name)) == (MODES[name].words, MODES[name].doing)


def test_what_is_unknown_still_has_words():
    assert mode_words("of-tomorrow") == "of-tomorrow"
    assert phase_words("of-tomorrow") == "Training"
    assert phase_words(READING) == "Preparing the pictures"


@pytest.mark.parametrize("name", MODES)
def test_a_recipe_takes_the_modes_defaults_where_it_says_nothing(name):
    plain = Recipe(dataset="d", network="n", mode=name)
    full, mode = replace(plain, head_solver="epochs").resolved(), MODES[name]
    assert plain.how is mode
    assert (full.epochs, full.batch_size, full.learning_rate, full.views) == (
        mode.epochs, mode.batch_size, mode.learning_rate, mode.views,
    )  # fmt: skip
    said = Recipe(
        dataset="d", network="n", mode=name, epochs=3, batch_size=4, learning_rate=0.5, views=6, weight_decay=0
    )
    assert said.resolved() == replace(said, head_solver=said.resolved().head_solver)
    assert full.resolved() == full


@pytest.mark.parametrize("name", MODES)
def test_only_a_head_alone_cannot_do_without_weights(name):
    given = {"dataset": "d", "network": "n", "mode": name, "weights": "none"}
    if MODES[name].on == "features":
        with pytest.raises(RecipeError, match="needs pretrained weights; without them, choose mode scratch"):
            Recipe(**given)
        assert Recipe(**given, start_from="run").weights == "none"
    else:
        assert Recipe(**given).how is MODES[name]


@pytest.mark.parametrize("name", ["", "Head", "some", "features"])
def test_an_unknown_mode_is_refused_with_the_known_ones(name):
    with pytest.raises(RecipeError, match="mode must be one of head, last-stage, all, scratch, not"):
        Recipe(dataset="d", network="n", mode=name)
    with pytest.raises(RecipeError, match="mode must be one of head, last-stage, all, scratch, not"):
        recipe_from_toml(f'dataset = "d"\nnetwork = "n"\nmode = "{name}"')
    with pytest.raises(RecipeError, match="mode must be one of"):
        recipe_from_plain({"dataset": "d", "network": "n", "mode": name})
    with pytest.raises(NetworkError, match="no training mode") as caught:
        apply_mode(Small(), name)
    assert "head, last-stage, all, scratch" in caught.value.problem.remedy


def test_a_recipe_of_the_wrong_kind_is_still_a_fault_of_the_file():
    with pytest.raises(FormatError, match="mode"):
        recipe_from_plain({"dataset": "d", "network": "n", "mode": 3})


# What learns ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODES)
def test_what_learns_is_what_the_table_says(name):
    network = Small()
    groups = apply_mode(network, name)
    assert list(dict.fromkeys(group.name for group in groups)) == list(MODES[name].trains)
    trained = {parameter for group in groups for parameter in group.parameters}
    assert trained == {key for key, value in network.named_parameters() if value.requires_grad}
    assert ("features.0.weight" in trained) == ("backbone" in MODES[name].trains)
    assert ("features.2.weight" in trained) == ("last-stage" in MODES[name].trains)


# A made-up mode ---------------------------------------------------------------------------------------------------


def test_a_new_mode_trains_what_it_says(parting):
    network = Small()
    groups = apply_mode(network, PARTING.name)
    assert [group.name for group in groups] == ["last-stage"]
    trained = {key for key, value in network.named_parameters() if value.requires_grad}
    assert trained == {f"features.{place}.{what}" for place in (1, 2) for what in ("weight", "bias")}


def test_a_new_mode_has_recipes_with_its_defaults(parting):
    recipe = Recipe(dataset="d", network="n", mode=PARTING.name).resolved()
    assert (recipe.epochs, recipe.learning_rate, recipe.batch_size, recipe.views) == (17, 0.125, 9, 4)
    assert recipe_from_toml(recipe.to_toml()) == recipe
    with pytest.raises(RecipeError, match="all, scratch, parting, not 'x'"):
        Recipe(dataset="d", network="n", mode="x")


def test_a_new_mode_can_be_asked_for_in_the_terminal(parting, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["train", "--help"])
    assert caught.value.code == 0
    assert "{head,last-stage,all,scratch,parting}" in capsys.readouterr().out
