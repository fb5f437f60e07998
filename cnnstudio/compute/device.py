"""Choose and try a device; and depthwise convolutions in float32 inside a bf16 network.

oneDNN has no fast bf16 gradient for many of them (kernel 5×5, or stride 2): on the machine where this was measured a
step of mobilenet_v3_large ran at 27 pictures a second in bf16, 39 in float32 and 49 in bf16 with this exception.
"""

import ctypes.util
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cnnstudio.core import PROBE_DEVICE, DeviceError, DeviceInfo, child_command, usable_cores

_PROBE_SECONDS = 90
FABRIC_PRECISION: dict[str, Any] = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}
"""Our name to Lightning Fabric's, which scales gradients for fp16."""


def list_devices() -> tuple[DeviceInfo, ...]:
    """The devices of this computer, best first; one that was found but does not work carries a note."""
    cpu = DeviceInfo(kind="cpu", title=f"CPU ({usable_cores()} cores)")
    return (*_accelerators(), cpu)


def choose_device(wanted: str) -> torch.device:
    """``auto`` takes the best device that works.

    Raises:
        DeviceError: the device asked for is not there or does not work.
    """
    if wanted == "cpu":
        return torch.device("cpu")
    found = _accelerators()
    working = [device.kind for device in found if not device.note]
    if wanted == "auto":
        return torch.device(working[0] if working else "cpu")
    if wanted not in working:
        note = next((device.note for device in found if device.kind == wanted), "")
        name = {"cuda": "NVIDIA graphics card (CUDA)", "mps": "Apple graphics processor (MPS)"}[wanted]
        raise DeviceError(
            f"No usable {name} was found on this computer.",
            meaning=note or "The training would have nothing to run on.",
            remedy="Choose the device automatic or cpu.",
        )
    return torch.device(wanted)


def device_name(device: torch.device) -> str:
    """With the model of a graphics card, for what is measured on it."""
    return f"{device} {torch.cuda.get_device_name(device)}" if device.type == "cuda" else str(device)


def probe() -> str:
    """Run in a child process: one real convolution forward and backward on CUDA; JSON for the parent."""
    if not torch.cuda.is_available():
        return json.dumps({"title": "", "note": ""})
    title = f"{torch.cuda.get_device_name(0)} ({torch.cuda.get_device_properties(0).total_memory / 2**30:.0f} GB)"
    major, minor = torch.cuda.get_device_capability(0)
    oldest = min(
        (int(arch.removeprefix("sm_")) for arch in torch.cuda.get_arch_list() if arch.startswith("sm_")), default=0
    )
    if 10 * major + minor < oldest:
        note = f"{title} is too old for this version of PyTorch (compute capability {major}.{minor}); the CPU is used."
        return json.dumps({"title": title, "note": note})
    layer = torch.nn.Conv2d(3, 8, 3).cuda()
    layer(torch.randn(2, 3, 16, 16, device="cuda")).square().mean().backward()
    torch.cuda.synchronize()
    return json.dumps({"title": title, "note": ""})


@lru_cache(maxsize=1)
def _accelerators() -> tuple[DeviceInfo, ...]:
    if torch.backends.mps.is_available():
        return (DeviceInfo(kind="mps", title="Apple graphics processor"),)
    if torch.version.cuda is None or not _has_nvidia_driver():
        return ()
    return _probe_cuda()


def _has_nvidia_driver() -> bool:
    return (
        bool(ctypes.util.find_library("nvcuda" if sys.platform == "win32" else "cuda"))
        or Path("/proc/driver/nvidia/version").exists()
    )


def _probe_cuda() -> tuple[DeviceInfo, ...]:
    """Try CUDA in a child: a broken driver can crash the process that asks, or hang it."""
    try:
        answer = subprocess.run(
            child_command(PROBE_DEVICE), capture_output=True, text=True, timeout=_PROBE_SECONDS, check=True
        )
        found = json.loads(answer.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        note = "The graphics card's driver is there but does not work, so the CPU is used."
        return (DeviceInfo(kind="cuda", title="NVIDIA graphics card", note=note),)
    if not found["title"]:
        return ()
    return (DeviceInfo(kind="cuda", title=found["title"], note=found["note"]),)


class _Float32Depthwise(nn.Conv2d):
    """A convolution that leaves autocast and gives its result in the precision of its input."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        with torch.autocast(inputs.device.type, enabled=False):
            return super().forward(inputs.float()).to(inputs.dtype)


def has_depthwise(network: nn.Module) -> bool:
    """Whether there is anything to gain."""
    return next(_depthwise(network), None) is not None


@contextmanager
def float32_depthwise(network: nn.Module, *, on: bool = True) -> Iterator[None]:
    """Run the depthwise convolutions of ``network`` in float32 while the context is open; weights stay as they are."""
    changed = list(_depthwise(network)) if on else []
    for layer in changed:
        layer.__class__ = _Float32Depthwise
    try:
        yield
    finally:
        for layer in changed:
            layer.__class__ = nn.Conv2d


def _depthwise(network: nn.Module) -> Iterator[nn.Conv2d]:
    for module in network.modules():
        if type(module) is nn.Conv2d and module.groups > 1 and module.groups == module.in_channels:
            yield module
