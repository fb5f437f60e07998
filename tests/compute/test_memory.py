"""Memory that is not enough: known whoever says so, and met by computing fewer pictures at a time."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from cnnstudio.compute import memory
from cnnstudio.compute.engines import OpenVinoFrozen, TorchFrozen
from cnnstudio.compute.memory import AtOnce
from cnnstudio.core import OutOfMemory, is_out_of_memory
from cnnstudio.data import PreprocessSpec
from cnnstudio.jobs import explain

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def quick_collector(monkeypatch):
    """It looks at everything that torch has made; here nothing big is left behind."""
    monkeypatch.setattr(memory, "gc", SimpleNamespace(collect=lambda: 0))


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError(
            "MPS backend out of memory (MPS allocated: 7.2 GB, max allowed: 9.07 GB). Tried to allocate 896 MB"
        ),
        RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        RuntimeError("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:114] data. DefaultCPUAllocator: not enough memory"),
        RuntimeError("Exception from src/plugins/intel_cpu/src/cpu_memory.cpp:248:\nFailed to allocate 9 bytes"),
        RuntimeError("bad allocation"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("could not allocate memory"),
        MemoryError("Unable to allocate 4.00 TiB for an array"),
        OutOfMemory("There is not enough memory."),
    ],
)
def test_a_lack_of_memory_is_known_whoever_says_so(error):
    assert is_out_of_memory(error)
    assert explain(error).kind == "memory"


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("mat1 and mat2 shapes cannot be multiplied"),
        RuntimeError("CUDA error: an illegal memory access was encountered"),
        RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"),
    ],
)
def test_other_errors_are_no_lack_of_memory(error):
    assert not is_out_of_memory(error)


class Sums(torch.nn.Module):
    """The sum of each picture, for at most ``fits`` of them at a time."""

    def __init__(self, fits=10**9):
        super().__init__()
        self.fits, self.calls = fits, []

    def __deepcopy__(self, _memo):
        return self

    def forward(self, images):
        self.calls.append(len(images))
        if len(images) > self.fits:
            raise RuntimeError("MPS backend out of memory (a test)")
        return images.sum((1, 2, 3))[:, None]


def pixels(count):
    return np.random.default_rng(0).integers(0, 256, (count, 4, 4, 3), dtype=np.uint8)


def frozen_sums(network, batch_size=8):
    frozen = TorchFrozen(network, PreprocessSpec(resize=4, crop=4), CPU, "fp32")
    vars(frozen)["_at_once"].pictures = frozen.batch_size = batch_size
    return frozen


def test_a_batch_that_does_not_fit_is_computed_in_pieces_from_then_on():
    network = Sums(fits=3)
    frozen, whole = frozen_sums(network), frozen_sums(Sums())
    assert torch.equal(frozen.submit(pixels(8))(), whole.submit(pixels(8))())
    assert network.calls == [8, 4, 2, 2, 2, 2]
    frozen.submit(pixels(5))()
    assert network.calls[6:] == [2, 2, 1], "what was learned is kept"


def test_a_picture_that_does_not_fit_alone_is_one_sentence():
    with pytest.raises(OutOfMemory, match="not enough memory") as error:
        frozen_sums(Sums(fits=0)).submit(pixels(8))
    assert "smaller" in error.value.problem.remedy


def test_another_error_is_not_tried_again():
    calls = []

    def fail(_part):
        calls.append(1)
        raise RuntimeError("mat1 and mat2")

    with pytest.raises(RuntimeError, match="mat1"):
        AtOnce(8, CPU).computed(fail, torch.zeros(8, 1))
    assert len(calls) == 1


@pytest.mark.parametrize("kind", ["cuda", "mps"])
def test_what_the_device_keeps_is_given_back_before_the_next_try(monkeypatch, kind):
    freed = []
    monkeypatch.setattr(getattr(memory.torch, kind), "empty_cache", lambda: freed.append(kind))

    def compute(part):
        if len(part) > 2:
            raise RuntimeError("out of memory")
        return part

    assert len(AtOnce(8, torch.device(kind)).computed(compute, torch.zeros(8, 1))) == 4
    assert freed == [kind, kind]


class Request:
    """Of an engine, which fails as long as others compute."""

    def __init__(self, everybody, fails):
        self.everybody, self.fails, self.running = everybody, fails, False

    def start_async(self, inputs):
        self.pixels, self.running = inputs[0], True

    def wait(self):
        others = any(each.running for each in self.everybody if each is not self)
        asked, self.running = self.running, False
        if asked and (self.fails == "always" or (self.fails == "together" and others)):
            raise RuntimeError("Failed to allocate 14495514624 bytes of memory")

    def get_output_tensor(self, _index):
        return type("Output", (), {"data": self.pixels.sum((1, 2, 3))[:, None].astype(np.float32)})


def openvino(fails):
    frozen = OpenVinoFrozen.__new__(OpenVinoFrozen)
    requests = []
    requests += [Request(requests, fails) for _ in range(3)]
    vars(frozen).update(_requests=requests, _next=0, in_flight=3)
    return frozen


def test_a_request_of_openvino_is_repeated_alone():
    frozen = openvino("together")
    batches = [pixels(2) // (number + 1) for number in range(3)]
    results = [frozen.submit(batch) for batch in batches]
    for batch, result in zip(batches, results, strict=True):
        assert result()[:, 0].tolist() == batch.sum((1, 2, 3)).tolist()


def test_a_request_of_openvino_that_never_fits_is_one_sentence():
    with pytest.raises(OutOfMemory):
        openvino("always").submit(pixels(2))()
