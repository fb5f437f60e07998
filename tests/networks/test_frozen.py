import numpy as np
import pytest
import torch

from cnnstudio.compute.device import float32_depthwise, has_depthwise
from cnnstudio.compute.engines import FrozenLayers, TorchFrozen, open_frozen, to_input
from cnnstudio.compute.fastest import fastest_frozen, run_frozen
from cnnstudio.data import PreprocessSpec
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.freezing import apply_mode, cut_below
from cnnstudio.networks.head import feature_network

NETWORKS = [
    "squeezenet1_0", "resnet18", "mobilenet_v3_small", "densenet121", "googlenet", "shufflenet_v2_x0_5", "vgg11_bn",
    "regnet_y_400mf", "efficientnet_b0", "swin_t", "vit_b_16", "convnext_tiny",
]  # fmt: skip
QUICK = ("squeezenet1_0", "shufflenet_v2_x0_5")
LARGE = ("vit_b_16", "swin_t", "vgg11_bn", "densenet121")
CPU = torch.device("cpu")


def network_of(name):
    network = build_network(name, 5).eval()
    for module in network.modules():  # statistics that fusing has to fold in
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 2)
    side = 224 if name in ("swin_t", "vit_b_16") else 96
    return network, PreprocessSpec(resize=side, crop=side)


@pytest.mark.parametrize("engine", ["openvino", "torch"])
@pytest.mark.parametrize("name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in NETWORKS])
def test_the_frozen_network_is_the_network(name, engine):
    network, spec = network_of(name)
    network.train()
    network.get_submodule("features" if hasattr(network, "features") else next(network.named_children())[0]).eval()
    modes = [module.training for module in network.modules()]
    before = {key: value.clone() for key, value in network.state_dict().items()}
    pixels = np.random.default_rng(0).integers(0, 256, (5, spec.crop, spec.crop, 3), dtype=np.uint8)
    frozen = (
        open_frozen(network, spec, CPU, "fp32") if engine == "openvino" else TorchFrozen(network, spec, CPU, "fp32")
    )
    assert frozen.engine == engine
    assert [module.training for module in network.modules()] == modes
    with torch.inference_mode():
        expected = network.eval()(to_input(pixels, spec))
    found = run_frozen(frozen, pixels)
    assert found.dtype == torch.float32
    assert (found - expected).abs().max() < 1e-4 * expected.abs().max()
    assert torch.equal(run_frozen(frozen, pixels), found), "the same pictures give the same features, to the bit"
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items()), "the original changed"
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_several_calls_in_flight_keep_their_order():
    network, spec = network_of("squeezenet1_0")
    frozen = open_frozen(network, spec, CPU, "fp32")
    batches = [np.full((2, 96, 96, 3), 40 * number, np.uint8) for number in range(frozen.in_flight)]
    results = [frozen.submit(batch) for batch in batches]
    for batch, result in zip(batches, results, strict=True):
        assert torch.equal(result(), run_frozen(frozen, batch))


def test_nothing_is_told_to_anybody():
    """OpenVINO's telemetry stays out of the process."""
    network, spec = network_of("squeezenet1_0")
    open_frozen(network, spec, CPU, "fp32")
    import sys

    assert sys.modules["openvino_telemetry"] is None


def test_the_precision_is_measured_once_and_remembered(monkeypatch):
    network, spec = feature_network(build_network("squeezenet1_1", 3)), PreprocessSpec(resize=64, crop=64)
    layers = FrozenLayers(network, spec)
    first = fastest_frozen(layers, CPU, name="squeezenet1_1")
    monkeypatch.setattr("cnnstudio.compute.fastest.seconds_for", pytest.fail)
    monkeypatch.setattr("cnnstudio.compute.engines.converted", pytest.fail)  # as slow as hundreds of pictures
    assert fastest_frozen(layers, CPU, name="squeezenet1_1").precision == first.precision
    assert fastest_frozen(layers, CPU, name="x", precision="bf16").precision == "bf16"


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in LARGE else n for n in NETWORKS])
def test_trunk_and_top_are_the_network(name):
    network, spec = network_of(name)
    groups = apply_mode(network, "last-stage")
    trained = [parameter for group in groups for parameter in group.parameters]
    cut = cut_below(network, trained)
    assert cut is not None
    inputs = torch.randn(2, 3, spec.crop, spec.crop)
    with torch.inference_mode():
        values = cut.trunk.eval()(inputs)
        assert torch.equal(cut.top.eval()(values), network.eval()(inputs))
    tops, own = dict(cut.top.named_parameters()), dict(network.named_parameters())
    assert all(tops[each] is own[each] for each in trained if not each.startswith("aux"))
    assert not any(each in dict(cut.trunk.named_parameters()) for each in trained)


def test_depthwise_layers_leave_bf16_only_while_asked_to():
    network, _ = network_of("mobilenet_v3_small")
    assert has_depthwise(network)
    assert not has_depthwise(network_of("resnet18")[0])
    seen = []
    depthwise = next(m for m in network.modules() if isinstance(m, torch.nn.Conv2d) and m.groups > 1)
    depthwise.register_forward_hook(lambda _m, inputs, output: seen.append((inputs[0].dtype, output.dtype)))
    inputs = torch.randn(2, 3, 96, 96)
    state = set(network.state_dict())
    with torch.autocast("cpu", torch.bfloat16), float32_depthwise(network):
        found = network(inputs).float()
        assert set(network.state_dict()) == state
    with torch.inference_mode():
        expected = network(inputs)
    assert seen[0] == (torch.bfloat16, torch.bfloat16)
    assert type(depthwise) is torch.nn.Conv2d
    assert (found - expected).abs().max() < 0.1 * expected.abs().max() + 0.01
