"""What a bundle is made of: no libraries for graphics cards, nothing that only a left-out file needed."""

import importlib.util
import sys
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"


def load(name):
    """A module of packaging/, which is not a package: scripts there import each other by their names."""
    path = PACKAGING / name
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


environment = load("pyinstaller/environment.py")
contents = load("pyinstaller/contents.py")


@pytest.mark.parametrize(
    "name", ["nvidia-cublas", "cuda-bindings", "triton", "Torch.CUDA_x", "nvidia_cudnn_cu13", "pytorch-triton-rocm"]
)
def test_an_environment_with_libraries_of_graphics_cards_is_refused_in_a_sentence(name):
    said = environment.refusal([*environment.NEEDED, name])
    assert "libraries for graphics cards" in said
    assert name.lower().replace("_", "-").replace(".", "-") in said


def test_an_environment_that_lacks_something_is_refused_and_a_whole_one_is_not():
    assert environment.refusal(environment.NEEDED) == ""
    assert "lacks PySide6-Addons" in environment.refusal(name for name in environment.NEEDED if "Addons" not in name)


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("torch/bin/torch_shm_manager", True),
        ("torch/bin/protoc", False),
        ("torch/include/ATen/ATen.h", False),
        ("torch/test/bin/test_api", False),
        ("torch/lib/libtorch_cpu.so", True),
        ("torch/lib/libjitbackend_test.so", False),
        ("torch/testing/_internal/common.py", True),
        ("openvino/libs/libopenvino_intel_cpu_plugin.so", True),
        ("openvino/libs/libopenvino_intel_gpu_plugin.so", False),
        ("openvino/libs/libopenvino_onnx_frontend.so.2641", True),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6\\plugins\\platforms\\qwindows.dll", True),
        ("PySide6/Qt/translations/qtbase_de.qm", False),
        ("libxcb-icccm.so.4", True),
        ("libglib-2.0.so.0", False),
        ("cnnstudio/networks/classics/lenet.py", True),
        ("cnnstudio-0.1.0.dist-info/METADATA", True),
        ("cnnstudio-0.1.0.dist-info/direct_url.json", False),
        ("cnnstudio-0.1.0.dist-info/RECORD", False),
        ("torch-2.14.1.dist-info/RECORD", True),
        ("resources/icons/app.svg", True),
        ("numpy/_core/tests/test_api.py", False),
    ],
)
def test_what_is_left_out(place, wanted):
    assert contents.is_wanted(place) == wanted


def test_libraries_that_only_a_left_out_file_needed_are_left_out():
    entries = [
        ("PySide6/QtCore.so", "/env/QtCore.so", "EXTENSION"),
        ("libpython3.11.so.1.0", "/opt/lib/libpython3.11.so.1.0", "BINARY"),
        ("libz.so.1", "/usr/lib/libz.so.1", "BINARY"),
        ("libicu.so", "/usr/lib/libicu.so", "BINARY"),
        ("libgtk-3.so.0", "/usr/lib/libgtk-3.so.0", "BINARY"),
        ("libown.so", "/env/libs/libown.so", "BINARY"),
        ("libicu-link.so", "libicu.so", "SYMLINK"),
        ("libgtk-link.so", "libgtk-3.so.0", "SYMLINK"),
    ]
    needed = {"/env/QtCore.so": ["libicu.so", "libc.so.6"], "/usr/lib/libicu.so": ["libz.so.1"]}
    kept = contents.without_orphans(entries, lambda file: needed.get(file, []), "/env")
    assert [place for place, _, _ in kept] == [
        "PySide6/QtCore.so", "libpython3.11.so.1.0", "libz.so.1", "libicu.so", "libown.so", "libicu-link.so",
    ]  # fmt: skip
