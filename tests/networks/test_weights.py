import pickle

import pytest
import torch
from safetensors.torch import save_file

from cnnstudio.core.errors import CheckpointDamaged, WeightsError
from cnnstudio.data.spec import PreprocessSpec
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.bundle import load_bundle, save_bundle
from cnnstudio.networks.card import BundleCard
from cnnstudio.networks.weights import WeightsFile, load_pretrained, read_state, resolve_weights

NAME = "mobilenet_v3_small"


@pytest.fixture(scope="module")
def network():
    return build_network(NAME, 1000).eval()


def file(path):
    return WeightsFile(path=path, sha256="")


class Evil:
    def __reduce__(self):
        return (eval, ("open('/tmp/cnnstudio-was-here', 'w')",))


@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: {"state_dict": s}, lambda s: {"model": s, "epoch": 3},
                                  lambda s: {f"module.{k}": v for k, v in s.items()}])  # fmt: skip
def test_common_wrappings_are_understood(tmp_path, network, wrap):
    path = tmp_path / "w.pth"
    torch.save(wrap(network.state_dict()), path)
    loaded = load_pretrained(NAME, file(path), classes=None)
    inputs = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        assert torch.equal(loaded(inputs), network(inputs))
    assert all(parameter.requires_grad for parameter in loaded.parameters())


def test_safetensors_and_another_number_of_classes(tmp_path, network):
    path = tmp_path / "w.safetensors"
    save_file(network.state_dict(), path)
    loaded = load_pretrained(NAME, file(path), classes=6)
    assert loaded(torch.randn(2, 3, 64, 64)).shape == (2, 6)


def test_a_pickle_that_wants_to_run_code_is_refused(tmp_path):
    for number, content in enumerate((Evil(), {"state_dict": {"a": Evil()}})):
        path = tmp_path / f"evil{number}.pth"
        torch.save(content, path)
        with pytest.raises(WeightsError, match="wants to run a program"):
            read_state(path)
    legacy = tmp_path / "legacy.pth"
    legacy.write_bytes(pickle.dumps(Evil()))
    with pytest.raises(WeightsError):
        read_state(legacy)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + b"\x00" * 90, b"\x80\x02}q\x00."])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_other_files_are_one_sentence(tmp_path, content, suffix):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(content)
    with pytest.raises(WeightsError) as caught:
        read_state(path)
    assert path.name in str(caught.value)


def test_a_cut_off_file_is_damaged(tmp_path, network):
    path = tmp_path / "w.pth"
    torch.save(network.state_dict(), path)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(WeightsError, match="damaged"):
        read_state(path)


def test_weights_that_are_not_numbers_are_refused(tmp_path, network):
    state = dict(network.state_dict())
    state["features.0.0.weight"] = state["features.0.0.weight"] * float("nan")
    torch.save(state, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match="not numbers"):
        read_state(tmp_path / "w.pth")


def test_a_wrong_file_is_told_with_what_it_looks_like(tmp_path, network):
    path = tmp_path / "w.pth"
    torch.save(network.state_dict(), path)
    with pytest.raises(WeightsError, match=f"does not fit resnet18.*looks like weights for {NAME}"):
        load_pretrained("resnet18", file(path), classes=3)


def test_files_are_found_by_name(tmp_path, network):
    assert resolve_weights(NAME, "none") is None
    torch.save(network.state_dict(), tmp_path / f"{NAME}-mine.pth")
    assert resolve_weights(NAME, str(tmp_path)).path.name == f"{NAME}-mine.pth"
    with pytest.raises(WeightsError, match="no weights file for resnet50"):
        resolve_weights("resnet50", str(tmp_path))


def test_a_bundle_survives_and_a_flipped_bit_does_not(tmp_path):
    network = build_network("squeezenet1_1", 3).eval()
    card = BundleCard(network="squeezenet1_1", classes=("a", "b", "ü"), preprocess=PreprocessSpec(resize=70, crop=64))
    save_bundle(tmp_path / "bundle", network, card)
    save_bundle(tmp_path / "bundle", network, card)
    again, read = load_bundle(tmp_path / "bundle")
    assert read == card
    inputs = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        assert torch.equal(again(inputs), network(inputs))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle"]
    weights = tmp_path / "bundle" / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-5] ^= 1
    weights.write_bytes(content)
    with pytest.raises(CheckpointDamaged, match="checksum"):
        load_bundle(tmp_path / "bundle")
