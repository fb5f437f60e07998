"""Files and folders that hold no PyTorch weights, named as what they are by their content."""

import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.core import WeightsError

_HEAD = 1 << 16
_REBUILD = "A network has to be rebuilt in PyTorch to be used here; or train one here on the same pictures."
_EXPORTED = 'Where it was made, save the network\'s weights too: torch.save(model.state_dict(), "weights.pth").'
_UNPACK = "Unpack it, and choose the weights file in it (.pth, .pt or .safetensors)."
_CHOOSE = "Choose a weights file of PyTorch (.pth, .pt or .safetensors)."
_FETCH = "Fetch the file itself: git lfs pull, or the download button of the page."
_AGAIN = "Open the page in a browser and download the file itself."
_ONE_FILE = 'Where it was made, save its weights in one file: torch.save(model.state_dict(), "weights.pth").'


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a file is."""

    what: str
    """Goes on from "The file … is"."""
    remedy: str = _REBUILD


def named(path: Path) -> WeightsError | None:
    """What a file or folder is, where it is something else than weights of PyTorch; None where nothing tells.

    Raises:
        OSError: it cannot be read.
    """
    if path.is_dir():
        kind, shown = _folder(path), "folder"
    else:
        with path.open("rb") as file:
            head = file.read(_HEAD)
        kind, shown = _file(path, head), "file"
    if kind is None:
        return None
    return WeightsError(
        f"The {shown} {path.name} is {kind.what}.",
        meaning="CNN Studio uses weights of PyTorch networks.",
        remedy=kind.remedy,
    )


def _file(path: Path, head: bytes) -> _Kind | None:
    if not head:
        return _Kind("empty", "Download or copy it again.")
    if zipfile.is_zipfile(path):
        return _archive(path)
    begins = (kind for kind, starts in _BEGINNINGS for offset, magic in starts if head[offset:].startswith(magic))
    return next(begins, None) or _hdf5(head) or _pickle(head) or _protobuf(path, head) or _text(head) or _ending(path)


_BEGINNINGS: tuple[tuple[_Kind, Sequence[tuple[int, bytes]]], ...] = (
    (_Kind("a pointer of Git LFS to a file that was not fetched", _FETCH), [(0, b"version https://git-lfs")]),
    (_Kind("a model of TensorFlow Lite"), [(4, b"TFL3")]),
    (_Kind("a language model (GGUF)", _CHOOSE), [(0, b"GGUF"), (0, b"lmgg"), (0, b"tjgg")]),
    (_Kind("weights of MXNet"), [(0, b"\x12\x01\0\0\0\0\0\0")]),
    (_Kind("an array of NumPy (.npy)", _EXPORTED), [(0, b"\x93NUMPY")]),
    (_Kind("a MATLAB file"), [(0, b"MATLAB 5.0 MAT-file")]),
    (
        _Kind("a picture", _CHOOSE),
        [(0, b"\x89PNG"), (0, b"\xff\xd8\xff"), (0, b"GIF8"), (0, b"II*\0"), (0, b"MM\0*"), (8, b"WEBP")],
    ),
    (_Kind("a PDF document", _CHOOSE), [(0, b"%PDF")]),
    (
        _Kind("a packed archive", _UNPACK),
        [(0, b"\x1f\x8b"), (0, b"BZh"), (0, b"\xfd7zXZ"), (0, b"7z\xbc\xaf"), (0, b"Rar!"), (257, b"ustar"),
         (0, b"\x28\xb5\x2f\xfd")],
    ),
    (_Kind("a packed scikit-learn or joblib file"), [(0, b"x\x9c"), (0, b"x\x01"), (0, b"ZF")]),
)  # fmt: skip


def _archive(path: Path) -> _Kind | None:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    inside: tuple[tuple[str, _Kind], ...] = (
        (r"(^|/)(constants|bytecode)\.pkl$|/code/.*\.py$", _Kind("a TorchScript program", _EXPORTED)),
        (r"serialized_exported_program|models/\w+\.json$|archive_format$", _Kind("a PyTorch program (pt2)", _EXPORTED)),
        (r"(^|/)data\.pkl$", _Kind("")),
        (r"^model\.weights\.h5$|keras_metadata", _Kind("a Keras model")),
        (r"(^|/)saved_model\.pb$", _Kind("a packed TensorFlow model")),
        (r"com\.apple\.CoreML|\.mlmodel$", _Kind("a Core ML model")),
        (r"\.mlmodelc/", _Kind("a Core ML model")),
        (r"^MAR-INF/", _Kind("a packed archive of TorchServe", _UNPACK)),
        (r"^(word|xl|ppt)/", _Kind("an Office document", _CHOOSE)),
        (r"\.np[yz]$", _Kind("an archive of NumPy arrays (.npz)", _EXPORTED)),
        (r"\.(pth|pt|ckpt|safetensors|tar|bin)$", _Kind("a packed archive with weights in it", _UNPACK)),
    )  # fmt: skip
    for pattern, kind in inside:
        if any(re.search(pattern, name) for name in names):
            return kind if kind.what else None
    return _Kind("a packed archive", _UNPACK)


def _hdf5(head: bytes) -> _Kind | None:
    if not any(head[offset:].startswith(b"\x89HDF\r\n\x1a\n") for offset in (0, 512, 1024, 2048)):
        return None
    keras = re.search(rb"keras|layer_names|model_weights|top_level_model_weights", head)
    return _Kind("a Keras model (HDF5)") if keras else _Kind("an HDF5 file")


def _pickle(head: bytes) -> _Kind | None:
    """Pickles that torch.save did not write."""
    if head[:1] != b"\x80" and not head.startswith((b"(", b"c")):
        return None
    if b"StructuredToParameterName@@" in head or b"paddle" in head:
        return _Kind("weights of PaddlePaddle")
    for name in (b"sklearn", b"xgboost", b"lightgbm", b"catboost"):
        if name in head:
            return _Kind(f"a model of {name.decode()}")
    return None


def _protobuf(path: Path, head: bytes) -> _Kind | None:
    """Four libraries write messages without a mark; their first fields and the ending tell them apart."""
    by_ending = {
        ".onnx": "an ONNX model", ".mlmodel": "a Core ML model", ".caffemodel": "weights of Caffe",
        ".pb": "a TensorFlow model", ".uff": "a TensorRT model",
    }  # fmt: skip
    ending = by_ending.get(path.suffix.lower())
    if ending:
        return _Kind(ending)
    if re.match(rb"\x08[\x03-\x14]\x12[\x01-\x40](pytorch|tf2onnx|onnx|keras2onnx|skl2onnx|[\w.\-]{4,})", head):
        return _Kind("an ONNX model")
    if re.match(rb"\x08[\x01-\x14]\x12", head) and re.search(rb"com\.github\.apple\.coremltools|coremltools", head):
        return _Kind("a Core ML model")
    if re.match(rb"\x08\x01\x12", head) and re.search(rb"serve|saved_model|tensorflow", head):
        return _Kind("a TensorFlow model")
    if re.match(rb"\n.{1,3}\n.{1,200}\x12.(Placeholder|Const|Identity|NoOp)", head, re.DOTALL):
        return _Kind("a TensorFlow model")
    return None


def _text(head: bytes) -> _Kind | None:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if re.match(rb"<(!doctype html|html|head|body)", text, re.IGNORECASE) or b"<html" in text[:2000].lower():
        return _Kind("a web page that was saved in place of the file", _AGAIN)
    if re.match(rb"<\?xml[^>]*>\s*<net |<net ", text):
        return _Kind("the description of an OpenVINO model")
    if re.match(rb"7767517\b", text):
        return _Kind("the description of an ncnn model")
    try:
        words = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return None
        words = head[: error.start].decode("utf-8")
    if not words.isprintable() and not re.fullmatch(r"[^\x00-\x08\x0e-\x1f\x7f]+", words):
        return None
    start = " ".join(words.split())[:60]
    return _Kind(f"text, not weights. It begins: {start}", _AGAIN if len(head) < 2000 else _CHOOSE)


def _ending(path: Path) -> _Kind | None:
    """Of what has no mark of its own."""
    name = path.name.lower()
    if re.search(r"\.ckpt[-.\d]*\.(data-\d+-of-\d+|index|meta)$|\.data-\d+-of-\d+$", name):
        return _Kind("a part of a TensorFlow checkpoint")
    endings = {".engine": "a TensorRT model", ".trt": "a TensorRT model", ".weights": "weights of Darknet (YOLO)"}
    beside = path.with_suffix(".xml").is_file() and path.suffix.lower() == ".bin"
    what = "weights of OpenVINO" if beside else endings.get(path.suffix.lower())
    return _Kind(what) if what else None


def _folder(path: Path) -> _Kind | None:
    names = {entry.name for entry in path.iterdir()}
    ends: Callable[..., bool] = lambda *endings: any(name.endswith(endings) for name in names)  # noqa: E731
    if "saved_model.pb" in names or "keras_metadata.pb" in names:
        return _Kind("a TensorFlow model")
    if path.suffix == ".mlpackage" or path.suffix == ".mlmodelc" or {"Manifest.json", "Data"} <= names:
        return _Kind("a Core ML model")
    if "data.pkl" in names and "data" in names:
        return _Kind(
            "an unpacked weights file of PyTorch", "Choose the file as it was before it was unpacked, or pack it again."
        )
    if ".metadata" in names and ends(".distcp"):
        return _Kind("a checkpoint that several processes wrote together", _ONE_FILE)
    if ends(".safetensors.index.json", ".bin.index.json"):
        return _Kind("a network in several files", _ONE_FILE)
    if "model.json" in names and ends(".bin"):
        return _Kind("a model of TensorFlow.js")
    if ends(".index") and ends("-of-00001", ".data-00000-of-00002"):
        return _Kind("a TensorFlow checkpoint")
    return None
