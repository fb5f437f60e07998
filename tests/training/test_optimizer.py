"""What an optimiser is made of: rates and decay of its own, and decay only where it belongs."""

import re
from dataclasses import replace

import pytest
import torch
from torch import nn

from cnnstudio.core import EpochDone, RecipeError
from cnnstudio.jobs import StoppedWith
from cnnstudio.jobs.specs import ResumeRun
from cnnstudio.networks import freezing
from cnnstudio.networks.builder import build_network, build_skeleton, network_names
from cnnstudio.networks.freezing import ParameterGroup, apply_mode, cut_below, decayed_names
from cnnstudio.training.loop import read_checkpoint
from cnnstudio.training.loop.optimizer import as_begun, make_optimizer
from cnnstudio.training.recipe import AUTOMATIC, Recipe, recipe_from_plain

TABLES = re.compile(
    r"class_token|pos_embedding|positional_embedding|relative_position_bias_table|layer_scale|logit_scale"
)
SOME = ("resnet18", "convnext_tiny", "vit_b_32", "swin_t", "swin_v2_t", "maxvit_t", "lenet5")


@pytest.mark.parametrize(
    "name", [*SOME, *(pytest.param(n, marks=pytest.mark.slow) for n in network_names() if n not in SOME)]
)
def test_weights_are_decayed_and_tables_are_not(name):
    network = build_skeleton(name, 3)
    decayed, parameters = decayed_names(network), dict(network.named_parameters())
    assert decayed
    for key, value in parameters.items():
        if key not in decayed:
            assert value.ndim <= 1 or TABLES.search(key), f"{key} would grow without bounds"
        else:
            assert value.ndim > 1
            assert not TABLES.search(key)
    groups = apply_mode(network, "all")
    assert frozenset().union(*(group.decayed for group in groups)) == decayed
    settings = make_optimizer(network, groups, Recipe(dataset="", network=name, mode="all")).param_groups
    found = {id(parameter) for group in settings if group["weight_decay"] for parameter in group["params"]}
    assert found == {id(parameters[key]) for key in decayed}


def test_the_upper_part_of_a_network_decays_what_the_whole_does():
    network = build_network("swin_t", 3)
    groups = apply_mode(network, "last-stage")
    cut = cut_below(network, [name for group in groups for name in group.parameters])
    settings = make_optimizer(cut.top, groups, Recipe(dataset="", network="swin_t", mode="last-stage")).param_groups
    tables = {id(value) for key, value in cut.top.named_parameters() if TABLES.search(key)}
    left = {id(parameter) for group in settings if not group["weight_decay"] for parameter in group["params"]}
    assert tables
    assert tables <= left
    weights = {id(value) for key, value in cut.top.named_parameters() if value.ndim > 1 and value.requires_grad}
    assert weights - tables == {id(p) for g in settings if g["weight_decay"] for p in g["params"]}


@pytest.mark.parametrize(
    ("optimizer", "mode", "rate", "decay"),
    [
        ("adamw", "head", 3e-3, 0.02), ("adamw", "all", 2e-4, 0.02), ("sgd", "head", 0.01, 5e-4),
        ("sgd", "scratch", 0.01, 5e-4), ("adam", "last-stage", 3e-4, 1e-4), ("rmsprop", "head", 3e-4, 1e-4),
    ],
)  # fmt: skip
def test_every_optimiser_has_defaults_of_its_own(optimizer, mode, rate, decay):
    recipe = Recipe(dataset="x", network="y", mode=mode, optimizer=optimizer, head_solver="epochs")
    whole = recipe.resolved()
    assert (whole.learning_rate, whole.weight_decay) == (rate, decay)
    assert whole.resolved() == whole
    assert replace(recipe, weight_decay=0.0, learning_rate=0.5).resolved().weight_decay == 0.0
    assert whole.reopened() == replace(recipe, epochs=whole.epochs)
    assert whole.reopened().resolved() == whole


def test_an_earlier_recipe_keeps_what_it_says():
    old = {"dataset": "x", "network": "y", "optimizer": "sgd", "learning_rate": 3e-3, "weight_decay": 0.02}
    recipe = recipe_from_plain(old)
    for found in (recipe.resolved(), recipe.reopened()):
        assert (found.learning_rate, found.weight_decay) == (3e-3, 0.02)


@pytest.mark.parametrize("decay", [-0.5, -1.1, 10.1, float("nan")])
def test_weight_decay_is_a_number_or_automatic(decay):
    assert Recipe(dataset="x", network="y", weight_decay=AUTOMATIC).weight_decay == AUTOMATIC
    with pytest.raises(RecipeError, match="weight_decay"):
        Recipe(dataset="x", network="y", weight_decay=decay)


class Attentive(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.ones(1, 4))
        self.linear = nn.Linear(4, 2)


def test_a_training_that_began_with_tables_decayed_goes_on_like_that():
    model = Attentive()
    names = tuple(name for name, _ in model.named_parameters())
    now = (ParameterGroup(name="head", parameters=names, decayed=decayed_names(model)),)
    before = (replace(now[0], decayed=frozenset({"table", "linear.weight"})),)
    recipe = Recipe(dataset="", network="")
    for groups in (now, before):
        saved = make_optimizer(model, groups, recipe).state_dict()
        assert as_begun(now, model, saved) == groups
    for strange in ({}, {"param_groups": [3]}, {"param_groups": [{}]}, {"param_groups": [{"params": [0]}]}):
        assert as_begun(now, model, strange) == now


def test_a_run_that_began_like_that_is_resumed(quick, train, monkeypatch):
    """Of this network nothing but weights is decayed either way, so one of them stands for a table here."""

    def stop_after_one(event, control):
        if isinstance(event, EpochDone):
            control.request_stop()

    with pytest.raises(StoppedWith) as stopped:
        train(replace(quick, epochs=2), stop_after_one)
    monkeypatch.setattr(freezing, "decayed_names", lambda network: frozenset(sorted(decayed_names(network))[1:]))
    begun = read_checkpoint(stopped.value.result.checkpoints / "last.pt").optimizer["param_groups"]
    run, _ = train(None, spec=ResumeRun(run=stopped.value.result.folder))
    ended = read_checkpoint(run.checkpoints / "last.pt").optimizer["param_groups"]
    assert run.record.epochs_done == 2
    assert [len(group["params"]) for group in ended] == [len(group["params"]) for group in begun]
