import os
import subprocess
import sys
import textwrap
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cnnstudio.core import Control, DatasetError, ImageError, StopRequested, lower_priority, waiting
from cnnstudio.data import AugmentSpec, PreprocessSpec, Sample
from cnnstudio.data.reading import read_ahead, read_reduced
from cnnstudio.data.reading.decoded import DecodedPictures
from cnnstudio.data.reading.loader import (
    Skips,
    read_fast,
    read_for_evaluation,
    read_for_training,
    side_for_training,
)

SPEC = PreprocessSpec(resize=40, crop=32)


def noise(path, size=(60, 50), seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path, **({"quality": 95} if path.suffix == ".jpg" else {}))
    return path


# Ahead of the consumer ----------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.lists(st.integers(), max_size=40), st.integers(1, 5), st.integers(1, 9))
def test_results_come_in_the_order_of_their_items(items, threads, ahead):
    assert list(read_ahead(items, lambda item: item * 2, threads=threads, ahead=ahead)) == [item * 2 for item in items]


def test_no_more_than_so_many_are_read_ahead():
    taken = []

    def items():
        for number in range(100):
            taken.append(number)
            yield number

    reading = read_ahead(items(), lambda number: number, threads=2, ahead=5)
    for number in range(20):
        assert next(reading) == number
        assert len(taken) <= number + 1 + 5
    reading.close()
    assert len(taken) < 30


def test_an_error_arrives_at_its_place():
    def read(number):
        if number == 3:
            raise ValueError("three")
        return number

    seen = []
    with pytest.raises(ValueError, match="three"):
        seen.extend(result for result in read_ahead(range(9), read, threads=3) if seen.append(result) or False)
    assert seen == [0, 1, 2]


def test_who_leaves_early_leaves_no_thread_behind():
    reading = read_ahead(range(1000), lambda number: number, threads=3)
    assert next(reading) == 0
    reading.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("cnnstudio-decode")]


def test_a_stop_does_not_wait_for_a_drive_that_does_not_answer(monkeypatch):
    monkeypatch.setattr(waiting, "PATIENCE_S", 0.05)
    control, hanging, read = Control(), threading.Event(), []

    def reading(number):
        if number == 3:
            control.request_stop()
            hanging.wait(30)
        return number

    start = time.monotonic()
    with pytest.raises(StopRequested):
        read.extend(result for result in read_ahead(range(9), reading, control, threads=2) if read.append(result))
    assert time.monotonic() - start < 2
    assert read == [0, 1, 2]
    hanging.set()


def test_a_process_ends_although_a_drive_does_not_answer():
    script = """
        import threading
        from cnnstudio.core import Control, StopRequested
        from cnnstudio.core.waiting import waited_for
        control = Control()
        threading.Timer(0.1, control.request_stop).start()
        try:
            waited_for(threading.Event().wait, control)
        except StopRequested:
            print("stopped")
    """
    words = [sys.executable, "-c", textwrap.dedent(script)]
    assert subprocess.run(words, timeout=20, check=True, capture_output=True, text=True).stdout == "stopped\n"


# Pictures as the network sees them ----------------------------------------------------------------------------


def test_exact_and_fast_reading_show_the_same_picture(tmp_path):
    smooth = Image.fromarray(np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8))
    smooth.resize((640, 480), Image.Resampling.BICUBIC).save(tmp_path / "a.jpg", quality=95)
    sample = Sample(tmp_path / "a.jpg", 0, "train")
    exact, fast = read_for_evaluation(sample, SPEC), read_fast(sample, SPEC)
    assert exact.shape == fast.shape == (32, 32, 3)
    assert exact.dtype == fast.dtype == np.uint8
    assert np.abs(exact.astype(int) - fast).mean() < 2


def detailed(path, side, shape=(1.31, 1), **options):
    """A photograph as a camera makes it: soft shapes, hard edges, and noise in every pixel."""
    rng = np.random.default_rng(side)
    width, height = round(side * shape[0]), round(side * shape[1])
    soft = Image.fromarray(rng.integers(0, 256, (60, 80, 3), dtype=np.uint8)).resize((width, height))
    edges = Image.fromarray(rng.integers(0, 2, (30, 40), dtype=np.uint8) * 255).resize((width, height), 0)
    pixels = np.asarray(soft).astype(np.int16) // 2 + np.asarray(edges)[..., None] // 4 + 40
    noise = np.tile(rng.normal(0, 12, (256, 256, 1)), (height // 256 + 1, width // 256 + 1, 1))[:height, :width]
    Image.fromarray((pixels + noise).clip(0, 255).astype(np.uint8)).save(path, quality=90, **options)
    return Sample(path, 0, "train")


USUAL = PreprocessSpec(resize=256, crop=224)


def differences(one, other):
    apart = np.abs(one.astype(int) - other)
    return apart.mean(), np.percentile(apart, 99), apart.max()


@pytest.mark.parametrize("side", [400, 512, 1024, 1080, 1440, 2048])
def test_fast_reading_of_a_camera_s_picture_is_nearly_the_exact_one(tmp_path, side):
    """Usual sizes are the worst: a half, a fourth or an eighth of them lies just above what a network needs."""
    sample = detailed(tmp_path / "a.jpg", side, shape=(1.31, 1) if side < 1440 else (1, 1.06))
    exact, spec = read_for_evaluation(sample, USUAL), USUAL
    kept = DecodedPictures(side_for_training(spec, AugmentSpec()), 10**9)
    for fast in (read_fast(sample, spec), read_fast(sample, spec, kept.read), read_fast(sample, spec, kept.read)):
        mean, most, worst = differences(exact, fast)
        assert (mean, most, worst) <= ((0.5, 2, 6) if side >= 1440 else (0.05, 1, 1))


@pytest.mark.parametrize("kind", ["jpg", "png"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_size_that_does_not_divide_moves_nothing(tmp_path, kind, orientation):
    """Of 515 rows, a fourth is 129, of which the last only covers three quarters; a turned picture has it first."""
    notes = Image.Exif()
    notes[0x0112] = orientation
    sample = detailed(tmp_path / f"a.{kind}", 515, exif=notes)
    spec = PreprocessSpec(resize=64, crop=56)
    exact = read_for_evaluation(sample, spec).astype(int)
    kept = DecodedPictures(64, 10**9)
    for fast in (read_fast(sample, spec), read_fast(sample, spec, kept.read)):
        still = np.abs(exact - fast).mean()
        for moved in (fast[:, 1:], fast[1:]):
            part = exact[: moved.shape[0], : moved.shape[1]]
            assert np.abs(part - moved).mean() > 4
        assert still < 1.2


@pytest.mark.parametrize("size", [(10, 10), (33, 31), (200, 20), (20, 200)])
def test_small_and_thin_pictures_fill_the_crop_in_every_way_of_reading(tmp_path, size):
    sample = Sample(noise(tmp_path / "a.png", size), 0, "train")
    spec = PreprocessSpec(resize=24, crop=32)  # the crop is larger: padded
    for pixels in (
        read_for_evaluation(sample, spec),
        read_fast(sample, spec),
        read_for_training(sample, spec, AugmentSpec(), (0, 1, 2)),
    ):
        assert pixels.shape == (32, 32, 3)
    assert (read_for_evaluation(sample, spec) == read_fast(sample, spec)).all()


def test_an_augmented_view_follows_its_seed_and_not_its_thread(tmp_path):
    samples = [Sample(noise(tmp_path / f"{number}.png", seed=number), 0, "train") for number in range(6)]
    changes = AugmentSpec(rotate_degrees=15)

    def views(threads, epoch):
        def read(number):
            return read_for_training(samples[number], SPEC, changes, (3, epoch, number))

        return np.stack(list(read_ahead(range(6), read, threads=threads)))

    assert (views(1, 0) == views(4, 0)).all()
    assert (views(1, 0) != views(1, 1)).any()


def test_a_drive_that_hiccups_once_is_forgiven_and_an_error_that_stays_is_a_value(tmp_path):
    sample, tries = Sample(noise(tmp_path / "a.png"), 0, "train"), []

    def once(path):
        tries.append(path)
        if len(tries) == 1:
            raise ImageError("hiccup")
        return read_reduced(path, 40)

    assert read_fast(sample, SPEC, once).shape == (32, 32, 3)
    gone = Sample(tmp_path / "gone.png", 0, "train")
    for answer in (
        read_fast(gone, SPEC),
        read_for_evaluation(gone, SPEC),
        read_for_training(gone, SPEC, AugmentSpec(), (0,)),
    ):
        assert isinstance(answer, ImageError)
        assert answer.problem.title == "gone.png could not be read: the file is no longer there."


@pytest.mark.parametrize(("total", "most"), [(10, 10), (200, 10), (1000, 50)])
def test_a_few_broken_pictures_are_counted_and_many_end_the_training(total, most):
    skips = Skips(total)
    for number in range(most):
        sample = Sample(Path(f"{number}.png"), 0, "train")
        assert skips.add(ImageError("broken"), sample)
        assert not skips.add(ImageError("broken again"), sample), "counted once"
    with pytest.raises(DatasetError, match=f"{most + 1} of {total:,} pictures can no longer be read") as caught:
        skips.add(ImageError("broken"), Sample(Path("last.png"), 0, "train"))
    assert "last.png: broken" in caught.value.problem.details
    assert "resume the run" in caught.value.problem.remedy


# Kept decoded -------------------------------------------------------------------------------------------------


@pytest.fixture
def decodes(monkeypatch):
    paths = []
    monkeypatch.setattr(
        "cnnstudio.data.reading.decoded.read_reduced", lambda path, *how: paths.append(path) or read_reduced(path, *how)
    )
    return paths


def test_what_fits_is_decoded_once_and_the_rest_every_time(tmp_path, decodes):
    paths = [noise(tmp_path / f"{number}.png", seed=number) for number in range(3)]
    pictures = DecodedPictures(side=1_000, budget=2 * 3 * 60 * 50)
    first = [np.asarray(pictures.read(path).image) for path in paths]
    again = [np.asarray(pictures.read(path).image) for path in paths]
    assert all((one == other).all() for one, other in zip(first, again, strict=True))
    assert decodes == [*paths, paths[2]]


@pytest.mark.parametrize("budget", [0, 10_000, 10**9])
def test_the_budget_changes_nothing_that_is_read(tmp_path, budget):
    path = noise(tmp_path / "a.jpg", (300, 200))
    pictures, plain = DecodedPictures(side=35, budget=budget), read_reduced(path, 35)
    for _ in range(3):
        read = pictures.read(path)
        assert (np.asarray(read.image) == np.asarray(plain.image)).all()
        assert (read.full, read.part) == (plain.full, plain.part) == ((300, 200), 2)


def test_a_smaller_picture_still_fits_where_a_large_one_did_not(tmp_path, decodes):
    large, small = noise(tmp_path / "large.png", (300, 300)), noise(tmp_path / "small.png", (10, 10))
    pictures = DecodedPictures(side=1_000, budget=1000)
    for _ in range(2):
        for path in (large, small):
            pictures.read(path)
    assert decodes == [large, small, large]


def test_many_threads_never_keep_more_than_the_budget(tmp_path, decodes):
    paths = [noise(tmp_path / f"{number}.png", (20, 20), number) for number in range(40)]
    pictures = DecodedPictures(side=1_000, budget=10 * 3 * 20 * 20)
    list(read_ahead(paths, pictures.read, threads=8))
    decodes.clear()
    list(read_ahead(paths, pictures.read, threads=8))
    assert len(decodes) == 30


@pytest.mark.parametrize("written", [OSError(28, "No space left on device"), 7])
def test_what_the_disk_refuses_is_decoded_again(tmp_path, decodes, monkeypatch, written):
    def write(*_):
        if isinstance(written, OSError):
            raise written
        return written

    path = noise(tmp_path / "a.png")
    pictures = DecodedPictures(side=1_000, budget=10**6)
    monkeypatch.setattr(pictures, "_write", write)
    one, other = (np.asarray(pictures.read(path).image) for _ in range(2))
    assert (one == other).all()
    assert decodes == [path, path]


def test_kept_pictures_take_no_memory_and_no_name(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNSTUDIO_HOME", str(tmp_path))
    path = noise(tmp_path / "a.png", (900, 800))
    pictures = DecodedPictures(side=1_000, budget=10**8)
    first = np.asarray(pictures.read(path).image)
    tracemalloc.start()
    kept = [pictures.read(path) for _ in range(3)]
    assert (np.asarray(kept[-1].image) == first).all()
    del kept
    assert tracemalloc.get_traced_memory()[0] < 10**6
    tracemalloc.stop()
    assert not [file for file in (tmp_path / "cache").iterdir() if file.stat().st_size]


def test_an_unreadable_picture_is_an_error_and_not_remembered(tmp_path):
    pictures = DecodedPictures(side=1_000, budget=10**6)
    with pytest.raises(ImageError):
        pictures.read(tmp_path / "a.png")
    noise(tmp_path / "a.png")
    assert pictures.read(tmp_path / "a.png").image.size == (60, 50)


@given(st.integers(16, 400), st.integers(16, 400), st.floats(0, 1))
def test_a_random_crop_never_has_to_be_enlarged(resize, crop, strength):
    side = side_for_training(PreprocessSpec(resize=resize, crop=crop), AugmentSpec(crop=strength))
    assert side >= resize
    least = max(1 - strength, 0.05)
    assert side * side * least >= crop * crop * 0.999
    assert side_for_training(PreprocessSpec(resize=resize, crop=crop), None) == max(resize, crop)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has priorities per thread")
def test_threads_of_the_decoder_have_the_priority_of_who_waits_for_them():
    """Lower ones starve where others work: a training in the terminal sat for minutes in "Preparing the pictures"."""

    def own(_=None):
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def asks(*, lowered):
        if lowered:
            lower_priority()
        return {own(), *read_ahead(range(8), own, threads=2)}

    with ThreadPoolExecutor(1) as plain, ThreadPoolExecutor(1) as behind_a_window:
        assert plain.submit(asks, lowered=False).result() == {own()}
        assert behind_a_window.submit(asks, lowered=True).result() == {max(10, own())}


@pytest.mark.parametrize(
    ("size", "kept"),
    [((900, 1300), (450, 650)), ((1300, 901), (650, 451)), ((799, 900), (799, 900)), ((60, 50), (60, 50))],
)
def test_pictures_are_kept_no_larger_than_a_crop_needs(tmp_path, size, kept):
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.png")
    decoded = DecodedPictures(200, budget=10**9)
    first, again = decoded.read(tmp_path / "a.png"), decoded.read(tmp_path / "a.png")
    assert first.image.size == again.image.size == kept
    assert first.full == again.full == size
    assert (np.asarray(first.image) == np.asarray(again.image)).all()
