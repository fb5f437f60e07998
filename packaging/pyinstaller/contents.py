"""Which of the files that PyInstaller would take are left out, and why."""

import os
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

Entry = tuple[str, str, str]
"""A place in the bundle, the file that goes there, and PyInstaller's word for its kind."""

_LEFT_OUT = {
    "programs and data of PyTorch's own tests": (
        "torch/test/*", "torch/bin/[!t]*", "torch/bin/test*", "torch/lib/*test*", "torch/lib/libaoti_custom_ops*",
        "torch/lib/libbackend_with_compiler*",
    ),
    "for those who compile against PyTorch": ("torch/include/*", "torch/share/*", "*.lib", "*.a", "*.pyi", "*.h"),
    "OpenVINO for other devices and other frameworks' files": (
        "*openvino_intel_gpu*", "*openvino_intel_npu*", "openvino/libs/cache.json", "*openvino_auto_*",
        "*openvino_hetero*", "*openvino_tensorflow*", "*openvino_paddle*", "*openvino_gguf*", "*openvino_jax*",
        "*openvino_c.*", "*tbbmalloc_proxy*",
    ),
    "ONNX Runtime for C, since Python's has all of it": ("onnxruntime/capi/libonnxruntime.*", "onnxruntime/capi/*.lib"),
    "would bring GTK, Pango and Cairo of the computer that builds": ("*platformthemes/*gtk3*",),
    "Qt's keyboards, screens and printers that no desktop asks for": (
        "*platforminputcontexts/*virtualkeyboard*", "*platforms/*eglfs*", "*platforms/*linuxfb*",
        "*platforms/*minimalegl*", "*platforms/*vkkhr*", "*platforms/*vnc*", "*egldeviceintegrations/*",
        "*imageformats/*pdf*", "*/tls/*", "*/networkinformation/*", "*plugins/generic/*", "*/printsupport/*",
        "*/sqldrivers/*",
    ),
    "parts of Qt that the window does not use": (
        "*Qt6VirtualKeyboard*", "*Qt6Pdf*", "*Qt6EglFS*", "*Qt6Test*", "*Qt6Concurrent*",
        "*Qt6MultimediaWidgets*", "*/qml/*",
    ),
    "translations of Qt's own words, since the window speaks English": ("*/translations/*",),
    "the system's own: a second one beside it would quarrel with its files": (
        "libglib-2.0.*", "libgthread-2.0.*", "libgobject-2.0.*", "libgio-2.0.*", "libgmodule-2.0.*", "libdbus-1.*",
        "libfontconfig.*", "libfreetype.so*", "libsystemd.*", "libpulse*", "libasound*", "libva*", "libdrm*",
        "libEGL.*", "libGL.*", "libGLX.*", "libGLdispatch.*", "libOpenGL.*", "libgbm.*", "libwayland-*",
        "libxcb.so*", "libX11.so*", "libXext.so*", "libXau.so*", "libXdmcp.so*", "libudev*",
    ),
    "where it was built, which is nobody's business and differs": (
        "*.dist-info/direct_url.json", "cnnstudio-*.dist-info/RECORD",
    ),
    "tests, examples and tools": (
        "*/.gitignore",
        "*/tests/*", "pyqtgraph/examples/*", "onnx/backend/test/*", "onnxruntime/datasets/*",
        "onnxruntime/transformers/*", "onnxruntime/tools/*", "pip-*", "setuptools-*", "openvino_telemetry-*",
        "pillow_heif*",
    ),
}  # fmt: skip
_KEPT = ("torch/bin/torch_shm_manager", "torch/testing/*", "torch/_inductor/*", "torch/_C/*")
"""``import torch`` asks for them."""
_WITH_SYMBOLS = ("torch/lib/libtorch*.so", "libpython*.so*", "python3*/lib-dynload/*.so")
"""Not all libraries: what was changed after linking, as wheels' own copies of others are, may break."""


def is_wanted(name: str) -> bool:
    """Whether a file belongs into the bundle, by its place there."""
    path = PurePosixPath(name.replace("\\", "/"))
    if any(path.match(pattern) or _under(path, pattern) for pattern in _KEPT):
        return True
    return not any(
        path.match(pattern) or _under(path, pattern) for patterns in _LEFT_OUT.values() for pattern in patterns
    )


def without_orphans(entries: list[Entry], needed: Callable[[str], Iterable[str]], home: str) -> list[Entry]:
    """Leave out libraries of the system and of Qt that nothing in the bundle asks for any more.

    Args:
        entries: places in the bundle, files that go there, and kinds.
        needed: file names of the libraries that a file asks for itself.
        home: the environment that is bundled; what comes from there stays, but for libraries of Qt.
    """
    files = {entry[0]: entry for entry in entries}
    by_name: dict[str, list[str]] = {}
    for place in files:
        by_name.setdefault(PurePosixPath(place).name, []).append(place)

    def may_go(entry: Entry) -> bool:
        if entry[2] != "BINARY":
            return False
        name = PurePosixPath(entry[0]).name
        if name.startswith("libpython"):  # the program opens it by its name
            return False
        return name.startswith("libQt6") or not entry[1].startswith(home)

    waiting = [entry for entry in entries if entry[2] != "SYMLINK" and not may_go(entry)]
    kept = {entry[0] for entry in waiting}
    while waiting:
        place, source, kind = waiting.pop()
        if kind not in {"BINARY", "EXTENSION"}:
            continue
        for name in needed(source):
            for found in by_name.get(name, ()):
                if found not in kept:
                    kept.add(found)
                    waiting.append(files[found])
    links = {entry[0] for entry in entries if entry[2] == "SYMLINK" and _target(entry) in kept}
    return [entry for entry in entries if entry[0] in kept or entry[0] in links]


def _target(link: Entry) -> str:
    """Where a link in the bundle leads."""
    return os.path.normpath(PurePosixPath(link[0]).parent / link[1])


def _under(path: PurePosixPath, pattern: str) -> bool:
    """Whether a pattern that ends in ``/*`` means a folder that the file is in, however deep."""
    if not pattern.endswith("/*"):
        return False
    folder = pattern[:-2].removeprefix("*/")
    parts, wanted = path.parts[:-1], PurePosixPath(folder).parts
    anywhere = pattern.startswith("*/") or folder.startswith("*")
    starts = range(len(parts) - len(wanted) + 1) if anywhere else (0,)
    return any(
        len(parts) >= start + len(wanted)
        and all(PurePosixPath(part).match(want) for part, want in zip(parts[start:], wanted, strict=False))
        for start in starts
    )


def needed_by(file: str) -> list[str]:
    """File names of the libraries that a Linux library or program asks for itself."""
    said = subprocess.run(["objdump", "-p", file], capture_output=True, text=True, check=False).stdout
    return [line.split()[1] for line in said.splitlines() if line.split()[:1] == ["NEEDED"]]


def strip_symbols(folder: Path) -> None:
    """Take out of Linux libraries what only debuggers read: 115 MB, most of them PyTorch's names of its functions."""
    found = (file for pattern in _WITH_SYMBOLS for file in sorted(folder.glob(pattern)))
    files = [str(file) for file in found if not file.is_symlink()]
    subprocess.run(["strip", "--strip-unneeded", *files], check=True)
