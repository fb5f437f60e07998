"""What every command asks for."""

import functools

import pytest

from cnnstudio.networks.catalogue import registry

_read_once = functools.cache(registry.read_registry)


@pytest.fixture(autouse=True)
def registry_read_once(monkeypatch):
    """Each test has a home of its own, and in each torchvision's registry would be read anew."""
    monkeypatch.setattr(registry, "read_registry", _read_once)
