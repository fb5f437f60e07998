"""The cache: how large it is, and how it becomes smaller."""

import os
import time

import pytest

from cnnstudio.core import cache_folder
from cnnstudio.jobs import run_inline, specs


@pytest.fixture
def cache(isolated_user_dirs):
    folder = cache_folder()

    def put(name, size, hours_ago=0.0):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(size))
        then = time.time() - hours_ago * 3600
        os.utime(file, (then, then))
        return file

    return put


def sizes(parts):
    return {part.name: part.bytes for part in parts}


def test_without_a_cache_every_part_is_empty(isolated_user_dirs):
    found = sizes(run_inline(specs.MeasureCache()))
    assert found == dict.fromkeys(("features", "thumbnails", "pictures", "pasted", "answers", "others"), 0)


def test_each_part_has_its_size_and_can_be_cleared(cache):
    cache("features/a.index", 10)
    cache("thumbnails/ab/x.jpg", 20)
    cache("thumbnails/cd/y.jpg", 5)
    cache("speeds.json", 3)
    assert sizes(run_inline(specs.MeasureCache())) == {
        "thumbnails": 25, "features": 10, "others": 3, "pictures": 0, "pasted": 0, "answers": 0,
    }  # fmt: skip
    left = sizes(run_inline(specs.ClearCache(parts=("thumbnails", "others"))))
    assert left == {"features": 10, "thumbnails": 0, "others": 0, "pictures": 0, "pasted": 0, "answers": 0}
    assert sizes(run_inline(specs.ClearCache(parts=("thumbnails", "pasted")))) == left


def test_one_limit_is_for_all_parts_and_what_was_used_longest_ago_goes_first(cache):
    cache("features/net-0f.index", 100, 90)
    cache("thumbnails/ab/old.jpg", 100, 80)
    cache("pictures/facts.npz", 100, 70)
    cache("map-2-abc.npy", 100, 60)
    cache("thumbnails/cd/new.jpg", 100, 50)
    cache("pasted/mine.png", 100, 99)
    cache("answers/some.csv", 100, 40)
    cache("speeds.json", 100, 99)
    left = []
    for limit in (600, 500, 400, 300, 200, 100, 0):
        run_inline(specs.TrimCache(limit=limit))
        left.append(sorted(file.name for file in cache_folder().rglob("*") if file.is_file()))
    always = ["mine.png", "speeds.json"]
    order = ["net-0f.index", "old.jpg", "facts.npz", "map-2-abc.npy", "new.jpg", "some.csv"]
    assert left == [sorted([*always, *order[gone:]]) for gone in range(7)]


def test_features_that_were_used_longest_ago_go_first_and_whole(cache):
    for number, hours in enumerate((50, 90, 20, 0)):
        for name, size in (
            (f"net-{number}0f.index", 10),
            (f"net-{number}0f-ab12cd.rows", 100),
            (f"net-{number}0f.lock", 0),
        ):
            cache(f"features/{name}", size, hours)
    run_inline(specs.TrimCache(limit=230))
    assert sorted(file.name for file in (cache_folder() / "features").iterdir()) == sorted(
        name
        for number in (2, 3)
        for name in (f"net-{number}0f.index", f"net-{number}0f-ab12cd.rows", f"net-{number}0f.lock")
    )
    run_inline(specs.TrimCache(limit=0))
    assert {file.name.split("-")[1][0] for file in (cache_folder() / "features").iterdir()} == {"3"}, (
        "may be in use now"
    )
