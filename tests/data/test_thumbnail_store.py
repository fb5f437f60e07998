import os

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core import ImageError, StorageError, cache_folder
from cnnstudio.data.reading import read_thumbnail, stored_thumbnail, thumbnails

LARGE, SMALL = (330, 260), (60, 40)


def noise(path, size=LARGE, seed=0):
    """PNG keeps noise as it is: 330×260 px take over 200 kB."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path, compress_level=1)
    return path


def stored():
    return sorted((cache_folder() / "thumbnails").rglob("*.jpg"))


def difference(one, other):
    return np.abs(one.astype(int) - other).mean()


@pytest.fixture
def decodes(monkeypatch):
    """Every picture that was decoded."""
    paths = []

    def reading(path, *how):
        paths.append(path)
        return read_thumbnail(path, *how)

    monkeypatch.setattr(thumbnails, "read_thumbnail", reading)
    return paths


def test_a_large_file_is_decoded_once_per_size(tmp_path, decodes):
    path = noise(tmp_path / "a.png")
    for side in (64, 64, 128, 64, 128):
        assert max(stored_thumbnail(path, side).shape[:2]) == side
    assert len(decodes) == 2
    assert [file.name.rpartition("-")[2] for file in stored()] in (["128.jpg", "64.jpg"], ["64.jpg", "128.jpg"])


def test_what_is_stored_looks_the_same(tmp_path):
    picture = Image.linear_gradient("L").resize((700, 500)).convert("RGB")
    path = tmp_path / "a.bmp"
    picture.save(path)
    first, again = stored_thumbnail(path, 100), stored_thumbnail(path, 100)
    assert first.shape == again.shape == (71, 100, 3)
    assert difference(first, again) < 2
    assert again.dtype == np.uint8


@pytest.mark.parametrize(("size", "side"), [(SMALL, 32), (LARGE, 300)], ids=["small file", "large thumbnail"])
def test_what_is_read_as_fast_as_it_is_stored_is_not_stored(tmp_path, size, side):
    path = noise(tmp_path / "a.png", size)
    assert difference(stored_thumbnail(path, side), read_thumbnail(path, side)) == 0
    assert stored() == []


@pytest.mark.parametrize("damage", [b"", b"no picture", None])
def test_a_damaged_thumbnail_is_made_anew(tmp_path, decodes, damage):
    path = noise(tmp_path / "a.png")
    expected = stored_thumbnail(path, 64)
    (file,) = stored()
    file.write_bytes(file.read_bytes()[:300] if damage is None else damage)
    assert difference(stored_thumbnail(path, 64), expected) == 0
    assert len(decodes) == 2
    stored_thumbnail(path, 64)
    assert len(decodes) == 2, "it is whole again"


def test_another_format_under_the_name_is_not_opened(tmp_path, decodes):
    path = noise(tmp_path / "a.png")
    stored_thumbnail(path, 64)
    (file,) = stored()
    Image.new("RGB", (64, 50)).save(file, format="PNG")
    assert stored_thumbnail(path, 64).mean() > 50, "not the black one"


def test_a_file_that_changed_or_moved_is_looked_at_again(tmp_path, decodes):
    path = noise(tmp_path / "a.png")
    stored_thumbnail(path, 64)
    noise(path, seed=1)
    os.utime(path, ns=(10**18, 10**18))
    stored_thumbnail(path, 64)
    path = path.rename(tmp_path / "b.png")
    stored_thumbnail(path, 64)
    assert len(decodes) == 3


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path, monkeypatch, decodes):
    def refuse(*_):
        raise StorageError("full")

    monkeypatch.setattr(thumbnails, "write_atomically", refuse)
    path = noise(tmp_path / "a.png")
    assert [stored_thumbnail(path, 64).shape for _ in range(2)] == [(50, 64, 3)] * 2
    assert len(decodes) == 2


def test_what_cannot_be_read_is_an_image_error_each_time(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x" * 300_000)
    for _ in range(2):
        with pytest.raises(ImageError, match=r"a\.png could not be read"):
            stored_thumbnail(tmp_path / "a.png", 64)
    with pytest.raises(ImageError, match="no longer there"):
        stored_thumbnail(tmp_path / "gone.png", 64)
    assert stored() == []


def test_thin_pictures_keep_a_pixel_of_their_thickness(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 3000, 3), np.uint8)).save(tmp_path / "a.png")
    for _ in range(2):
        height, width, _ = stored_thumbnail(tmp_path / "a.png", 32).shape
        assert (width, height) == (32, 1)
