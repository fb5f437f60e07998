"""Photos with structure, for tests of what pictures look like."""

import shutil

import numpy as np
import pytest
from PIL import Image


def photo(path, seed, size=(320, 240)):
    """Something with structure: smooth blobs of colour."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = small.resize(size, Image.Resampling.BICUBIC)
    picture.save(path, **({"quality": 92} if path.suffix == ".jpg" else {}))
    return picture


@pytest.fixture(scope="session")
def drawn_photos(tmp_path_factory):
    root = tmp_path_factory.mktemp("drawn") / "photos"
    for number in range(30):
        photo(root / "cat" / f"{number:02}.jpg", number)
        photo(root / "dog" / f"{number:02}.jpg", 1000 + number)
    return root


@pytest.fixture
def photos(drawn_photos, tmp_path):
    """Two classes × thirty different pictures, to be changed by the test."""
    return shutil.copytree(drawn_photos, tmp_path / "photos")
