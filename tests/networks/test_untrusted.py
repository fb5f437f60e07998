import sys

import pytest
import torch
from torchvision.models import MobileNet_V3_Small_Weights

from cnnstudio.core import WeightsError, cache_folder, save_sealed
from cnnstudio.jobs import run_inline, specs
from cnnstudio.networks import WeightsSources, expected_hash, file_name, local_file, save_sources
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.weights import untrusted
from cnnstudio.networks.weights.pretrained import find_weights, identified
from cnnstudio.networks.weights.untrusted import read_untrusted

HERE = "cnnstudio-was-here"


class Evil:
    def __reduce__(self):
        return (eval, (f"open('{HERE}', 'w')",))


@pytest.fixture
def state():
    return build_network("mobilenet_v3_small", 6, seed=3).state_dict()


@pytest.mark.child
def test_a_child_hands_over_the_tensors(tmp_path, state):
    torch.save({"model": {f"module.{key}": value.half() if value.ndim > 1 else value for key, value in state.items()},
                "meta": {"class_to_idx": {"bee": 1, "ant": 0}}}, tmp_path / "w.pth")  # fmt: skip
    found = read_untrusted(tmp_path / "w.pth")
    assert list(found.state) == [f"model.module.{key}" for key in state], "in the file's order"
    assert all(
        torch.equal(found.state[f"model.module.{key}"], value.half().float() if value.ndim > 1 else value)
        for key, value in state.items()
    )
    assert found.class_names == (("ant", "bee"),)


@pytest.mark.child
def test_a_hostile_file_is_refused_there_and_nothing_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": {"a": Evil()}}, tmp_path / "evil.pth")
    with pytest.raises(WeightsError, match="wants to run a program"):
        run_inline(specs.CheckWeights(file=tmp_path / "evil.pth", network="resnet18"))
    assert not (tmp_path / HERE).exists()


@pytest.mark.child
@pytest.mark.parametrize(
    "code",
    ["import os; os.abort()", pytest.param("import time; time.sleep(60)", marks=pytest.mark.slow), "print('nothing')"],
)
def test_whatever_happens_to_the_child_is_one_sentence(tmp_path, monkeypatch, code):
    (tmp_path / "w.pth").write_bytes(b"x" * 100)
    monkeypatch.setattr(untrusted, "child_command", lambda *_: [sys.executable, "-c", code])
    monkeypatch.setattr(untrusted, "START_SECONDS", 2)
    with pytest.raises(WeightsError, match="separate one, so nothing else was touched"):
        read_untrusted(tmp_path / "w.pth")


def test_a_file_tells_its_network_by_its_layers(tmp_path, state):
    torch.save(state, tmp_path / "from-a-friend.pth")
    file, fitted = identified(tmp_path / "from-a-friend.pth")
    assert (fitted.network, file.entry, fitted.outputs) == ("mobilenet_v3_small", "", 6)
    network = fitted.build(None)
    assert torch.equal(network.state_dict()["classifier.3.bias"], state["classifier.3.bias"])
    found = run_inline(specs.CheckWeights(file=tmp_path / "from-a-friend.pth"))
    assert (found.network, found.classes, found.keeps_head) == ("mobilenet_v3_small", 6, False)
    assert "replaced by one for your classes" in found.note


@pytest.mark.slow
def test_layers_of_no_network_are_said(tmp_path):
    torch.save({"blocks.0.attn.qkv.weight": torch.zeros(4, 4)}, tmp_path / "timm.pth")
    with pytest.raises(WeightsError, match="none of the networks here"):
        identified(tmp_path / "timm.pth")


def test_a_classics_own_file_fits_it_grey_or_not(tmp_path):
    for channels in (1, 3):
        torch.save(build_network("gap_cnn", 4, channels=channels).state_dict(), tmp_path / "gap.pth")
        _, fitted = identified(tmp_path / "gap.pth", "gap_cnn")
        assert fitted.build(None)(torch.zeros(1, channels, 32, 32)).shape == (1, 4)


def test_the_users_folders_are_looked_into(tmp_path, state):
    torch.save(state, tmp_path / "mobilenet_v3_small-leaves.pth")
    assert find_weights("mobilenet_v3_small") is None
    save_sources(WeightsSources(folders=(str(tmp_path),)))
    assert find_weights("mobilenet_v3_small").path == tmp_path / "mobilenet_v3_small-leaves.pth"
    save_sources(WeightsSources(folders=(str(tmp_path / "unplugged"),)))
    assert find_weights("mobilenet_v3_small") is None


def test_torchvisions_file_is_hashed_on_every_use(tmp_path):
    """What is remembered of a file's hash only serves the list; a file that is not what it was is refused."""
    path = tmp_path / file_name(MobileNet_V3_Small_Weights.DEFAULT.url)
    path.write_bytes(b"tampered with")
    stat = path.stat()
    remembered = {f"{path}|{stat.st_size}|{stat.st_mtime_ns}": expected_hash(path.name).ljust(64, "0")}
    save_sealed(cache_folder() / "weights-hashes.json", "weights-hashes.json", remembered)
    assert local_file(MobileNet_V3_Small_Weights.DEFAULT.url, [tmp_path]) == path
    with pytest.raises(WeightsError, match="checksum"):
        find_weights("mobilenet_v3_small", [tmp_path])
