import pytest
import torch
from torch.nn import functional

from cnnstudio.networks.builder import build_network
from cnnstudio.networks.freezing import apply_mode, set_train_mode
from cnnstudio.training.loop.fit import split_outputs
from cnnstudio.training.loop.optim import make_optimizer
from cnnstudio.training.recipe import Recipe

SIZES = {
    "resnet18": 64, "squeezenet1_0": 64, "mobilenet_v3_small": 64, "vgg11": 64, "googlenet": 64, "inception_v3": 299,
    "vit_b_16": 224,
}  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow) if n in ("vgg11", "vit_b_16", "inception_v3") else n for n in SIZES],
)
def test_a_step_in_every_mode_moves_what_it_should_and_nothing_else(name):
    network = build_network(name, 3)
    inputs = torch.randn(2, 3, SIZES[name], SIZES[name], generator=torch.Generator().manual_seed(1))
    for mode in ("head", "last-stage", "all", "scratch"):
        recipe = Recipe(dataset="", network=name, mode=mode, learning_rate=0.01, optimizer="sgd", weight_decay=0)
        groups = apply_mode(network, mode)
        set_train_mode(network)
        trained = {parameter for group in groups for parameter in group.parameters}
        before = {key: value.clone() for key, value in network.state_dict().items()}
        optimizer = make_optimizer(network, groups, recipe)
        logits, auxiliary = split_outputs(network(inputs))
        assert logits.shape == (2, 3)
        loss = sum((functional.cross_entropy(part, torch.tensor([0, 1])) for part in auxiliary), torch.tensor(0.0))
        (loss + functional.cross_entropy(logits, torch.tensor([0, 1]))).backward()
        optimizer.step()
        optimizer.zero_grad()
        moved = {key for key, value in network.state_dict().items() if not torch.equal(value, before[key])}
        weights = {key for key, _ in network.named_parameters()}
        assert moved & weights <= trained
        assert moved & weights
        if mode == "head":
            assert not moved - weights, "statistics of frozen batch norms moved"
        if mode in ("all", "scratch"):
            assert trained == weights


def test_groups_learn_at_their_own_rates_and_norms_are_not_decayed():
    network = build_network("resnet18", 3)
    recipe = Recipe(
        dataset="", network="resnet18", mode="all", learning_rate=0.1, backbone_lr_scale=0.1, weight_decay=0.5
    )
    optimizer = make_optimizer(network, apply_mode(network, "all"), recipe)
    rates = {group["group"]: group["lr"] for group in optimizer.param_groups}
    assert rates == {"head": 0.1, "last-stage": pytest.approx(0.01), "backbone": pytest.approx(0.01)}
    for group in optimizer.param_groups:
        one_dimensional = {parameter.ndim <= 1 for parameter in group["params"]}
        assert one_dimensional == {group["weight_decay"] == 0}
