"""What has to be minded on graphics cards, tried without one."""

import json
import subprocess
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import cnnstudio
from cnnstudio.compute import device, engines, fastest
from cnnstudio.compute.device import choose_device, half_precisions, list_devices, moved, without_tf32
from cnnstudio.compute.engines import FrozenLayers, TorchFrozen, normalised, to_input
from cnnstudio.core import DeviceError
from cnnstudio.data import PreprocessSpec
from cnnstudio.training.machine import step_speed

SPEC = PreprocessSpec(resize=8, crop=8)
ACCELERATORS, CARDS = vars(device)["_accelerators"], vars(device)["_cards"]
CUDA, MPS, CPU = (torch.device(kind) for kind in ("cuda", "mps", "cpu"))


class Copied:
    """A tensor that notes how it is copied."""

    def __init__(self, calls=()):
        self.calls = calls

    def pin_memory(self):
        return Copied((*self.calls, "pinned"))

    def to(self, where, **how):
        return (*self.calls, where.type, how.get("non_blocking", False))


def test_only_a_copy_from_pinned_memory_to_cuda_is_not_waited_for():
    assert moved(Copied(), MPS) == ("mps", False)
    assert moved(Copied(), CPU) == ("cpu", False)
    assert moved(Copied(), CUDA) == ("pinned", "cuda", True)


def test_nothing_else_in_the_program_leaves_a_copy_to_itself():
    root = Path(cnnstudio.__file__).parent
    found = [path for path in root.rglob("*.py") if b"non_blocking" in path.read_bytes()]
    assert [path.relative_to(root).as_posix() for path in found] == ["compute/device.py"]


@pytest.mark.parametrize("channels", [1, 3])
def test_bytes_become_the_same_on_every_device(channels):
    spec = PreprocessSpec(resize=8, crop=8, mean=(0.5,) * channels, std=(0.25,) * channels)
    assert spec.channels == channels
    pixels = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    assert torch.equal(normalised(torch.from_numpy(pixels), spec), to_input(pixels, spec))
    assert normalised(torch.zeros(3, 8, 8, 3, dtype=torch.uint8, device="meta"), spec).device.type == "meta"


def switches():
    return torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32


def test_tf32_is_off_until_the_last_one_is_done():
    before = switches()
    second_in, first_out, seen = threading.Event(), threading.Event(), []

    def second():
        with without_tf32():
            second_in.set()
            assert first_out.wait(10)
            seen.append(switches())

    thread = threading.Thread(target=second)
    with without_tf32():
        thread.start()
        assert second_in.wait(10)
        assert switches() == (False, False)
    first_out.set()
    thread.join()
    assert seen == [(False, False)]
    assert switches() == before == (True, False)


def test_tf32_comes_back_after_an_error():
    before = switches()
    with pytest.raises(ValueError, match="x"), without_tf32():
        raise ValueError("x")
    assert switches() == before


class SwitchesSeen(torch.nn.Module):
    """Gives what it saw of the switches."""

    def __deepcopy__(self, _memo):
        return self

    def forward(self, images):
        return torch.tensor([switches()] * len(images)).to(torch.float32)


@pytest.mark.parametrize(("precision", "expected"), [("fp32", [0.0, 0.0]), ("bf16", [1.0, 0.0])])
def test_an_exact_pass_on_a_card_has_no_tf32(monkeypatch, precision, expected):
    frozen = TorchFrozen(SwitchesSeen(), SPEC, CPU, precision)
    monkeypatch.setattr(frozen, "_device", CUDA)
    monkeypatch.setattr(engines, "moved", lambda tensor, _device: tensor)
    assert frozen.submit(np.zeros((2, 8, 8, 3), np.uint8))()[0].tolist() == expected
    assert switches() == (True, False)


@pytest.mark.parametrize(("native", "expected"), [(True, ("bf16",)), (False, ("fp16",))])
def test_cards_that_only_imitate_bf16_get_fp16(monkeypatch, native, expected):
    monkeypatch.setattr(device.torch.cuda, "is_bf16_supported", lambda including_emulation: native)
    assert half_precisions(CUDA) == expected
    kinds = vars(step_speed)["_candidates"](torch.nn.Conv2d(3, 4, 3), CUDA)
    assert [kind.precision for kind in kinds] == ["fp32", *expected]


class Half:
    """An engine that is as fast as told, whose answers have ``error``."""

    def __init__(self, precision, error):
        self.precision, self.error, self.batch_size = precision, error, 2

    def submit(self, pixels):
        values = torch.ones(len(pixels), 3) + self.error
        return lambda: values


@pytest.mark.parametrize(
    ("bf16", "fp16", "expected"),
    [
        (0.0, 0.0, "bf16"), (TypeError("BFloat16 is not supported on MPS"), 0.001, "fp16"),
        (RuntimeError("bf16 is not implemented"), RuntimeError("not implemented for Half"), "fp32"),
        (TypeError("no"), float("inf"), "fp32"), (TypeError("no"), float("nan"), "fp32"), (float("nan"), 0.0, "fp16"),
    ],
)  # fmt: skip
def test_half_precision_is_what_works_and_gives_the_same(monkeypatch, bf16, fp16, expected):
    errors = {"fp32": 0.0, "bf16": bf16, "fp16": fp16}

    def opened(_layers, _device, precision):
        if isinstance(errors[precision], Exception):
            raise errors[precision]
        return Half(precision, errors[precision])

    monkeypatch.setattr(FrozenLayers, "opened", opened)
    layers = FrozenLayers(None, SPEC)
    seconds = iter([2.0, 1.0] * 9)
    monkeypatch.setattr(fastest, "seconds_for", lambda _work: next(seconds))
    assert fastest.faster_precision(layers, MPS, name="x") == expected
    assert fastest.faster_precision(layers, MPS, name="x") == expected, "it is remembered"


class Tower(torch.nn.Module):
    """Beyond what fp16 holds for bright pictures."""

    def forward(self, images):
        return (images.sum((1, 2, 3)) * 1000)[:, None]


def test_what_overflows_in_fp16_is_computed_in_float32():
    frozen = TorchFrozen(Tower(), PreprocessSpec(resize=8, crop=8, mean=(0.0,) * 3, std=(1.0,) * 3), CPU, "fp16")
    bright = frozen.submit(np.full((2, 8, 8, 3), 255, np.uint8))()
    assert bright[:, 0].tolist() == pytest.approx([192_000.0] * 2)
    assert bright.dtype == torch.float32


@pytest.fixture
def cards(monkeypatch):
    """Graphics cards by number, each of which works or says why it does not."""

    def install(*notes):
        answer = [{"index": i, "title": f"card {i}", "note": note, "details": ""} for i, note in enumerate(notes)]
        monkeypatch.setattr(device, "_cards", lambda: answer)
        monkeypatch.setattr(device.torch.backends.mps, "is_available", lambda: False)
        ACCELERATORS.cache_clear()

    yield install
    ACCELERATORS.cache_clear()


def test_the_first_card_that_works_is_used(cards):
    cards("card 0 is too old.", "", "")
    assert choose_device("auto") == choose_device("cuda") == torch.device("cuda", 1)
    found = list_devices()[0]
    assert (found.kind, found.title, found.note) == ("cuda", "card 1", "")
    cards("", "is there but does not work.")
    assert choose_device("auto") == torch.device("cuda")


def test_of_several_processes_each_takes_its_own_card(cards, monkeypatch):
    cards("")
    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.setenv("LOCAL_RANK", "3")
    assert choose_device("auto") == torch.device("cuda")


def test_cards_that_do_not_work_are_said(cards):
    cards("card 0 is too old.", "card 1 is there but does not work.")
    assert choose_device("auto") == CPU
    with pytest.raises(DeviceError, match="No usable NVIDIA") as error:
        choose_device("cuda")
    assert "too old" in error.value.problem.meaning


@pytest.mark.parametrize("place", ["", "2"])
def test_every_card_is_tried_or_of_several_processes_the_own_one(monkeypatch, place):
    monkeypatch.setenv("WORLD_SIZE", "3" if place else "")
    monkeypatch.setenv("LOCAL_RANK", place)
    cuda = device.torch.cuda
    about = SimpleNamespace(name="H", total_memory=2**30, major=9, minor=0)
    old = SimpleNamespace(name="K", total_memory=2**30, major=3, minor=0)
    for name, value in {
        "is_available": lambda: True, "device_count": lambda: 3, "get_arch_list": lambda: ["sm_75", "sm_90"],
        "get_device_properties": [about, old, about].__getitem__,
    }.items():  # fmt: skip
        monkeypatch.setattr(cuda, name, value)

    def try_out(where):
        if where.index == 2:
            raise RuntimeError("CUDA error: unknown error")

    monkeypatch.setattr(device, "_try_out", try_out)
    notes = {card["index"]: card["note"] for card in json.loads(device.probe())}
    assert notes.keys() == ({2} if place else {0, 1, 2})
    assert notes[2] == "H (1 GB) is there but does not work."
    if not place:
        assert notes[0] == ""
        assert "too old" in notes[1]


@pytest.mark.parametrize("answer", ["", "no JSON", '[{"index": 0}]', subprocess.TimeoutExpired("x", 1)])
def test_a_driver_that_answers_nothing_usable_is_one_card_that_does_not_work(monkeypatch, answer):
    def run(*_, **__):
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(stdout=answer)

    monkeypatch.setattr(device.torch.version, "cuda", "13.0")
    monkeypatch.setattr(device, "_has_nvidia_driver", lambda: True)
    monkeypatch.setattr(device.subprocess, "run", run)
    CARDS.cache_clear()
    try:
        assert [bool(card["note"]) for card in CARDS()] == [True]
    finally:
        CARDS.cache_clear()


@pytest.mark.parametrize("error", [RuntimeError("MPS backend out of memory"), TypeError("not on this macOS"), None])
def test_an_apple_processor_is_tried_before_it_is_offered(monkeypatch, error):
    def try_out(_device):
        if error is not None:
            raise error

    monkeypatch.setattr(device.torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(device, "_try_out", try_out)
    ACCELERATORS.cache_clear()
    try:
        assert choose_device("auto").type == ("mps" if error is None else "cpu")
    finally:
        ACCELERATORS.cache_clear()
