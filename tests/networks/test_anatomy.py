import subprocess
import sys

import pytest
import torch
from torch import nn

from cnnstudio.networks.anatomy.dissect import dissect
from cnnstudio.networks.builder import build_network, default_entry, network_names, preprocess_of
from cnnstudio.networks.classics import CLASSICS

LIGHT = (
    "alexnet", "squeezenet1_1", "mobilenet_v3_small", "shufflenet_v2_x0_5", "mnasnet0_5", "regnet_y_400mf", "resnet18",
    "googlenet", "efficientnet_b0",
)  # fmt: skip
LEARNED = [name for name in CLASSICS if not name.startswith("vgg")]
_AUXILIARY = 6_379_984
"""Weights of GoogLeNet's auxiliary heads, which torchvision does not count."""


OTHERS = ("densenet121", "inception_v3", "swin_t", "vit_b_16")


@pytest.mark.parametrize(
    "name", [n if n in (*LIGHT, *OTHERS) else pytest.param(n, marks=pytest.mark.slow) for n in network_names()]
)
def test_work_and_parameters_are_those_that_torchvision_states(name):
    """Two ways to count: torchvision's own record, and our forward pass on the meta device."""
    anatomy, meta = dissect(name), default_entry(name).meta
    assert anatomy.multiplications / 1e9 == pytest.approx(meta["_ops"], abs=0.001)
    surplus = _AUXILIARY if name == "googlenet" else 0
    assert anatomy.parameters == meta["num_params"] + surplus
    assert sum(layer.parameters for layer in anatomy.children("")) <= anatomy.parameters
    assert [layer for layer in anatomy.layers if layer.in_head and layer.output][-1].output[0] == 1000


def check_shapes(name, size=None):
    anatomy = dissect(name, classes=7, input_size=size)
    network = build_network(name, 7, image_size=size).eval()
    seen = {}

    def remember(path, output):
        seen[path] = tuple((output[0] if isinstance(output, tuple) else output).shape[1:])

    for path, module in network.named_modules():
        module.register_forward_hook(lambda _m, _i, output, path=path: remember(path, output))
    with torch.inference_mode():
        network(torch.randn(1, anatomy.channels, anatomy.input_size, anatomy.input_size))
    # torch runs attention in one piece in inference mode, so the small layers inside are not called
    told = {layer.name: layer.output for layer in anatomy.layers if layer.output and layer.name in seen}
    assert told == {path: shape for path, shape in seen.items() if path}
    assert len(told) > 0.8 * sum(bool(layer.output) for layer in anatomy.layers)


@pytest.mark.parametrize("name", [*LIGHT, *LEARNED])
def test_shapes_are_those_of_a_real_forward_pass(name):
    check_shapes(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in (*network_names(), *CLASSICS) if name not in (*LIGHT, *LEARNED)])
def test_shapes_are_those_of_a_real_forward_pass_for_all(name):
    check_shapes(name)


def test_facts_that_people_know():
    resnet = {layer.name: layer for layer in dissect("resnet18").layers}
    assert resnet["layer1"].output == (64, 56, 56)
    assert resnet["conv1"].reach.in_words() == "7 × 7 px"
    assert resnet["layer4"].reach.in_words() == "435 × 435 px"
    assert resnet["layer4"].reach.stride == 32
    assert resnet["avgpool"].reach.in_words() == "whole picture"
    assert [name for name, layer in resnet.items() if layer.in_head] == ["fc"]
    vgg = dissect("vgg16_bn")
    assert vgg.features == dissect("alexnet").features == 4096
    assert next(layer for layer in vgg.layers if layer.name == "features").reach.height == 212
    assert dissect("vit_b_16").children("encoder.layers")[0].reach.whole
    assert any(layer.reach.context for layer in dissect("efficientnet_b0").layers if layer.reach)


def positive(name, image_size):
    """A network whose every path passes on what it is given, so that a gradient reaches all that a value can see."""
    network = build_network(name, 3, image_size=image_size).double().eval()
    for module in network.modules():
        if isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
            module.forward = lambda maps, pool=module: nn.functional.avg_pool2d(
                maps, pool.kernel_size, pool.stride, pool.padding, ceil_mode=pool.ceil_mode
            )
        for own in module.parameters(recurse=False):
            nn.init.uniform_(own, 0.5, 1)
            with torch.no_grad():
                own /= max(1, own[0].numel())
    return network


@pytest.mark.parametrize(
    ("name", "layer", "size"),
    [
        pytest.param("alexnet", "features.12", 287, marks=pytest.mark.slow),
        ("resnet18", "layer2", 160), ("googlenet", "inception3b", 160),
        ("shufflenet_v2_x0_5", "stage2", 192), ("gap_cnn", "features.2", 96), ("lenet5", "features", 64),
        *(
            pytest.param(*rest, marks=pytest.mark.slow)
            for rest in (
                ("squeezenet1_0", "features.12", 319), ("resnet18", "layer4", 608), ("mobilenet_v2", "features.6", 160),
                ("vgg11", "features.10", 128), ("densenet40_small", "features.transition1", 96),
                ("inception_v3", "Mixed_6a", 299), ("resnet18_small_sa", "layer1.1", 128),
            )
        ),
    ],
)  # fmt: skip
def test_the_receptive_field_is_what_a_gradient_reaches(name, layer, size):
    told = next(each for each in dissect(name, input_size=size).layers if each.name == layer).reach
    network, caught = positive(name, size), []
    network.get_submodule(layer).register_forward_hook(lambda _m, _i, output: caught.append(output))
    channels = CLASSICS[name].channels if name in CLASSICS else 3
    picture = torch.rand(1, channels, size, size, dtype=torch.float64, requires_grad=True)
    network(picture)
    maps = caught[0]
    centre = maps[0, :, maps.shape[2] // 2, maps.shape[3] // 2].sum()
    (gradient,) = torch.autograd.grad(centre, picture)
    reached = gradient[0].abs().sum(0) > 0
    rows, columns = reached.any(1).sum().item(), reached.any(0).sum().item()
    assert (rows, columns) == (told.height, told.width)


def test_another_size_gives_other_shapes():
    assert dissect("resnet18", input_size=64).children("")[4].output == (64, 16, 16)
    assert dissect("gap_cnn", channels=1, classes=10).parameters == 175_658 - 2 * 32 * 9
    assert preprocess_of("gap_cnn").crop == dissect("gap_cnn").input_size == 32


@pytest.mark.slow
def test_where_triton_is_not_installed_nothing_is_said_of_it():
    """As with PyTorch for CUDA on Windows."""
    code = "import sys; sys.modules['triton'] = None\n"
    code += "from cnnstudio.networks.anatomy.dissect import dissect; print(dissect('resnet18').parameters)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert (done.stdout, done.stderr) == ("11689512\n", "")
