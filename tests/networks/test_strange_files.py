"""Files of others: harmless values beside the weights are read, everything else is named as what it is."""

import argparse
import datetime
import functools
import importlib
import json
import os
import pathlib
import pickle
import struct
import subprocess
import sys
import types
import zipfile
from collections import Counter, OrderedDict, defaultdict, deque

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision import transforms

from cnnstudio.core import WeightsError
from cnnstudio.networks.builder import build_network
from cnnstudio.networks.weights.pretrained import identified, resolve_weights
from cnnstudio.networks.weights.search import origin
from cnnstudio.networks.weights.state_file import read_state

WEIGHTS = {"fc.weight": torch.arange(6.0).reshape(2, 3)}


@pytest.fixture
def mine(tmp_path):
    return tmp_path / "mine.pth"


@pytest.mark.parametrize(
    "value",
    [
        argparse.Namespace(lr=0.1, data=pathlib.Path("/pictures"), started=datetime.datetime(2026, 1, 2, 3)),
        types.SimpleNamespace(a=1), np.float32(0.5), np.float64(0.5), np.int64(3), np.bool_("x"), np.str_("x"),
        np.arange(6).reshape(2, 3), np.array(["cat", "dog"]), np.array(["cat", "dog"], dtype=object),
        np.random.get_state(),
        np.arange(3, dtype=">f4"), np.asfortranarray(np.ones((2, 3))), defaultdict(list, {"loss": [1.0]}),
        Counter("abc"),
        torch.torch_version.TorchVersion("2.1"), deque([1], maxlen=2), np.random.default_rng(0),
        torch.optim.AdamW([torch.zeros(1)]), nn.CrossEntropyLoss(torch.ones(2)), nn.ReLU,
        transforms.Compose([transforms.Resize(224), transforms.ToTensor()]),
        OrderedDict(a=1), {1, 2}, frozenset({1}), range(3), slice(1), 1j, pathlib.PurePosixPath("a"),
        datetime.timedelta(1),
        torch.device("cpu"), torch.float16, torch.Size([1, 2]), nn.Parameter(torch.ones(2)), None, "text", b"bytes",
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_harmless_values_beside_the_weights_are_no_obstacle(mine, value):
    torch.save({"model": WEIGHTS, "beside": {"value": value}}, mine)
    read = read_state(mine).state
    assert torch.equal(read["model.fc.weight"], WEIGHTS["fc.weight"])
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        assert torch.equal(read["beside.value"], torch.tensor(np.ascontiguousarray(value.astype(np.float32))))


@pytest.mark.parametrize("kind", ["PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath", "Path"])
@pytest.mark.parametrize("module", ["pathlib", "pathlib._local"])
def test_paths_beside_the_weights_are_no_obstacle_whatever_python_wrote_them(mine, monkeypatch, module, kind):
    """From 3.13 on they are of pathlib._local, and the classes themselves may be there, too."""
    made = type(kind, (), {"__module__": module, "__reduce__": lambda self: (type(self), ("a",))})
    there = types.ModuleType(module)
    setattr(there, kind, made)
    with monkeypatch.context() as only:
        only.setitem(sys.modules, module, there)
        torch.save({"model": WEIGHTS, "beside": [made(), made]}, mine)
    assert list(read_state(mine).state) == ["model.fc.weight"]


def test_weights_may_be_arrays_of_numpy_and_in_torchs_older_files(mine):
    torch.save({"fc.weight": WEIGHTS["fc.weight"].numpy()}, mine)
    assert torch.equal(read_state(mine).state["fc.weight"], WEIGHTS["fc.weight"])
    torch.save({"model": WEIGHTS, "args": argparse.Namespace(a=1)}, mine, _use_new_zipfile_serialization=False)
    assert torch.equal(read_state(mine).state["model.fc.weight"], WEIGHTS["fc.weight"])


@pytest.mark.parametrize(
    "beside",
    [{"args": argparse.Namespace(classes=["cat", "dog"])}, {"labels": np.array(["cat", "dog"])},
     {"class_to_idx": {"cat": np.int64(0), "dog": np.int64(1)}},
     {"class_names": np.array(["cat", "dog"], dtype=object)}, {"vocab": ["cat", "dog"]},
     {"mapping": {"cat": 0, "dog": 1}},
     {"classes": "cat, dog"}, {"classes": '["cat", "dog"]'}, {"id2label": '{"0": "cat", "1": "dog"}'}],
)  # fmt: skip
def test_class_names_are_found_in_them(mine, beside):
    torch.save({"model": WEIGHTS, **beside}, mine)
    assert read_state(mine).class_names == (("cat", "dog"),)


@pytest.mark.parametrize("names", ["cat, dog", '["cat", "dog"]', '{"cat": 0, "dog": 1}'])
def test_class_names_are_found_in_what_safetensors_say_besides(tmp_path, names):
    save_file(WEIGHTS, tmp_path / "a.safetensors", metadata={"format": "pt", "classes": names})
    assert read_state(tmp_path / "a.safetensors").class_names == (("cat", "dog"),)


@pytest.mark.parametrize("text", ["cat", "[cat, dog", '{"cat": 0', "[" * 100_000, "", ",", "[1, 2]", '["a", "a"]'])
def test_other_words_are_no_class_names(mine, text):
    torch.save({"model": WEIGHTS, "classes": text}, mine)
    assert read_state(mine).class_names == ()


def test_a_weights_file_is_known_by_its_content(tmp_path):
    torch.save(WEIGHTS, tmp_path / "a.safetensors")
    save_file(WEIGHTS, tmp_path / "b.pth")
    for name in ("a.safetensors", "b.pth"):
        assert torch.equal(read_state(tmp_path / name).state["fc.weight"], WEIGHTS["fc.weight"])
    whole = (tmp_path / "b.pth").read_bytes()
    for length in (12, len(whole) - 3):
        for name in ("c.pth", "c.safetensors"):
            (tmp_path / name).write_bytes(whole[:length])
            with pytest.raises(WeightsError, match=r"is damaged.*Download it again"):
                read_state(tmp_path / name)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize(
    "values", [WEIGHTS, {key: value.numpy() for key, value in WEIGHTS.items()}], ids=["torch", "numpy"]
)
def test_python_s_own_pickle_is_no_attack(mine, protocol, values):
    mine.write_bytes(pickle.dumps(values, protocol))
    with pytest.raises(WeightsError, match=r"written by Python's pickle, not by torch.save.*torch\.save"):
        read_state(mine)


class Own:
    pass


class Call:
    def __init__(self, function, *given):
        self.function, self.given = function, given

    def __reduce__(self):
        return self.function, self.given


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Own(), "Python objects that CNN Studio does not know: .*Own"),
        (nn.Linear(2, 2), r"a whole network as a Python object \(torch.nn.modules.linear.Linear\)"),
        ({"model": nn.Sequential(nn.ReLU())}, "a whole network"),
        ({"optimizer": Own(), "model": WEIGHTS}, "does not know"),
        ({"config": Own(), "act": nn.ReLU, "model": WEIGHTS}, "does not know: .*Own"),
        ({"act": nn.functional.relu, "model": WEIGHTS}, "does not know: torch.nn.functional.relu"),
        (functools.partial(max, 1), "does not know: functools.partial"),
    ],
)
def test_what_is_in_the_way_is_named_with_what_to_do(mine, value, said, legacy):
    torch.save(value, mine, _use_new_zipfile_serialization=not legacy)
    with pytest.raises(WeightsError, match=rf"{said}.*torch\.save\(model\.state_dict\(\)"):
        read_state(mine)


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize(
    ("function", "given"),
    [(os.system, ("touch here",)), (eval, ("1",)), (exec, ("1",)), (subprocess.call, (["true"],)),
     (open, ("here", "w")),
     (importlib.import_module, ("os",)), (pickle.loads, (b"N.",)), (torch.load, ("here",)), (os.unlink, ("here",))],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_calls_are_refused_as_what_they_are_and_nothing_runs(mine, monkeypatch, function, given, raw, protocol):
    monkeypatch.chdir(mine.parent)
    call = {"model": WEIGHTS, "args": argparse.Namespace(a=1), "b": Call(function, *given)}
    if raw:
        mine.write_bytes(pickle.dumps(Call(function, *given), protocol))
    else:
        torch.save(call, mine, pickle_protocol=max(protocol, 2))
    with pytest.raises(WeightsError, match="wants to run a program"):
        read_state(mine)
    assert not (mine.parent / "here").exists()


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_a_pickle_that_is_too_new_is_named(mine, protocol):
    torch.save({"model": WEIGHTS, "key": b"bytes"}, mine, pickle_protocol=protocol)
    with pytest.raises(WeightsError, match=rf"pickle_protocol={protocol}.*torch\.save"):
        read_state(mine)


def test_stand_ins_call_nothing(mine):
    """A name on the list is not the function of that name."""
    torch.save({"model": WEIGHTS, "x": [Call(pathlib.Path, "a"), Call(range, 9), Call(dict, ((1, 2),))]}, mine)
    assert list(read_state(mine).state) == ["model.fc.weight"]


def archive(*names):
    def write(path):
        with zipfile.ZipFile(path, "w") as file:
            for name in names:
                file.writestr(name, b"x" * 20)

    return write


def written(path, save):
    with path.open("wb") as file:
        save(file, np.ones(3))


def content(data):
    return lambda path: path.write_bytes(data)


def protobuf(producer):
    return b"\x08\x08\x12" + bytes([len(producer)]) + producer + b"\x3a\x80\x02" + bytes(200)


FOREIGN = [
    ("mine.h5", content(b"\x89HDF\r\n\x1a\n" + bytes(90) + b"layer_names" + bytes(90)), "Keras"),
    ("mine.pth", content(bytes(512) + b"\x89HDF\r\n\x1a\n" + bytes(90)), "HDF5"),
    ("mine.keras", archive("metadata.json", "config.json", "model.weights.h5"), "Keras"),
    ("mine.zip", archive("m/saved_model.pb", "m/variables/variables.index"), "TensorFlow"),
    ("mine.pb", content(b"\x0a\x20\x0a\x05input\x12\x0bPlaceholder" + bytes(90)), "TensorFlow"),
    ("frozen.pth", content(b"\x0a\x20\x0a\x05input\x12\x0bPlaceholder" + bytes(90)), "TensorFlow"),
    ("mine.tflite", content(b"\x1c\0\0\0TFL3" + bytes(90)), "TensorFlow Lite"),
    ("mine.onnx", content(protobuf(b"pytorch")), "ONNX"),
    ("mine.pth", content(protobuf(b"tf2onnx")), "ONNX"),
    ("mine.pt", archive("m/constants.pkl", "m/code/__torch__.py", "m/data.pkl"), "TorchScript"),
    ("mine.ptl", archive("m/bytecode.pkl", "m/data.pkl"), "TorchScript"),
    ("mine.pt2", archive("m/archive_format", "m/models/model.json"), "PyTorch program"),
    ("mine.params", content(struct.pack("<QQ", 0x112, 0) + bytes(90)), "MXNet"),
    ("mine.caffemodel", content(b"\x0a\x07AlexNet" + bytes(90)), "Caffe"),
    ("mine.mlmodel", content(b"\x08\x04\x12\x20" + bytes(90)), "Core ML"),
    ("mine.zip", archive("Manifest.json", "Data/com.apple.CoreML/model.mlmodel"), "Core ML"),
    ("mine.xml", content(b'<?xml version="1.0"?>\n<net name="m" version="11">'), "OpenVINO"),
    ("mine.gguf", content(b"GGUF\3\0\0\0" + bytes(90)), "GGUF"),
    ("mine.pth", lambda path: written(path, np.savez), "NumPy"),
    ("mine.pth", lambda path: written(path, np.save), "NumPy"),
    ("mine.pkl", content(b"\x80\x04\x95\x20\0\0\0\0\0\0\0\x8c\x10sklearn.ensemble" + bytes(90)), "sklearn"),
    ("mine.joblib", content(b"x\x9c" + bytes(90)), "joblib"),
    ("mine.pdparams", content(b"\x80\x04}X\x1a\0\0\0StructuredToParameterName@@" + bytes(90)), "Paddle"),
    ("mine.pth", content(b"\n<!DOCTYPE html><html><head>Not found"), "web page"),
    ("mine.pth", content(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n"), "Git LFS"),
    ("mine.pth", content(b""), "empty"),
    ("mine.safetensors", content(b""), "empty"),
    ("mine.safetensors", content(b"<html>Sign in</html>"), "web page"),
    ("mine.pth", content(json.dumps({"architectures": ["ResNet"]}).encode()), "text, not weights.*architectures"),
    ("mine.pth", content("Datei nicht gefunden – überall".encode()), "text, not weights"),
    ("mine.pth", content(b"\xff\xd8\xff\xe0" + bytes(90)), "picture"),
    ("mine.pth.gz", content(b"\x1f\x8b\x08" + bytes(90)), "packed archive"),
    ("mine.zip", archive("weights/best.pth"), "packed archive with weights"),
    ("model.ckpt.data-00000-of-00001", content(bytes(range(256))), "TensorFlow checkpoint"),
    ("mine.weights", content(struct.pack("<iii", 0, 2, 5) + bytes(range(128, 256))), "Darknet"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "write", "said"), FOREIGN, ids=[f"{name} {said}" for name, _, said in FOREIGN])
def test_other_formats_are_named_and_never_called_damaged(tmp_path, name, write, said):
    path = tmp_path / name
    write(path)
    with pytest.raises(WeightsError, match=said) as caught:
        read_state(path)
    assert name in str(caught.value)
    assert "damaged" not in str(caught.value)


def test_a_torchscript_program_of_torch_itself_is_named(mine):
    with pytest.warns((FutureWarning, DeprecationWarning), match="deprecated"):
        torch.jit.script(nn.Linear(2, 2)).save(str(mine))
    with pytest.raises(WeightsError, match=r"TorchScript.*torch\.save"):
        read_state(mine)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["saved_model.pb", "variables/variables.index"], "TensorFlow"), (["Manifest.json", "Data/model"], "Core ML"),
        (["data.pkl", "data/0", "version"], "unpacked weights file"),
        (["model.json", "group1-shard1of1.bin"], "TensorFlow.js"),
        ([".metadata", "__0_0.distcp"], "several processes"), (["model.safetensors.index.json"], "several files"),
        (["checkpoint", "model.ckpt-9.index", "model.ckpt-9.data-00000-of-00001"], "TensorFlow checkpoint"),
        (["a.pth", "b.pth"], "none or several"), (["photo.jpg"], "none or several"), ([], "none or several"),
    ],
)  # fmt: skip
def test_folders_are_named_too(tmp_path, names, said):
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    with pytest.raises(WeightsError, match=said):
        identified(folder)
    with pytest.raises(WeightsError, match="no weights file for ResNet-18" if said == "none or several" else said):
        resolve_weights("resnet18", str(folder))


def test_the_one_weights_file_of_a_folder_is_meant(tmp_path):
    state = build_network("gap_cnn", 3).state_dict()
    (tmp_path / "config.json").write_text("{}")
    torch.save({"step": 3}, tmp_path / "optimizer.pt")
    save_file(state, tmp_path / "model.safetensors")
    file, fitted = identified(tmp_path)
    assert (file.path.name, fitted.network, fitted.outputs) == ("model.safetensors", "gap_cnn", 3)
    assert resolve_weights("gap_cnn", str(tmp_path)).path.name == "model.safetensors"


@pytest.mark.parametrize(
    ("key", "library"),
    [("resnet.embedder.embedder.convolution.weight", "transformers"), ("blocks.0.attn.qkv.weight", "timm"),
     ("model.0.conv.weight", "Ultralytics"), ("visual.conv1.weight", "CLIP")],
)  # fmt: skip
def test_weights_of_another_library_are_named_as_such(key, library):
    assert f"named as in {library}," in origin({f"model.{key}": torch.zeros(4, 4)})


def test_a_file_of_another_library_fits_nothing(mine):
    torch.save({"blocks.0.attn.qkv.weight": torch.zeros(4, 4)}, mine)
    with pytest.raises(WeightsError, match=r"fit none of the networks here.*named as in timm"):
        identified(mine)
