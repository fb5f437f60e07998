import pytest
import torch

from cnnstudio.networks.builder import build_network
from cnnstudio.networks.fast_eval import FrozenNetwork, fastest_frozen
from cnnstudio.networks.head import feature_network


@pytest.mark.parametrize(
    "name",
    ["squeezenet1_0", "resnet18", "mobilenet_v3_small", "densenet121", "googlenet", "shufflenet_v2_x0_5", "vgg11_bn",
     "regnet_y_400mf", "efficientnet_b0", "swin_t"],
)  # fmt: skip
def test_the_fast_network_is_the_network(name):
    network = build_network(name, 5).eval()
    for module in network.modules():  # statistics that fusing has to fold in
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 2)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    inputs = torch.randn(5, 3, 224 if name == "swin_t" else 96, 224 if name == "swin_t" else 96)
    with torch.inference_mode():
        expected = network(inputs)
    fast = FrozenNetwork(network, torch.device("cpu"), torch.float32)
    scale = expected.abs().max()
    assert (fast(inputs) - expected).abs().max() < 1e-4 * scale
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items()), "the original changed"
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_the_precision_is_measured_once_and_remembered(monkeypatch):
    network = feature_network(build_network("squeezenet1_1", 3))
    first = fastest_frozen(network, torch.device("cpu"), 64, name="squeezenet1_1")
    monkeypatch.setattr("cnnstudio.networks.fast_eval.seconds_for", pytest.fail)
    assert fastest_frozen(network, torch.device("cpu"), 64, name="squeezenet1_1").dtype == first.dtype
    assert fastest_frozen(network, torch.device("cpu"), 64, name="x", precision="bf16").dtype == torch.bfloat16
