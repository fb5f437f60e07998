"""One scale for pictures of more than 8 bits: found in the training pictures, said, and used everywhere."""

import numpy as np
import pytest
from PIL import Image

from cnnstudio.core import ImageError
from cnnstudio.data import LEVELS, AugmentSpec, Levels, PreprocessSpec, Sample, SplitSpec
from cnnstudio.data.checks.facts import ROW
from cnnstudio.data.checks.finding_words import sentence
from cnnstudio.data.checks.levels import levels_of, shown_spread
from cnnstudio.data.reading import (
    DecodedPictures,
    read_fast,
    read_for_evaluation,
    read_for_training,
    read_image,
    read_thumbnail,
)
from cnnstudio.data.scan import scan_folder
from cnnstudio.training.recipe import Recipe, complete, recipe_from_toml
from tests.picture_files import deep_png, tiff_of


def rows(*extents, deep=1):
    table = np.zeros(len(extents), ROW)
    table["deep"] = deep
    table["low"], table["high"] = zip(*extents, strict=True)
    return table


@pytest.mark.parametrize(
    ("extents", "levels"),
    [
        ([(0, 65535)], (0, 65535)), ([(0, 20000), (3, 40000)], (0, 65535)), ([(0, 16383)], (0, 16383)),
        ([(12, 4000), (0, 900)], (0, 4095)), ([(0, 1000)], (0, 1023)), ([(0, 255)], (0, 255)), ([(0, 1)], (0, 1)),
        ([(30000, 31000)], (30000, 31000)), ([(-1024, 3071)], (-1024, 3071)), ([(0, 100000)], (0, 100000)),
        ([(7, 7)], (0, 65535)), ([], (0, 65535)),
    ],
)  # fmt: skip
def test_bits_are_those_of_the_largest_value(extents, levels):
    assert levels_of(rows(*extents) if extents else np.zeros(0, ROW)) == Levels(whole=levels)


@pytest.mark.parametrize(
    ("extents", "levels"),
    [
        ([(0, 1)], (0, 1)), ([(0.1, 0.9)], (0, 1)), ([(0, 255)], (0, 255)), ([(0, 9000)], (0, 16383)),
        ([(0.42, 0.44)], (0.42, 0.44)), ([(-1, 1)], (-1, 1)), ([(0, 1e6)], (0, 1e6)),
    ],
)  # fmt: skip
def test_floating_point_has_a_scale_of_its_own(extents, levels):
    assert levels_of(rows(*extents, deep=2)) == Levels(real=levels)


def test_pictures_of_8_bits_have_no_say():
    table = rows((0, 0), deep=0)
    table["spread"] = 9
    assert levels_of(table) == LEVELS
    assert shown_spread(table, Levels(whole=(0, 10), real=(0, 10))).tolist() == [9]


def scans(folder, top, shape=(24, 24), count=9, write=None):
    """Two classes of grey pictures of 16 bits, up to ``top``."""
    rng = np.random.default_rng(0)
    for name, bright in (("a", 0.3), ("b", 1.0)):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            values = (rng.random(shape) * bright * top).astype(np.uint16)
            values.flat[0] = round(bright * top)
            (write or (lambda path, values: Image.fromarray(values).save(path)))(
                folder / name / f"{number}.tif", values
            )
    return folder


WRITERS = {
    "grey TIFF": ((24, 24), lambda path, values: Image.fromarray(values).save(path)),
    "grey PNG": ((24, 24), lambda path, values: Image.fromarray(values).save(path.with_suffix(".png"))),
    "colour PNG": ((24, 24, 3), lambda path, values: path.with_suffix(".png").write_bytes(deep_png(values))),
    "colour TIFF": ((24, 24, 3), lambda path, values: path.write_bytes(tiff_of(values, colours=2))),
    "five bands": ((24, 24, 5), lambda path, values: path.write_bytes(tiff_of(values, planar=True))),
    "signed": ((24, 24), lambda path, values: path.write_bytes(tiff_of(values[..., None].astype(np.int16)))),
}  # fmt: skip


@pytest.mark.parametrize("writer", WRITERS)
def test_twelve_bits_in_sixteen_are_seen_and_said(tmp_path, writer):
    shape, write = WRITERS[writer]
    dataset = scan_folder(scans(tmp_path / "d", 4000, shape, write=write), SplitSpec())
    assert dataset.levels == Levels(whole=(0, 4095))
    kinds = {finding.kind: finding for finding in dataset.findings}
    assert "blank" not in kinds
    assert kinds["levels"].count == 18
    assert sentence(kinds["levels"]).endswith("18 pictures. They use 12 of 16 bits, so 4,095 is read as white.")
    bright = np.asarray(read_image(dataset.samples[-1].path, levels=dataset.levels))
    assert bright.max() >= 245


def test_a_picture_of_one_colour_is_judged_by_the_scale_of_all(tmp_path):
    folder = scans(tmp_path / "d", 4000)
    Image.fromarray((np.arange(576).reshape(24, 24) % 3 + 900).astype(np.uint16)).save(folder / "a" / "flat.tif")
    dataset = scan_folder(folder, SplitSpec())
    (blank,) = [finding for finding in dataset.findings if finding.kind == "blank"]
    assert [path.name for (path,) in blank.groups] == ["flat.tif"]


@pytest.mark.parametrize("low", [30000, 5000])
def test_a_narrow_range_is_spread_from_its_lowest_to_its_highest(tmp_path, low):
    def write(path, values):
        Image.fromarray(values + np.uint16(low)).save(path)

    dataset = scan_folder(scans(tmp_path / "d", 500, write=write), SplitSpec())
    assert dataset.levels.whole[0] >= low
    assert dataset.levels.whole[1] <= low + 500
    (found,) = [finding for finding in dataset.findings if finding.kind == "levels"]
    assert f"(black) to {dataset.levels.whole[1]:,.0f} (white)" in sentence(found)


@pytest.mark.parametrize("top", [65535, 40000])
def test_sixteen_bits_are_read_as_ever_and_nothing_is_said(tmp_path, top):
    dataset = scan_folder(scans(tmp_path / "d", top), SplitSpec())
    assert dataset.levels == LEVELS
    assert not [finding for finding in dataset.findings if finding.kind == "levels"]


def test_every_way_to_read_uses_the_same_scale(tmp_path):
    values = np.linspace(0, 4095, 24 * 24).reshape(24, 24).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / "a.tif")
    levels = Levels(whole=(0, 4095))
    spec = PreprocessSpec(resize=24, crop=24, levels=levels)
    sample = Sample(tmp_path / "a.tif", 0, "train")
    expected = np.round(values * (255 / 4095))
    for seen in (
        read_for_evaluation(sample, spec), read_fast(sample, spec), np.asarray(read_image(sample.path, levels=levels)),
        read_thumbnail(sample.path, 24, levels), np.asarray(DecodedPictures(24, 10**6, levels).read(sample.path).image),
    ):  # fmt: skip
        assert np.abs(seen[..., 0].astype(int) - expected).max() <= 1
    still = AugmentSpec(flip=False, crop=0, rotate_degrees=0, colour=0)
    assert np.abs(read_for_training(sample, spec, still, (0, 0, 0))[..., 0].astype(int) - expected).max() <= 1


def test_a_recipe_takes_the_scale_of_its_pictures_and_keeps_it(tmp_path):
    dataset = scan_folder(scans(tmp_path / "d", 4000), SplitSpec())
    recipe = complete(
        Recipe(dataset=str(dataset.root), network="lenet5", mode="scratch", input_size=32), dataset, lambda: None
    )
    assert recipe.levels == Levels(whole=(0, 4095))
    assert recipe_from_toml(recipe.to_toml()) == recipe
    by_hand = Recipe(
        dataset=str(dataset.root), network="lenet5", mode="scratch", input_size=32, levels=Levels(whole=(0, 1000))
    )
    assert complete(by_hand, dataset, lambda: None).levels == Levels(whole=(0, 1000))


def test_without_a_scale_an_unknown_range_is_refused(tmp_path):
    Image.fromarray(np.array([[-5.0, 700.0]], np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(ImageError, match="neither 8 nor 16 bits"):
        read_image(tmp_path / "a.tif")
    assert np.asarray(read_image(tmp_path / "a.tif", levels=Levels(real=(-5, 700))))[0, :, 0].tolist() == [0, 255]


def test_bands_and_pages_are_said(tmp_path):
    folder = scans(tmp_path / "d", 65535, (24, 24, 5), write=lambda path, values: path.write_bytes(tiff_of(values)))
    first, second = (
        Image.fromarray(np.random.default_rng(seed).integers(0, 255, (24, 24, 3), np.uint8)) for seed in (1, 2)
    )
    first.save(folder / "a" / "stack.tif", save_all=True, append_images=[second])
    first.save(folder / "b" / "moving.gif", save_all=True, append_images=[second])
    said = {finding.kind: finding.count for finding in scan_folder(folder, SplitSpec()).findings}
    assert (said["bands"], said["frames"]) == (18, 2)
