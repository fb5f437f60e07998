"""What every command asks for."""

import functools

import pytest
from PIL import Image

from cnnstudio.networks.catalogue import registry

_read_once = functools.cache(registry.read_registry)


@pytest.fixture(autouse=True)
def registry_read_once(monkeypatch):
    """Each test has a home of its own, and in each torchvision's registry would be read anew."""
    monkeypatch.setattr(registry, "read_registry", _read_once)


@pytest.fixture
def folder(tmp_path):
    """Pictures, what may be some, and what is none."""
    root = tmp_path / "new"
    (root / ".thumbnails").mkdir(parents=True)
    for name in ("img10.png", "img2.png", ".thumbnails/t.png", "scan0001"):
        Image.new("RGB", (8, 8)).save(root / name, "PNG")
    (root / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    (root / "notes.txt").write_text("x")
    (root / "._img2.png").write_bytes(b"x")
    return root
