"""Choose and try a device, and what has to be minded on it: copies, precision, and depthwise convolutions in bf16.

The latter are computed in float32 inside a bf16 network:
oneDNN has no fast bf16 gradient for many of them (kernel 5×5, or stride 2): on the machine where this was measured a
step of mobilenet_v3_large ran at 27 pictures a second in bf16, 39 in float32 and 49 in bf16 with this exception.
"""

import ctypes.util
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn

from cnnstudio.core import PROBE_DEVICE, DeviceError, DeviceInfo, child_command, process_place, usable_cores

log = logging.getLogger(__name__)
Precision = Literal["fp32", "bf16", "fp16"]
DTYPES: dict[str, torch.dtype] = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
_PROBE_SECONDS = 90
FABRIC_PRECISION: dict[str, Any] = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}
"""Our name to Lightning Fabric's, which scales gradients for fp16."""


def list_devices() -> tuple[DeviceInfo, ...]:
    """The devices of this computer, best first; one that was found but does not work carries a note."""
    cpu = DeviceInfo(kind="cpu", title=f"CPU ({usable_cores()} cores)")
    return (*_accelerators(), cpu)


def choose_device(wanted: str) -> torch.device:
    """``auto`` takes the best device that works; of several graphics cards the first that does.

    Raises:
        DeviceError: the device asked for is not there or does not work.
    """
    if wanted == "cpu":
        return torch.device("cpu")
    found = _accelerators()
    working = [device.kind for device in found if not device.note]
    if wanted == "auto":
        wanted = working[0] if working else "cpu"
    elif wanted not in working:
        note = next((device.note for device in found if device.kind == wanted), "")
        name = {"cuda": "NVIDIA graphics card (CUDA)", "mps": "Apple graphics processor (MPS)"}[wanted]
        raise DeviceError(
            f"No usable {name} was found on this computer.",
            meaning=note or "The training would have nothing to run on.",
            remedy="Choose the device automatic or cpu.",
        )
    return torch.device(wanted, first) if wanted == "cuda" and (first := _first_card()) else torch.device(wanted)


def moved(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """A copy on a device, from memory that may be used again at once.

    For CUDA it goes through pinned memory and nobody waits: torch keeps the pinned block until the copy is done.
    Elsewhere it is waited for. On MPS a copy that is not waited for reads memory that somebody else may have by then
    (pytorch issues 139550 and 189690).
    """
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


def half_precisions(device: torch.device) -> tuple[Precision, ...]:
    """What is worth trying instead of float32, in this order; whether it works has to be seen.

    Graphics cards before Ampere only imitate bf16, slowly; MPS has it from macOS 14 on, and not on AMD cards.
    """
    if device.type == "cuda":
        return ("bf16",) if torch.cuda.is_bf16_supported(including_emulation=False) else ("fp16",)
    return ("bf16", "fp16") if device.type == "mps" else ("bf16",)


_exact_lock = threading.Lock()
_exact_users = 0
_exact_before = (True, False)


@contextmanager
def without_tf32() -> Iterator[None]:
    """Compute float32 in float32 on a graphics card, where cuDNN by default rounds to 10 bits of mantissa (TF32).

    These switches belong to the process: the first who needs them off turns them off, the last one back. A training in
    another thread computes more exactly meanwhile, and a little more slowly.
    """
    global _exact_users, _exact_before
    cudnn, matmul = torch.backends.cudnn, torch.backends.cuda.matmul
    with _exact_lock:
        if _exact_users == 0:
            _exact_before = (cudnn.allow_tf32, matmul.allow_tf32)
            cudnn.allow_tf32, matmul.allow_tf32 = False, False
        _exact_users += 1
    try:
        yield
    finally:
        with _exact_lock:
            _exact_users -= 1
            if _exact_users == 0:
                cudnn.allow_tf32, matmul.allow_tf32 = _exact_before


def device_name(device: torch.device) -> str:
    """With the model of a graphics card, for what is measured on it."""
    return f"{device} {torch.cuda.get_device_name(device)}" if device.type == "cuda" else str(device)


def probe() -> str:
    """Run in a child process: one real convolution forward and backward on every CUDA card; JSON for the parent.

    Of several processes that train together each tries its own card.
    """
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    place = process_place()
    return json.dumps([_card(index) for index in range(count) if place is None or index == place % count])


def _card(index: int) -> dict[str, Any]:
    """What is to be said of one card; a ``note`` says why it is of no use."""
    about = torch.cuda.get_device_properties(index)
    title = f"{about.name} ({about.total_memory / 2**30:.0f} GB)"
    oldest = min(
        (int(arch.removeprefix("sm_")) for arch in torch.cuda.get_arch_list() if arch.startswith("sm_")), default=0
    )
    note = details = ""
    if 10 * about.major + about.minor < oldest:
        note = f"{title} is too old for this version of PyTorch (compute capability {about.major}.{about.minor})."
    else:
        try:
            _try_out(torch.device("cuda", index))
        except RuntimeError as error:
            note, details = f"{title} is there but does not work.", str(error)
    return {"index": index, "title": title, "note": note, "details": details}


def _try_out(device: torch.device) -> None:
    layer = torch.nn.Conv2d(3, 8, 3).to(device)
    layer(torch.randn(2, 3, 16, 16, device=device)).square().mean().backward()
    assert layer.weight.grad is not None
    layer.weight.grad.sum().item()  # waits


@lru_cache(maxsize=1)
def _accelerators() -> tuple[DeviceInfo, ...]:
    if torch.backends.mps.is_available():
        return (_probe_mps(),)
    if not (cards := _cards()):
        return ()
    working = [card for card in cards if not card["note"]]
    for card in cards:
        log.info("graphics card: %s", card)
    if not working:
        return (DeviceInfo(kind="cuda", title=cards[0]["title"], note=f"{cards[0]['note']} So the CPU is used."),)
    return (DeviceInfo(kind="cuda", title=working[0]["title"]),)


def _first_card() -> int:
    """The first card that works; one process trains on one card."""
    if process_place() is not None:  # its own is chosen where the processes meet
        return 0
    return next((int(card["index"]) for card in _cards() if not card["note"]), 0)


def _probe_mps() -> DeviceInfo:
    """In this process: what is wrong there is an error, such as no memory at all in a virtual machine, and no crash."""
    title = "Apple graphics processor"
    try:
        _try_out(torch.device("mps"))
    except (RuntimeError, TypeError) as error:
        log.info("%s: %r", title, error)
        return DeviceInfo(kind="mps", title=title, note="The graphics processor is there but does not work.")
    return DeviceInfo(kind="mps", title=title)


def _has_nvidia_driver() -> bool:
    return (
        bool(ctypes.util.find_library("nvcuda" if sys.platform == "win32" else "cuda"))
        or Path("/proc/driver/nvidia/version").exists()
    )


@lru_cache(maxsize=1)
def _cards() -> list[dict[str, Any]]:
    """Try CUDA in a child: a broken driver can crash the process that asks, or hang it."""
    if torch.version.cuda is None or not _has_nvidia_driver():
        return []
    try:
        answer = subprocess.run(
            child_command(PROBE_DEVICE), capture_output=True, text=True, timeout=_PROBE_SECONDS, check=True
        )
        found = json.loads(answer.stdout.splitlines()[-1])
        return [{**card, "index": int(card["index"]), "title": card["title"], "note": card["note"]} for card in found]
    except (OSError, subprocess.SubprocessError, ValueError, LookupError, TypeError):
        note = "The graphics card's driver is there but does not work."
        return [{"index": 0, "title": "NVIDIA graphics card", "note": note}]


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
