import hashlib
import shutil
from dataclasses import replace

import pytest
import torch

from cnnstudio.compute import engines
from cnnstudio.core import Control, Watch, cache_folder
from cnnstudio.jobs import run_inline
from cnnstudio.jobs.specs import FineTune
from cnnstudio.networks.builder import build_skeleton
from cnnstudio.training.recipe import Recipe

NETWORK, SIZE = "squeezenet1_0", 48


@pytest.fixture(scope="session")
def weights_file(tmp_path_factory):
    """Random weights in ImageNet's shape: slow to learn from, but every path is the real one."""
    torch.manual_seed(0)
    state = {
        key: torch.randn(value.shape) * (2 / max(1, value[0].numel())) ** 0.5
        if value.ndim > 1
        else torch.zeros(value.shape)
        for key, value in build_skeleton(NETWORK, 1000, original_head=True).state_dict().items()
    }
    path = tmp_path_factory.mktemp("weights") / f"{NETWORK}-test.pth"
    torch.save(state, path)
    return path


@pytest.fixture(scope="session")
def measured_file(tmp_path_factory):
    """What tests of this session found out about the speed of this machine."""
    return tmp_path_factory.mktemp("measured") / "measured.json"


@pytest.fixture(autouse=True)
def measured_once(measured_file, isolated_user_dirs):
    """Each test has a home of its own, but which way is fastest here need not be found out in each."""
    own = cache_folder() / measured_file.name
    if measured_file.exists():
        own.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(measured_file, own)
    yield
    if own.exists():
        shutil.copyfile(own, measured_file)


@pytest.fixture(scope="session")
def conversions():
    """Networks for OpenVINO by what they are made of, the latest few."""
    return {}


@pytest.fixture(autouse=True)
def converted_once(conversions, monkeypatch):
    """Most tests begin with the same frozen layers, and their conversion takes longer than a training of these."""
    convert = engines.converted

    def converted(network, spec):
        content = hashlib.sha256(f"{network!r}{spec!r}".encode())
        for name, tensor in network.state_dict().items():
            content.update(name.encode() + tensor.cpu().reshape(-1).contiguous().view(torch.uint8).numpy().tobytes())
        key = content.digest()
        if key not in conversions:
            while len(conversions) >= 8:
                del conversions[next(iter(conversions))]
            conversions[key] = convert(network, spec)
        return conversions[key]

    monkeypatch.setattr(engines, "converted", converted)


@pytest.fixture
def recipe(tiny_folder, weights_file):
    """In float32: which precision is faster depends on what else the machine does, and with it the scores."""
    return Recipe(
        dataset=str(tiny_folder),
        network=NETWORK,
        weights=str(weights_file),
        input_size=SIZE,
        batch_size=8,
        device="cpu",
        precision="fp32",
    )


@pytest.fixture
def quick(recipe):
    """A recipe for what does not depend on the network: the smallest there is, whose layers all learn."""
    return replace(recipe, network="lenet5", mode="scratch", weights="none", input_size=32)


@pytest.fixture
def train(tmp_path):
    """Run a recipe; returns the run and its events."""
    folders = iter(range(1000))

    def run(recipe, on_event=None, control=None, spec=None):
        events = []
        control = control or Control()

        def emit(event):
            events.append(event)
            if on_event is not None:
                on_event(event, control)

        spec = spec or FineTune(recipe=recipe, out=tmp_path / f"run-{next(folders)}")
        return run_inline(spec, Watch(control, emit)), events

    return run
