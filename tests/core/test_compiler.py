"""torch's compiler is loaded when somebody compiles."""

import subprocess
import sys
from types import ModuleType

import pytest

from cnnstudio.core import compiler, load_compiler_late

_NAMES_IT = """
import torch._dynamo
from torch._dynamo import OptimizedModule, disable
from torch._dynamo.utils import is_compile_supported
torch._dynamo.graph_break()
compiled = isinstance(torch, OptimizedModule)
def plain(): ...
same = disable(plain) is plain
"""


@pytest.fixture
def naming(tmp_path, monkeypatch):
    """A module that names parts of the compiler, in a process that has not loaded it."""
    (tmp_path / "cnnstudio_names_it.py").write_text(_NAMES_IT)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(compiler, "_THEY_NAME_IT", {"cnnstudio_names_it"})
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setitem(sys.modules, "torch", ModuleType("torch"))
    for name in ("torch._dynamo", "torch._dynamo.utils", "cnnstudio_names_it"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    load_compiler_late()
    load_compiler_late()
    import cnnstudio_names_it

    return cnnstudio_names_it


def test_who_names_parts_of_it_gets_them_and_it_is_not_loaded(naming):
    assert "torch._dynamo" not in sys.modules
    assert naming.same
    assert not naming.compiled
    assert naming.__file__.endswith("cnnstudio_names_it.py")
    assert naming.__spec__.loader.get_source("cnnstudio_names_it") == _NAMES_IT


def test_what_nobody_foresaw_is_asked_of_the_compiler_itself(naming, monkeypatch):
    loaded = ModuleType("torch._dynamo")
    loaded.reset = "reset"
    monkeypatch.setattr(compiler, "_loaded", {"torch._dynamo": loaded}.get)
    assert vars(naming.torch)["_dynamo"].reset == "reset"


@pytest.mark.slow
def test_nothing_that_a_training_imports_loads_it_and_compiling_does():
    code = """
import sys
from cnnstudio.core import load_compiler_late
load_compiler_late()
import torch
import cnnstudio.training.run_training
from lightning_fabric import Fabric
from cnnstudio.networks.builder import build_network, build_skeleton
build_skeleton("efficientnet_lite0", 2)
network = build_network("squeezenet1_0", 2)
network, steps = Fabric(accelerator="cpu").setup(network, torch.optim.AdamW(network.parameters()))
network(torch.zeros(1, 3, 64, 64)).sum().backward()
steps.step()
steps.zero_grad()
assert not {"torch._dynamo", "sympy", "triton"} & set(sys.modules), "loaded"
assert torch.compile(lambda values: values + 1, backend="eager")(torch.ones(1)) == 2
assert "torch._dynamo" in sys.modules and torch._dynamo is sys.modules["torch._dynamo"]
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=120)
