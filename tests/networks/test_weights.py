import pickle
import re

import pytest
import torch
from safetensors.torch import save_file
from torchvision import models

from cnnstudio.core import CheckpointDamaged, WeightsError
from cnnstudio.data import PreprocessSpec
from cnnstudio.networks import BundleCard, file_name
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.bundle import load_bundle, save_bundle
from cnnstudio.networks.head import head_layer, output_size
from cnnstudio.networks.weights.pretrained import WeightsFile, find_weights, load_pretrained, resolve_weights
from cnnstudio.networks.weights.state_file import read_state

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
    with pytest.raises(WeightsError, match="wants to run a program"):
        read_state(legacy)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + b"\x00" * 90, b"\x80\x02}q\x00."])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_other_files_are_one_sentence(tmp_path, content, suffix):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(content)
    with pytest.raises(WeightsError) as caught:
        read_state(path)
    assert path.name in str(caught.value)


@pytest.mark.parametrize("kept", [0.99, 0.5, 0.002, 0.001])
@pytest.mark.parametrize("as_archive", [True, False], ids=["archive", "as before torch 1.6"])
def test_a_cut_off_file_is_damaged(tmp_path, network, as_archive, kept):
    """Its first bytes tell that it was a weights file, so that it is to be fetched again and no other looked for."""
    path = tmp_path / "w.pth"
    torch.save(network.state_dict(), path, _use_new_zipfile_serialization=as_archive)
    path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
    with pytest.raises(WeightsError, match=r"The file w\.pth is damaged") as cut:
        read_state(path)
    assert "was not copied to its end" in cut.value.problem.meaning


def test_weights_that_are_not_numbers_are_refused(tmp_path, network):
    state = dict(network.state_dict())
    state["features.0.0.weight"] = state["features.0.0.weight"] * float("nan")
    torch.save(state, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match="not numbers"):
        load_pretrained(NAME, file(tmp_path / "w.pth"), classes=None)


def test_a_wrong_file_is_told_with_what_it_looks_like(tmp_path, network):
    path = tmp_path / "w.pth"
    torch.save(network.state_dict(), path)
    with pytest.raises(WeightsError, match=r"does not fit ResNet-18.*looks like weights for MobileNet V3 small"):
        load_pretrained("resnet18", file(path), classes=3)


def old_dense_name(key):
    return re.sub(r"(denselayer\d+\.(?:norm|conv))([12]\.)", r"\1.\2", key)


def old_transformer_name(key):
    return key.replace("mlp.0.", "mlp.linear_1.").replace("mlp.3.", "mlp.linear_2.")


@pytest.mark.parametrize(
    ("name", "old_name"),
    [
        ("densenet121", old_dense_name), ("mnasnet0_5", str),
        pytest.param("vit_b_32", old_transformer_name, marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_the_names_in_torchvisions_older_files_are_understood(tmp_path, name, old_name):
    state = models.get_model(name, weights=None).state_dict()
    old = {old_name(key): value for key, value in state.items() if not key.endswith("num_batches_tracked")}
    torch.save(old, tmp_path / "w.pth")
    loaded = load_pretrained(name, file(tmp_path / "w.pth"), classes=None).state_dict()
    assert all(torch.equal(loaded[key], value) for key, value in state.items())


def test_a_head_without_bias_and_missing_auxiliary_heads_are_no_obstacle(tmp_path):
    torch.save(models.maxvit_t(num_classes=5).state_dict(), tmp_path / "m.pth")
    assert output_size(load_pretrained("maxvit_t", file(tmp_path / "m.pth"), classes=None)) == 5
    assert head_layer(load_pretrained("maxvit_t", file(tmp_path / "m.pth"), classes=3)).bias.shape == (3,)
    network = build_network("googlenet", 1000)
    main = {key: value for key, value in network.state_dict().items() if not key.startswith("aux")}
    torch.save(main, tmp_path / "g.pth")
    loaded = load_pretrained("googlenet", file(tmp_path / "g.pth"), classes=3).train()
    assert all(part.isfinite().all() and part.std() > 0 for part in loaded(torch.randn(2, 3, 64, 64)))


def test_a_file_under_torchvisions_name_must_have_its_content(tmp_path, network):
    entry = models.MobileNet_V3_Small_Weights.DEFAULT
    path = tmp_path / file_name(entry.url)
    torch.save(network.state_dict(), path)
    assert find_weights(NAME, [tmp_path]) is None
    for source in (path, tmp_path):
        with pytest.raises(WeightsError, match="checksum is not the one in its name"):
            resolve_weights(NAME, str(source))


def test_files_are_found_by_name(tmp_path, network):
    assert resolve_weights(NAME, "none") is None
    torch.save(network.state_dict(), tmp_path / f"{NAME}-mine.pth")
    assert resolve_weights(NAME, str(tmp_path)).path.name == f"{NAME}-mine.pth"
    with pytest.raises(WeightsError, match="no weights file for ResNet-50"):
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
